"""Lists: cursor pages, orderings, a constant number of statements."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Event, Session
from tests import factories
from tests.api.conftest import World, keyed

EVENT_LIST = 7
PLAIN_LIST = EVENT_LIST - 1  # nobody waits where one row of seats decides alone
WITH_QUOTAS = 2  # who holds their seats, and whom the events are for
SESSION_LIST = 2
KEYED = 1  # the key itself; its last use is noted once a minute
CHANGES = 10  # the version before and after, the page, five for events, two for sessions


def walked(client: APIClient, url: str, name: str = "slug") -> list[list[str]]:
    """The pages behind `url`, by next, each as its names."""
    pages = []
    while url:
        body = client.get(url).json()
        pages.append([row[name] for row in body["results"]])
        url = body["next"]
    return pages


def many_events(world: World, count: int) -> None:
    """Events with all that makes a page of them dear: rooms, speakers, topics, audiences, registrations."""
    now = timezone.now()
    venue = factories.venue("Cinema Center", of=world.ours, now=now)
    topic, audience = factories.topic(now=now), factories.audience()
    for number in range(count):
        room = factories.room(f"Room {number}", at=venue, now=now)
        speaker = factories.speaker(f"Speaker {number}", of=world.ours, now=now)
        event = factories.event(
            f"Event {number}", of=world.programme, room=room, speakers=[speaker], topics=[topic], audiences=[audience],
            capacity=9, now=now,
        )  # fmt: skip
        factories.register(event, number, now=now)


@pytest.mark.parametrize("count", [1, 5, 50])
def test_a_page_of_events_costs_as_many_statements_however_long_it_is(
    world: World, client: APIClient, django_assert_num_queries: Any, count: int
) -> None:
    many_events(world, count - 1)

    with django_assert_num_queries(PLAIN_LIST):
        body = client.get("/api/v1/events/?starts_after=2020-01-01").json()

    assert len(body["results"]) == count
    with django_assert_num_queries(SESSION_LIST):
        body = client.get("/api/v1/sessions/?starts_after=2020-01-01").json()
    assert len(body["results"]) == count


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("campaigns/", 1), ("programmes/", 2), ("organizations/", 1), ("topics/", 1), ("audiences/", 1),
        ("venues/", 4), ("rooms/", 1), ("speakers/", 1), ("series/", 1), ("registrations/", 1), ("changelog/", 1),
        ("changes/", CHANGES), ("organizations/ours/changes/", 4),
        ("events/", EVENT_LIST + WITH_QUOTAS),
        ("sessions/", SESSION_LIST), ("events/event-0/", EVENT_LIST + WITH_QUOTAS),
        ("events/event-0/registrations/", 2), ("events/event-0/changes/", 2), ("events/event-0/questions/", 2),
        ("events/event-0/invitations/", 2), ("quotas/", 1),
    ],
)  # fmt: skip
def test_every_list_has_a_constant_number_of_statements(world: World, path: str, statements: int) -> None:
    client = keyed(world.ours)
    counted = []
    for more in (1, 4):
        many_things(world, more)
        client.get("/api/v1/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/{path}").status_code == 200
        counted.append(len(captured))

    assert counted == [statements + KEYED] * 2


def many_things(world: World, count: int) -> None:
    if not Event.objects.filter(slug="event-0").exists():
        many_events(world, 1)
    now = timezone.now()
    for number in range(count):
        other = factories.organization(f"Partner {number}", now=now)
        factories.campaign(f"Campaign {number}", of=other, now=now)
        factories.programme(f"Programme {number}", of=world.ours, partners=[(other, "host")], now=now)
        factories.topic(f"Topic {number}", now=now)
        factories.venue(f"Venue {number}", of=other, now=now)
        factories.speaker(f"Extra {number}", of=world.ours, now=now)
        factories.event(f"Extra {number}", of=world.programme, now=now)
        event = Event.objects.get(slug="event-0")
        factories.register(event, 100 + number + Event.objects.count(), now=now)
        factories.code(event, now=now)
        factories.quota(event, 1, "ceiling", partner=other, now=now)


@pytest.mark.parametrize("ordering", ["starts_at", "-starts_at", "title", "-title", "updated_at", "-updated_at"])
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_hold_everything_once_in_order(world: World, ordering: str, size: int) -> None:
    now = timezone.now()
    for number in range(3):  # equal starts, and one title twice
        factories.event("Twin" if number < 2 else "Ähnlich", of=world.programme, now=now + number * timedelta(hours=1))
        factories.draft(f"Without sessions {number}", of=world.programme, now=now)
    client = keyed(world.ours)
    whole = walked(client, f"/api/v1/events/?ordering={ordering}&page_size=200")

    pages = walked(client, f"/api/v1/events/?ordering={ordering}&page_size={size}")

    assert [slug for page in pages for slug in page] == whole[0]
    assert sorted(whole[0]) == sorted(Event.objects.values_list("slug", flat=True))
    assert {len(page) for page in pages[:-1]} <= {size}
    assert whole[0] == walked(client, f"/api/v1/events/?ordering={opposite(ordering)}&page_size=200")[0][::-1]


def opposite(ordering: str) -> str:
    return ordering[1:] if ordering.startswith("-") else f"-{ordering}"


def test_previous_leads_back_to_the_same_pages(world: World, client: APIClient) -> None:
    for number in range(6):
        factories.event(f"Event {number}", of=world.programme, now=timezone.now())
    forth = []
    url = "/api/v1/events/?page_size=2"
    while url:
        body = client.get(url).json()
        forth.append([row["slug"] for row in body["results"]])
        url = body["next"]
    back = [forth[-1]]
    url = body["previous"]
    while url:
        body = client.get(url).json()
        back.append([row["slug"] for row in body["results"]])
        url = body["previous"]

    assert [len(page) for page in forth] == [2, 2, 2, 1]
    assert back[::-1] == forth
    assert body["next"] is not None


def test_rows_that_come_and_go_shift_nothing(world: World, client: APIClient) -> None:
    now = timezone.now()
    for number in range(4):
        factories.event(f"Event {number}", of=world.programme, now=now + number * timedelta(hours=1))
    first = client.get("/api/v1/events/?page_size=2").json()

    factories.event("Earlier than all", of=world.programme, now=now - timedelta(days=3))
    second = client.get(first["next"]).json()

    assert [row["slug"] for row in first["results"] + second["results"]] == [
        "lighting",
        "event-0",
        "event-1",
        "event-2",
    ]


def test_a_cursor_is_for_its_ordering_only(world: World, client: APIClient) -> None:
    factories.event("Another", of=world.programme, now=timezone.now())
    following = client.get("/api/v1/events/?page_size=1").json()["next"]

    answer = client.get(f"{following}&ordering=title")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?cursor")


def test_titles_are_ordered_in_the_asked_language(world: World, client: APIClient) -> None:
    now = timezone.now()
    factories.event("Zebra", of=world.programme, title_ko="가", now=now)
    factories.event("Apple", of=world.programme, title_ko="하", now=now)

    english = walked(client, "/api/v1/events/?ordering=title&lang=en", "title")[0]
    korean = walked(client, "/api/v1/events/?ordering=title&lang=ko", "title")[0]

    assert english == ["Apple", "Lighting", "Zebra"]
    assert korean == ["Lighting", "가", "하"]


def test_without_filters_a_list_hides_nothing_public(world: World, client: APIClient) -> None:
    past = factories.event("Past", of=world.programme, now=timezone.now() - timedelta(days=400))
    editor = keyed(world.ours)
    editor.post("/api/v1/events/lighting/cancel/")

    assert sorted(walked(client, "/api/v1/events/")[0]) == ["lighting", "past"]
    assert walked(client, "/api/v1/events/?when=past")[0] == [past.slug]
    assert walked(client, "/api/v1/events/?cancelled=hide")[0] == ["past"]
    assert walked(client, "/api/v1/events/?status=cancelled")[0] == ["lighting"]
    assert Session.objects.count() == len(walked(client, "/api/v1/sessions/", "uid")[0])


def test_a_query_string_selects_the_same_in_events_sessions_and_the_calendar(world: World, client: APIClient) -> None:
    now = timezone.now()
    topic = factories.topic("Colour", now=now)
    factories.event("Grading", of=world.programme, topics=[topic], sessions=3, now=now)

    events = client.get("/api/v1/events/?topic=colour&lang=en").json()["results"]
    sessions = client.get("/api/v1/sessions/?topic=colour&lang=en").json()["results"]
    calendar = client.get("/calendars/sessions.ics?topic=colour&lang=en").content.decode()

    assert [event["slug"] for event in events] == ["grading"]
    assert [session["uid"] for session in events[0]["sessions"]] == [session["uid"] for session in sessions]
    assert calendar.count("BEGIN:VEVENT") == len(sessions) == 3
    assert all(session["uid"] in calendar for session in sessions)
