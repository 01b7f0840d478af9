"""What a kept feed must not outlive, and what it costs to ask for one that nobody changed."""

import gzip
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import answers
from events.models import Session
from events.operations import placing, planning, publishing, registering, scheduling, sequencing
from tests import factories
from tests.api.feeding import at, get, items, parsed, titles
from tests.school import NOW, School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


def statements(address: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert get(address, **headers).status_code in (200, 304)
    return len(asked)


def test_headers_let_any_site_read_it_and_nobody_keep_it_unasked() -> None:
    answer = get("json", Cookie="sessionid=x", Origin="https://elsewhere.example")
    options = Client().options("/feeds/events.json")

    assert dict(answer.headers) | {"ETag": "", "Content-Length": ""} == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag",
        "Cache-Control": "public, max-age=0, must-revalidate",
        "Content-Length": "",
        "Content-Type": "application/feed+json; charset=utf-8",
        "ETag": "",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    assert not answer.cookies
    assert (options.status_code, options["Access-Control-Allow-Headers"]) == (204, "If-None-Match")
    assert (get("rss")["Content-Type"], get("atom")["Content-Type"]) == (
        "application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "cold"),
    [("json", 7), ("json?when=upcoming&topic=mixing", 8), ("json?has_seats=true", 7), ("rss", 5), ("atom?lang=en", 5)],
)
def test_statements_are_constant_and_one_where_nothing_changed(school: School, address: str, cold: int) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 1}, **school.when())
    for email in ("mina@mail.example", "juno@mail.example"):
        school.register(email)  # the second one waits, so that who waits is asked
    counts = []
    for number in range(4):
        answers.shelf.clear()
        first, warm, known = statements(address), statements(address), get(address)["ETag"]
        counts.append((first, warm, statements(address, **{"If-None-Match": known})))
        school.event(f"행사 {number}", f"Event {number}", datetime(2030, 12, 10 + number, 10), topics=[school.topic])

    assert counts == [(cold, 1, 1)] * 4


def test_whoever_asks_for_nothing_in_ten_thousand_ways_takes_no_more_memory_than_is_set_aside() -> None:
    long = "&".join(f"utm_{number}={'x' * 80}" for number in range(20))

    kept = [get(f"json?utm_id={number}&{long}").status_code for number in range(5)]

    held = sum(sys.getsizeof(key) + len(answer.body) for key, answer in answers.shelf.items())
    assert (kept, len(answers.shelf)) == ([200] * 5, 5)
    assert held < answers.shelf.currsize


def test_gzip_and_head_are_as_for_calendars(school: School) -> None:
    plain, zipped = get("json"), get("json", **{"Accept-Encoding": "gzip"})
    head = Client().head("/feeds/events.json")

    assert gzip.decompress(zipped.content) == plain.content
    assert zipped["ETag"] == plain["ETag"].rstrip('"') + '-gz"'
    assert (head.content, dict(head.headers)) == (b"", dict(plain.headers))
    known = get("json", **{"If-None-Match": f"W/{zipped['ETag']}"})
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize("is_numbered", [False, True])
def test_a_seat_is_told_within_one_poll_whatever_the_worker_does(school: School, is_numbered: bool) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 2}, **school.when())
    told = []
    for email in ("", "mina@mail.example", "juno@mail.example", "hana@mail.example"):
        if email:
            school.register(email)
        if is_numbered:
            sequencing.number_all()
        own = items("topic=mixing")[0]["_callboard"]
        told.append((own["seats_left"], own["level"], own["waitlist_length"], titles("has_seats=true")))

    both, talk = ["믹싱 워크숍", "촬영 강연"], ["촬영 강연"]
    assert told == [(2, "open", 0, both), (1, "few", 0, both), (0, "full", 0, talk), (0, "full", 1, talk)]
    registering.cancel(registration=school.workshop.registrations.get(email="hana@mail.example"), **school.when())
    assert items("topic=mixing")[0]["_callboard"]["waitlist_length"] == 0


@pytest.mark.parametrize("query", ["has_seats=true", "has%5Fseats=true"])
def test_a_feed_without_seats_that_is_chosen_by_them_is_as_true(school: School, query: str) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 1}, **school.when())
    free = [entry.title for entry in parsed(f"rss?{query}").entries]
    school.register()

    assert (free, len(parsed(f"rss?{query}").entries)) == (["촬영 강연", "믹싱 워크숍"], 1)


def rename_programme(school: School) -> None:
    planning.amend(thing=school.programme, fields={"title_ko": "새 겨울"}, **school.when())


def rename_topic(school: School) -> None:
    planning.amend(thing=school.topic, fields={"title_ko": "새 믹싱"}, **school.when())


def rename_speaker(school: School) -> None:
    planning.amend(thing=school.session().speakers.get(), fields={"name_ko": "두소리"}, **school.when())


def rename_room(school: School) -> None:
    placing.amend_room(
        room=school.rooms[0], organization=school.organization, fields={"title_ko": "새 방"}, **school.when()
    )


def move_venue(school: School) -> None:
    venue = school.rooms[0].venue
    placing.amend_venue(
        venue=venue, organization=school.organization, fields={"address_ko": "해운대로 1"}, **school.when()
    )


def amended(**fields: Any) -> Callable[[School], None]:
    return lambda school: void(planning.amend_event(event=school.workshop, fields=fields, **school.when()))


def void(_made: object) -> None:
    """For lambdas that are there for what they do."""


