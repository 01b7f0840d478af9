"""The waitlist: strict order, nobody passed in silence, seats go out in the step that frees them, runs of a series."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import ANONYMOUS, SYSTEM, Change, Event, Organization, Registration, SeatPool
from events.operations import (
    allotting,
    falling_due,
    placing,
    planning,
    publishing,
    registering,
    scheduling,
    seating,
    selecting,
    waitlisting,
)
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses
from venues.models import Room

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def cancel(registration: Registration, *, now: Any = NOW + HOUR) -> None:
    registering.cancel(registration=registration, actor=ANONYMOUS, now=now)


def amend(event: Event, *, now: Any = NOW + HOUR, **fields: Any) -> None:
    planning.amend_event(event=event, fields=fields, actor=SYSTEM, now=now)


def fresh(registration: Registration) -> Registration:
    return Registration.objects.get(pk=registration.pk)


def places(rows: Iterable[Registration]) -> list[int | None]:
    return [waitlisting.position(fresh(row)) for row in rows]


def passed() -> list[tuple[int | None, str]]:
    """Who was passed for what, as the history has it."""
    told = Change.objects.filter(kind="waitlist.passed").order_by("pk")
    return list(told.values_list("registration", "reason"))


def is_plain(event: Event) -> bool:
    return SeatPool.objects.get(event=event, kind="open").is_plain


def waitlisted_event(**fields: Any) -> Event:
    return factories.event(**{"capacity": 1, "waitlist": "automatic", **fields})


# Order


def test_whoever_comes_first_is_first_in_line() -> None:
    event = waitlisted_event()

    _holder, *waiting = factories.crowd(event, range(4))

    assert statuses(waiting) == ["waitlisted"] * 3
    assert places(waiting) == [1, 2, 3]
    assert waitlisting.positions(event) == {row.pk: place for place, row in enumerate(waiting, start=1)}


def test_who_has_a_seat_has_no_place_in_line() -> None:
    holder = factories.register(waitlisted_event(), 1)

    assert waitlisting.position(holder) is None


def test_a_priority_comes_before_time() -> None:
    event = waitlisted_event()
    factories.code(event, "VIP-2026", priority=5)
    _holder, early, late = factories.crowd(event, range(3))

    first = factories.register(event, 9, code="vip2026", now=NOW + HOUR)

    assert places([first, early, late]) == [1, 2, 3]


def test_two_at_the_same_moment_stand_in_the_order_in_which_they_were_let_in() -> None:
    event = waitlisted_event()

    _holder, *waiting = [factories.register(event, number) for number in range(4)]

    assert places(waiting) == [1, 2, 3]
    assert len({fresh(row).waits_since for row in waiting}) == 3


def test_a_request_that_came_earlier_and_was_slower_stands_behind_the_quicker_one() -> None:
    event = waitlisted_event()
    factories.register(event, 0)
    quick = factories.register(event, 1, now=NOW + HOUR)
    assert places([quick]) == [1]

    slow = factories.register(event, 2, now=NOW)

    assert places([quick, slow]) == [1, 2]


def test_joining_again_goes_to_the_end() -> None:
    event = waitlisted_event()
    _holder, first, second = factories.crowd(event, range(3))

    cancel(first)
    again = factories.register(event, 1, now=NOW + 2 * HOUR)

    assert (statuses([first, second, again]), places([second, again])) == (
        ["cancelled", "waitlisted", "waitlisted"],
        [1, 2],
    )


# Seats go out in the step that frees them


def test_a_freed_seat_is_the_next_ones_in_the_same_step() -> None:
    event = waitlisted_event()
    holder, first, second = factories.crowd(event, range(3))

    cancel(holder)

    change = Change.objects.get(registration=first, kind="registration.confirmed")
    assert statuses([holder, first, second]) == ["cancelled", "confirmed", "waitlisted"]
    assert (change.actor_kind, change.reason, change.before, change.at) == (
        "system", "seat_freed", {"status": "waitlisted"}, NOW + HOUR,
    )  # fmt: skip
    assert (places([second]), passed(), list(audit.run())) == ([1], [], [])


def test_added_seats_go_to_those_who_wait_in_order() -> None:
    event = waitlisted_event()
    people = factories.crowd(event, range(5))

    amend(event, capacity=3)

    assert statuses(people) == ["confirmed"] * 3 + ["waitlisted"] * 2
    assert list(audit.run()) == []


def test_released_seats_go_to_those_who_wait_in_order() -> None:
    student = factories.audience()
    event = waitlisted_event(capacity=3)
    pool = factories.quota(event, 2, audience=student)
    people = factories.crowd(event, range(4))
    assert statuses(people) == ["confirmed"] + ["waitlisted"] * 3

    allotting.release(pool=pool, actor=SYSTEM, now=NOW + HOUR)

    assert statuses(people) == ["confirmed"] * 3 + ["waitlisted"]
    assert list(audit.run()) == []


def test_an_unlimited_event_takes_all_who_wait() -> None:
    event = waitlisted_event()
    people = factories.crowd(event, range(4))

    amend(event, capacity=None)

    assert statuses(people) == ["confirmed"] * 4


def test_a_new_mode_holds_for_the_seats_that_the_same_step_adds() -> None:
    event = waitlisted_event()
    people = factories.crowd(event, range(2))

    amend(event, capacity=2, waitlist="offer")

    assert statuses(people) == ["confirmed", "offered"]


def test_in_offer_mode_the_seat_is_held_until_a_deadline() -> None:
    event = waitlisted_event(waitlist="offer", offer_minutes=90)
    holder, first, second = factories.crowd(event, range(3))

    cancel(holder)

    offered = fresh(first)
    assert (offered.status, offered.offer_expires_at) == ("offered", NOW + HOUR + timedelta(minutes=90))
    assert (statuses([second]), SeatPool.objects.get(event=event).taken) == (["waitlisted"], 1)
    assert list(audit.run()) == []


def test_an_offer_ends_when_the_event_begins_at_the_latest() -> None:
    event = waitlisted_event(waitlist="offer", offer_minutes=24 * 60)
    holder, first = factories.crowd(event, range(2))

    cancel(holder, now=NOW + WEEK - HOUR)

    assert fresh(first).offer_expires_at == NOW + WEEK


def test_seats_go_out_after_registration_has_closed_too() -> None:
    event = waitlisted_event(registration_closes_at=NOW + HOUR)
    holder, first = factories.crowd(event, range(2))

    cancel(holder, now=NOW + 2 * HOUR)

    assert statuses([first]) == ["confirmed"]


def test_nobody_is_promoted_into_an_event_that_has_begun() -> None:
    event = waitlisted_event()
    holder, first = factories.crowd(event, range(2))

    cancel(holder, now=NOW + WEEK)

    assert statuses([first]) == ["waitlisted"]


def test_an_event_that_has_begun_keeps_no_waitlist_for_latecomers() -> None:
    event = waitlisted_event(registration_closes_at=NOW + 2 * WEEK)
    factories.register(event, 0)

    with pytest.raises(registering.EventFull):
        factories.register(event, 1, now=NOW + WEEK)

    assert Registration.objects.count() == 1


def test_when_the_event_begins_nobody_waits_any_more() -> None:
    event = waitlisted_event()
    holder, first = factories.crowd(event, range(2))

    early = falling_due.run(now=NOW + WEEK - SECOND)["waitlists"]
    ended = falling_due.run(now=NOW + WEEK)["waitlists"]

    change = Change.objects.get(kind="registration.expired")
    assert (early, ended, statuses([holder, first])) == (0, 1, ["confirmed", "expired"])
    assert (change.reason, change.actor_kind) == ("event_began", "system")


# Newcomers


def test_a_newcomer_never_passes_who_waits() -> None:
    event = waitlisted_event(capacity=2)
    student = factories.audience()
    factories.quota(event, 1, "ceiling", audience=student)
    one, barred = factories.crowd(event, range(2), audience=student)
    other = factories.register(event, 5, now=NOW + HOUR)
    last = factories.register(event, 6, now=NOW + 2 * HOUR)
    assert statuses([one, barred, other, last]) == ["confirmed", "waitlisted", "confirmed", "waitlisted"]

    cancel(one, now=NOW + 3 * HOUR)

    assert statuses([barred, last]) == ["confirmed", "waitlisted"]


def test_who_is_passed_by_a_newcomer_is_told_why() -> None:
    event = waitlisted_event(capacity=2)
    student = factories.audience()
    factories.quota(event, 1, "ceiling", audience=student)
    _one, barred = factories.crowd(event, range(2), audience=student)
    assert (fresh(barred).passed_for, passed()) == ("", [])

    factories.register(event, 5, now=NOW + HOUR)

    assert (fresh(barred).passed_for, passed()) == ("ceiling", [(barred.pk, "ceiling")])


def test_the_waitlist_is_served_before_a_newcomer_where_a_seat_was_left() -> None:
    event = waitlisted_event()
    holder, first = factories.crowd(event, range(2))
    Registration.objects.filter(pk=holder.pk).update(status="cancelled")  # as if a crash had left the seat idle
    SeatPool.objects.filter(event=event).update(taken=0)

    newcomer = factories.register(event, 7, now=NOW + HOUR)

    assert statuses([first, newcomer]) == ["confirmed", "waitlisted"]


def test_an_event_is_plain_again_when_nobody_waits_any_more() -> None:
    event = waitlisted_event()
    assert is_plain(event)
    holder, first = factories.crowd(event, range(2))
    assert not is_plain(event)

    cancel(first)
    cancel(holder)
    factories.register(event, 5, now=NOW + 2 * HOUR)

    assert is_plain(event)
    assert list(audit.run()) == []


# Who is passed


def test_whoever_is_passed_has_the_reason_and_the_history_keeps_it() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = waitlisted_event(capacity=3)
    factories.quota(event, 1, "ceiling", audience=student)
    factories.register(event, 0, audience=student)
    holders = factories.crowd(event, (1, 2), now=NOW + SECOND)
    barred = factories.register(event, 3, audience=student, now=NOW + 5 * SECOND)
    other = factories.register(event, 4, audience=professional, now=NOW + 6 * SECOND)
    assert passed() == []

    cancel(holders[0])

    assert statuses([barred, other]) == ["waitlisted", "confirmed"]
    assert (fresh(barred).passed_for, passed()) == ("ceiling", [(barred.pk, "ceiling")])
    assert list(audit.run()) == []


def test_whoever_nobody_passed_is_told_nothing() -> None:
    student = factories.audience()
    event = waitlisted_event(capacity=2)
    factories.quota(event, 1, "ceiling", audience=student)
    factories.register(event, 0, audience=student)
    holder = factories.register(event, 1)
    barred = factories.register(event, 2, audience=student, now=NOW + SECOND)

    cancel(holder)

    assert (statuses([barred]), fresh(barred).passed_for, passed()) == (["waitlisted"], "", [])


def test_the_same_reason_is_told_once() -> None:
    student = factories.audience()
    event = waitlisted_event(capacity=3)
    factories.quota(event, 1, "ceiling", audience=student)
    factories.register(event, 0, audience=student)
    holders = factories.crowd(event, (1, 2))
    barred = factories.register(event, 3, audience=student, now=NOW + 5 * SECOND)
    factories.crowd(event, (4, 5), now=NOW + 6 * SECOND)

    for holder in holders:
        cancel(holder)

    assert passed() == [(barred.pk, "ceiling")]


def test_who_gets_a_seat_in_the_end_is_no_longer_passed() -> None:
    student = factories.audience()
    event = waitlisted_event(capacity=2)
    factories.quota(event, 1, "ceiling", audience=student)
    one = factories.register(event, 0, audience=student)
    holder = factories.register(event, 1)
    barred = factories.register(event, 2, audience=student, now=NOW + SECOND)
    factories.register(event, 3, now=NOW + 2 * SECOND)
    cancel(holder)
    assert fresh(barred).passed_for == "ceiling"

    cancel(one)

    assert (statuses([barred]), fresh(barred).passed_for) == (["confirmed"], "")


def test_who_waits_for_a_reserved_seat_of_others_is_passed_as_reserved() -> None:
    student = factories.audience()
    event = waitlisted_event(capacity=2)
    factories.quota(event, 1, audience=student)
    holder, other = factories.crowd(event, (0, 1))
    seated = factories.register(event, 2, audience=student, now=NOW + 3 * SECOND)
    waiting = factories.register(event, 3, audience=student, now=NOW + 4 * SECOND)
    assert statuses([holder, other, seated, waiting]) == ["confirmed", "waitlisted", "confirmed", "waitlisted"]

    cancel(seated)

    assert (statuses([other, waiting]), passed()) == (["waitlisted", "confirmed"], [(other.pk, "reserved")])


def test_who_is_approved_while_somebody_waits_passes_them_with_a_reason() -> None:
    student = factories.audience()
    event = waitlisted_event(capacity=2, registration="approval")
    factories.quota(event, 1, "ceiling", audience=student)
    one, barred = factories.crowd(event, (0, 1), audience=student)
    selecting.approve(event=event, registrations=[one, barred], actor=SYSTEM, now=NOW + HOUR)
    other = factories.register(event, 2, now=NOW + HOUR)

    selecting.approve(event=event, registrations=[other], actor=SYSTEM, now=NOW + 2 * HOUR)

    assert statuses([one, barred, other]) == ["confirmed", "waitlisted", "confirmed"]
    assert passed() == [(barred.pk, "ceiling")]


# Many at once


def statements_to_promote(number: int) -> list[str]:
    """What the database is asked to promote so many people, INSERTs of several rows into one table once."""
    event = waitlisted_event()
    factories.register(event, 0)
    people = [
        Registration(
            event=event, status="waitlisted", name="W", email=f"w{n}@mail.example", email_key=f"w{n}@mail.example",
            waits_since=NOW + n * SECOND, created_at=NOW, updated_at=NOW,
        )
        for n in range(number)
    ]  # fmt: skip
    Registration.objects.bulk_create(people)
    SeatPool.objects.filter(event=event).update(is_plain=False)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        amend(event, capacity=number + 1)
    assert Registration.objects.filter(event=event, status="confirmed").count() == number + 1
    kinds = [re.sub(r"VALUES.*|SELECT .* UNION.*", "", query["sql"])[:60] for query in asked.captured_queries]
    return [kind for place, kind in enumerate(kinds) if not (kind.startswith("INSERT") and kind in kinds[:place])]


def test_many_are_promoted_in_as_many_statements_as_few() -> None:
    # One more for each batch that is read: up to 20 people, and 500 after these.
    few, fifty, many = (len(statements_to_promote(number)) for number in (5, 50, 200))

    assert (fifty - few, many - fifty) == (1, 0)


# Series


def test_a_full_run_makes_one_entry_that_any_later_run_serves() -> None:
    first, second, third = factories.runs(3, capacity=1)
    holders = [factories.register(run, number) for number, run in enumerate((first, second, third))]
    waiting = factories.register(second, 9, now=NOW + HOUR)
    assert (waiting.status, waiting.event) == ("waitlisted", second)

    cancel(holders[0], now=NOW + 2 * HOUR)
    assert fresh(waiting).status == "waitlisted"
    cancel(holders[2], now=NOW + 3 * HOUR)

    promoted = fresh(waiting)
    assert (promoted.status, promoted.event, promoted.pool) == ("confirmed", third, SeatPool.objects.get(event=third))
    assert list(audit.run()) == []


def test_named_runs_are_the_only_ones_that_serve_an_entry_beside_its_own() -> None:
    first, second, third = factories.runs(3, capacity=1)
    holders = [factories.register(run, number) for number, run in enumerate((first, second, third))]
    waiting = factories.register(second, 9, accepts=[first], now=NOW + HOUR)

    cancel(holders[2], now=NOW + 2 * HOUR)
    assert fresh(waiting).status == "waitlisted"
    cancel(holders[0], now=NOW + 3 * HOUR)

    assert (fresh(waiting).status, fresh(waiting).event) == ("confirmed", first)


def test_a_place_counts_the_entries_that_accept_the_run() -> None:
    first, second, third = factories.runs(3, capacity=1)
    for number, run in enumerate((first, second, third)):
        factories.register(run, number)
    any_later = factories.register(first, 10, now=NOW + HOUR)
    only_first = factories.register(first, 11, accepts=[first], now=NOW + 2 * HOUR)
    for_second = factories.register(second, 12, now=NOW + 3 * HOUR)
    for_third = factories.register(third, 13, now=NOW + 4 * HOUR)

    assert places([any_later, only_first, for_second, for_third]) == [1, 2, 2, 3]
    assert list(waitlisting.positions(third).values()) == [1, 2, 3]


def test_a_live_place_in_one_run_bars_another_one() -> None:
    first, second = factories.runs(2, capacity=1)
    factories.register(first, 0)
    factories.register(first, 1)

    for number in (0, 1):
        with pytest.raises(registering.AlreadyRegistered):
            factories.register(second, number)

    assert Registration.objects.count() == 2


def test_a_series_that_allows_repeats_bars_nobody() -> None:
    row = factories.series(allows_repeats=True)
    first, second = (factories.run(row, day, capacity=1) for day in (0, 1))

    both = [factories.register(run, 1) for run in (first, second)]

    assert statuses(both) == ["confirmed", "confirmed"]


def test_who_waits_for_two_runs_gets_one_seat_in_a_third() -> None:
    row = factories.series(allows_repeats=True)
    first, second = (factories.run(row, day, capacity=1) for day in (0, 1))
    for run in (first, second):
        factories.register(run, 0)
    waiting = [factories.register(run, 1, now=NOW + HOUR) for run in (first, second)]

    third = factories.run(row, 2, capacity=5, now=NOW)

    assert statuses(waiting) == ["confirmed", "waitlisted"]
    assert [fresh(one).event for one in waiting] == [third, second]
    assert list(audit.run()) == []


def test_a_later_published_run_serves_those_who_wait() -> None:
    row = factories.series()
    first = factories.run(row, capacity=1)
    _holder, *waiting = factories.crowd(first, range(3))

    second = factories.run(row, 1, capacity=1)

    assert (statuses(waiting), fresh(waiting[0]).event) == (["confirmed", "waitlisted"], second)
    assert (is_plain(second), list(audit.run())) == (False, [])


def test_newcomers_do_not_pass_those_who_wait_by_a_later_published_run() -> None:
    row = factories.series()
    first = factories.run(row, capacity=1)
    factories.crowd(first, range(3))
    second = factories.run(row, 1, capacity=1)

    newcomer = factories.register(second, 9, now=NOW + HOUR)

    assert statuses([newcomer]) == ["waitlisted"]


def test_an_event_that_joins_a_series_serves_those_who_wait_there() -> None:
    row = factories.series()
    first = factories.run(row, capacity=1)
    _holder, waiting = factories.crowd(first, range(2))
    second = factories.draft(of=row.programme, capacity=1, waitlist="automatic")
    factories.session(second, starts=NOW + 2 * WEEK)
    factories.publish(second)

    planning.amend_event(event=second, fields={"series": row}, actor=SYSTEM, now=NOW + HOUR)

    assert (statuses([waiting]), fresh(waiting).event) == (["confirmed"], second)


def test_a_run_that_moves_behind_another_serves_those_who_wait_there() -> None:
    row = factories.series()
    early = factories.run(row, 0, capacity=5)
    late = factories.run(row, 1, capacity=1)
    _holder, waiting = factories.crowd(late, range(2))
    moment = scheduling.block(starts=NOW + 2 * WEEK, ends=NOW + 2 * WEEK + HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=early.sessions.get(), moment=moment, actor=SYSTEM, now=NOW + HOUR)

    falling_due.run(now=NOW + HOUR)

    assert (statuses([waiting]), fresh(waiting).event) == (["confirmed"], early)


def test_a_called_off_run_keeps_who_accepts_another_one_waiting_there() -> None:
    first, second = factories.runs(2, capacity=1)
    holders = [factories.register(run, number) for number, run in enumerate((first, second))]
    behind = factories.register(second, 5, now=NOW + HOUR)
    elsewhere = factories.register(first, 6, now=NOW + 2 * HOUR)
    nowhere = factories.register(first, 7, accepts=[first], now=NOW + 3 * HOUR)

    publishing.cancel(event=first, actor=SYSTEM, now=NOW + 4 * HOUR)

    assert statuses([*holders, behind, elsewhere, nowhere]) == [
        "cancelled", "confirmed", "waitlisted", "waitlisted", "cancelled",
    ]  # fmt: skip
    assert (fresh(elsewhere).event, places([behind, elsewhere])) == (second, [1, 2])
    change = Change.objects.get(kind="waitlist.moved")
    assert (change.registration, change.before, change.after, change.reason) == (
        elsewhere, {"event": first.slug}, {"event": second.slug}, "called_off",
    )  # fmt: skip
    assert list(audit.run()) == []


def test_when_a_run_begins_its_entries_wait_for_a_later_one() -> None:
    first, second = factories.runs(2, capacity=1)
    for number, run in enumerate((first, second)):
        factories.register(run, number)
    later, only = factories.register(first, 5), factories.register(first, 6, accepts=[first])

    falling_due.run(now=NOW + WEEK)

    assert (statuses([later, only]), fresh(later).event) == (["waitlisted", "expired"], second)


def test_newcomers_to_any_run_stand_behind_who_accepts_it() -> None:
    first, second = factories.runs(2, capacity=1)
    factories.register(first, 0)
    waiting = factories.register(first, 1, accepts=[first], now=NOW + HOUR)

    newcomer = factories.register(second, 2, now=NOW + 2 * HOUR)

    assert statuses([waiting, newcomer]) == ["waitlisted", "confirmed"]
    assert passed() == []


# Rooms


def in_a_room(*, seats: int, people: int, **fields: Any) -> tuple[Event, Room, list[Registration]]:
    """An event as large as its room, and people who want to come."""
    room = factories.room(seats=seats)
    event = factories.draft(waitlist="automatic", capacity_from_room=True, **fields)
    factories.session(event, room=room)
    factories.publish(event)
    return event, room, factories.crowd(event, range(people))


def furnish(room: Room, seats: int, *, over_commit: bool = False) -> None:
    owner = Organization.objects.order_by("pk").first()
    assert owner is not None
    placing.amend_room(
        room=room, organization=owner, fields={"seats": seats}, over_commit=over_commit, actor=SYSTEM, now=NOW + HOUR
    )


def capacity_of(event: Event) -> int | None:
    return Event.objects.get(pk=event.pk).capacity


def test_an_event_may_be_as_large_as_its_room() -> None:
    event, _room, people = in_a_room(seats=2, people=3)

    assert (capacity_of(event), statuses(people)) == (2, ["confirmed", "confirmed", "waitlisted"])
    assert list(audit.run()) == []


def test_a_larger_room_takes_in_who_waits() -> None:
    event, _room, people = in_a_room(seats=1, people=4)
    larger = factories.room("Large hall", seats=3)

    scheduling.amend(session=event.sessions.get(), fields={"room": larger}, actor=SYSTEM, now=NOW + HOUR)

    assert (capacity_of(event), statuses(people)) == (3, ["confirmed"] * 3 + ["waitlisted"])
    assert list(audit.run()) == []


def test_more_chairs_in_the_room_take_in_who_waits() -> None:
    event, room, people = in_a_room(seats=1, people=3)

    furnish(room, 2)

    assert (capacity_of(event), statuses(people)) == (2, ["confirmed", "confirmed", "waitlisted"])
    assert list(audit.run()) == []


def test_a_smaller_room_is_refused_and_says_who_is_over() -> None:
    event, room, people = in_a_room(seats=3, people=3)
    smaller = factories.room("Small room", seats=1)

    with pytest.raises(seating.CapacityBelowTaken) as moving:
        scheduling.amend(session=event.sessions.get(), fields={"room": smaller}, actor=SYSTEM, now=NOW + HOUR)
    with pytest.raises(seating.CapacityBelowTaken) as furnishing:
        furnish(room, 1)

    over = {"taken": 3, "seats": 1, "over": [people[1].code, people[2].code]}
    assert (dict(moving.value.details), dict(furnishing.value.details)) == (over, over)
    assert (capacity_of(event), event.sessions.get().room) == (3, room)


def test_a_smaller_room_on_purpose_admits_nobody_until_it_is_worked_off() -> None:
    event, _room, people = in_a_room(seats=3, people=4)
    smaller = factories.room("Small room", seats=2)

    scheduling.amend(
        session=event.sessions.get(), fields={"room": smaller}, override=["capacity"], actor=SYSTEM, now=NOW + HOUR
    )

    pool = SeatPool.objects.get(event=event)
    assert (pool.taken, pool.seats, pool.over_committed) == (3, 2, True)
    cancel(people[0])
    assert statuses(people) == ["cancelled", "confirmed", "confirmed", "waitlisted"]
    cancel(people[1])
    assert statuses(people) == ["cancelled", "cancelled", "confirmed", "confirmed"]
    assert list(audit.run()) == []


def test_fewer_chairs_on_purpose_are_an_over_commitment_too() -> None:
    event, room, _people = in_a_room(seats=3, people=3)

    furnish(room, 1, over_commit=True)

    pool = SeatPool.objects.get(event=event)
    assert (capacity_of(event), pool.taken, pool.seats, pool.over_committed) == (1, 3, 1, True)


def test_the_smallest_of_several_rooms_is_what_counts() -> None:
    event, _room, people = in_a_room(seats=3, people=2)
    small = factories.room("Small room", seats=2)
    factories.session(event, starts=NOW + 2 * WEEK, room=small)

    assert capacity_of(event) == 2
    third = factories.register(event, 7, now=NOW + HOUR)
    scheduling.cancel(session=event.sessions.get(room=small), actor=SYSTEM, now=NOW + HOUR)

    assert (capacity_of(event), statuses([*people, third])) == (3, ["confirmed"] * 3)


def test_a_smaller_room_on_a_full_event_of_its_own_size_says_who_is_over() -> None:
    room, smaller = factories.room(seats=3), factories.room("Small room", seats=1)
    event = factories.event(capacity=3, room=room)
    people = factories.crowd(event, range(3))

    with pytest.raises(planning.CapacityExceedsRoom) as refusal:
        scheduling.amend(session=event.sessions.get(), fields={"room": smaller}, actor=SYSTEM, now=NOW + HOUR)

    assert dict(refusal.value.details) == {
        "room_seats": 1, "capacity": 3, "over": [people[1].code, people[2].code],
    }  # fmt: skip


def test_a_new_mode_holds_for_the_seats_that_the_room_adds_in_the_same_step() -> None:
    event = factories.event(capacity=1, waitlist="automatic", room=factories.room(seats=2))
    people = factories.crowd(event, range(2))

    amend(event, capacity_from_room=True, waitlist="offer")

    assert statuses(people) == ["confirmed", "offered"]
