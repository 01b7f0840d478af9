"""The auditor sees every kind of break, each made by hand in SQL; and nothing where nothing is broken."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from events.models import ANONYMOUS, Event, Session
from events.operations import publishing, registering, repeating
from events.reports import audit
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def without_constraint(name: str, table: str) -> None:
    """For the rest of this test, which is rolled back. PostgreSQL first checks what it has put off."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@pytest.fixture
def world() -> Event:
    """Two events in one room, three people of whom one left again, a cancelled and a draft event, an answered key."""
    room = factories.room()
    event = factories.event(room=room, capacity=10)
    factories.register(event, 1)
    factories.register(event, 2)
    registering.cancel(registration=factories.register(event, 3), actor=ANONYMOUS, now=NOW)
    later = factories.draft("Mixing")
    factories.session(later, starts=NOW + timedelta(days=9), room=room)
    called_off = factories.event("Drones", capacity=5)
    factories.register(called_off, 4)
    publishing.cancel(event=called_off, actor=factories.SYSTEM, now=NOW)
    claim = repeating.claim(actor=ANONYMOUS, method="POST", path="/", key="k" * 16, body=b"")
    repeating.once(
        claim=claim,
        act=lambda: repeating.Outcome(
            201,
            {"code": factories.register(event, 5).code, "event": event.slug, "manage_url": "https://callboard.test/"},
        ),
        now=NOW,
    )
    return event


def test_a_healthy_world_has_no_break(world: Event) -> None:
    assert list(audit.run()) == []


POOL = "UPDATE events_seatpool SET {} WHERE taken = 3"
BREAKS = {
    "a counter too low": (POOL.format("taken = 2"), "seats-taken"),
    "a pool with more seats than its ledger": (POOL.format("seats = 11"), "seats-ledger"),
    "a pool that forgot to clear its flag": (POOL.format("over_committed = true"), "seats-limit"),
    "a capacity that is not the pools'": ("UPDATE events_event SET capacity = 12 WHERE capacity = 10", "capacity"),
    "a pool that does not admit": (POOL.format("is_admitting = false"), "admission"),
    "a ledger line that is gone": (
        "DELETE FROM events_seatmovement WHERE id = (SELECT MAX(id) FROM events_seatmovement)",
        "ledger-of-one",
    ),
    "a seat in a draft": (
        "UPDATE events_event SET status = 'draft' WHERE id = (SELECT MIN(event_id) FROM events_registration)",
        "live-in-published",
    ),
    "a state that no change tells of": (
        "UPDATE events_registration SET status = 'expired' WHERE status = 'cancelled'",
        "change-told",
    ),
    "a way that no registration may go": (
        """UPDATE events_change SET after = '{"status": "expired"}' WHERE kind = 'registration.cancelled'""",
        "transition",
    ),
    "an address that is compared wrongly": (
        "UPDATE events_registration SET email_key = 'x@y.z' WHERE email = 'person1@mail.example'",
        "email-key",
    ),
    "a live session without its room": ("UPDATE venues_booking SET is_live = false", "room-held"),
    "a room held for nothing": ("UPDATE events_session SET room_id = NULL WHERE status = 'draft'", "room-held"),
    "a session at another wall time": ("UPDATE events_session SET starts_local = '05:00:00'", "wall-time"),
    "an event that begins at another time": (
        "UPDATE events_event SET first_starts_at = last_ends_at WHERE capacity = 10",
        "event-times",
    ),
    "a text of yesterday": ("UPDATE events_fragment SET body = 'BEGIN:VEVENT'", "text"),
    "a text in one language only": ("DELETE FROM events_fragment WHERE language = 'ko'", "text"),
    "a text of a draft": (
        "UPDATE events_session SET status = 'draft' WHERE status = 'confirmed'",
        "text",
    ),
    "a sequence before publication": ("UPDATE events_session SET sequence = 1 WHERE status = 'draft'", "sequence"),
    "a version of tomorrow": ("UPDATE events_session SET version = 999 WHERE status = 'confirmed'", "version"),
    "an answer that was never given": ("UPDATE events_idempotencykey SET status = 0", "answer"),
    "an answer about nobody": (
        "UPDATE events_registration SET code = 'OTHER' WHERE email = 'person5@mail.example'",
        "answer",
    ),
}


@pytest.mark.parametrize(("statement", "rule"), BREAKS.values(), ids=BREAKS)
def test_the_auditor_sees(world: Event, statement: str, rule: str) -> None:
    sql(statement)

    assert rule in {found.rule for found in audit.run()}


def test_the_auditor_sees_one_person_registered_twice(world: Event) -> None:
    sql("DROP INDEX registration_live_once_per_person")
    sql("UPDATE events_registration SET email_key = 'person1@mail.example' WHERE email = 'person2@mail.example'")

    assert "live-once" in {found.rule for found in audit.run()}


def test_the_auditor_sees_a_room_held_twice(world: Event) -> None:
    without_constraint("booking_no_overlap_in_a_room", "venues_booking")
    first, last = Session.objects.filter(room__isnull=False).order_by("pk")
    sql("UPDATE venues_booking SET starts_at = (SELECT MIN(starts_at) FROM venues_booking)")

    assert {found.rule for found in audit.run()} >= {"room-once", "room-held"}
    assert first.room_id == last.room_id


def test_every_rule_has_a_break_that_it_was_seen_to_see() -> None:
    named = {rule for _statement, rule in BREAKS.values()} | {"live-once", "room-once"}

    assert named == {
        "admission", "answer", "capacity", "change-told", "email-key", "event-times", "ledger-of-one", "live-once",
        "live-in-published", "room-held", "room-once", "seats-ledger", "seats-limit", "seats-taken", "sequence", "text",
        "transition", "version", "wall-time",
    }  # fmt: skip


def test_the_command_exits_with_one_and_a_line_for_each_break(world: Event, capsys: pytest.CaptureFixture[str]) -> None:
    sql(POOL.format("taken = 2"))

    with pytest.raises(SystemExit) as left:
        call_command("audit")

    assert left.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        f"seats-taken: {world.slug}/open: taken 2, registrations 3, ledger 3",
        "10 rules, 1 breaks.",
    ]


def test_the_command_is_content_with_a_healthy_world(world: Event, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit", "--json")

    assert json.loads(capsys.readouterr().out) == {"rules": [rule.__name__ for rule in audit.RULES], "breaks": []}
