"""Clashes: who is elsewhere at that time, the way between venues included; told, refused, or passed on a waitlist."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from events.models import ANONYMOUS, SYSTEM, Change, Event, Person, Programme, Registration, SeatPool
from events.operations import clashing, falling_due, registering, scheduling, waitlisting
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses
from venues.models import Room

pytestmark = pytest.mark.django_db

BEGIN = NOW + WEEK


@pytest.fixture
def programme() -> Programme:
    return factories.programme(clashes="refuse", travel_minutes=30)


def at(
    of: Programme, *, hours: float = 0, length: float = 2, room: Room | None = None, **fields: Any
) -> Event:  # fmt: skip
    """An event of one session that begins so many hours after BEGIN."""
    event = factories.draft(f"At {hours}", of=of, **{"capacity": 5, "waitlist": "automatic", **fields})
    factories.session(event, starts=BEGIN + hours * HOUR, length=length * HOUR, room=room)
    return factories.publish(event)


def move(event: Event, starts: datetime) -> None:
    moment = scheduling.block(starts=starts, ends=starts + HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=event.sessions.get(), moment=moment, actor=SYSTEM, now=NOW)


def clash(event: Event, number: int = 1, **fields: Any) -> clashing.Clash:
    """The refusal that this person meets."""
    before = Registration.objects.count(), list(SeatPool.objects.order_by("pk").values_list("taken", flat=True))
    with pytest.raises(clashing.Clash) as refusal:
        factories.register(event, number, **fields)
    seats = list(SeatPool.objects.order_by("pk").values_list("taken", flat=True))
    assert (Registration.objects.count(), seats) == before
    return refusal.value


# What overlaps


def test_who_is_elsewhere_then_is_refused(programme: Programme) -> None:
    factories.register(at(programme), 1)

    refusal = clash(at(programme, hours=1))

    assert (refusal.code, refusal.status) == ("clash", 409)


@pytest.mark.parametrize("hours", [-2, 2])
def test_touching_ends_are_no_clash(programme: Programme, hours: int) -> None:
    factories.register(at(programme), 1)

    assert factories.register(at(programme, hours=hours), 1).status == "confirmed"


@pytest.mark.parametrize(("gap", "fits"), [(29, False), (30, True)])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_way_between_two_venues_counts(programme: Programme, gap: int, fits: bool, side: int) -> None:
    rooms = [factories.room(at=factories.venue(f"House {number}")) for number in range(2)]
    factories.register(at(programme, room=rooms[0]), 1)
    event = at(programme, hours=side * (2 + gap / 60), room=rooms[1])

    if fits:
        assert factories.register(event, 1).status == "confirmed"
    else:
        clash(event)


def test_within_one_venue_and_online_there_is_no_way_to_go(programme: Programme) -> None:
    house = factories.venue()
    rooms = [factories.room(f"Room {number}", at=house) for number in range(2)]
    factories.register(at(programme, room=rooms[0]), 1)

    same_house, online = at(programme, hours=2, room=rooms[1]), at(programme, hours=-2)

    assert statuses([factories.register(event, 1) for event in (same_house, online)]) == ["confirmed"] * 2


def test_events_of_other_programmes_count_too(programme: Programme) -> None:
    factories.register(at(factories.programme("Elsewhere")), 1)

    clash(at(programme, hours=1))


def test_a_pause_between_two_sessions_is_free(programme: Programme) -> None:
    event = factories.draft(of=programme, capacity=5)
    for hours in (0, 5):
        factories.session(event, starts=BEGIN + hours * HOUR)
    factories.publish(event)
    factories.register(event, 1)

    assert factories.register(at(programme, hours=3, length=1), 1).status == "confirmed"
    clash(at(programme, hours=6, length=1))


@pytest.mark.parametrize(("status", "counts"), [("confirmed", True), ("offered", True), ("waitlisted", True),
                                                ("applied", False), ("cancelled", False)])  # fmt: skip
def test_what_somebody_holds_or_waits_for_counts(programme: Programme, status: str, counts: bool) -> None:
    fields: dict[str, dict[str, Any]] = {
        "offered": {"needs_proof": True}, "waitlisted": {"capacity": 0}, "applied": {"registration": "approval"},
    }  # fmt: skip
    row = factories.register(at(programme, **fields.get(status, {})), 1)
    if status == "cancelled":
        registering.cancel(registration=row, actor=ANONYMOUS, now=NOW)
    assert statuses([row]) == [status]

    if counts:
        clash(at(programme, hours=1))
    else:
        assert factories.register(at(programme, hours=1), 1).status == "confirmed"


def test_cancelled_sessions_and_drafts_are_nowhere(programme: Programme) -> None:
    event = factories.draft(of=programme, capacity=5)
    gone, _stays = factories.session(event, starts=BEGIN), factories.session(event, starts=BEGIN + 10 * HOUR)
    factories.publish(event)
    scheduling.cancel(session=gone, actor=SYSTEM, now=NOW)
    factories.session(event, starts=BEGIN + 5 * HOUR)
    factories.register(event, 1)

    rows = [factories.register(at(programme, hours=hours), 1) for hours in (0, 5)]

    assert statuses(rows) == ["confirmed", "confirmed"]


def test_other_people_are_no_clash(programme: Programme) -> None:
    factories.register(at(programme), 1)

    assert factories.register(at(programme, hours=1), 2).status == "confirmed"


def test_addresses_are_compared_in_one_form(programme: Programme) -> None:
    factories.register(at(programme), 1)

    clash(at(programme, hours=1), email="PERSON1@Mail.Example")


# Told or refused


def test_a_programme_that_only_warns_lets_in_and_says_where(programme: Programme) -> None:
    first = at(programme)
    factories.register(first, 1)
    event = at(factories.programme("Relaxed"), hours=1)

    row = factories.register(event, 1)

    assert (row.status, clashing.elsewhere(key=row.email_key, event=event)) == ("confirmed", [first.pk])


@pytest.mark.parametrize("fields", [{}, {"capacity": 0}, {"registration": "approval"}, {"needs_proof": True}])
def test_every_way_in_is_refused(programme: Programme, fields: dict[str, Any]) -> None:
    factories.register(at(programme), 1)

    clash(at(programme, hours=1, **fields))


def test_an_organizer_is_refused_too(programme: Programme) -> None:
    factories.register(at(programme), 1)

    with pytest.raises(clashing.Clash):
        factories.enter(at(programme, hours=1), 1)


def three_runs(of: Programme) -> list[Event]:
    row = factories.series(of=of)
    return [at(of, hours=hours, series=row) for hours in (1, 0.5, 20)]


def test_an_unproven_caller_hears_of_other_runs_and_of_nothing_else(programme: Programme) -> None:
    busy = at(programme)
    wanted, also_then, later = three_runs(programme)
    factories.register(busy, 1)

    refusal = clash(wanted)

    assert dict(refusal.details) == {"suggestions": [also_then.slug, later.slug]}
    assert busy.slug not in str(refusal)


def test_a_proven_caller_hears_what_overlaps_and_which_run_fits(programme: Programme) -> None:
    busy = at(programme)
    wanted, _also_then, later = three_runs(programme)
    person = Person.objects.create_user("person1@mail.example")
    factories.register(busy, 1)

    refusal = clash(wanted, actor=person.as_actor())

    assert dict(refusal.details) == {"events": [busy.slug], "suggestions": [later.slug]}


def test_an_organizer_hears_only_of_events_of_the_own_organization(programme: Programme) -> None:
    elsewhere = factories.programme("Elsewhere", of=factories.organization("Other", owner="other@demo.example"))
    factories.register(at(elsewhere), 1)
    editor = factories.member(programme.organization)

    with pytest.raises(clashing.Clash) as refusal:
        factories.enter(at(programme, hours=1), 1, actor=editor)

    assert dict(refusal.value.details) == {"events": [], "suggestions": []}


def test_a_run_that_has_begun_or_takes_nobody_is_not_suggested(programme: Programme) -> None:
    row = factories.series(of=programme)
    wanted, over = at(programme, hours=1, series=row), at(programme, hours=-100, series=row)
    at(programme, hours=30, series=row, registration="none")
    at(programme, hours=40, series=row, visibility="unlisted")
    fits = at(programme, hours=20, series=row)
    factories.register(at(programme), 1)
    now = BEGIN - 50 * HOUR
    assert over.first_starts_at is not None
    assert over.first_starts_at < now

    refusal = clash(wanted, now=now)

    assert dict(refusal.details) == {"suggestions": [fits.slug]}


# On the waitlist


def full_event(programme: Programme) -> tuple[Event, Registration, Registration, Registration]:
    """A full event, and two who wait: the first holds a seat elsewhere at that time."""
    event = at(programme, capacity=1)
    holder, first, second = factories.crowd(event, range(3))
    other = at(factories.programme("Relaxed"), hours=1)
    factories.register(other, 1)
    return event, holder, first, second


def test_a_promotion_skips_who_is_elsewhere_and_says_so(programme: Programme) -> None:
    _event, holder, first, second = full_event(programme)

    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    assert statuses([first, second]) == ["waitlisted", "confirmed"]
    assert Registration.objects.get(pk=first.pk).passed_for == "clash"
    change = Change.objects.get(kind="waitlist.passed")
    assert (change.registration, change.reason) == (first, "clash")
    assert list(audit.run()) == []


def test_who_was_skipped_has_kept_the_place_and_is_served_when_the_clash_is_gone(programme: Programme) -> None:
    event, holder, first, second = full_event(programme)
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)
    registering.cancel(registration=second, actor=ANONYMOUS, now=NOW + HOUR)
    assert statuses([first]) == ["waitlisted"]
    assert waitlisting.position(Registration.objects.get(pk=first.pk)) == 1
    assert falling_due.serve_waiting(now=NOW + HOUR) == 0

    elsewhere = Registration.objects.get(email_key="person1@mail.example", status="confirmed")
    registering.cancel(registration=elsewhere, actor=ANONYMOUS, now=NOW + 2 * HOUR)
    served = falling_due.serve_waiting(now=NOW + 2 * HOUR)

    row = Registration.objects.get(pk=first.pk)
    assert (served, row.status, row.event, row.passed_for) == (1, "confirmed", event, "")
    assert list(audit.run()) == []


def test_a_clash_of_one_says_nothing_of_another(programme: Programme) -> None:
    event, other = at(programme), at(factories.programme("Relaxed"), hours=1)
    rows = [factories.register(other, number) for number in (1, 2, 3)]
    keys = {rows[0].email_key, rows[2].email_key, "person9@mail.example"}

    assert clashing.busy(keys=keys, event=event) == {rows[0].email_key, rows[2].email_key}
    assert clashing.busy(keys=set(), event=event) == set()
    assert clashing.busy(keys=keys, event=at(factories.programme("Relaxed too"))) == set()


def test_waiting_elsewhere_keeps_nobody_from_a_promotion(programme: Programme) -> None:
    event = at(programme, capacity=1)
    holder, first = factories.crowd(event, range(2))
    factories.register(at(factories.programme("Relaxed"), hours=1, capacity=0), 1)

    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    assert statuses([first]) == ["confirmed"]


def test_a_session_that_moves_away_lets_the_next_one_in(programme: Programme) -> None:
    event, holder, first, _second = full_event(programme)
    other = Registration.objects.get(email_key="person1@mail.example", status="confirmed").event
    move(other, BEGIN + 20 * HOUR)

    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    assert (statuses([first]), SeatPool.objects.get(event=event).taken) == (["confirmed"], 1)


def test_judging_a_clash_takes_the_same_statements_however_many_events(
    programme: Programme, django_assert_num_queries: Any
) -> None:
    event = at(programme)
    key = "person1@mail.example"
    with django_assert_num_queries(1):
        assert clashing.elsewhere(key=key, event=event) == []
    for number in range(5):
        factories.register(at(factories.programme("Relaxed"), hours=3 + number), 1)
        with django_assert_num_queries(3):
            assert clashing.elsewhere(key=key, event=event) == []


def test_travel_is_asked_of_the_programme_that_is_registered_for(programme: Programme) -> None:
    rooms = [factories.room(at=factories.venue(f"House {number}")) for number in range(2)]
    unhurried = factories.programme("Next door", clashes="refuse", travel_minutes=0)
    factories.register(at(programme, room=rooms[0]), 1)

    assert factories.register(at(unhurried, hours=2, room=rooms[1]), 1).status == "confirmed"
    assert timedelta(minutes=programme.travel_minutes) == HOUR / 2
