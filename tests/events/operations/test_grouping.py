"""Groups: all of them or none, waiting as one, leaving alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from events.errors import Invalid
from events.models import ANONYMOUS, SYSTEM, Actor, Change, Event, Group, Invitation, Registration, SeatPool
from events.operations import (
    clashing,
    falling_due,
    grouping,
    inviting,
    planning,
    registering,
    selecting,
    waitlisting,
)
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, statuses

pytestmark = pytest.mark.django_db


def book(
    event: Event, numbers: Sequence[int], *, booker: dict[str, Any] | None = None, actor: Actor = ANONYMOUS,
    now: Any = NOW, is_staff: bool = False, **fields: Any,
) -> list[Registration]:  # fmt: skip
    """These people, booked by somebody who does not come along."""
    booked = grouping.register(
        event=Event.objects.get(pk=event.pk), booker=factories.applicant(900, **(booker or {})),
        people=[factories.applicant(number, **fields) for number in numbers], actor=actor, now=now, is_staff=is_staff,
    )  # fmt: skip
    return booked.registrations


def written() -> tuple[int, int, int, int, int]:
    seats = sum(SeatPool.objects.values_list("taken", flat=True))
    uses = sum(Invitation.objects.values_list("used", flat=True))
    return Group.objects.count(), Registration.objects.count(), Change.objects.count(), seats, uses


def cancel(registration: Registration, *, now: Any = NOW + HOUR) -> None:
    registering.cancel(registration=registration, actor=ANONYMOUS, now=now)


def waiting_group(**fields: Any) -> tuple[Event, list[Registration], list[Registration], Registration]:
    """Two seats that are taken, a group of two that waits, and somebody alone behind it."""
    event = factories.event(**{"capacity": 2, "waitlist": "automatic", **fields})
    holders = factories.crowd(event, (1, 2))
    group = book(event, (3, 4), now=NOW + timedelta(minutes=1))
    alone = factories.register(event, 5, now=NOW + timedelta(minutes=2))
    return event, holders, group, alone


def test_a_group_is_one_booking_of_several_people_with_a_registration_each() -> None:
    event = factories.event(capacity=5)

    rows = book(event, (1, 2, 3))

    group = Group.objects.get()
    assert statuses(rows) == ["confirmed"] * 3
    assert {row.group for row in rows} == {group}
    assert [row.email for row in rows] == [f"person{number}@mail.example" for number in (1, 2, 3)]
    assert (group.email, len({row.code for row in rows} | {group.code})) == ("person900@mail.example", 4)
    assert SeatPool.objects.get(event=event).taken == 3
    assert list(audit.run()) == []


def test_the_booker_may_be_one_of_them() -> None:
    event = factories.event(capacity=5)

    rows = book(event, (900, 1))

    assert statuses(rows) == ["confirmed", "confirmed"]


# All or nothing


def test_a_group_that_does_not_fit_gets_no_seat_at_all() -> None:
    event = factories.event(capacity=3)
    factories.register(event, 9)
    before = written()

    with pytest.raises(registering.EventFull):
        book(event, (1, 2, 3))

    assert written() == before


@pytest.mark.parametrize("status", ["confirmed", "waitlisted"])
def test_one_who_is_in_already_stops_all_and_is_named(status: str) -> None:
    event = factories.event(capacity=5 if status == "confirmed" else 0, waitlist="automatic")
    factories.register(event, 2)
    before = written()

    with pytest.raises(registering.AlreadyRegistered) as refusal:
        book(event, (1, 2, 3))

    assert (refusal.value.field, written()) == ("people/1/email", before)


def test_one_who_is_in_another_run_stops_all_and_is_named() -> None:
    first, second = factories.runs(2, capacity=5)
    factories.register(first, 3)
    before = written()

    with pytest.raises(registering.AlreadyRegistered) as refusal:
        book(second, (1, 2, 3))

    assert (refusal.value.field, written()) == ("people/2/email", before)


def test_an_address_named_twice_is_refused_and_said_whose() -> None:
    event = factories.event(capacity=5)
    people = [factories.applicant(1), factories.applicant(2), factories.applicant(3, email=" PERSON1@mail.example")]

    with pytest.raises(Invalid) as refusal:
        grouping.register(event=event, booker=people[0], people=people, actor=ANONYMOUS, now=NOW)

    assert (refusal.value.field, written()[:2]) == ("people/2/email", (0, 0))


def test_a_wrong_address_or_name_is_said_whose() -> None:
    event = factories.event(capacity=5)
    wrong = [factories.applicant(1), factories.applicant(2, email="nobody")]
    rude = [factories.applicant(1, name="www.spam.example")]

    with pytest.raises(Invalid) as first:
        grouping.register(event=event, booker=wrong[0], people=wrong, actor=ANONYMOUS, now=NOW)
    with pytest.raises(Invalid) as second:
        grouping.register(event=event, booker=wrong[0], people=rude, actor=ANONYMOUS, now=NOW)
    with pytest.raises(Invalid) as third:
        grouping.register(event=event, booker=wrong[1], people=wrong[:1], actor=ANONYMOUS, now=NOW)

    assert [one.value.field for one in (first, second, third)] == ["people/1/email", "people/0/name", "email"]
    assert Registration.objects.count() == 0


def test_one_clash_stops_all_and_says_whose() -> None:
    programme = factories.programme(clashes="refuse")
    other, event = (factories.event(of=programme, capacity=5) for _number in range(2))
    factories.register(other, 2)
    before = written()

    with pytest.raises(clashing.Clash) as refusal:
        book(event, (1, 2))

    assert (refusal.value.field, written()) == ("people/1", before)


def test_a_code_is_used_once_for_each_person_or_not_at_all() -> None:
    event = factories.event(capacity=5, needs_code=True)
    invitation = factories.code(event, "GROUP-2026", uses=3)

    rows = book(event, (1, 2), booker={"code": "GROUP-2026"})
    before = written()
    with pytest.raises(inviting.CodeRequired):
        book(event, (3, 4), booker={"code": "GROUP-2026"})

    assert (statuses(rows), written()) == (["confirmed", "confirmed"], before)
    assert Invitation.objects.get(pk=invitation.pk).used == 2


@pytest.mark.parametrize("numbers", [(), range(4)])
def test_a_group_has_as_many_people_as_the_event_allows(numbers: Sequence[int]) -> None:
    event = factories.event(capacity=9, most_in_group=3)

    with pytest.raises(Invalid) as refusal:
        book(event, numbers)

    assert (refusal.value.field, dict(refusal.value.details)) == ("people", {"most": 3})


def test_a_group_larger_than_the_event_cannot_even_wait() -> None:
    event = factories.event(capacity=2, waitlist="automatic")
    before = written()

    with pytest.raises(registering.EventFull):
        book(event, (1, 2, 3))

    assert written() == before


def test_each_of_a_group_sits_where_they_may() -> None:
    student = factories.audience()
    event = factories.event(capacity=3)
    floor = factories.quota(event, 2, audience=student)
    people = [
        factories.applicant(1),
        factories.applicant(2, audience=student),
        factories.applicant(3, audience=student),
    ]

    booked = grouping.register(event=event, booker=people[0], people=people, actor=ANONYMOUS, now=NOW)

    open_one = SeatPool.objects.get(event=event, kind="open")
    assert [row.pool for row in booked.registrations] == [open_one, floor, floor]
    assert list(audit.run()) == []


def test_a_group_that_must_prove_its_addresses_is_offered_its_seats() -> None:
    rows = book(factories.event(capacity=5, needs_proof=True), (1, 2))

    assert statuses(rows) == ["offered", "offered"]


def test_an_organizer_books_groups_too() -> None:
    event = factories.event(capacity=5, registration="approval", needs_code=True)

    rows = book(event, (1, 2), actor=SYSTEM, is_staff=True)

    assert statuses(rows) == ["confirmed", "confirmed"]


def test_a_group_applies_together() -> None:
    event = factories.event(capacity=1, registration="approval", waitlist="automatic")

    rows = book(event, (1, 2))

    assert statuses(rows) == ["applied", "applied"]


# Waiting


def test_a_group_waits_as_one_with_places_side_by_side() -> None:
    _event, _holders, group, alone = waiting_group()

    assert statuses([*group, alone]) == ["waitlisted"] * 3
    assert [waitlisting.position(row) for row in [*group, alone]] == [1, 2, 3]


def test_free_seats_are_kept_for_a_group_that_needs_more_of_them() -> None:
    event, holders, group, alone = waiting_group()

    cancel(holders[0])
    newcomer = factories.register(event, 6, now=NOW + HOUR)
    entered = factories.enter(event, 7, now=NOW + HOUR)
    assert statuses([*group, alone, newcomer, entered]) == ["waitlisted"] * 5
    assert SeatPool.objects.get(event=event).taken == 1
    cancel(holders[1])

    assert statuses([*group, alone, newcomer]) == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert list(audit.run()) == []


def test_another_group_waits_behind_the_one_that_seats_are_kept_for() -> None:
    event, holders, _group, _alone = waiting_group()
    cancel(holders[0])

    second = book(event, (10, 11), now=NOW + HOUR)

    assert statuses(second) == ["waitlisted", "waitlisted"]


def test_where_the_event_says_so_people_alone_pass_a_group_with_a_reason() -> None:
    _event, holders, group, alone = waiting_group(passes_groups=True)

    cancel(holders[0])

    assert statuses([*group, alone]) == ["waitlisted", "waitlisted", "confirmed"]
    assert list(Registration.objects.filter(group__isnull=False).values_list("passed_for", flat=True)) == ["group"] * 2
    told = Change.objects.filter(kind="waitlist.passed").order_by("pk").values_list("registration", "reason")
    assert list(told) == [(row.pk, "group") for row in group]


def test_no_seat_is_kept_for_a_group_that_fits_no_longer() -> None:
    event, holders, group, alone = waiting_group()
    third = factories.register(event, 8, now=NOW + HOUR)
    planning.amend_event(event=event, fields={"capacity": 1}, over_commit=True, actor=SYSTEM, now=NOW + HOUR)

    for holder in holders:
        cancel(holder)

    assert statuses([*group, alone, third]) == ["waitlisted", "waitlisted", "confirmed", "waitlisted"]


def test_a_group_that_a_ceiling_never_lets_in_is_refused_at_once() -> None:
    student = factories.audience()
    event = factories.event(capacity=3, waitlist="automatic")
    factories.quota(event, 1, "ceiling", audience=student)

    with pytest.raises(registering.EventFull):
        book(event, (1, 2), audience=student)

    assert Registration.objects.count() == 0


def test_no_seat_is_kept_for_a_group_that_a_ceiling_stands_in_the_way_of() -> None:
    student = factories.audience()
    event = factories.event(capacity=3, waitlist="automatic")
    factories.quota(event, 2, "ceiling", audience=student)
    one = factories.register(event, 9, audience=student)
    group = book(event, (1, 2), audience=student)

    newcomer = factories.register(event, 3, now=NOW + HOUR)

    assert statuses([*group, newcomer]) == ["waitlisted", "waitlisted", "confirmed"]
    assert Registration.objects.get(pk=group[0].pk).passed_for == "ceiling"
    cancel(one)
    assert statuses(group) == ["confirmed", "confirmed"]


def test_no_seat_is_kept_for_a_group_that_may_not_have_it() -> None:
    student = factories.audience()
    event = factories.event(capacity=4, waitlist="automatic")
    factories.quota(event, 2, "floor", audience=student)
    factories.register(event, 9)
    group = book(event, (1, 2))

    newcomer = factories.register(event, 3, audience=student, now=NOW + HOUR)

    assert statuses([*group, newcomer]) == ["waitlisted", "waitlisted", "confirmed"]
    assert list(audit.run()) == []


def test_who_leaves_a_waiting_group_makes_it_smaller() -> None:
    _event, holders, group, alone = waiting_group()
    cancel(group[0])

    cancel(holders[0])

    assert statuses([*group, alone]) == ["cancelled", "confirmed", "waitlisted"]


def test_each_person_leaves_alone_and_the_others_stay() -> None:
    event = factories.event(capacity=3, waitlist="automatic")
    rows = book(event, (1, 2, 3))
    waiting = factories.register(event, 4)

    cancel(rows[1])

    assert statuses([*rows, waiting]) == ["confirmed", "cancelled", "confirmed", "confirmed"]


def test_a_group_is_served_whole_at_the_end_of_a_batch() -> None:
    event = factories.event(capacity=2, waitlist="automatic")
    factories.crowd(event, (0, 1))
    people = factories.crowd(event, range(2, 21))  # the first batch reads twenty
    group = book(event, (30, 31), now=NOW + HOUR)
    last = factories.register(event, 40, now=NOW + 2 * HOUR)

    planning.amend_event(event=event, fields={"capacity": 22}, actor=SYSTEM, now=NOW + 3 * HOUR)

    assert statuses([*people, *group, last]) == ["confirmed"] * 19 + ["waitlisted"] * 3


@pytest.mark.parametrize("size", [20, 25])
def test_a_group_larger_than_a_batch_is_served_whole(size: int) -> None:
    event = factories.event(capacity=30, waitlist="automatic", most_in_group=30)
    factories.crowd(event, range(30))
    group = book(event, range(100, 100 + size), now=NOW + HOUR)
    second = book(event, range(200, 202), now=NOW + 2 * HOUR)

    planning.amend_event(event=event, fields={"capacity": 30 + size + 1}, actor=SYSTEM, now=NOW + 3 * HOUR)

    assert statuses([*group, *second]) == ["confirmed"] * size + ["waitlisted"] * 2
    assert list(audit.run()) == []


def test_nobody_is_served_twice_where_a_group_was_approved_apart() -> None:
    event = factories.event(capacity=1, registration="approval", waitlist="automatic")
    first = factories.register(event, 0)
    group = book(event, (1, 2))
    others = factories.crowd(event, range(10, 30))
    order = [first, group[0], *others[:18], group[1], *others[18:]]
    selecting.approve(event=event, registrations=order, actor=SYSTEM, now=NOW + HOUR)

    planning.amend_event(event=event, fields={"capacity": 23}, actor=SYSTEM, now=NOW + 2 * HOUR)

    assert statuses(order) == ["confirmed"] * 23
    assert list(audit.run()) == []


def test_a_group_passes_on_together_when_its_run_begins() -> None:
    first, second = factories.runs(2, capacity=2)
    for number, run in enumerate((first, first, second, second)):
        factories.register(run, number)
    group = book(first, (10, 11))

    falling_due.run(now=first.first_starts_at or NOW)

    assert statuses(group) == ["waitlisted", "waitlisted"]
    assert {Registration.objects.get(pk=row.pk).event for row in group} == {second}
