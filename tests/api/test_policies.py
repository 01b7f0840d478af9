"""What an event, a programme and a series say about who is let in, over the API; and whether an event takes place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import SYSTEM, Event
from events.operations import deciding, planning
from tests import factories
from tests.api.conftest import World, keyed, signed_in

EVENT = "/api/v1/events/lighting/"
POLICIES = {
    "registration": "approval",
    "waitlist": "offer",
    "needs_code": True,
    "needs_proof": True,
    "most_in_group": 4,
}
OF_MEMBERS = {"offer_minutes": 90, "passes_groups": True, "proof_minutes": 15, "capacity_from_room": False}


def soon(days: int = 3) -> datetime:
    """A whole second between now and the event's first session."""
    return (timezone.now() + timedelta(days=days)).replace(microsecond=0)


def test_policies_are_set_and_shown_the_inner_ones_to_members(
    editor: APIClient, client: APIClient, world: World
) -> None:
    day = soon()
    minimum = {"minimum": 8, "decides_at": day.isoformat()}

    changed = editor.patch(EVENT, {**POLICIES, **OF_MEMBERS, **minimum}, "json")
    seen = client.get(EVENT).json()

    shown = changed.json()
    assert changed.status_code == 200
    assert {name: shown[name] for name in (*POLICIES, *OF_MEMBERS)} == {**POLICIES, **OF_MEMBERS}
    inner = {*OF_MEMBERS, "capacity_override", "mail_note_ko", "mail_note_en", "reminder_hours"}
    assert set(shown) - set(seen) == inner
    assert {name: shown[name] for name in POLICIES} == {name: seen[name] for name in POLICIES}
    assert (seen["minimum"], seen["decides_at"], seen["decision"]) == (8, day.astimezone(UTC).isoformat(), "")
    assert signed_in(world.ours, "viewer").get(EVENT).json()["offer_minutes"] == 90
    assert "offer_minutes" not in keyed(world.theirs).get(EVENT).json()


def test_a_new_event_has_a_waitlist_unless_it_says_no(editor: APIClient, world: World) -> None:
    draft = {"programme": "biff-workshops", "title_en": "Colour"}

    usual = editor.post("/api/v1/events/", draft, "json").json()
    without = editor.post("/api/v1/events/", draft | {"waitlist": "off"}, "json").json()

    assert (usual["waitlist"], without["waitlist"], usual["offer_minutes"]) == ("automatic", "off", 1_440)


@pytest.mark.parametrize(
    ("name", "most"), [("offer_minutes", 525_600), ("proof_minutes", 525_600), ("most_in_group", 100)]
)
def test_minutes_and_people_are_whole_numbers_from_one(editor: APIClient, world: World, name: str, most: int) -> None:
    wrong = [0, -1, 2**31, most + 1, "1 ", True, 1.0, None]

    refused = [editor.patch(EVENT, {name: value}, "json") for value in wrong]
    allowed = [editor.patch(EVENT, {name: value}, "json").json()[name] for value in (1, most)]

    assert [(one.status_code, one.json()["errors"][0]["pointer"]) for one in refused] == [(400, f"/{name}")] * 8
    assert allowed == [1, most]


@pytest.mark.parametrize("minimum", [0, -1, 2**31, 1_000_001, "1 ", True, 1.0])
def test_a_minimum_is_a_whole_number_from_one(editor: APIClient, world: World, minimum: Any) -> None:
    answer = editor.patch(EVENT, {"minimum": minimum, "decides_at": soon().isoformat()}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/minimum")
    assert Event.objects.get().minimum is None


@pytest.mark.parametrize(
    "fields",
    [
        {"registration": "closed"},
        {"waitlist": "on"},
        {"needs_code": 1},
        {"needs_proof": "true"},
        {"passes_groups": None},
        {"capacity_from_room": "yes"},
        {"decides_at": "2027-01-01T00:00:00"},
        {"decision": "go"},
    ],
)
def test_a_wrong_policy_is_refused_by_name(editor: APIClient, world: World, fields: dict[str, Any]) -> None:
    answer = editor.patch(EVENT, fields, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{next(iter(fields))}")


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({}, "Say when it is decided whether enough people come."),
        ({"decides_at": None}, "Say when it is decided whether enough people come."),
        ({"decides_at": "2020-01-01T00:00:00Z"}, "Choose a time that is still to come."),
        ({"decides_at": "2190-01-01T00:00:00Z"}, "Decide before the first session begins."),
    ],
)
def test_a_minimum_needs_a_day_that_leaves_time(
    editor: APIClient, world: World, fields: dict[str, Any], detail: str
) -> None:
    answer = editor.patch(EVENT, {"minimum": 5, **fields}, "json")

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        [{"pointer": "/decides_at", "code": "invalid", "detail": detail}],
    )
    assert Event.objects.get().minimum is None


def test_a_draft_without_sessions_may_be_decided_any_day_to_come(editor: APIClient, world: World) -> None:
    body = {"programme": "biff-workshops", "title_en": "Colour", "minimum": 5}

    made = editor.post("/api/v1/events/", body | {"decides_at": "2190-01-01T00:00:00Z"}, "json")
    refused = editor.post("/api/v1/events/", body, "json")

    assert (made.status_code, refused.status_code) == (201, 400)


def test_a_session_that_moved_before_the_day_does_not_bar_a_new_title(editor: APIClient, world: World) -> None:
    editor.patch(EVENT, {"minimum": 5, "decides_at": soon(6).isoformat()}, "json")
    uid = world.event.sessions.get().uid

    moved = editor.patch(f"/api/v1/sessions/{uid}/", {"starts_at": soon(2).isoformat()}, "json")
    titled = editor.patch(EVENT, {"title_ko": "조명"}, "json")
    refused = editor.patch(EVENT, {"minimum": 6}, "json")

    assert [answer.status_code for answer in (moved, titled, refused)] == [200, 200, 400]


