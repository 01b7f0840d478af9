"""Seats, followed: true in the moment of the answer, with and without a worker, and cheap where nothing happened."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertNumQueries
from rest_framework.test import APIClient

from events.models import ANONYMOUS, SYSTEM, Event
from events.operations import allotting, placing, planning, publishing, registering, sequencing
from tests import factories
from tests.api.conftest import World
from tests.api.copying import SEATS

SEATS_ADDRESS = "/api/v1/availability/"


def asked(client: APIClient, since: str) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"{SEATS_ADDRESS}?since={since}").json()
    return body


def test_all_listed_events_with_the_figures_of_their_list(client: APIClient, world: World) -> None:
    now = timezone.now()
    factories.crowd(
        factories.event("Full", of=world.programme, capacity=1, waitlist="automatic", now=now), (1, 2), now=now
    )
    factories.event("Secret", of=world.programme, visibility="unlisted", now=now)
    factories.draft("Secret draft", of=world.programme, now=now)

    rows = client.get(SEATS_ADDRESS).json()["results"]

    listed = client.get("/api/v1/events/?ordering=title").json()["results"]
    uids = dict(Event.objects.values_list("slug", "uid"))
    assert rows == [
        {"event": event["slug"], "uid": str(uids[event["slug"]]), **{name: event[name] for name in SEATS}}
        for event in sorted(listed, key=lambda event: event["slug"])
    ]
    assert [(row["event"], row["seats_left"], row["waitlist_length"]) for row in rows] == [
        ("full", 0, 1), ("lighting", 20, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("is_numbered", [False, True])
def test_a_seat_is_told_within_one_poll_whatever_the_worker_does(
    client: APIClient, world: World, is_numbered: bool
) -> None:
    factories.event("Other", of=world.programme, now=timezone.now())
    mark = client.get(SEATS_ADDRESS).json()["mark"]

    factories.register(world.event, 1, now=timezone.now())
    if is_numbered:
        sequencing.number_all()
    body = asked(client, mark)

    assert [(row["event"], row["seats_left"]) for row in body["results"]] == [("lighting", 19)]
    assert len(asked(client, body["mark"])["results"]) == (0 if is_numbered else 1)  # again until it has its place


def quota(event: Event, now: Any) -> None:
    factories.quota(event, 5, audience=factories.audience(), now=now)


def release(event: Event, now: Any) -> None:
    [pool] = event.pools.exclude(kind="open")
    allotting.release(pool=pool, actor=SYSTEM, now=now)


WAYS: dict[str, Callable[[Event, Any], Any]] = {
    "capacity": lambda event, now: planning.amend_event(event=event, fields={"capacity": 9}, actor=SYSTEM, now=now),
    "quota": quota,
    "ceiling": lambda event, now: factories.quota(event, 3, "ceiling", audience=factories.audience(), now=now),
    "cancelled": lambda event, now: publishing.cancel(event=event, actor=SYSTEM, now=now),
    "left": lambda event, now: registering.cancel(
        registration=event.registrations.get(), actor=ANONYMOUS, now=now
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_which_seats_change_is_told(client: APIClient, world: World, way: str) -> None:
    now = timezone.now()
    factories.register(world.event, 1, now=now)
    sequencing.number_all()
    factories.event("Other", of=world.programme, now=now)
    mark = client.get(SEATS_ADDRESS).json()["mark"]

    WAYS[way](Event.objects.get(pk=world.event.pk), now)
    told = asked(client, mark)["results"]

    whole = client.get(SEATS_ADDRESS).json()["results"]
    assert told == [row for row in whole if row["event"] == "lighting"]


def test_a_smaller_room_and_a_released_quota_are_told(client: APIClient, world: World) -> None:
    now = timezone.now()
    room = factories.room(seats=40, now=now)
    event = factories.event("Roomy", of=world.programme, room=room, capacity_from_room=True, now=now)
    quota(event, now)
    mark = client.get(SEATS_ADDRESS).json()["mark"]

    placing.amend_room(room=room, organization=world.ours, fields={"seats": 30}, actor=SYSTEM, now=now)
    smaller = asked(client, mark)
    release(event, now)
    released = asked(client, smaller["mark"])

    assert [(row["event"], row["seats_left"]) for row in smaller["results"]] == [("roomy", 30)]
    assert [row["event"] for row in released["results"]] == ["roomy"]


def test_who_waits_for_one_run_is_told_for_all_that_they_would_take(client: APIClient, world: World) -> None:
    now = timezone.now()
    series = factories.series(of=world.programme, now=now)
    first, _second = (factories.run(series, day, capacity=1, now=now) for day in range(2))
    factories.register(first, 1, now=now)
    sequencing.number_all()
    mark = client.get(SEATS_ADDRESS).json()["mark"]

    factories.register(first, 2, now=now)

    whole = client.get(SEATS_ADDRESS).json()["results"]
    assert asked(client, mark)["results"] == [row for row in whole if row["event"].startswith("run-")]


def test_nothing_new_costs_one_statement(client: APIClient, world: World) -> None:
    mark = client.get(SEATS_ADDRESS).json()["mark"]
    first = client.get(f"{SEATS_ADDRESS}?since={mark}")

    with assertNumQueries(1):
        again = client.get(f"{SEATS_ADDRESS}?since={mark}", HTTP_IF_NONE_MATCH=first["ETag"])
    factories.register(world.event, 1, now=timezone.now())
    changed = client.get(f"{SEATS_ADDRESS}?since={mark}", HTTP_IF_NONE_MATCH=first["ETag"])
    same = client.get(f"{SEATS_ADDRESS}?since={mark}", HTTP_IF_NONE_MATCH=changed["ETag"])
    sequencing.number_all()
    numbered = client.get(f"{SEATS_ADDRESS}?since={mark}", HTTP_IF_NONE_MATCH=changed["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert [answer.status_code for answer in (changed, same, numbered)] == [200, 304, 200]


def test_it_costs_as_many_statements_however_many_events_there_are(client: APIClient, world: World) -> None:
    counted = []
    for more in (0, 4):
        for number in range(more):
            factories.event(f"More {number}", of=world.programme, now=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            rows = client.get(SEATS_ADDRESS).json()["results"]
        counted.append((len(rows), len(captured)))

    assert counted == [(1, 4), (5, 4)]


def test_what_happens_between_two_pages_is_after_the_mark(client: APIClient, world: World) -> None:
    now = timezone.now()
    for number in range(3):
        factories.event(f"More {number}", of=world.programme, capacity=5, now=now)
    first = client.get(f"{SEATS_ADDRESS}?page_size=2").json()
    assert (first["mark"], first["results"][0]["event"]) == (None, "lighting")

    factories.register(world.event, 1, now=now)
    sequencing.number_all()
    last = client.get(first["next"]).json()

    assert (last["next"], [row["event"] for row in last["results"]]) == (None, ["more-1", "more-2"])
    assert [row["seats_left"] for row in asked(client, last["mark"])["results"]] == [19]


@pytest.mark.parametrize("query", ["since=x", "since=3", "since=1.2.3", "until=x", "ordering=slug", "event=lighting"])
def test_a_wrong_question_is_a_400_that_names_it(client: APIClient, world: World, query: str) -> None:
    answer = client.get(f"{SEATS_ADDRESS}?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"?{query.split('=')[0]}")


def test_a_mark_that_we_lost_begins_again(client: APIClient, world: World) -> None:
    mark = client.get(SEATS_ADDRESS).json()["mark"]

    for ahead in ("999.0", f"{mark.split('.')[0]}.5"):
        answer = client.get(f"{SEATS_ADDRESS}?since={ahead}")
        assert (answer.status_code, answer.json()["code"], answer.json()["mark"]) == (410, "start_again", mark)
