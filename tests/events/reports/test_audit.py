"""The auditor sees every kind of break, each made by hand in SQL; and nothing where nothing is broken."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from events.models import ANONYMOUS, SYSTEM, Event, Programme, Session
from events.operations import (
    allotting,
    hooking,
    inviting,
    publishing,
    registering,
    repeating,
    sequencing,
    subscribing,
)
from events.reports import audit
from tests import factories
from tests.factories import NOW
from tests.webhooks import webhook

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
    """Two events in one room, three people of whom one left again, a cancelled and a draft event, an answered key.

    A webhook has heard of its first change and was tried out twice; the worker has not been there since.
    """
    room = factories.room()
    event = factories.event(room=room, capacity=10)
    hook = webhook(event.programme.organization)
    for _number in range(2):
        hooking.try_out(webhook=hook, now=NOW)
    sequencing.number_all()
    factories.register(event, 1)
    factories.register(event, 2)
    registering.cancel(registration=factories.register(event, 3), actor=ANONYMOUS, now=NOW)
    later = factories.draft("Mixing")
    factories.session(later, starts=NOW + timedelta(days=9), room=room)
    called_off = factories.event("Drones", capacity=5)
    factories.register(called_off, 4)
    publishing.cancel(event=called_off, actor=factories.SYSTEM, now=NOW)
    person = subscribing.attendee_of(key="person1@mail.example")
    subscribing.add_link(attendee=person, name="Phone", now=NOW)
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
    "a change that nobody is told": (
        "DELETE FROM events_delivery WHERE id = (SELECT MAX(id) FROM events_delivery WHERE change_id IS NOT NULL)",
        "told",
    ),
    "a message that left and has no end": ("UPDATE events_delivery SET status = 'sent'", "ended"),
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
    "a half of yesterday": ("UPDATE events_participantfragment SET seated = 'BEGIN:VEVENT'", "half"),
    "a half that is gone": ("DELETE FROM events_participantfragment WHERE language = 'en'", "half"),
    "a link that was sent the version of tomorrow": (
        "UPDATE events_calendarlink SET last_fetched_at = created_at, sent_version = 999, sent_revision = 0",
        "link-sent",
    ),
    "a link that was sent registrations that do not exist": (
        "UPDATE events_calendarlink SET last_fetched_at = created_at, sent_version = 1, sent_revision = 9",
        "link-sent",
    ),
    "a sequence before publication": ("UPDATE events_session SET sequence = 1 WHERE status = 'draft'", "sequence"),
    "a version of tomorrow": ("UPDATE events_session SET version = 999 WHERE status = 'confirmed'", "version"),
    "a session that no delta tells of": ("DELETE FROM events_publication WHERE session_id IS NOT NULL", "publication"),
    "an event whose delta is of yesterday": ("UPDATE events_publication SET version = version - 1", "publication"),
    "a position after a gap": (
        "UPDATE events_change SET position = 3 WHERE id = (SELECT MIN(change_id) FROM events_delivery)",
        "position",
    ),
    "a change that webhooks never heard of": ("UPDATE events_change SET place = NULL WHERE place = 1", "place"),
    "a message that is gone": ("DELETE FROM events_webhookmessage WHERE seq = 2", "seq"),
    "a message that nobody has a number for": ("UPDATE events_webhook SET seq = 1", "seq"),
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


@pytest.fixture
def crowded() -> Event:
    """A full event with a floor, a ceiling, a code; two people wait, an offer is open, one was served already."""
    student = factories.audience("student")
    event = factories.event("Crowded", capacity=3, waitlist="offer")
    allotting.set_aside(event=event, kind="ceiling", seats=2, audience=student, actor=SYSTEM, now=NOW)
    floor = allotting.set_aside(event=event, kind="floor", seats=1, audience=student, actor=SYSTEM, now=NOW)
    allotting.release(pool=floor, actor=SYSTEM, now=NOW)
    [code] = inviting.invite(event=event, actor=SYSTEM, now=NOW)
    first = factories.register(event, 1, audience=student)
    factories.register(event, 2, code=code.code)
    factories.register(event, 3)
    for number in (4, 5, 6):
        factories.register(event, number, now=NOW + timedelta(minutes=number))
    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW + timedelta(hours=1))
    return event


CROWDED = {
    "a ceiling that counts nobody's seat": (
        "UPDATE events_seatpool SET taken = 1 WHERE kind = 'ceiling'",
        "seats-taken",
    ),
    "a seat left in a released quota": (
        "UPDATE events_seatpool SET seats = 1 WHERE kind = 'floor'",
        "released",
    ),
    "a contested event whose seats are free to grab": (
        "UPDATE events_seatpool SET is_plain = true WHERE kind = 'open'",
        "plain",
    ),
    "a code used by nobody": ("UPDATE events_invitation SET used = 0", "code-uses"),
    "an offer that ended twice": (
        """UPDATE events_change SET before = '{"status": "offered"}' WHERE id =
        (SELECT MAX(id) FROM events_change WHERE kind = 'registration.cancelled')""",
        "chain",
    ),
    "an offer that outlived its deadline": (
        "UPDATE events_registration SET offer_expires_at = created_at WHERE status = 'offered'",
        "offer-overdue",
    ),
    "somebody who was passed in silence": (
        "UPDATE events_registration SET priority = 9 WHERE email = 'person6@mail.example'",
        "order",
    ),
    "a free seat that somebody waits for": (
        "UPDATE events_seatpool SET taken = 2 WHERE kind = 'open'",
        "idle-seat",
    ),
}


def test_a_crowded_event_has_no_break(crowded: Event) -> None:
    assert list(audit.run()) == []


@pytest.mark.parametrize(("statement", "rule"), CROWDED.values(), ids=CROWDED)
def test_the_auditor_sees_in_a_crowd(crowded: Event, statement: str, rule: str) -> None:
    sql(statement)

    assert rule in {found.rule for found in audit.run()}


def test_the_auditor_sees_who_is_in_two_places() -> None:
    programme = factories.programme(clashes="warn")
    for title in ("Mixing", "Lighting"):
        factories.register(factories.event(title, of=programme), 1)

    Programme.objects.update(clashes="refuse")

    assert [found.rule for found in audit.run()] == ["two-places"]


def test_every_rule_has_a_break_that_it_was_seen_to_see() -> None:
    seen = {rule for _statement, rule in (*BREAKS.values(), *CROWDED.values())}
    named = seen | {"live-once", "room-once", "two-places"}

    assert named == {
        "admission", "answer", "capacity", "chain", "change-told", "code-uses", "email-key", "ended", "event-times",
        "half", "idle-seat", "ledger-of-one", "link-sent", "live-in-published", "live-once", "offer-overdue", "order",
        "place", "plain", "position", "publication", "released", "room-held", "room-once", "seats-ledger",
        "seats-limit", "seats-taken", "seq", "sequence", "text", "told", "transition", "two-places", "version",
        "wall-time",
    }  # fmt: skip


def test_the_command_exits_with_one_and_a_line_for_each_break(world: Event, capsys: pytest.CaptureFixture[str]) -> None:
    sql(POOL.format("taken = 2"))

    with pytest.raises(SystemExit) as left:
        call_command("audit")

    assert left.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        f"C3 seats-taken: {world.slug}/open: taken 2, ledger 3, registrations 3",
        "24 rules, 1 breaks.",
    ]


def test_the_command_is_content_with_a_healthy_world(world: Event, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit", "--json")

    assert json.loads(capsys.readouterr().out) == {"rules": [rule.__name__ for rule in audit.RULES], "breaks": []}