def test_an_event_is_tentative_until_it_is_decided(editor: APIClient, client: APIClient, world: World) -> None:
    undecided = editor.patch(EVENT, {"minimum": 5, "decides_at": soon().isoformat()}, "json").json()

    decided = editor.post(f"{EVENT}decide/", {"takes_place": True}, "json", HTTP_IF_MATCH=f'"r{undecided["revision"]}"')
    again = editor.post(f"{EVENT}decide/", {"takes_place": False}, "json")

    seen = client.get(EVENT).json()
    assert [session["status"] for session in undecided["sessions"]] == ["tentative"]
    assert (decided.status_code, seen["decision"], seen["sessions"][0]["status"]) == (200, "go", "confirmed")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_decide")


def test_an_event_that_does_not_take_place_is_called_off_with_its_reason(
    editor: APIClient, client: APIClient, world: World
) -> None:
    registration = factories.register(world.event, 1, now=timezone.now())
    editor.patch(EVENT, {"minimum": 5, "decides_at": soon().isoformat()}, "json")

    editor.post(f"{EVENT}decide/", {"takes_place": False, "reason": "Too few"}, "json")

    seen = client.get(EVENT).json()
    registration.refresh_from_db()
    assert (seen["decision"], seen["status"], seen["cancel_reason"]) == ("no_go", "cancelled", "Too few")
    assert (seen["sessions"][0]["status"], registration.status) == ("cancelled", "cancelled")


@pytest.mark.parametrize("body", [{}, {"takes_place": "true"}, {"takes_place": 1}, {"takes_place": None}])
def test_a_decision_is_yes_or_no(editor: APIClient, world: World, body: dict[str, Any]) -> None:
    answer = editor.post(f"{EVENT}decide/", body, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/takes_place")


def test_a_stale_decision_is_refused(editor: APIClient, world: World) -> None:
    editor.patch(EVENT, {"minimum": 5, "decides_at": soon().isoformat()}, "json")

    answer = editor.post(f"{EVENT}decide/", {"takes_place": False}, "json", HTTP_IF_MATCH='"r1"')

    assert (answer.status_code, Event.objects.get().decision) == (412, "")


def test_a_programme_says_what_a_clash_is(editor: APIClient, client: APIClient, world: World) -> None:
    url = "/api/v1/programmes/biff-workshops/"
    before = client.get(url).json()

    changed = editor.patch(url, {"clashes": "refuse", "travel_minutes": 1_440}, "json").json()
    wrong = [0.0, -1, 1_441, 2**31, "1 ", True, None]
    refused = [editor.patch(url, {"travel_minutes": minutes}, "json") for minutes in wrong]
    refused.append(editor.patch(url, {"clashes": "forbid"}, "json"))

    assert (before["clashes"], before["travel_minutes"]) == ("warn", 0)
    assert (changed["clashes"], changed["travel_minutes"]) == ("refuse", 1_440)
    assert {answer.status_code for answer in refused} == {400}
    assert client.get(url).json() == changed


def test_a_series_allows_repeats_until_somebody_is_in_two_runs(editor: APIClient, world: World) -> None:
    now = timezone.now()
    body = {"programme": "biff-workshops", "title_en": "Runs", "allows_repeats": True}
    made = editor.post("/api/v1/series/", body, "json").json()
    series = world.programme.series.get()
    for title in ("First", "Second"):
        factories.register(factories.event(title, of=world.programme, series=series, now=now), 1, now=now)

    refused = editor.patch("/api/v1/series/runs/", {"allows_repeats": False}, "json")

    assert made["allows_repeats"] is True
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/allows_repeats")


def test_a_move_into_a_smaller_room_says_who_is_over_and_passes_on_purpose(editor: APIClient, world: World) -> None:
    now = timezone.now()
    venue = factories.venue("Here", of=world.ours, now=now)
    large, _small = (factories.room(name, at=venue, seats=n, now=now) for name, n in (("Large", 9), ("Small", 1)))
    event = factories.event("Moving", of=world.programme, room=large, capacity_from_room=True, now=now)
    codes = [factories.register(event, number, now=now).code for number in range(2)]
    url = f"/api/v1/sessions/{event.sessions.get().uid}/"

    refused = editor.patch(url, {"room": "small"}, "json")
    allowed = editor.patch(url, {"room": "small", "override": ["capacity"]}, "json")

    assert (refused.status_code, refused.json()["code"], refused.json()["over"]) == (
        409,
        "capacity_below_taken",
        codes[1:],
    )
    assert (allowed.status_code, allowed.json()["room"]) == (200, "small")
    assert editor.get("/api/v1/events/moving/").json()["capacity"] == 1


def test_a_new_session_passes_no_capacity(editor: APIClient, world: World) -> None:
    body = {"event": "lighting", "starts_at": "2027-03-01T10:00:00Z", "ends_at": "2027-03-01T12:00:00Z"}

    answer = editor.post("/api/v1/sessions/", body | {"override": ["capacity"]}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/override/0")


def test_an_event_that_was_decided_may_have_its_day_behind_it(editor: APIClient, world: World) -> None:
    now = timezone.now()
    planning.amend_event(
        event=world.event, fields={"minimum": 1, "decides_at": now + timedelta(days=1)}, actor=SYSTEM, now=now
    )
    deciding.decide(event=world.event, takes_place=True, actor=SYSTEM, now=now)

    answer = editor.patch(EVENT, {"decides_at": "2026-01-01T00:00:00Z"}, "json")

    assert (answer.status_code, answer.json()["decision"]) == (200, "go")
