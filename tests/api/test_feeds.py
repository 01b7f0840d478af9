"""Feeds of events over HTTP: what an item says, in which order, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from events.operations import planning, publishing, scheduling
from tests import factories
from tests.api.feeding import at, get, items, parsed, titles
from tests.school import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


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


def test_seats_are_those_of_the_audiences_that_are_asked_for(school: School) -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    fields = {"capacity": 10}
    planning.amend_event(
        event=school.workshop, fields=fields, audiences=[student, professional], **school.when()
    )  # fmt: skip
    factories.quota(school.workshop, 8, audience=student, now=school.now)

    left = {name: items(f"audience={name}")[0]["_callboard"]["seats_left"] for name in ("student", "professional")}

    assert left == {"student": 10, "professional": 2}


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
