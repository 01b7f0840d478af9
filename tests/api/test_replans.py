"""Re-plans over HTTP: previewed, made, undone; for editors of the organization alone."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Change, Release, Session
from tests import factories
from tests.api.conftest import World, keyed, signed_in

KEY = "a key of sixteen."


@pytest.fixture
def session(world: World) -> Session:
    return Session.objects.get(event=world.event)


def preview_path(world: World) -> str:
    return f"/api/v1/programmes/{world.programme.slug}/replan/preview/"


def path(world: World) -> str:
    return f"/api/v1/programmes/{world.programme.slug}/replan/"


def post(client: APIClient, address: str, body: dict[str, Any], **more: Any) -> Any:
    return client.post(address, body, format="json", **more)


def at(moment: datetime) -> str:
    return timezone.localtime(moment, timezone=timezone.get_fixed_timezone(540)).isoformat()


def applied(client: APIClient, world: World, body: dict[str, Any], **more: Any) -> Any:
    seen = post(client, preview_path(world), body).json()["fingerprint"]
    return post(client, path(world), body | {"fingerprint": seen}, **more)


def test_a_preview_tells_everything_and_writes_nothing(world: World, editor: APIClient, session: Session) -> None:
    factories.crowd(world.event, [1, 2], now=timezone.now())
    other = factories.event("Mixing", of=world.programme, now=timezone.now())
    other_session = Session.objects.get(event=other)
    factories.register(other, 1, now=timezone.now())
    body = {"kind": "later", "minutes": 90, "event": world.event.slug}
    revisions = list(Session.objects.order_by("pk").values_list("revision", "sequence"))

    answer = post(editor, preview_path(world), body)

    assert answer.status_code == 200
    told = answer.json()
    place = {"timezone": "Asia/Seoul", "venue": None, "room": None, "online": False}
    assert told["sessions"] == [
        {
            "session": str(session.uid),
            "event": world.event.slug,
            "title": "Lighting",
            "changed": ["starts_at", "ends_at"],
            "before": {"starts_at": at(session.starts_at), "ends_at": at(session.ends_at)} | place,
            "after": {
                "starts_at": at(session.starts_at + timedelta(minutes=90)),
                "ends_at": at(session.ends_at + timedelta(minutes=90)),
            }
            | place,
        }
    ]
    assert told["messages"] == {"registrations": 2, "people": 2}
    assert told["attendee_clashes"] == {"people": 0, "events": []}  # they overlap already
    assert (told["blocked_by"], told["needs_override"]) == ([], [])
    assert list(Session.objects.order_by("pk").values_list("revision", "sequence")) == revisions
    assert other_session.starts_at - session.starts_at < timedelta(minutes=90)
    assert (Release.objects.count(), Change.objects.filter(kind="sessions.replanned").count()) == (0, 0)


def test_it_is_made_once_for_each_key_and_undone(world: World, editor: APIClient, session: Session) -> None:
    body = {"kind": "later", "minutes": 30, "note_en": "The hall opens late."}
    seen = post(editor, preview_path(world), {"kind": "later", "minutes": 30}).json()["fingerprint"]

    made = post(editor, path(world), body | {"fingerprint": seen}, HTTP_IDEMPOTENCY_KEY=KEY)
    again = post(editor, path(world), body | {"fingerprint": seen}, HTTP_IDEMPOTENCY_KEY=KEY)

    uid = made.json()["uid"]
    assert (made.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert made["Location"] == f"https://callboard.test/api/v1/releases/{uid}/"
    assert made.json()["asked"] == {"kind": "later", "minutes": 30}
    assert [edit["changed"] for edit in made.json()["edits"]] == [["starts_at", "ends_at"]]
    moved = editor.get(f"/api/v1/sessions/{session.uid}/").json()
    assert (moved["starts_at"], moved["sequence"]) == (at(session.starts_at + timedelta(minutes=30)), 1)

    undone = post(editor, f"/api/v1/releases/{uid}/undo/", {})

    assert (undone.status_code, undone.json()["kind"], undone.json()["undoes"]) == (201, "undo", uid)
    back = editor.get(f"/api/v1/sessions/{session.uid}/").json()
    assert (back["starts_at"], back["sequence"]) == (at(session.starts_at), 2)
    assert post(editor, f"/api/v1/releases/{uid}/undo/", {}).json()["code"] == "already_undone"


def test_a_stale_preview_is_refused_with_how_it_is_now(world: World, editor: APIClient, session: Session) -> None:
    body = {"kind": "later", "minutes": 30}
    seen = post(editor, preview_path(world), body).json()["fingerprint"]
    editor.patch(f"/api/v1/sessions/{session.uid}/", {"title_en": "New"}, format="json")

    answer = post(editor, path(world), body | {"fingerprint": seen})

    assert (answer.status_code, answer.json()["code"], answer.json()["changed"]) == (409, "stale_preview", ["sessions"])
    now = answer.json()["preview"]
    assert now["sessions"][0]["title"] == "Lighting: New"
    assert post(editor, path(world), body | {"fingerprint": now["fingerprint"]}).status_code == 201


@pytest.mark.parametrize("who", ["nobody", "stranger", "door"])
def test_for_others_there_is_nothing_to_plan(world: World, client: APIClient, who: str) -> None:
    others = {"stranger": lambda: keyed(world.theirs), "door": lambda: signed_in(world.ours, "door")}
    caller = others[who]() if who in others else client
    body = {"kind": "later", "minutes": 30}
    release = Release.objects.create(programme=world.programme, created_at=timezone.now(), updated_at=timezone.now())

    answers = [
        post(caller, address, body)
        for address in (
            preview_path(world),
            path(world),
            *(f"/api/v1/releases/{release.uid}/{verb}/" for verb in ("release", "undo", "discard", "preview")),
        )
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert caller.get(f"/api/v1/releases/{release.uid}/").status_code == 404


def test_a_viewer_reads_releases_and_plans_nothing(world: World, editor: APIClient) -> None:
    release = applied(editor, world, {"kind": "later", "minutes": 30}).json()
    viewer = keyed(world.ours, "viewer")

    assert viewer.get(f"/api/v1/releases/{release['uid']}/").json()["edits"] == release["edits"]
    assert post(viewer, preview_path(world), {"kind": "later", "minutes": 30}).status_code == 403
    assert post(viewer, f"/api/v1/releases/{release['uid']}/undo/", {}).status_code == 403


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/kind"}),
        ({"kind": "teleport"}, {"/kind"}),
        ({"kind": "later"}, {"/minutes"}),
        ({"kind": "later", "minutes": 0}, {"/minutes"}),
        ({"kind": "later", "minutes": "30"}, {"/minutes"}),
        ({"kind": "later", "minutes": 30, "to_room": "x", "sort": 1}, {"/sort"}),
        ({"kind": "later", "minutes": 30, "to_room": "x", "to_day": "2026-12-01"}, {"/to_room", "/to_day"}),
        ({"kind": "later", "minutes": 30, "event": "nowhere"}, {"/event"}),
        ({"kind": "later", "minutes": 30, "sessions": [str(uuid4())]}, {"/sessions/0"}),
        ({"kind": "day", "day": "2026-12-01"}, {"/to_day"}),
        ({"kind": "day", "day": "2026-12-01", "to_day": "2026-12-01"}, {"/to_day"}),
        ({"kind": "swap", "sessions": [str(uuid4())]}, {"/sessions"}),
        ({"kind": "swap", "sessions": ["a", "b"]}, {"/sessions/0", "/sessions/1"}),
        ({"kind": "room_gone", "room": "nowhere"}, {"/starts_at", "/ends_at"}),
        (
            {"kind": "room_gone", "starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T12:00:00Z"},
            {"/room"},
        ),
        (
            {"kind": "room_gone", "room": "no", "starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T12:00:00Z"},
            {"/room"},
        ),
    ],
)
def test_what_is_wrong_is_named(world: World, editor: APIClient, body: dict[str, Any], pointers: set[str]) -> None:
    answer = post(editor, preview_path(world), body)

    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


def test_a_fingerprint_is_needed_and_one_of_ours(world: World, editor: APIClient) -> None:
    body = {"kind": "later", "minutes": 30}

    missing, strange = post(editor, path(world), body), post(editor, path(world), body | {"fingerprint": "guess"})

    assert [error["pointer"] for error in missing.json()["errors"]] == ["/fingerprint"]
    assert (strange.status_code, strange.json()["errors"][0]["pointer"]) == (400, "/fingerprint")


def test_where_nothing_is_meant_nothing_moves(world: World, editor: APIClient) -> None:
    answer = post(editor, preview_path(world), {"kind": "day", "day": "2020-01-01", "to_day": "2020-01-02"})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_move")
