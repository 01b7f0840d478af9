"""The script embed on a partner's page with a strict policy: what is shown, where it leads, what it asks for."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import SYSTEM
from events.operations import publishing
from tests import factories
from tests.browser.embeds.conftest import LINKS, SCRIPT, Show, inside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAG = f'<callboard-events src="{{site}}/ko/events/?when=upcoming">{LINKS}</callboard-events>'


def furnish() -> None:
    """One event in each state, each on a day of its own."""
    now = timezone.now()
    programme = factories.programme("BIFF Workshops", title_ko="부산국제영화제 워크숍", now=now)
    room = factories.room("Room 201", title_ko="201호", now=now)
    topic = factories.topic("Virtual production", title_ko="버추얼 프로덕션", now=now)
    for number, fields in enumerate(
        [
            {"title_en": "Open", "title_ko": "열린 강의", "capacity": 20, "topics": [topic], "sessions": 2},
            {"title_en": "Few", "title_ko": "거의 찬 강의", "capacity": 3},
            {"title_en": "Waiting", "title_ko": "대기 강의", "capacity": 1, "waitlist": "automatic"},
            {"title_en": "Full", "title_ko": "마감된 강의", "capacity": 1},
            {"title_en": "Later", "title_ko": "접수 전", "registration_opens_at": now + timedelta(days=1)},
            {"title_en": "Choosing", "title_ko": "심사", "registration": "approval"},
            {"title_en": "Just come", "title_ko": "그냥 오세요", "registration": "none"},
            {"title_en": "Off", "title_ko": "취소된 강의", "capacity": 5},
        ]
    ):
        event = factories.draft(of=programme, now=now, **{name: fields[name] for name in fields if name != "sessions"})
        for day in range(fields.get("sessions", 1)):
            at = now + factories.WEEK + timedelta(days=number, hours=day)
            place = {"room": None if day else room} if number < 4 else {"online": True}
            factories.session(event, starts=at, now=now, **place)
        factories.publish(event, now=now)
        if fields["title_en"] == "Few":
            factories.crowd(event, range(2), now=now)
        if fields["title_en"] in ("Waiting", "Full"):
            factories.register(event, now=now)
        if fields["title_en"] == "Off":
            publishing.cancel(event=event, actor=SYSTEM, now=now, reason="The lecturer is ill.")


def badges(page: Page) -> list[str]:
    return inside(page, "badge").all_text_contents()


def data_block(page: Page) -> Any:
    return json.loads(page.locator('callboard-events script[type="application/ld+json"]').text_content() or "")


def test_a_slice_is_shown_under_a_strict_policy(show: Show) -> None:
    furnish()

    page = show(TAG, query="?token=secret#part")

    expect(inside(page, "item")).to_have_count(8)
    assert badges(page)[:4] == ["20석 중 20석 남음", "1석 남음", "마감: 대기 신청 가능", "마감"]
    assert badges(page)[4].startswith("접수 시작: ")
    assert badges(page)[5:] == ["심사 후 선정", "신청 받지 않음", "취소됨"]
    assert inside(page, "action").all_inner_texts()[0].startswith("신청하기")
    expect(inside(page, "item").last).to_contain_text("The lecturer is ill.")
    expect(inside(page, "where").first).to_have_text("201호, Busan Cinema Center")
    expect(inside(page, "tag")).to_contain_text(["외 1회", "워크숍", "한국어", "버추얼 프로덕션"])
    expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_hidden()
    expect(page.get_by_role("heading", level=3, name="열린 강의")).to_be_visible()
    link = inside(page, "link").first
    href = f"{show.site}/ko/events/open/?{urlencode({'return': f'{show.partner.url}/schedule/'})}"
    assert (link.get_attribute("href"), link.get_attribute("target")) == (href, "_blank")
    assert link.get_attribute("rel") == "noopener"
    assert inside(page, "action").first.get_attribute("href") == f"{href}#register"
    lasting = "/calendars/sessions.ics?lang=ko"
    assert [link.get_attribute("href") for link in inside(page, "foot-link").all()] == [
        f"{show.site}/ko/events/?when=upcoming", show.site.replace("http", "webcal") + lasting, show.site + lasting,
    ]  # fmt: skip
    assert show.asked() == ["/feeds/events.json?lang=ko&when=upcoming"]
    sent = [request.all_headers() for request in show.requests if request.url.startswith(show.site)]
    assert {name for headers in sent for name in headers} & {"cookie", "authorization"} == set()
    assert [headers.get("referer") for headers in sent[1:]] == [None]


def test_search_engines_read_the_same(show: Show) -> None:
    now = timezone.now()
    evil = "</script><img src=x onerror=alert(1)>"
    event = factories.event(evil, capacity=1, room=factories.room(now=now), now=now)
    last = factories.session(event, starts=now + 2 * factories.WEEK, now=now)
    factories.publish(event, now=now)
    factories.register(event, now=now)

    page = show(TAG, lang="en")

    expect(inside(page, "title")).to_contain_text(evil)
    found = data_block(page)
    assert (found["@type"], found["itemListElement"][0]["position"]) == ("ItemList", 1)
    described = found["itemListElement"][0]["item"]
    assert described["name"] == evil
    assert described["eventStatus"] == "https://schema.org/EventScheduled"
    assert described["offers"]["availability"] == "https://schema.org/SoldOut"
    assert described["location"] == {
        "@type": "Place", "name": "Busan Cinema Center, Room 201", "address": "Busan Cinema Center, Room 201"
    }  # fmt: skip
    assert described["startDate"].endswith("+09:00")
    assert (described["inLanguage"], datetime.fromisoformat(described["endDate"])) == ("ko", last.ends_at)
    assert "<" not in page.locator("callboard-events script").inner_html()


def test_the_address_and_the_attributes_say_what_is_asked_for(show: Show) -> None:
    now = timezone.now()
    programme = factories.programme("BIFF Workshops", now=now)
    factories.event(of=programme, now=now)
    tags = [
        '<callboard-events src="{site}/en/programmes/biff-workshops/?when=upcoming&amp;page=3" lang="en" limit="7">',
        '<callboard-events src="{site}" programme="biff-workshops" when="upcoming" limit="7" lang="en-GB" x="y">',
        '<callboard-events src="{site}/embed/events/?view=agenda&amp;theme=dark&amp;topic=" limit="x" view="grid">',
        '<callboard-events src="{site}/ko/events/?when=past">',
    ]

    page = show("</callboard-events>".join([*tags, ""]), lang="fr")

    expect(inside(page, "item")).to_have_count(3)
    assert sorted(show.asked()) == [
        "/feeds/events.json?lang=en", "/feeds/events.json?lang=en&page_size=7&programme=biff-workshops&when=upcoming",
        "/feeds/events.json?lang=ko&ordering=-starts_at&when=past",
    ]  # fmt: skip
    assert page.locator("callboard-events .dark .grid").count() == 1


def test_each_view_has_headings_days_and_times_of_the_place(show: Show) -> None:
    furnish()
    tag = '<callboard-events src="{site}/en/events/" view="agenda"></callboard-events>'

    page = show(tag + tag.replace("agenda", "grid"), lang="en", timezone_id="America/New_York")

    expect(inside(page, "item")).to_have_count(9 + 8)
    assert len(show.asked()) == 1  # two elements, one request
    assert page.get_by_role("heading", level=3).count() == 8 + 8
    assert page.get_by_role("heading", level=4).count() == 9
    first = inside(page, "when").first
    local = (timezone.now() + factories.WEEK).astimezone(ZoneInfo("Asia/Seoul"))
    expect(first).to_contain_text("Korean Standard Time")
    expect(page.locator("callboard-events h3 time").first).to_have_attribute("datetime", f"{local:%Y-%m-%d}")


def test_changed_attributes_change_the_list_and_an_element_may_come_and_go(show: Show) -> None:
    now = timezone.now()
    factories.event("Colour", kind="talk", now=now)
    factories.event("Sound", kind="course", now=now)
    page = show(TAG, head=SCRIPT + SCRIPT.replace("v1.js", "v1.js?again"))
    expect(inside(page, "item")).to_have_count(2)

    page.evaluate("""() => { const list = document.querySelector("callboard-events");
        list.setAttribute("kind", "talk"); list.setAttribute("heading", "5"); list.setAttribute("lang", "en"); }""")
    expect(page.get_by_role("heading", level=5)).to_have_text(["Colour (opens in a new tab)"])
    page.evaluate("document.querySelector('callboard-events').setAttribute('kind', 'cohort')")
    expect(inside(page, "empty")).to_have_text("There are no events here at the moment.")
    page.evaluate("""() => { const list = document.querySelector("callboard-events"), place = list.parentNode;
        list.removeAttribute("kind"); place.removeChild(list); place.appendChild(list); }""")
    expect(inside(page, "item")).to_have_count(2)
