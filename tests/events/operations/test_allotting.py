"""Quotas: seats set aside, resized and released in ledgered steps; nobody loses a seat, and none stays empty."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from events.errors import Invalid
from events.models import ANONYMOUS, SYSTEM, Audience, Change, Event, Registration, SeatMovement, SeatPool
from events.operations import (
    allotting,
    falling_due,
    planning,
    publishing,
    registering,
    scheduling,
    seating,
    selecting,
)
from events.operations.allotting import Release
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def student() -> Audience:
    return factories.audience("student")


def seats(event: Event) -> dict[str, tuple[int, int]]:
    """(taken, seats) of each pool, by kind."""
    return {pool.kind: (pool.taken, pool.seats) for pool in SeatPool.objects.filter(event=event).order_by("pk")}


def written() -> tuple[int, int, list[tuple[int, int]]]:
    pools = list(SeatPool.objects.order_by("pk").values_list("taken", "seats"))
    return SeatMovement.objects.count(), Change.objects.count(), pools


def amend(pool: SeatPool, number: int, *, over_commit: bool = False) -> SeatPool:
    return allotting.amend(pool=pool, seats=number, over_commit=over_commit, actor=SYSTEM, now=NOW + HOUR)


def release(pool: SeatPool, *, now: datetime = NOW + HOUR) -> SeatPool:
    return allotting.release(pool=pool, actor=SYSTEM, now=now)


def resize(event: Event, capacity: int, *, over_commit: bool = False) -> None:
    planning.amend_event(
        event=event, fields={"capacity": capacity}, over_commit=over_commit, actor=SYSTEM, now=NOW + HOUR
    )


def cancel(row: Registration, *, now: datetime = NOW + HOUR) -> None:
    registering.cancel(registration=row, actor=ANONYMOUS, now=now)


def pool_of(row: Registration) -> str:
    pool = Registration.objects.get(pk=row.pk).pool
    assert pool is not None
    return pool.kind


# Setting aside


def test_a_floor_keeps_seats_for_its_audience(student: Audience) -> None:
    event = factories.event(capacity=3)

    pool = factories.quota(event, 2, audience=student)

    assert (pool.kind, seats(event)) == ("floor", {"open": (0, 1), "floor": (0, 2)})
    factories.register(event, 1)
    with pytest.raises(registering.EventFull):
        factories.register(event, 2)
    rows = [factories.register(event, number, audience=student) for number in (3, 4)]
    assert [pool_of(row) for row in rows] == ["floor", "floor"]
    assert list(audit.run()) == []


def test_an_allotment_is_filled_before_the_open_seats() -> None:
    partner = factories.organization("Film Academy", owner="academy@demo.example")
    event = factories.event(capacity=3)
    factories.quota(event, 1, "allotment", partner=partner)
    actor = factories.member(partner)

    rows = [factories.register(event, number, partner=partner, actor=actor) for number in (1, 2)]

    assert [pool_of(row) for row in rows] == ["allotment", "open"]
    assert list(audit.run()) == []


def test_a_ceiling_counts_the_seats_that_it_bounds_once_more(student: Audience) -> None:
    event = factories.event(capacity=3)
    factories.quota(event, 1, "ceiling", audience=student)

    one = factories.register(event, 1, audience=student)
    with pytest.raises(registering.EventFull) as refusal:
        factories.register(event, 2, audience=student)
    factories.register(event, 3)

    assert dict(refusal.value.details) == {"why": "ceiling"}
    assert (pool_of(one), seats(event)) == ("open", {"open": (2, 3), "ceiling": (1, 1)})
    assert list(audit.run()) == []


def test_who_leaves_frees_the_unit_of_the_ceiling_too(student: Audience) -> None:
    event = factories.event(capacity=3)
    factories.quota(event, 1, "ceiling", audience=student)

    cancel(factories.register(event, 1, audience=student))

    assert seats(event) == {"open": (0, 3), "ceiling": (0, 1)}
    factories.register(event, 2, audience=student)
    assert list(audit.run()) == []


def test_several_ceilings_bound_one_person_at_once(student: Audience) -> None:
    partner = factories.organization("Film Academy", owner="academy@demo.example")
    event = factories.event(capacity=5)
    factories.quota(event, 1, "ceiling", audience=student)
    factories.quota(event, 1, "ceiling", partner=partner)
    actor = factories.member(partner)
    first = factories.register(event, 1, audience=student, partner=partner, actor=actor)

    for number, fields in ((2, {"audience": student}), (3, {"partner": partner, "actor": actor})):
        with pytest.raises(registering.EventFull):
            factories.register(event, number, **fields)
    cancel(first)
    factories.register(event, 4, audience=student)
    factories.register(event, 5, partner=partner, actor=actor)

    taken = SeatPool.objects.filter(event=event).order_by("pk").values_list("taken", flat=True)
    assert list(taken) == [2, 1, 1]
    assert list(audit.run()) == []


@pytest.mark.parametrize("late", [Release(at=NOW), Release(days_before=7), Release(days_before=30)])
def test_a_release_that_is_over_already_is_refused(late: Release) -> None:
    event = factories.event(capacity=5)

    with pytest.raises(Invalid) as refusal:
        factories.quota(event, 2, audience=factories.audience("professional"), release=late)

    assert refusal.value.field == ("releases_at" if late.at else "releases_days_before")
    assert event.pools.count() == 1


def test_setting_aside_is_one_ledgered_step_with_a_change(student: Audience) -> None:
    event = factories.event(capacity=5)

    pool = factories.quota(event, 2, audience=student, release=Release(days_before=6), now=NOW + HOUR)

    lines = SeatMovement.objects.filter(reason="set_aside").order_by("pk")
    assert list(lines.values_list("pool__kind", "seats_delta", "delta")) == [("floor", 2, 0), ("open", -2, 0)]
    change = Change.objects.get(kind="quota.created")
    assert (change.before, change.after) == (
        {},
        {
            "quota": str(pool.uid), "kind": "floor", "audience": "student", "partner": None, "seats": 2, "taken": 0,
            "releases_at": (NOW + timedelta(days=1)).isoformat(),
        },
    )  # fmt: skip


def test_who_is_in_already_is_counted_in_the_quota_first(student: Audience) -> None:
    event = factories.event(capacity=4)
    rows = [factories.register(event, number, audience=student) for number in (1, 2, 3)]

    factories.quota(event, 2, audience=student)

    assert sorted(pool_of(row) for row in rows) == ["floor", "floor", "open"]
    assert seats(event) == {"open": (1, 2), "floor": (2, 2)}
    assert list(audit.run()) == []


def test_a_ceiling_counts_who_is_in_already(student: Audience) -> None:
    event = factories.event(capacity=4)
    rows = [factories.register(event, number, audience=student) for number in (1, 2)]

    factories.quota(event, 2, "ceiling", audience=student)

    assert seats(event)["ceiling"] == (2, 2)
    with pytest.raises(registering.EventFull):
        factories.register(event, 3, audience=student)
    cancel(rows[0])
    factories.register(event, 3, audience=student)
    assert list(audit.run()) == []


def test_seats_that_others_have_taken_cannot_be_set_aside(student: Audience) -> None:
    event = factories.event(capacity=4)
    for number in range(3):
        factories.register(event, number)
    before = written()

    with pytest.raises(allotting.QuotaTooLarge) as refusal:
        factories.quota(event, 2, audience=student)

    assert (refusal.value.code, refusal.value.field, dict(refusal.value.details)) == (
        "quota_too_large", "seats", {"over": 1},
    )  # fmt: skip
    assert written() == before


def test_more_seats_than_there_are_cannot_be_set_aside(student: Audience) -> None:
    event = factories.event(capacity=4)
    factories.quota(event, 3, audience=student)
    before = written()

    with pytest.raises(allotting.QuotaTooLarge) as refusal:
        factories.quota(event, 2, audience=factories.audience("professional"))

    assert (dict(refusal.value.details), written()) == ({"seats": 1}, before)


def test_a_ceiling_below_who_is_in_is_refused_unless_on_purpose(student: Audience) -> None:
    event = factories.event(capacity=4)
    rows = [factories.register(event, number, audience=student) for number in (1, 2)]
    before = written()

    with pytest.raises(allotting.QuotaBelowTaken) as refusal:
        factories.quota(event, 1, "ceiling", audience=student)
    assert (dict(refusal.value.details), written()) == ({"taken": 2, "seats": 1}, before)
    pool = factories.quota(event, 1, "ceiling", audience=student, over_commit=True)

    assert (pool.over_committed, pool.taken, pool.seats) == (True, 2, 1)
    cancel(rows[0])
    with pytest.raises(registering.EventFull):
        factories.register(event, 3, audience=student)
    factories.register(event, 4)
    assert SeatPool.objects.get(pk=pool.pk).over_committed is False
    cancel(rows[1])
    factories.register(event, 3, audience=student)
    assert list(audit.run()) == []


@pytest.mark.parametrize("kind", ["floor", "ceiling"])
@pytest.mark.parametrize("number", [-1, 2**31, 2**63])
def test_numbers_that_are_no_seats_are_refused(student: Audience, kind: str, number: int) -> None:
    event = factories.event(capacity=4)
    before = written()

    with pytest.raises(Invalid) as refusal:
        factories.quota(event, number, kind, audience=student, over_commit=True)

    assert (refusal.value.field, written()) == ("seats", before)


def test_a_quota_of_no_seats_bars_or_keeps_nothing(student: Audience) -> None:
    event = factories.event(capacity=2)
    floor = factories.quota(event, 0, audience=student)
    ceiling = factories.quota(event, 0, "ceiling", audience=student)

    with pytest.raises(registering.EventFull):
        factories.register(event, 1, audience=student)
    amend(ceiling, 1)
    amend(floor, 1)

    assert pool_of(factories.register(event, 1, audience=student)) == "floor"
    assert list(audit.run()) == []


def test_what_makes_no_quota_is_refused_by_name(student: Audience) -> None:
    partner = factories.organization("Film Academy", owner="academy@demo.example")
    event, endless = factories.event(capacity=4), factories.event(capacity=None)
    gone = publishing.cancel(event=factories.event(capacity=4), actor=SYSTEM, now=NOW)
    factories.quota(event, 1, audience=student)
    both = Release(at=NOW + DAY, days_before=2)
    wrong: list[tuple[str, Event, dict[str, Any]]] = [
        ("audience", event, {"kind": "floor"}),
        ("audience", event, {"kind": "floor", "audience": student, "partner": partner}),
        ("partner", event, {"kind": "allotment", "audience": student}),
        ("kind", endless, {"kind": "floor", "audience": student}),
        ("kind", event, {"kind": "floor", "audience": student}),
        ("event", gone, {"kind": "floor", "audience": student}),
        ("releases_at", event, {"kind": "floor", "partner": partner, "release": both}),
    ]
    before = written()

    for field, chosen, fields in wrong:
        with pytest.raises(Invalid) as refusal:
            factories.quota(chosen, 1, **fields)
        assert refusal.value.field == field

    assert written() == before


def test_an_unlimited_event_may_have_ceilings(student: Audience) -> None:
    event = factories.event(capacity=None)
    factories.quota(event, 1, "ceiling", audience=student)

    factories.register(event, 1, audience=student)
    with pytest.raises(registering.EventFull):
        factories.register(event, 2, audience=student)
    factories.register(event, 3)

    assert list(audit.run()) == []


def test_a_quota_ends_the_plain_way_and_its_release_brings_it_back(student: Audience) -> None:
    event = factories.event(capacity=4)
    pool = factories.quota(event, 1, audience=student)
    assert not SeatPool.objects.filter(event=event, is_plain=True).exists()

    release(pool)

    assert SeatPool.objects.get(event=event, kind="open").is_plain
    factories.register(event, 1)
    assert list(audit.run()) == []


# Resizing


def test_a_quota_grows_and_shrinks_with_the_open_seats(student: Audience) -> None:
    event = factories.event(capacity=5)
    pool = factories.quota(event, 2, audience=student)

    amend(pool, 4)
    assert seats(event) == {"open": (0, 1), "floor": (0, 4)}
    amend(pool, 1)

    assert seats(event) == {"open": (0, 4), "floor": (0, 1)}
    told = Change.objects.filter(kind="quota.amended").order_by("pk")
    assert [(row.before["seats"], row.after["seats"]) for row in told] == [(2, 4), (4, 1)]
    assert list(audit.run()) == []


def test_saying_the_same_number_again_changes_no_seat(student: Audience) -> None:
    event = factories.event(capacity=5)
    pool = factories.quota(event, 2, audience=student)
    before = SeatMovement.objects.count()

    amend(pool, 2)

    assert (seats(event), SeatMovement.objects.count()) == ({"open": (0, 3), "floor": (0, 2)}, before)


def test_a_quota_is_not_cut_below_who_is_in(student: Audience) -> None:
    event = factories.event(capacity=5)
    floor = factories.quota(event, 2, audience=student)
    ceiling = factories.quota(event, 3, "ceiling", audience=student)
    for number in range(2):
        factories.register(event, number, audience=student)
    before = written()

    for pool in (floor, ceiling):
        with pytest.raises(allotting.QuotaBelowTaken) as refusal:
            amend(pool, 1)
        assert (refusal.value.field, dict(refusal.value.details)) == ("seats", {"taken": 2, "seats": 1})

    assert written() == before


def test_a_larger_quota_is_refused_where_others_hold_its_seats(student: Audience) -> None:
    event = factories.event(capacity=4)
    pool = factories.quota(event, 1, audience=student)
    for number in range(2):
        factories.register(event, number)
    before = written()

    with pytest.raises(allotting.QuotaTooLarge) as refusal:
        amend(pool, 3)

    assert (dict(refusal.value.details), written()) == ({"over": 1}, before)
    amend(pool, 2)
    assert list(audit.run()) == []


def test_seats_given_back_by_a_quota_go_to_who_waits(student: Audience) -> None:
    event = factories.event(capacity=2, waitlist="automatic")
    pool = factories.quota(event, 2, audience=student)
    waiting = factories.crowd(event, range(2))

    amend(pool, 1)

    assert statuses(waiting) == ["confirmed", "waitlisted"]
    assert list(audit.run()) == []


def test_a_larger_ceiling_lets_in_who_waited_for_it(student: Audience) -> None:
    event = factories.event(capacity=3, waitlist="automatic")
    pool = factories.quota(event, 1, "ceiling", audience=student)
    rows = factories.crowd(event, range(3), audience=student)

    amend(pool, 2)

    assert statuses(rows) == ["confirmed", "confirmed", "waitlisted"]
    assert list(audit.run()) == []


def test_a_ceiling_may_be_cut_below_who_is_in_on_purpose(student: Audience) -> None:
    event = factories.event(capacity=3)
    pool = factories.quota(event, 2, "ceiling", audience=student)
    for number in range(2):
        factories.register(event, number, audience=student)

    amended = amend(pool, 1, over_commit=True)

    assert (amended.over_committed, amended.taken, amended.seats) == (True, 2, 1)
    with pytest.raises(registering.EventFull):
        factories.register(event, 3, audience=student)
    assert list(audit.run()) == []


# Releasing


def test_released_seats_are_for_all_and_who_is_in_stays_in(student: Audience) -> None:
    event = factories.event(capacity=3)
    pool = factories.quota(event, 2, audience=student)
    inside = factories.register(event, 1, audience=student)

    released = release(pool)

    assert (released.released_at, seats(event)) == (NOW + HOUR, {"open": (0, 2), "floor": (1, 1)})
    assert pool_of(inside) == "floor"
    assert pool_of(factories.register(event, 2, audience=student)) == "open"
    assert pool_of(factories.register(event, 3)) == "open"
    assert Change.objects.filter(kind="quota.released").count() == 1
    assert list(audit.run()) == []


def test_releasing_twice_changes_nothing_and_a_released_quota_stays_as_it_is(student: Audience) -> None:
    event = factories.event(capacity=3)
    pool = factories.quota(event, 2, audience=student)
    release(pool)
    before = written()

    release(pool)
    with pytest.raises(allotting.QuotaReleased) as refusal:
        amend(pool, 1)

    assert (refusal.value.code, written()) == ("quota_released", before)


def test_after_a_release_another_quota_of_the_kind_may_be_made(student: Audience) -> None:
    event = factories.event(capacity=3)
    release(factories.quota(event, 2, audience=student))

    factories.quota(event, 1, audience=student)

    assert pool_of(factories.register(event, 1, audience=student)) == "floor"
    assert list(audit.run()) == []


def test_the_seat_of_who_leaves_a_released_quota_is_open_to_all(student: Audience) -> None:
    event = factories.event(capacity=2, waitlist="automatic")
    pool = factories.quota(event, 1, audience=student)
    inside = factories.register(event, 1, audience=student)
    factories.register(event, 2)
    waiting = factories.register(event, 3, now=NOW + HOUR)
    release(pool)

    cancel(inside, now=NOW + 2 * HOUR)

    assert (statuses([waiting]), pool_of(waiting)) == (["confirmed"], "open")
    assert seats(event) == {"open": (2, 2), "floor": (0, 0)}
    assert list(audit.run()) == []


def test_a_released_ceiling_bounds_nobody_and_still_counts_who_leaves(student: Audience) -> None:
    event = factories.event(capacity=4)
    pool = factories.quota(event, 1, "ceiling", audience=student)
    first = factories.register(event, 1, audience=student)

    release(pool)
    factories.register(event, 2, audience=student)
    cancel(first)

    assert seats(event) == {"open": (1, 4), "ceiling": (0, 1)}
    assert list(audit.run()) == []


def test_a_quota_releases_itself_at_a_time(student: Audience) -> None:
    event = factories.event(capacity=2)
    pool = factories.quota(event, 1, audience=student, release=Release(at=NOW + DAY))
    assert falling_due.next_due(after=NOW) == NOW + DAY

    early = falling_due.run(now=NOW + DAY - timedelta(seconds=1))["quotas"]
    due = falling_due.run(now=NOW + DAY)["quotas"]
    again = falling_due.run(now=NOW + DAY)["quotas"]

    assert (early, due, again, seats(event)) == (0, 1, 0, {"open": (0, 2), "floor": (0, 0)})
    assert SeatPool.objects.get(pk=pool.pk).released_at == NOW + DAY


def test_a_quota_that_is_released_days_before_follows_a_moved_session(student: Audience) -> None:
    event = factories.event(capacity=2)
    pool = factories.quota(event, 1, audience=student, release=Release(days_before=2))
    assert pool.releases_at == NOW + WEEK - 2 * DAY
    moment = scheduling.block(starts=NOW + 2 * WEEK, ends=NOW + 2 * WEEK + HOUR, timezone="Asia/Seoul")

    scheduling.amend(session=event.sessions.get(), moment=moment, actor=SYSTEM, now=NOW)

    assert SeatPool.objects.get(pk=pool.pk).releases_at == NOW + 2 * WEEK - 2 * DAY
    assert falling_due.run(now=NOW + WEEK)["quotas"] == 0
    assert falling_due.run(now=NOW + 2 * WEEK - 2 * DAY)["quotas"] == 1


def test_a_quota_of_an_event_without_a_time_is_dated_when_it_gets_one(student: Audience) -> None:
    event = factories.draft(capacity=2)
    pool = factories.quota(event, 1, audience=student, release=Release(days_before=2))
    assert pool.releases_at is None

    factories.session(event)

    assert SeatPool.objects.get(pk=pool.pk).releases_at == NOW + WEEK - 2 * DAY


def test_the_day_of_release_can_be_changed_and_taken_back(student: Audience) -> None:
    event = factories.event(capacity=2)
    pool = factories.quota(event, 1, audience=student, release=Release(at=NOW + DAY))

    dated = allotting.amend(pool=pool, release=Release(days_before=1), actor=SYSTEM, now=NOW)
    assert (dated.releases_at, dated.releases_days_before) == (NOW + WEEK - DAY, 1)
    never = allotting.amend(pool=pool, release=allotting.NEVER, actor=SYSTEM, now=NOW)

    assert (never.releases_at, never.releases_days_before) == (None, None)
    assert seats(event) == {"open": (0, 1), "floor": (0, 1)}


# No seat stays empty


def test_a_holder_of_an_open_seat_moves_so_that_no_seat_stays_empty(student: Audience) -> None:
    event = factories.event(capacity=2, waitlist="automatic")
    factories.quota(event, 1, audience=student)
    first = factories.register(event, 1, audience=student)
    second = factories.register(event, 2, audience=student)
    waiting = factories.register(event, 3, now=NOW + HOUR)
    assert [pool_of(row) for row in (first, second)] == ["floor", "open"]

    cancel(first, now=NOW + 2 * HOUR)

    assert (statuses([second, waiting]), pool_of(second), pool_of(waiting)) == (
        ["confirmed", "confirmed"], "floor", "open",
    )  # fmt: skip
    lines = SeatMovement.objects.filter(registration=second, reason="moved").order_by("pk")
    assert list(lines.values_list("pool__kind", "delta")) == [("open", -1), ("floor", 1)]
    assert list(audit.run()) == []


def test_a_newcomer_makes_a_holder_move_too(student: Audience) -> None:
    event = factories.event(capacity=2)
    factories.quota(event, 1, audience=student)
    first, second = (factories.register(event, number, audience=student) for number in (1, 2))
    cancel(first)

    newcomer = factories.register(event, 3)

    assert (pool_of(second), pool_of(newcomer)) == ("floor", "open")
    assert list(audit.run()) == []


def test_many_promoted_at_once_move_each_other(student: Audience) -> None:
    event = factories.event(capacity=4, waitlist="automatic")
    factories.quota(event, 2, audience=student)
    students = [factories.register(event, number, audience=student) for number in range(4)]
    waiting = factories.crowd(event, range(10, 14), now=NOW + HOUR)
    mixed = [factories.register(event, 20, audience=student, now=NOW + 2 * HOUR)]

    resize(event, 9)

    assert statuses([*students, *waiting, *mixed]) == ["confirmed"] * 9
    assert list(audit.run()) == []


# Capacity and quotas together


def test_capacity_is_not_cut_below_what_quotas_reserve(student: Audience) -> None:
    event = factories.event(capacity=5)
    factories.quota(event, 3, audience=student)
    before = written()

    for over_commit in (False, True):
        with pytest.raises(seating.CapacityBelowReserved) as refusal:
            resize(event, 2, over_commit=over_commit)

    assert (refusal.value.code, refusal.value.field, dict(refusal.value.details)) == (
        "capacity_below_reserved", "capacity", {"reserved": 3, "capacity": 2},
    )  # fmt: skip
    assert (written(), Event.objects.get(pk=event.pk).capacity) == (before, 5)


def test_a_cut_moves_holders_into_quotas_before_it_is_refused(student: Audience) -> None:
    event = factories.event(capacity=4)
    factories.quota(event, 1, audience=student)
    first, *rest = [factories.register(event, number, audience=student) for number in range(3)]
    cancel(first)

    resize(event, 2)

    assert sorted(pool_of(row) for row in rest) == ["floor", "open"]
    assert seats(event) == {"open": (1, 1), "floor": (1, 1)}
    assert list(audit.run()) == []


def over_committed(**fields: Any) -> tuple[Event, list[Registration]]:
    """Four people in an event whose capacity was cut to two on purpose."""
    event = factories.event(**{"capacity": 4, "waitlist": "automatic", **fields})
    rows = [factories.enter(event, number) for number in range(4)]
    resize(event, 2, over_commit=True)
    assert SeatPool.objects.get(event=event).over_committed
    return event, rows


def test_an_over_committed_event_admits_nobody_on_any_path_until_it_is_worked_off() -> None:
    event, rows = over_committed()
    waiting = factories.register(event, 10, now=NOW + HOUR)
    entered = factories.enter(event, 11, now=NOW + HOUR)

    for row in rows[:2]:
        cancel(row, now=NOW + 2 * HOUR)
        falling_due.run(now=NOW + 2 * HOUR)
        assert statuses([waiting, entered]) == ["waitlisted", "waitlisted"]
    assert not SeatPool.objects.get(event=event).over_committed
    cancel(rows[2], now=NOW + 2 * HOUR)

    assert statuses([waiting, entered]) == ["confirmed", "waitlisted"]
    assert list(audit.run()) == []


def test_an_over_committed_event_approves_nobody_until_it_is_worked_off() -> None:
    event, rows = over_committed(registration="approval", waitlist="off")
    applied = factories.register(event, 10)

    for row in rows[:2]:
        cancel(row)
        selecting.approve(event=event, registrations=[applied], actor=SYSTEM, now=NOW + HOUR)
        assert statuses([applied]) == ["applied"]
    cancel(rows[2])
    selecting.approve(event=event, registrations=[applied], actor=SYSTEM, now=NOW + HOUR)

    assert statuses([applied]) == ["confirmed"]


def test_who_holds_an_offer_when_the_capacity_is_cut_keeps_it() -> None:
    event = factories.event(capacity=2, needs_proof=True, proof_minutes=120)
    rows = [factories.register(event, number) for number in range(2)]

    with pytest.raises(seating.CapacityBelowTaken):
        resize(event, 1)
    resize(event, 1, over_commit=True)

    assert statuses(rows) == ["offered", "offered"]
    assert list(audit.run()) == []


def test_over_committed_open_seats_leave_a_free_floor_to_its_audience(student: Audience) -> None:
    event = factories.event(capacity=4)
    factories.quota(event, 2, audience=student)
    for number in range(2):
        factories.register(event, number)
    resize(event, 3, over_commit=True)
    assert seats(event) == {"open": (2, 1), "floor": (0, 2)}

    factories.register(event, 5, audience=student)
    with pytest.raises(registering.EventFull):
        factories.register(event, 6, audience=student)

    assert sum(taken for taken, _seats in seats(event).values()) == 3
    assert list(audit.run()) == []


def test_nothing_can_be_set_aside_from_an_over_committed_event(student: Audience) -> None:
    event, _rows = over_committed()

    with pytest.raises(allotting.QuotaTooLarge):
        factories.quota(event, 1, audience=student)
