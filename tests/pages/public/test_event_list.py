"""The list: what it shows, in which order, under which filters, at what cost."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM
from events.operations import publishing, scheduling
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def titles(client: Client, address: str) -> list[str]:
    """The titles of the rows at this address, in order."""
    response = client.get(address)
    assert response.status_code == 200, response.content
    return [element.text for element in elements(response, "h3")]


def test_rows_stand_under_the_local_day_of_their_first_session(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    noon = (now + 3 * DAY).replace(hour=3, minute=0, second=0, microsecond=0)
    for title, starts in [("Late", noon + timedelta(hours=13)), ("Noon", noon), ("Next day", noon + DAY)]:
        event = factories.draft(title, of=programme, now=now)
        factories.session(event, starts=starts, now=now)  # 01:00, 12:00 and 12:00 in Seoul
        factories.publish(event, now=now)

    response = client.get("/en/events/")

    days = [element["datetime"] for element in elements(response, "time") if len(element["datetime"]) == 10]
    assert [element.text for element in elements(response, "h3")] == ["Noon", "Late", "Next day"]
    assert days == [f"{noon:%Y-%m-%d}", f"{noon + DAY:%Y-%m-%d}"]


def test_a_row_says_time_zone_place_seats_and_language_in_words(client: Client) -> None:
    room = factories.room(title_ko="201호", at=factories.venue(title_ko="영화의전당"))
    event = factories.draft(title_ko="조명 실습", capacity=20, language="en")
    factories.session(event, starts=datetime(2031, 5, 7, 10, 0, tzinfo=UTC), room=room)
    factories.publish(event)
    for number in range(8):
        factories.register(event, number)

    korean = one(client.get("/ko/events/"), "li", class_="row")
    english = one(client.get("/en/events/"), "li", class_="row")

    assert korean.text == "19:00 –21:00 KST 조명 실습 201호, 영화의전당 워크숍 영어 20석 중 12석 남음"
    assert english.text == (
        "19:00 –21:00 KST Lighting an LED wall Room 201, Busan Cinema Center workshop English 12 of 20 left"
    )


def test_full_cancelled_online_and_closed_are_told_in_words(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    full = factories.event("Full", of=programme, capacity=1, now=now)
    factories.register(full, now=now)
    called_off = factories.event("Off", of=programme, now=now)
    publishing.cancel(event=called_off, actor=SYSTEM, now=now)
    online = factories.draft("Online", of=programme, registration="none", now=now)
    factories.session(online, online=True, now=now)
    factories.publish(online, now=now)
    factories.event("Early", of=programme, registration_opens_at=now + DAY, now=now)
    waiting = factories.event("Wanted", of=programme, capacity=1, waitlist="automatic", now=now)
    factories.crowd(waiting, range(4), now=now)
    factories.event("Chosen", of=programme, capacity=12, registration="approval", now=now)
    factories.event("Closed", of=programme, capacity=3, needs_code=True, now=now)
    factories.event("Doubtful", of=programme, minimum=8, decides_at=now + DAY, now=now)

    response = client.get("/en/events/")

    seats = [element.text for element in elements(response, "div", class_="seats")]
    assert dict(zip([e.text for e in elements(response, "h3")], seats, strict=True)) == {
        "Full": "Full, 1 seat",
        "Off": "Cancelled",
        "Online": "No registration here",
        "Early": "Not open yet",
        "Wanted": "Full – waitlist: 3 people",
        "Chosen": "By application 12 seats",
        "Closed": "3 of 3 left Invitation only",
        "Doubtful": "No limit on seats",
    }
    assert [element.text for element in elements(response, "span", class_="doubtful")] == ["Not certain yet"]
    assert [element.text for element in elements(response, "span", class_="tag")].count("Online") == 1


def test_without_a_filter_everything_public_is_there_and_nothing_else(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    factories.event("Over", of=programme, now=now - 30 * DAY)
    factories.event("Coming", of=programme, now=now)
    factories.event("Unlisted", of=programme, visibility="unlisted", now=now)
    factories.session(factories.draft("Draft", of=programme, now=now), now=now)
    factories.event("Hidden", of=factories.programme("Hidden", is_public=False, now=now), now=now)

    assert titles(client, "/en/events/") == ["Over", "Coming"]
    assert titles(client, "/en/events/?when=upcoming") == ["Coming"]
    assert titles(client, "/en/events/?when=past") == ["Over"]


def test_a_course_shows_its_next_session_and_how_many_follow(client: Client, now: datetime) -> None:
    course = factories.draft("Course", now=now - 30 * DAY)
    for week in range(4):
        starts = (now + (week - 1) * factories.WEEK - DAY).replace(hour=1, minute=0)
        factories.session(course, starts=starts, now=now - 30 * DAY)
    factories.publish(course, now=now - 30 * DAY)

    upcoming = one(client.get("/en/events/?when=upcoming"), "li", class_="row")
    everything = one(client.get("/en/events/"), "li", class_="row")

    assert "and one more session" in upcoming.text
    assert "and 3 more sessions" in everything.text


def test_a_cancelled_session_does_not_stand_for_its_event(client: Client, now: datetime) -> None:
    event = factories.event("Two days", sessions=2, now=now)
    first = event.sessions.order_by("starts_at")[0]
    scheduling.cancel(session=first, actor=SYSTEM, now=now)

    day = [e for e in elements(client.get("/en/events/"), "time") if len(e["datetime"]) == 10]

    assert [element["datetime"] for element in day] == [str(first.starts_on + DAY)]


def test_the_room_filter_shows_the_session_in_that_room(client: Client, now: datetime) -> None:
    venue = factories.venue(now=now)
    small, large = (factories.room(name, at=venue, now=now) for name in ("Small", "Large"))
    event = factories.draft("Two rooms", now=now)
    factories.session(event, room=small, now=now)
    factories.session(event, room=large, now=now)
    factories.publish(event, now=now)

    row = one(client.get(f"/en/events/?room={large.slug}"), "p", class_="where")

    assert row.text == "Large, Busan Cinema Center"


def test_the_form_without_javascript_leads_to_the_clean_address(client: Client, now: datetime) -> None:
    mixing, vfx = factories.topic("Mixing", now=now), factories.topic("VFX", now=now)
    sent = f"/en/events/?q=&when=upcoming&venue=&topic={mixing.slug}&topic={vfx.slug}&starts_after="

    response = client.get(sent)

    assert (response.status_code, response.headers["Location"]) == (302, "/en/events/?when=upcoming&topic=mixing,vfx")
    assert client.get("/en/events/?q=&when=").headers["Location"] == "/en/events/"


def test_the_form_says_again_what_the_address_asks_for(client: Client, now: datetime) -> None:
    first, second = factories.event("One", now=now), factories.event("Two", now=now)
    slugs = f"{first.programme.slug},{second.programme.slug}"
    factories.topic("Mixing", now=now)
    address = (
        f"/en/events/?programme={slugs}&topic=mixing&q=led+wall&when=past&starts_after=2026-01-01&event={first.slug}"
    )

    response = client.get(address)

    chosen = [(e["value"], e.text) for e in elements(response, "option", selected="")]
    checked = [(e["name"], e["value"]) for e in elements(response, "input", checked="")]
    kept = [(e["name"], e["value"]) for e in elements(response, "input", type="hidden")]
    assert chosen == [(slugs, "BIFF Workshops, BIFF Workshops")]
    assert checked == [("when", "past"), ("topic", "mixing")]
    assert kept == [("event", first.slug)]
    assert one(response, "input", name="q")["value"] == "led wall"
    assert one(response, "input", name="starts_after")["value"] == "2026-01-01"


def test_a_chip_takes_one_filter_away(client: Client, now: datetime) -> None:
    factories.topic("Mixing", title_ko="믹싱", now=now)

    response = client.get("/ko/events/?topic=mixing&when=upcoming")

    chips = {element.text: element["href"] for element in elements(response, "a") if "×" in element.text}
    assert chips == {
        "주제: 믹싱 ×빼기": "/ko/events/?when=upcoming",
        "시기: 예정 ×빼기": "/ko/events/?topic=mixing",
    }


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("colour=red", "colour"),
        ("topic=nothing", "topic"),
        ("when=soon", "when"),
        ("starts_after=tomorrow", "starts_after"),
        ("has_seats=maybe", "has_seats"),
        ("page=0", "page"),
        ("page=2", "page"),
        ("page=x", "page"),
    ],
)
def test_an_unknown_filter_or_value_is_a_400_that_names_it(client: Client, query: str, named: str) -> None:
    response = client.get(f"/ko/events/?{query}")

    assert response.status_code == 400
    assert [element.text for element in elements(response, "code")] == [named]
    assert one(response, "html")["lang"] == "ko"


def test_what_advertisers_append_is_ignored(client: Client, now: datetime) -> None:
    factories.event("Coming", now=now)

    response = client.get("/en/events/?utm_source=mail&fbclid=1&when=upcoming")

    assert [element.text for element in elements(response, "h3")] == ["Coming"]
    assert one(response, "link", rel="canonical")["href"] == "https://callboard.test/en/events/?when=upcoming"


def test_the_calendar_has_the_same_filters_and_keeps_what_is_over(client: Client, now: datetime) -> None:
    factories.topic("Mixing", now=now)

    response = client.get("/ko/events/?topic=mixing&when=upcoming&online=true")

    path = "callboard.test/calendars/sessions.ics?online=true&topic=mixing&lang=ko"
    assert one(response, id="calendar-address")["value"] == f"https://{path}"
    links = [element["href"] for element in elements(response, "a", class_="button")]
    google = f"https://calendar.google.com/calendar/render?cid={quote(f'webcal://{path}', safe='')}"
    assert links == [f"webcal://{path}", google]


def test_the_language_switch_keeps_page_and_query(client: Client, now: datetime) -> None:
    factories.topic("Mixing", now=now)

    korean = client.get("/ko/events/?topic=mixing&when=past")
    english = client.get("/en/events/?topic=mixing&when=past")

    assert one(korean, "a", class_="language")["href"] == "/en/events/?topic=mixing&when=past"
    assert one(english, "a", class_="language")["href"] == "/ko/events/?topic=mixing&when=past"
    address = "https://callboard.test/{}/events/?topic=mixing&when=past"
    alternates = [e for e in elements(korean, "link", rel="alternate") if e["hreflang"]]
    assert [(e["hreflang"], e["href"]) for e in alternates] == [
        ("ko", address.format("ko")),
        ("en", address.format("en")),
        ("x-default", address.format("en")),
    ]


def test_a_long_list_has_pages(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    for number in range(51):
        factories.event(f"Event {number:02d}", of=programme, now=now + timedelta(minutes=number))

    first = client.get("/en/events/?kind=workshop")
    second = client.get(one(first, "a", rel="next")["href"])

    assert len(elements(first, "h3")) == 50
    assert [element.text for element in elements(second, "h3")] == ["Event 50"]
    assert one(second, "a", rel="prev")["href"] == "/en/events/?kind=workshop"
    assert one(second, "link", rel="canonical")["href"] == "https://callboard.test/en/events/?kind=workshop&page=2"


@pytest.mark.parametrize("number", [1, 5])
def test_the_list_costs_the_same_whatever_stands_in_it(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organization = factories.organization(now=now)
    for index in range(number):
        programme = factories.programme(f"Programme {index}", of=organization, now=now)
        room = factories.room(f"Room {index}", at=factories.venue(of=organization, now=now), now=now)
        speaker = factories.speaker(f"Speaker {index}", of=organization, now=now)
        factories.event(
            of=programme, sessions=3, room=room, speakers=[speaker], topics=[factories.topic(f"T {index}", now=now)],
            now=now,
        )  # fmt: skip

    with django_assert_num_queries(15):
        response = client.get("/ko/events/?when=upcoming")

    assert len(elements(response, "h3")) == number


@pytest.mark.parametrize("number", [1, 5])
def test_quotas_waitlists_and_series_cost_the_same_too(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    student = factories.audience("student")
    for run in factories.runs(number, capacity=2, audiences=[student], now=now):
        factories.quota(run, 1, audience=student, now=now)
        factories.crowd(run, [10 * run.pk + 1, 10 * run.pk + 2], now=now)

    with django_assert_num_queries(20):
        response = client.get("/ko/events/?when=upcoming")

    assert len(elements(response, "h3")) == number


def test_a_page_sets_no_cookie_and_loads_nothing_foreign(client: Client, now: datetime) -> None:
    factories.event(now=now)

    response = client.get("/ko/events/")

    assert response.cookies == {}
    loaded = [e["src"] or e["href"] for e in elements(response) if e.tag in LOADING]
    assert [address for address in loaded if not address.startswith(("/static/", "https://callboard.test/"))] == []
    assert elements(response, "style") == [e for e in elements(response) if "style" in e.attributes] == []
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


LOADING = {"link", "script", "img", "iframe"}
