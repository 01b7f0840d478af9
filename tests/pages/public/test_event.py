"""The page of one event: what it shows, to whom, and its addresses."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event
from events.operations import deciding, planning, publishing, questioning
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RUN = r"/en/events/run-of-day-\d/"


def test_it_says_everything_about_the_event(client: Client) -> None:
    office = factories.organization()
    venue = factories.venue(of=office, title_ko="영화의전당")
    speaker = factories.speaker(of=office, name_ko="윤하린", bio_ko="촬영감독입니다.")
    event = factories.draft(
        title_ko="조명 실습", of=factories.programme(of=office, title_ko="부산 워크숍"), capacity=20,
        summary_ko="피부색을 다룹니다.", description_ko="**준비물**: 노트북",
        topics=[factories.topic(title_ko="버추얼 프로덕션")], audiences=[factories.audience("student")],
    )  # fmt: skip
    starts = datetime(2031, 5, 7, 10, 0, tzinfo=UTC)
    factories.session(event, starts=starts, room=factories.room(title_ko="201호", at=venue), speakers=[speaker])
    factories.publish(event)

    response = client.get(f"/ko/events/{event.slug}/")

    assert one(response, "h1").text == "조명 실습"
    assert one(response, "p", class_="summary").text == "피부색을 다룹니다."
    assert one(response, "p", class_="when").text == "2031년 5월 7일 수요일 19:00–21:00 KST"
    assert one(response, "abbr")["title"] == "Asia/Seoul, UTC+09:00"
    assert one(response, "p", class_="where").text == "201호, 영화의전당"
    assert one(response, "dl", class_="people").text == "윤하린 촬영감독입니다."
    assert [element.text for element in elements(response, "strong")] == ["19:00–21:00", "준비물"]
    assert one(response, "dl", class_="facts").text == (
        "대상 학생 진행 언어 한국어 주제 버추얼 프로덕션 주관 그로우 크리에이티브 사무국"
    )
    assert one(response, "div", class_="seats").text == "20석 중 20석 남음"
    assert one(response, id="calendar-address")["value"] == (
        f"https://callboard.test/calendars/events/{event.slug}.ics?lang=ko"
    )


def test_copies_of_one_session_say_that_they_will_not_update(client: Client) -> None:
    event = factories.draft(summary_en="On real equipment.")
    session = factories.session(event, starts=datetime(2031, 5, 7, 10, 0, tzinfo=UTC), online=True)
    factories.publish(event)

    response = client.get(f"/en/events/{event.slug}/")

    snapshot = one(response, "details", class_="snapshot").text
    assert snapshot == (
        "Copy this session once A copy will not update. To hear of changes, subscribe below. "
        "Google Outlook.com Microsoft 365 File (.ics)"
    )
    addresses = {e.text: e["href"] for e in elements(response, "a") if e.text in snapshot.split() + ["File (.ics)"]}
    assert addresses["File (.ics)"] == f"/calendars/sessions/{session.uid}.ics?lang=en"
    assert client.get(addresses["File (.ics)"]).headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert parse_qs(urlsplit(addresses["Google"]).query) == {
        "action": ["TEMPLATE"],
        "text": ["Lighting an LED wall"],
        "dates": ["20310507T100000Z/20310507T120000Z"],
        "ctz": ["Asia/Seoul"],
        "location": ["Online"],
        "details": [f"https://callboard.test/en/events/{event.slug}/\n\nOn real equipment."],
    }


def test_days_of_an_all_day_session_are_told_without_hours(client: Client) -> None:
    event = factories.draft()
    factories.all_day_session(event, first=date(2031, 5, 7), last=date(2031, 5, 9))
    factories.publish(event)

    when = one(client.get(f"/en/events/{event.slug}/"), "p", class_="when")

    assert when.text == "Wednesday 7 May 2031 All day KST until Friday 9 May 2031"


def test_a_draft_and_a_hidden_programme_are_not_there(client: Client, now: datetime) -> None:
    draft = factories.draft(now=now)
    hidden = factories.event("Hidden", of=factories.programme("Hidden", is_public=False, now=now), now=now)
    withdrawn = factories.event("Withdrawn", now=now)
    publishing.unpublish(event=withdrawn, actor=SYSTEM, now=now)

    answers = [client.get(f"/ko/events/{slug}/") for slug in (draft.slug, hidden.slug, withdrawn.slug, "nothing")]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert len({one(answer, "main").text for answer in answers}) == 1


def test_an_unlisted_event_is_read_by_its_address_and_not_indexed(client: Client, now: datetime) -> None:
    event = factories.event("Secret", visibility="unlisted", now=now)

    response = client.get(f"/en/events/{event.slug}/")

    assert one(response, "h1").text == "Secret"
    assert [element["content"] for element in elements(response, "meta", name="robots")] == ["noindex"]


def test_an_old_address_leads_to_the_new_one(client: Client, now: datetime) -> None:
    event = factories.event("Old name", now=now)
    planning.amend_event(event=event, fields={"slug": "new-name"}, actor=SYSTEM, now=now)

    response = client.get("/en/events/old-name/?utm_source=mail")

    assert (response.status_code, response.headers["Location"]) == (301, "/en/events/new-name/?utm_source=mail")


def test_an_old_address_of_what_is_withdrawn_leads_nowhere(client: Client, now: datetime) -> None:
    event = factories.event("Old name", now=now)
    planning.amend_event(event=event, fields={"slug": "new-name"}, actor=SYSTEM, now=now)
    publishing.unpublish(event=Event.objects.get(pk=event.pk), actor=SYSTEM, now=now)

    assert client.get("/en/events/old-name/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"registration": "none"}, "This event takes no registrations."),
        ({"registration_closes_at": datetime(2026, 1, 1, tzinfo=UTC)}, "Registration has closed."),
        (
            {"registration_opens_at": datetime(2031, 1, 1, tzinfo=UTC)},
            "Registration opens on Wednesday 1 January 2031 09:00 KST.",
        ),
    ],
)
def test_instead_of_a_form_it_says_why_there_is_none(
    client: Client, now: datetime, fields: dict[str, object], words: str
) -> None:
    event = factories.event(now=now, **fields)

    response = client.get(f"/en/events/{event.slug}/")

    assert elements(response, "form") == []
    assert one(response, "p", class_="reason").text == words


def test_a_called_off_event_says_so_and_why(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    publishing.cancel(event=event, actor=SYSTEM, now=now, reason="강사 사정")

    response = client.get(f"/ko/events/{event.slug}/")

    assert one(response, "div", class_="notice").text == "취소된 행사입니다. 강사 사정"
    assert elements(response, "form") == []
    assert one(response, "span", class_="struck").text == "취소됨"


def test_search_engines_read_the_event_and_nothing_breaks_out_of_it(client: Client) -> None:
    venue = factories.venue(address_en="120 Suyeonggangbyeon-daero", latitude="35.1711", longitude="129.1273")
    event = factories.draft(
        "Mixing </script><script>alert(1)</script>", capacity=1, summary_en="A & B \u2028 C",
    )  # fmt: skip
    room = factories.room(at=venue)
    factories.session(event, starts=datetime(2031, 5, 7, 10, 0, tzinfo=UTC), room=room)
    factories.publish(event)
    factories.register(event)

    response = client.get(f"/en/events/{event.slug}/")

    script = one(response, "script", type="application/ld+json")
    assert not set("<>&\u2028") & set(script.text)
    shown = json.loads(script.text)
    url = f"https://callboard.test/en/events/{event.slug}/"
    assert shown == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{url}#event",
        "name": "Mixing </script><script>alert(1)</script>",
        "description": "A & B \u2028 C",
        "url": url,
        "inLanguage": "ko",
        "eventStatus": "https://schema.org/EventScheduled",
        "organizer": {"@type": "Organization", "name": "Grow Creative Office"},
        "startDate": "2031-05-07T19:00:00+09:00",
        "endDate": "2031-05-07T21:00:00+09:00",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": "Busan Cinema Center, Room 201",
            "address": "120 Suyeonggangbyeon-daero",
            "geo": {"@type": "GeoCoordinates", "latitude": 35.1711, "longitude": 129.1273},
        },
        "offers": {"@type": "Offer", "availability": "https://schema.org/SoldOut", "url": url},
        "maximumAttendeeCapacity": 1,
    }


def test_search_engines_hear_of_a_cancellation_and_of_every_session(client: Client, now: datetime) -> None:
    event = factories.event(sessions=2, now=now)
    publishing.cancel(event=event, actor=SYSTEM, now=now)

    shown = json.loads(one(client.get(f"/en/events/{event.slug}/"), "script", type="application/ld+json").text)

    assert shown["eventStatus"] == "https://schema.org/EventCancelled"
    assert [part["eventStatus"] for part in shown["subEvent"]] == ["https://schema.org/EventCancelled"] * 2
    assert "offers" not in shown


@pytest.mark.parametrize("number", [1, 5])
def test_the_page_costs_the_same_whatever_belongs_to_the_event(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    office = factories.organization(now=now)
    event = factories.event(
        of=factories.programme(of=office, now=now), sessions=number,
        speakers=[factories.speaker(f"Speaker {i}", of=office, now=now) for i in range(number)],
        topics=[factories.topic(f"Topic {i}", now=now) for i in range(number)],
        audiences=[factories.audience(f"audience-{i}") for i in range(number)], now=now,
    )  # fmt: skip

    with django_assert_num_queries(8):
        response = client.get(f"/ko/events/{event.slug}/")

    assert len(elements(response, "li", class_="row")) == number


def test_the_button_says_what_it_does(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    free = factories.event("Free", of=programme, capacity=1, now=now)
    full = factories.event("Full", of=programme, capacity=1, waitlist="offer", offer_minutes=120, now=now)
    factories.register(full, now=now)
    chosen = factories.event("Chosen", of=programme, registration="approval", now=now)
    proven = factories.event("Proven", of=programme, needs_proof=True, now=now)

    pages = [client.get(f"/en/events/{event.slug}/") for event in (free, full, chosen, proven)]

    assert [one(page, "button", type="submit").text for page in pages] == [
        "Register", "Join the waitlist", "Apply", "Register",
    ]  # fmt: skip
    said = [[e.text for e in elements(page, "p", class_="small")][:-3] for page in pages]
    assert said == [
        [],
        ["When a seat becomes free for you, we hold it for 2 hours and ask you by mail."],
        ["The organizer chooses among all applications. You hear the result by mail."],
        ["We mail you a link. Open it within 30 minutes: until then the seat is held for you."],
    ]


def test_a_minimum_is_told_until_it_is_decided(client: Client, now: datetime) -> None:
    event = factories.event(
        minimum=8, decides_at=datetime(2031, 1, 1, tzinfo=UTC), now=datetime(2030, 12, 30, tzinfo=UTC)
    )

    before = client.get(f"/en/events/{event.slug}/")
    deciding.decide(event=event, takes_place=True, actor=SYSTEM, now=now)
    after = client.get(f"/en/events/{event.slug}/")

    assert one(before, "div", class_="notice").text == (
        "Not certain yet It takes place if at least 8 people come. "
        "That is decided on Wednesday 1 January 2031 09:00 KST."
    )
    assert elements(after, "div", class_="notice") == []


def test_a_full_date_leads_to_others_of_its_series(client: Client, now: datetime) -> None:
    first, second, third = factories.runs(3, capacity=1, now=now)
    factories.register(first, 1, now=now)
    factories.register(third, 2, now=now)

    response = client.get(f"/en/events/{first.slug}/")

    links = [e["href"] for e in elements(response, "a") if re.fullmatch(RUN, e["href"])]
    assert links == [f"/en/events/{second.slug}/"]
    assert [(e["value"], e.attributes.get("checked")) for e in elements(response, "input", type="checkbox")] == [
        (second.slug, ""), (third.slug, ""),
    ]  # fmt: skip


def test_a_date_with_seats_names_the_others_below(client: Client, now: datetime) -> None:
    first, second, third = factories.runs(3, capacity=1, now=now)
    factories.register(third, now=now)

    response = client.get(f"/en/events/{first.slug}/")

    links = [e["href"] for e in elements(response, "a") if re.fullmatch(RUN, e["href"])]
    assert links == [f"/en/events/{run.slug}/" for run in (second, third)]
    assert [e.text for e in elements(response, "div", class_="seats")] == [
        "1 of 1 left", "1 of 1 left", "Full: join the waitlist",
    ]  # fmt: skip
    assert elements(response, "input", type="checkbox") == []


def test_the_last_date_offers_earlier_ones_unticked_and_none_that_is_over(client: Client, now: datetime) -> None:
    first, second, _third = factories.runs(3, capacity=1, now=now)
    publishing.cancel(event=first, actor=SYSTEM, now=now)
    third = Event.objects.get(slug=_third.slug)
    factories.register(third, now=now)

    response = client.get(f"/en/events/{third.slug}/")

    boxes = [(e["value"], "checked" in e.attributes) for e in elements(response, "input", type="checkbox")]
    assert boxes == [(second.slug, False)]


@pytest.mark.parametrize("number", [1, 5])
def test_questions_and_dates_cost_the_same_however_many(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = factories.runs(number + 1, capacity=1, now=now)[0]
    factories.crowd(run, range(number + 1), now=now)
    asked = [{"key": f"q{index}", "kind": "text", "title_en": "Why?"} for index in range(number)]
    questioning.set_questions(event=run, questions=asked, actor=SYSTEM, now=now)

    with django_assert_num_queries(12):
        response = client.get(f"/ko/events/{run.slug}/")

    assert len(elements(response, "textarea")) == len(elements(response, "input", type="checkbox")) == number


def test_a_code_is_asked_for_where_there_are_any(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    plain = factories.event("Plain", of=programme, now=now)
    some = factories.event("Some", of=programme, now=now)
    factories.code(some, now=now)
    closed = factories.event("Closed", of=programme, needs_code=True, now=now)

    pages = [client.get(f"/en/events/{event.slug}/") for event in (plain, some, closed)]

    assert [len(elements(page, "input", name="code")) for page in pages] == [0, 1, 1]
    assert [len(elements(page, "details", class_="code")) for page in pages] == [0, 1, 0]
