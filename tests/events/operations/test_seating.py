"""Seat pools: what a cut of capacity does, when over-commitment ends, and that the ledger says all of it."""

import pytest
from django.utils import translation

from events.models import ANONYMOUS, SYSTEM, Event, Registration, SeatMovement, SeatPool
from events.operations import planning, publishing, registering, scheduling, seating
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db


def resize(event: Event, capacity: int | None, *, over_commit: bool = False) -> None:
    planning.amend_event(event=event, fields={"capacity": capacity}, over_commit=over_commit, actor=SYSTEM, now=NOW)


def state(event: Event) -> tuple[int, int, bool, bool]:
    pool = SeatPool.objects.get(event=event)
    return pool.taken, pool.seats, pool.is_unlimited, pool.over_committed


def filled(people: int, capacity: int | None) -> tuple[Event, list[Registration]]:
    event = factories.event(capacity=capacity)
    return event, [factories.register(event, number) for number in range(people)]


def ledger(event: Event) -> list[tuple[int, int, str]]:
    rows = SeatMovement.objects.filter(pool__event=event).order_by("pk")
    return list(rows.values_list("delta", "seats_delta", "reason"))


def test_more_seats_are_free_at_once() -> None:
    event, _people = filled(2, 2)

    resize(event, 4)
    factories.register(event, 3)

    assert state(event) == (3, 4, False, False)
    assert ledger(event) == [(0, 2, "opened"), (1, 0, "registered"), (1, 0, "registered"), (0, 2, "resized"),
                             (1, 0, "registered")]  # fmt: skip


def test_a_cut_to_the_people_who_are_in_is_allowed() -> None:
    event, _people = filled(3, 10)

    resize(event, 3)

    assert state(event) == (3, 3, False, False)


def test_a_cut_below_the_people_who_are_in_is_refused_with_both_numbers() -> None:
    event, people = filled(3, 10)

    with pytest.raises(seating.CapacityBelowTaken) as refusal:
        resize(event, 2)

    assert (refusal.value.code, refusal.value.field, dict(refusal.value.details)) == (
        "capacity_below_taken", "capacity", {"taken": 3, "seats": 2, "over": [people[2].code]},
    )  # fmt: skip
    assert (state(event), Event.objects.get(pk=event.pk).capacity) == ((3, 10, False, False), 10)


def test_a_cut_that_leaves_seats_for_others_only_is_refused_with_who_has_none_left() -> None:
    event, people = filled(3, 10)
    factories.quota(event, 5, audience=factories.audience("student"))

    with translation.override("en"), pytest.raises(seating.CapacityBelowTaken) as refusal:
        resize(event, 7)

    assert (str(refusal.value), dict(refusal.value.details)) == (
        "Quotas reserve 5 of 7 seats; for 1 of those who are in none is left.",
        {"taken": 3, "seats": 7, "over": [people[2].code]},
    )


def test_an_over_committed_event_admits_nobody_until_it_is_worked_off() -> None:
    event, people = filled(4, 10)
    resize(event, 2, over_commit=True)
    assert state(event) == (4, 2, False, True)

    with pytest.raises(registering.EventFull):
        factories.register(event, 9)
    registering.cancel(registration=people[0], actor=ANONYMOUS, now=NOW)
    assert state(event) == (3, 2, False, True)
    registering.cancel(registration=people[1], actor=ANONYMOUS, now=NOW)
    assert state(event) == (2, 2, False, False)
    with pytest.raises(registering.EventFull):
        factories.register(event, 9)
    registering.cancel(registration=people[2], actor=ANONYMOUS, now=NOW)
    factories.register(event, 9)

    assert state(event) == (2, 2, False, False)


def test_seats_that_become_free_elsewhere_work_off_what_is_over_committed() -> None:
    """Two students leave the floor: one who has an open seat is counted there from now on, and another one can be."""
    event, students = factories.event(capacity=5, waitlist="automatic"), factories.audience("student")
    factories.quota(event, 2, audience=students)
    people = [factories.register(event, number, audience=students) for number in range(4)]
    factories.register(event, 4)
    resize(event, 4, over_commit=True)

    for registration in people[:2]:
        registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)

    pools = SeatPool.objects.filter(event=event).order_by("pk")
    assert list(pools.values_list("taken", "seats", "over_committed")) == [(2, 2, False), (1, 2, False)]
    assert factories.register(event, 5).status == "confirmed"
    assert list(audit.run()) == []


def test_an_over_committed_event_may_get_more_seats_though_still_too_few() -> None:
    event, _people = filled(4, 10)
    resize(event, 2, over_commit=True)

    resize(event, 3)

    assert state(event) == (4, 3, False, True)


def test_saying_the_same_capacity_again_is_no_cut() -> None:
    event, _people = filled(4, 10)
    resize(event, 2, over_commit=True)

    resize(event, 2)

    assert state(event) == (4, 2, False, True)


def test_enough_seats_end_the_over_commitment() -> None:
    event, _people = filled(4, 10)
    resize(event, 2, over_commit=True)

    resize(event, 4)

    assert state(event) == (4, 4, False, False)


def test_unlimited_and_back_keeps_the_count() -> None:
    event, _people = filled(3, 3)

    resize(event, None)
    factories.register(event, 9)
    assert state(event) == (4, 0, True, False)
    with pytest.raises(seating.CapacityBelowTaken):
        resize(event, 3)
    resize(event, 5)

    assert state(event) == (4, 5, False, False)
    assert sum(row[1] for row in ledger(event)) == 5


def test_every_event_has_one_open_pool_with_its_capacity() -> None:
    assert [state(factories.draft(capacity=capacity)) for capacity in (0, 7, None)] == [
        (0, 0, False, False),
        (0, 7, False, False),
        (0, 0, True, False),
    ]


def window(event: Event) -> tuple[bool, object, object]:
    pool = SeatPool.objects.get(event=event)
    return pool.is_admitting, pool.opens_at, pool.closes_at


def test_the_pool_admits_exactly_while_the_event_does() -> None:
    event = factories.draft(registration_opens_at=NOW)
    assert window(event) == (False, NOW, None)

    session = factories.session(event)
    assert window(event) == (False, NOW, NOW + WEEK)
    factories.publish(event)
    assert window(event) == (True, NOW, NOW + WEEK)
    moment = scheduling.block(starts=NOW + 2 * WEEK, ends=NOW + 2 * WEEK + HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=session, moment=moment, actor=SYSTEM, now=NOW)
    assert window(event) == (True, NOW, NOW + 2 * WEEK)
    planning.amend_event(event=event, fields={"registration": "none"}, actor=SYSTEM, now=NOW)
    assert window(event) == (False, NOW, NOW + 2 * WEEK)
    planning.amend_event(
        event=event, fields={"registration": "open", "registration_closes_at": NOW + HOUR}, actor=SYSTEM, now=NOW
    )
    assert window(event) == (True, NOW, NOW + HOUR)
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)
    assert window(event) == (False, NOW, NOW + HOUR)


def test_a_called_off_event_admits_nobody() -> None:
    event = publishing.cancel(event=factories.event(), actor=SYSTEM, now=NOW)

    assert window(event)[0] is False
