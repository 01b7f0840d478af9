"""Sessions over the API: created, repeated by a rule, moved, cancelled."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Session
from tests import factories
from tests.api.conftest import World, keyed
from venues.models import Booking

SKIPPED = {"starts_at": "2027-03-14T02:30:00", "ends_at": "2027-03-14T04:00:00"}


def make(editor: APIClient, **fields: Any) -> Any:
    times = {"starts_at": "2027-03-01T10:00:00", "ends_at": "2027-03-01T12:00:00"}
    return editor.post("/api/v1/sessions/", {"event": "lighting", **times, **fields}, "json")


def test_a_session_is_made_whole(editor: APIClient, world: World) -> None:
    now = timezone.now()
    venue = factories.venue("Cinema Center", of=world.ours, now=now)
    factories.room("Room 201", at=venue, seats=40, now=now)
    factories.speaker("Yoon Harin", of=world.ours, now=now)

    answer = make(
        editor, title_en="Morning", room="room-201", speakers=["yoon-harin"], joining_url="https://meet.example/1",
        online=True,
    )  # fmt: skip
    session = Session.objects.get(title_en="Morning")

    assert answer.status_code == 201
    assert answer["Location"] == f"https://callboard.test/api/v1/sessions/{session.uid}/"
    assert answer["ETag"].startswith(f'"r{session.revision}-')
    assert answer.json() == {
        "uid": str(session.uid),
        "event": "lighting",
        "title": "Morning",
        "title_ko": "",
        "title_en": "Morning",
        "starts_at": "2027-03-01T10:00:00+09:00",
        "ends_at": "2027-03-01T12:00:00+09:00",
        "timezone": "Asia/Seoul",
        "all_day": False,
        "starts_on": "2027-03-01",
        "ends_on": "2027-03-01",
        "venue": "cinema-center",
        "room": "room-201",
        "online": True,
        "status": "draft",
        "sequence": 0,
        "speakers": ["yoon-harin"],
        "url": "https://callboard.test/en/events/lighting/",
        "calendar_url": f"https://callboard.test/calendars/sessions/{session.uid}.ics",
        "revision": session.revision,
        "updated_at": session.updated_at.isoformat(),
        "joining_url": "https://meet.example/1",
    }


def test_the_joining_link_is_for_members(editor: APIClient, client: APIClient, world: World) -> None:
    uid = world.event.sessions.get().uid
    editor.patch(f"/api/v1/sessions/{uid}/", {"joining_url": "https://meet.example/secret"}, "json")

    for asking in (client, keyed(world.theirs, "owner")):
        for path in (f"sessions/{uid}/", "sessions/", "events/lighting/", "events/", "changes/"):
            assert b"meet.example" not in asking.get(f"/api/v1/{path}").content
    assert b"meet.example/secret" in editor.get("/api/v1/events/").content


@pytest.mark.parametrize(
    ("times", "starts_at", "zone"),
    [
        ({}, "2027-03-01T10:00:00+09:00", "Asia/Seoul"),
        ({"timezone": "Europe/Berlin"}, "2027-03-01T10:00:00+01:00", "Europe/Berlin"),
        ({"starts_at": "2027-03-01T01:00:00Z"}, "2027-03-01T10:00:00+09:00", "Asia/Seoul"),
        ({"room": "far-room"}, "2027-03-01T10:00:00-05:00", "America/New_York"),
        ({"room": "far-room", "timezone": "Asia/Seoul"}, "2027-03-01T10:00:00+09:00", "Asia/Seoul"),
    ],
)  # fmt: skip
def test_a_local_time_is_meant_in_the_said_zone_else_the_venues_else_the_programmes(
    editor: APIClient, world: World, times: dict[str, str], starts_at: str, zone: str
) -> None:
    venue = factories.venue("Far", of=world.ours, timezone="America/New_York", now=timezone.now())
    factories.room("Far room", at=venue, now=timezone.now())

    body = make(editor, **times).json()

    assert (body["starts_at"], body["timezone"]) == (starts_at, zone)


def test_a_move_keeps_the_length_and_what_is_not_said(editor: APIClient, client: APIClient, world: World) -> None:
    session = world.event.sessions.get()
    length = session.ends_at - session.starts_at

    moved = editor.patch(f"/api/v1/sessions/{session.uid}/", {"starts_at": "2027-05-01T09:00:00+09:00"}, "json").json()
    longer = editor.patch(f"/api/v1/sessions/{session.uid}/", {"ends_at": "2027-05-01T15:00:00+09:00"}, "json").json()
    renamed = editor.patch(f"/api/v1/sessions/{session.uid}/", {"title_en": "Part one"}, "json").json()
    seen = client.get(f"/api/v1/sessions/{session.uid}/").json()

    assert datetime.fromisoformat(moved["ends_at"]) - datetime.fromisoformat(moved["starts_at"]) == length
    assert (longer["starts_at"], longer["ends_at"]) == ("2027-05-01T09:00:00+09:00", "2027-05-01T15:00:00+09:00")
    assert (renamed["starts_at"], renamed["ends_at"]) == (longer["starts_at"], longer["ends_at"])
    assert [moved["sequence"], longer["sequence"], renamed["sequence"]] == [1, 2, 3]
    assert seen == {name: value for name, value in renamed.items() if name != "joining_url"}


def test_whole_days_are_dates(editor: APIClient, world: World) -> None:
    made = editor.post(
        "/api/v1/sessions/",
        {"event": "lighting", "all_day": True, "starts_on": "2027-05-05", "ends_on": "2027-05-07"}, "json",
    ).json()  # fmt: skip
    moved = editor.patch(f"/api/v1/sessions/{made['uid']}/", {"starts_on": "2027-06-01"}, "json").json()

    assert (made["starts_at"], made["ends_on"]) == ("2027-05-05T00:00:00+09:00", "2027-05-07")
    assert (moved["starts_on"], moved["ends_on"], moved["all_day"]) == ("2027-06-01", "2027-06-03", True)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"ends_at": "2027-03-01T09:00:00"}, "/ends_at"),
        ({"ends_at": "2028-06-01T09:00:00"}, "/ends_at"),
        ({"timezone": "America/New_York", **SKIPPED}, "/starts_at"),
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"starts_on": "2027-03-01"}, "/starts_on"),
        ({"all_day": True, "starts_on": "2027-03-01"}, "/starts_at"),
        ({"room": "nothing"}, "/room"),
        ({"room": "their-room"}, "/room"),
        ({"speakers": ["their-speaker"]}, "/speakers/0"),
        ({"joining_url": "javascript:alert(1)"}, "/joining_url"),
        ({"status": "cancelled"}, "/status"),
        ({"override": ["everything"]}, "/override/0"),
        ({"event": "nothing"}, "/event"),
    ],
)  # fmt: skip
def test_a_session_that_cannot_be_is_refused_by_field(
    editor: APIClient, world: World, fields: dict[str, Any], pointer: str
) -> None:
    now = timezone.now()
    factories.room("Their room", at=factories.venue("Theirs", of=world.theirs, now=now), now=now)
    factories.speaker("Their speaker", of=world.theirs, now=now)

    answer = make(editor, **fields)

    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [pointer])
    assert Session.objects.count() == 1


def test_a_rule_makes_all_of_its_sessions_or_none(editor: APIClient, world: World) -> None:
    now = timezone.now()
    room = factories.room("Room 201", at=factories.venue("Here", of=world.ours, now=now), now=now)
    body = {
        "event": "lighting", "starts_at": "2027-03-02T19:00:00", "ends_at": "2027-03-02T21:00:00",
        "rule": "FREQ=WEEKLY;COUNT=8", "room": "room-201",
    }  # fmt: skip

    answer = editor.post("/api/v1/sessions/repeat/", body, "json")
    starts = [session["starts_at"] for session in answer.json()["sessions"]]
    later = {"starts_at": "2027-04-20T20:00:00", "ends_at": "2027-04-20T22:00:00"}
    again = editor.post("/api/v1/sessions/repeat/", {**body, **later}, "json")

    assert answer.status_code == 201
    assert starts == [f"2027-{day}T19:00:00+09:00" for day in (
        "03-02", "03-09", "03-16", "03-23", "03-30", "04-06", "04-13", "04-20",
    )]  # fmt: skip
    assert (again.status_code, again.json()["code"]) == (409, "room_taken")
    assert again.json()["taken"][0]["starts_at"] == "2027-04-20T10:00:00+00:00"
    assert Booking.objects.filter(room=room).count() == 8


@pytest.mark.parametrize("rule", ["", "FREQ=DAILY", "FREQ=SECONDLY;COUNT=2", "nonsense", "FREQ=DAILY;COUNT=100000", 5])
def test_a_rule_that_is_none_is_refused(editor: APIClient, world: World, rule: Any) -> None:
    body = {"event": "lighting", "starts_at": "2027-03-02T19:00:00Z", "ends_at": "2027-03-02T21:00:00Z", "rule": rule}

    answer = editor.post("/api/v1/sessions/repeat/", body, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/rule")


def test_a_clash_is_a_409_until_it_is_overridden_on_purpose(editor: APIClient, world: World) -> None:
    now = timezone.now()
    factories.speaker("Yoon Harin", of=world.ours, now=now)
    make(editor, speakers=["yoon-harin"])

    refused = make(editor, speakers=["yoon-harin"])
    allowed = make(editor, speakers=["yoon-harin"], override=["speaker_clash"])

    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["pointer"]) == (
        409, "speaker_clash", "/speakers",
    )  # fmt: skip
    assert allowed.status_code == 201


def test_a_cancelled_session_stays_and_cannot_be_moved(editor: APIClient, client: APIClient, world: World) -> None:
    uid = world.event.sessions.get().uid

    first = editor.post(f"/api/v1/sessions/{uid}/cancel/", {"reason": "Ill"}, "json").json()
    again = editor.post(f"/api/v1/sessions/{uid}/cancel/").json()
    moved = editor.patch(f"/api/v1/sessions/{uid}/", {"starts_at": "2027-05-01T09:00:00Z"}, "json")

    assert (first["status"], again) == ("cancelled", first)
    assert client.get(f"/api/v1/sessions/{uid}/").json()["status"] == "cancelled"
    assert (moved.status_code, moved.json()["code"]) == (409, "session_cancelled")
