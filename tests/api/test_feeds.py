"""Feeds of events over HTTP: what an item says, how fresh it is and at what price, and that readers understand it."""

import gzip
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import answers
from events.models import SYSTEM, Event, Session
from events.operations import placing, planning, publishing, registering, scheduling, sequencing
from tests import factories
from tests.school import NOW, School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


def get(address: str, **headers: str) -> Any:
    return Client().get(f"/feeds/events.{address}", headers=headers)


def items(query: str = "") -> list[dict[str, Any]]:
    answer = get(f"json?{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def titles(query: str = "") -> list[str]:
    return [item["title"] for item in items(query)]


def parsed(address: str) -> Any:
    """The feed as a reader that is not ours takes it."""
    found = feedparser.parse(get(address).content, sanitize_html=False)
    assert not found.bozo, found.bozo_exception
    return found


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def statements(address: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert get(address, **headers).status_code in (200, 304)
    return len(asked)


def test_the_whole_of_one_feed(school: School) -> None:
    student = factories.audience()
    speaker = factories.speaker(of=school.organization, name_ko="윤하린")
    planning.amend_event(
        event=school.workshop, audiences=[student], **school.when(),
        fields={
            "capacity": 20, "summary_en": "Mix it", "description_en": "All day long", "needs_code": True,
            "registration_opens_at": datetime(2030, 11, 2, tzinfo=UTC),
        },
    )  # fmt: skip
    scheduling.amend(session=school.session(), speakers=[speaker], fields={"title_en": "Part 1"}, **school.when())
    changed, uid = school.now, school.workshop.uid

    body = get("json?topic=mixing&lang=en&page_size=10&utm_source=mail").json()

    event = "https://callboard.test/en/events/mixing-workshop/"
    assert body == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Callboard",
        "home_page_url": "https://callboard.test/en/events/?topic=mixing",
        "feed_url": "https://callboard.test/feeds/events.json?lang=en&page_size=10&topic=mixing",
        "language": "en",
        "_callboard": {"about": "https://callboard.test/api/docs/", "poll_seconds": 60},
        "items": [
            {
                "id": f"urn:uuid:{uid}",
                "url": event,
                "title": "Mixing workshop",
                "summary": "Mix it",
                "content_text": "All day long",
                "date_published": "2030-11-01T00:08:00+00:00",
                "date_modified": changed.isoformat(),
                "language": "en",
                "tags": ["Mixing"],
                "authors": [{"name": "Yoon Harin"}],
                "_callboard": {
                    "slug": "mixing-workshop",
                    "status": "published",
                    "cancel_reason": "",
                    "kind": "workshop",
                    "spoken_language": "ko",
                    "programme": {"slug": "winter", "title": "Winter"},
                    "topics": ["mixing"],
                    "audiences": ["student"],
                    "registration": "open",
                    "registration_opens_at": "2030-11-02T00:00:00+00:00",
                    "registration_closes_at": "2030-12-03T01:00:00+00:00",
                    "needs_code": True,
                    "waitlist": "automatic",
                    "capacity": 20,
                    "seats_left": 20,
                    "level": "open",
                    "waitlist_length": 0,
                    "calendar_url": "https://callboard.test/calendars/events/mixing-workshop.ics?lang=en",
                    "sessions": [
                        {
                            "uid": str(school.session().uid),
                            "title": "Part 1",
                            "starts_at": "2030-12-03T10:00:00+09:00",
                            "ends_at": "2030-12-03T12:00:00+09:00",
                            "timezone": "Asia/Seoul",
                            "all_day": False,
                            "starts_on": "2030-12-03",
                            "ends_on": "2030-12-03",
                            "venue": "Centre",
                            "room": "Room 1",
                            "address": "",
                            "online": False,
                            "status": "confirmed",
                        }
                    ],
                },
            }
        ],
    }


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


def test_seats_are_those_of_the_audiences_that_are_asked_for(school: School) -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    fields = {"capacity": 10}
    planning.amend_event(
        event=school.workshop, fields=fields, audiences=[student, professional], **school.when()
    )  # fmt: skip
    factories.quota(school.workshop, 8, audience=student, now=school.now)

    left = {name: items(f"audience={name}")[0]["_callboard"]["seats_left"] for name in ("student", "professional")}

    assert left == {"student": 10, "professional": 2}


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


def test_a_course_that_is_over_stands_where_its_last_session_was(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = factories.draft("Course", title_ko="과정", of=school.programme, now=school.now)
    for starts in (datetime(2030, 11, 20, 10), datetime(2031, 1, 20, 10)):
        factories.session(course, starts=starts, now=school.now)
    factories.publish(course, now=school.now)
    at(monkeypatch, datetime(2031, 3, 1, tzinfo=UTC))

    latest = items("when=past&ordering=-starts_at")

    assert [item["title"] for item in latest] == ["과정", "촬영 강연", "믹싱 워크숍"]
    assert [session["starts_on"] for session in latest[0]["_callboard"]["sessions"]] == ["2031-01-20", "2030-11-20"]


def test_a_course_that_began_long_ago_stands_where_its_next_session_is(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = school.event("과정", "Course", datetime(2030, 11, 5, 10))
    spring = datetime(2031, 3, 1, 10)
    block = scheduling.block(starts=spring, ends=spring + timedelta(hours=2), timezone="Asia/Seoul")
    scheduling.create(event=course, blocks=[block], **school.when())
    publishing.publish(event=course, **school.when())
    at(monkeypatch, datetime(2030, 11, 10, tzinfo=UTC))

    assert titles() == ["과정", "믹싱 워크숍", "촬영 강연"]
    assert titles("when=upcoming") == ["믹싱 워크숍", "촬영 강연", "과정"]
    assert titles("when=upcoming&ordering=-starts_at&page_size=1") == ["과정"]


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


def test_pages_follow_each_other_and_name_the_next(school: School) -> None:
    for number in range(3):
        school.event(f"행사 {number}", f"Event {number}", datetime(2030, 12, 10 + number, 10))
    found: dict[str, list[list[str]]] = {}
    for ordering in ("-title", "starts_at", "-published_at", "updated_at"):
        address, found[ordering] = f"https://callboard.test/feeds/events.json?page_size=2&ordering={ordering}", []
        while address:
            body = get(address.partition("events.")[2]).json()
            found[ordering].append([item["title"] for item in body["items"]])
            address = body.get("next_url", "")

    flat = {ordering: [title for page in pages for title in page] for ordering, pages in found.items()}
    made = ["믹싱 워크숍", "촬영 강연", "행사 0", "행사 1", "행사 2"]
    assert {ordering: [len(page) for page in pages] for ordering, pages in found.items()} == {
        ordering: [2, 2, 1] for ordering in found
    }
    assert flat == {
        "-title": ["행사 2", "행사 1", "행사 0", "촬영 강연", "믹싱 워크숍"],
        "starts_at": made,
        "-published_at": made[::-1],
        "updated_at": made,
    }


def test_a_feed_of_one_programme_has_its_name(school: School) -> None:
    names = [get(f"json?programme={slug}&lang=en").json()["title"] for slug in ("winter", "winter,winter")]

    assert (names, parsed("rss?programme=winter").feed.title) == (["Winter", "Callboard"], "겨울")


def test_words_may_be_written_as_they_are(school: School) -> None:
    """Programs that are no browsers send them unescaped."""
    for query in ("q=믹싱", "q=%EB%AF%B9%EC%8B%B1"):
        answer = Client().get("/feeds/events.json", QUERY_STRING=query.encode().decode("latin-1"))
        assert [item["title"] for item in answer.json()["items"]] == ["믹싱 워크숍"]


def test_live_sessions_come_before_cancelled_ones(school: School) -> None:
    for day in (1, 2):
        factories.session(school.workshop, starts=datetime(2030, 12, day, 10), now=school.now)
    publishing.publish(event=school.workshop, **school.when())
    scheduling.cancel(session=school.workshop.sessions.order_by("starts_at")[0], **school.when())

    sessions = items("topic=mixing")[0]["_callboard"]["sessions"]

    assert [(one["starts_on"], one["status"]) for one in sessions] == [
        ("2030-12-02", "confirmed"), ("2030-12-03", "confirmed"), ("2030-12-01", "cancelled"),
    ]  # fmt: skip
    assert len(items("topic=mixing&cancelled=hide")[0]["_callboard"]["sessions"]) == 2


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ("json?topic=nowhere", "?topic"),
        ("rss?topik=mixing", "?topik"),
        ("atom?lang=fr", "?lang"),
        ("json?page_size=0", "?page_size"),
        ("json?page_size=201", "?page_size"),
        ("json?ordering=seats", "?ordering"),
        ("json?cursor=x", "?cursor"),
        ("json?when=now", "?when"),
        ("json?when=upcoming&when=past", "?when"),
        ("json?q=a%00b", "?q"),
        ("json?limit=5", "?limit"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name_for_any_site_to_read(address: str, pointer: str) -> None:
    answer = get(address)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_other_addresses_and_verbs_are_refused() -> None:
    posted = Client().post("/feeds/events.json")

    assert [get(name).status_code for name in ("xml", "jsonp", "json/")] == [404] * 3
    assert (posted.status_code, posted["Allow"], posted.json()["code"]) == (
        405, "GET, HEAD, OPTIONS", "method_not_allowed",
    )  # fmt: skip


@pytest.mark.parametrize("written", ["rss", "atom"])
def test_a_reader_finds_what_was_published_last_first(school: School, written: str) -> None:
    late = school.event("먼저 시작", "Starts first", datetime(2030, 11, 20, 10))

    found = parsed(f"{written}?lang=en")

    assert (found.version, found.feed.language) == ("rss20" if written == "rss" else "atom10", "en")
    assert [(entry.title, entry.id, entry.link) for entry in found.entries] == [
        (title, f"urn:uuid:{event.uid}", f"https://callboard.test/en/events/{event.slug}/")
        for title, event in [("Starts first", late), ("Camera talk", school.talk), ("Mixing workshop", school.workshop)]
    ]
    assert [entry.published_parsed[:5] for entry in found.entries] == [(2030, 11, 1, 0, n) for n in (14, 11, 8)]
    assert "2030-11-20 10:00–12:00 (Asia/Seoul), Room 1, Centre" in found.entries[0].summary
    first = parsed(f"{written}?lang=en&ordering=starts_at").entries[0]
    assert first.title == "Starts first"
    assert [tag.term for tag in found.entries[2].tags] == ["Mixing"]


@pytest.mark.parametrize("written", ["rss", "atom"])
def test_texts_are_text_whatever_stands_in_them(school: School, written: str) -> None:
    """Rows that come from files of strangers may hold what forms refuse."""
    hostile = "<script>alert(1)</script> & ]]> \"'\x00\x0b\ufffe\U0001f3ac"
    clean = "<script>alert(1)</script> & ]]> \"'\U0001f3ac"
    Event.objects.filter(pk=school.workshop.pk).update(
        title_ko=hostile.replace("\x00", ""), summary_ko=hostile.replace("\x00", "")
    )
    body = get(written).content.decode()
    entry = parsed(written).entries[1]

    assert "<script" not in body
    assert "&lt;script&gt;alert(1)" not in entry.title_detail.value or entry.title_detail.type == "text/html"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; ]]&gt;" in entry.summary
    if written == "atom":
        assert entry.title == clean


@pytest.mark.parametrize("written", ["rss", "atom"])
def test_what_was_called_off_says_so_in_words(school: School, written: str) -> None:
    publishing.cancel(event=school.workshop, reason="The desk is <broken>", **school.when())
    scheduling.cancel(session=school.talk.sessions.get(), **school.when())

    talk, workshop = parsed(f"{written}?lang=en").entries

    assert (talk.title, workshop.title) == ("Camera talk", "[Cancelled] Mixing workshop")
    assert "The desk is &lt;broken&gt;" in workshop.summary
    assert "[Cancelled] 2030-12-04 14:00" in talk.summary
    assert parsed(written).entries[1].title == "[취소] 믹싱 워크숍"


def test_an_empty_feed_has_the_same_bytes_each_time() -> None:
    for written in ("json", "rss", "atom"):
        first = get(written).content
        answers.shelf.clear()
        assert get(written).content == first


def test_days_and_nights_are_written_as_people_read_them(school: School) -> None:
    course = factories.draft("Course", of=school.programme, now=school.now)
    factories.all_day_session(course, first=datetime(2031, 1, 5).date(), last=datetime(2031, 1, 7).date())
    factories.session(course, starts=datetime(2031, 1, 8, 22), length=timedelta(hours=4), online=True, now=school.now)
    publishing.publish(event=course, actor=SYSTEM, now=school.now)

    summary = parsed("atom?event=course&lang=en").entries[0].summary

    assert "2031-01-05–2031-01-07" in summary
    assert "2031-01-08 22:00–2031-01-09 02:00 (Asia/Seoul), Online" in summary