SHOWN: dict[str, Callable[[School], None]] = {
    "programme": rename_programme,
    "topic": rename_topic,
    "speaker": rename_speaker,
    "room": rename_room,
    "venue": move_venue,
    "title": amended(title_ko="새 제목"),
    "summary": amended(summary_ko="새 요약"),
    "description": amended(description_ko="새 설명"),
    "window": amended(registration_opens_at=datetime(2030, 11, 2, tzinfo=UTC)),
    "code": amended(needs_code=True),
    "capacity": amended(capacity=7),
    "waitlist": amended(waitlist="off"),
    "session": lambda school: void(
        scheduling.amend(session=school.session(), fields={"title_ko": "1부"}, **school.when())
    ),
    "cancelled session": lambda school: void(scheduling.cancel(session=school.session(), **school.when())),
    "cancelled": lambda school: void(publishing.cancel(event=school.workshop, **school.when())),
    "unpublished": lambda school: void(publishing.unpublish(event=school.workshop, **school.when())),
    "unlisted": amended(visibility="unlisted"),
    "tags": lambda school: void(
        planning.amend_event(event=school.workshop, fields={}, topics=[], audiences=[], **school.when())
    ),
}


def test_whatever_is_shown_is_shown_anew_when_it_changed() -> None:
    """Each change by itself is what the kept feed must not outlive; the rebuilt one says what a fresh process would."""
    school = School()
    speaker = factories.speaker(of=school.organization, name_ko="한소리", now=school.now)
    scheduling.amend(session=school.session(), speakers=[speaker], **school.when())
    unseen = []
    for day, (name, change) in enumerate(SHOWN.items(), start=1):
        if name in ("cancelled", "unpublished", "unlisted", "tags"):
            topics = [school.topic]
            school.workshop = school.event("또 하나", f"Another {name}", datetime(2031, 1, day, 10), topics=topics)
        before = get("json").content
        change(school)
        after = get("json").content
        answers.shelf.clear()
        if before == after or after != get("json").content:
            unseen.append(name)

    assert unseen == []


def test_what_is_no_longer_public_is_in_no_feed(school: School) -> None:
    amended(visibility="unlisted")(school)
    publishing.unpublish(event=school.talk, **school.when())

    assert titles() == []
    assert [len(parsed(written).entries) for written in ("rss", "atom")] == [0, 0]


def test_upcoming_is_kept_until_the_next_end_and_not_a_moment_longer(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = datetime(2030, 12, 2, 1, tzinfo=UTC)
    two = factories.draft("Two evenings", of=school.programme, now=school.now)
    for day in (0, 3):
        factories.session(two, starts=starts + timedelta(days=day), now=school.now)
    factories.publish(two, now=school.now)
    ends = sorted(session.ends_at for session in Session.objects.all())

    told = {}
    for end in ends:
        for moment in (end - timedelta(microseconds=1), end):
            at(monkeypatch, moment)
            told[moment] = [(item["title"], len(item["_callboard"]["sessions"])) for item in items("when=upcoming")]
            assert statements("json?when=upcoming") == 1
            answers.shelf.clear()
            fresh = [(item["title"], len(item["_callboard"]["sessions"])) for item in items("when=upcoming")]
            assert told[moment] == fresh

    assert [len(shown) for shown in told.values()] == [3, 3, 3, 2, 2, 1, 1, 0]
    assert statements("json?when=upcoming") == 1


def test_a_page_says_whether_there_is_more_until_that_ends_too(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes next may be over before what is shown: then there is no next page any more."""
    long = factories.draft("A long course", of=school.programme, now=school.now)
    factories.session(long, starts=datetime(2030, 12, 1, 10), length=timedelta(days=90), now=school.now)
    factories.publish(long, now=school.now)

    at(monkeypatch, NOW)
    first = get("json?when=upcoming&page_size=2").json()
    at(monkeypatch, school.talk.sessions.get().ends_at)
    later = get("json?when=upcoming&page_size=2").json()

    assert [item["title"] for item in first["items"]] == ["A long course", "믹싱 워크숍"]
    assert "next_url" in first
    assert ([item["title"] for item in later["items"]], "next_url" in later) == (["A long course"], False)


def test_what_is_over_is_asked_each_time(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (event.sessions.get().ends_at for event in (school.workshop, school.talk))
    told = []
    for moment in (first - timedelta(seconds=1), first, second):
        at(monkeypatch, moment)
        told.append(titles("when=past"))

    assert told == [[], ["믹싱 워크숍"], ["믹싱 워크숍", "촬영 강연"]]


def test_a_course_comes_onto_a_kept_page_when_one_of_its_evenings_is_over(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands by the next one then: further behind, or, where the latest come first, in front of all."""
    course = factories.draft("Course", title_ko="과정", of=school.programme, now=school.now)
    for starts in (datetime(2030, 11, 20, 10), datetime(2030, 12, 20, 10)):
        factories.session(course, starts=starts, now=school.now)
    factories.publish(course, now=school.now)
    ends = course.sessions.earliest("starts_at").ends_at
    at(monkeypatch, NOW)
    following = get("json?when=upcoming&page_size=1").json()["next_url"].partition("events.")[2]
    backwards = "json?when=upcoming&ordering=-starts_at&page_size=1"

    told = []
    for moment in (NOW, ends):
        at(monkeypatch, moment)
        pages = [get(address).json() for address in (f"{following}&page_size=3", backwards)]
        told.append([[item["title"] for item in page["items"]] for page in pages])

    assert told == [
        [["믹싱 워크숍", "촬영 강연"], ["촬영 강연"]],
        [["믹싱 워크숍", "촬영 강연", "과정"], ["과정"]],
    ]
