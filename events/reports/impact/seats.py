"""Seats: what other rooms mean for the capacity of events, and how many people would be over it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from events import capacity, vacancies
from events.models import Event, SeatPool, Session
from events.reports.impact.steps import Step


class Seats(NamedTuple):
    """An event whose rooms change: its capacity, what that is to be and would have to be, and who would be over.

    `becomes` is less than `wanted` where the smallest room does not hold it: cut on purpose only, unless the event says
    that it has as many seats as its rooms. `reserved`: what quotas set aside; a capacity below is refused.
    """

    event: Event
    wanted: int | None
    becomes: int | None
    room_seats: int | None
    taken: int
    over: int
    reserved: int

    @property
    def is_cut(self) -> bool:
        """Whether it takes the word of an organizer: fewer seats than were promised, or than people have."""
        return self.over > 0 or (self.becomes != self.wanted and not self.event.capacity_from_room)

    @property
    def is_below_reserved(self) -> bool:
        return self.becomes is not None and self.becomes != self.event.capacity and self.becomes < self.reserved


def seats(steps: Sequence[Step], capacities: Mapping[int, int | None]) -> list[Seats]:
    """The events whose sessions change rooms, as long as these say how many people they hold, and those of `capacities`
    which they are to have from then on. Three statements.
    """
    events = {step.before.event_id: step.before.event for step in steps if step.changes_room}
    smallest = _smallest_rooms(events, {step.after.pk: step.after for step in steps})
    pools: dict[int, list[SeatPool]] = {}
    for pool in SeatPool.objects.filter(event__in=events).order_by("pk"):
        pools.setdefault(pool.event_id, []).append(pool)
    held = vacancies.holders(events)
    rows = [
        _of(events[pk], capacities.get(pk, events[pk].capacity), room_seats, pools.get(pk, []), held.get(pk, {}))
        for pk, room_seats in smallest.items()
        if room_seats is not None or events[pk].capacity_from_room or pk in capacities
    ]
    return sorted(rows, key=lambda row: row.event.pk)


def _smallest_rooms(events: Iterable[int], after: dict[int, Session]) -> dict[int, int | None]:
    rooms: dict[int, list[int | None]] = {pk: [] for pk in events}
    rows = Session.objects.filter(event__in=list(rooms)).exclude(status="cancelled").order_by()
    for pk, event_id, number in rows.values_list("pk", "event_id", "room__seats"):
        room = after[pk].room if pk in after else None
        rooms[event_id].append((room.seats if room else None) if pk in after else number)
    return {pk: capacity.smallest_room(numbers) for pk, numbers in rooms.items()}


def _of(
    event: Event, wanted: int | None, room_seats: int | None, pools: Collection[SeatPool], held: vacancies.Holders
) -> Seats:
    becomes = wanted
    exceeds = capacity.exceeds_room(capacity=wanted, room_seats=room_seats)
    if room_seats is not None and (event.capacity_from_room or (exceeds and not event.capacity_override)):
        becomes = room_seats
    reserved = sum(pool.seats for pool in pools if pool.is_reserved)
    over = _left_over(becomes - reserved, pools, held) if becomes is not None and becomes != event.capacity else 0
    return Seats(event, wanted, becomes, room_seats, sum(held.values()), over, reserved)


def _left_over(open_seats: int, pools: Collection[SeatPool], held: vacancies.Holders) -> int:
    """How many the open pool could not seat, after all who may sit in a quota have gone there."""
    pictured = [vacancies.pictured(pool) for pool in pools]
    cut = [replace(pool, seats=max(open_seats, 0)) if pool.kind == "open" else pool for pool in pictured]
    hall = capacity.Hall(cut, held)
    open_one = next((pool for pool in cut if pool.kind == "open"), None)
    if open_one is None or not open_one.is_over:
        return 0
    relieved = 0
    while hall.relieve(open_one.id):
        relieved += 1
    return open_one.taken - (open_one.seats or 0) - relieved
