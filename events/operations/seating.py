"""Take, free and move seats: conditional updates of pools, each with its line in the ledger (RULES 7, 8).

Called inside the transaction of the operation that needs the seats. Who takes a seat of a plain pool asks its row
alone; everybody else locks the pools first and lets `capacity.Hall` decide.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, DateTimeField, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from events import capacity, vacancies
from events.errors import DomainError
from events.models import HOLDING, Event, Registration, SeatMovement, SeatPool
from events.models.prepared import Prepared, PreparedUpdate, Slot, among, ids, insert

POOL = tuple(field.attname for field in SeatPool._meta.concrete_fields)
MOST_NAMED = 100  # how many of those who are over are named
FEW = 3  # so many lines are written sooner one by one than Django writes one statement for all


class CapacityBelowTaken(DomainError):
    """More people are registered than the new capacity holds."""

    code = "capacity_below_taken"


class CapacityBelowReserved(DomainError):
    """The quotas reserve more seats than the new capacity has."""

    code = "capacity_below_reserved"


def open_pool(*, event: Event, now: datetime) -> SeatPool:
    """A new event has its pool of seats."""
    plan = capacity.resize(seats=0, taken=0, capacity=event.capacity)
    pool = SeatPool.objects.create(
        event=event, kind="open", seats=plan.seats, is_unlimited=plan.is_unlimited, is_plain=is_plain(event),
        **_window_of(event),
    )  # fmt: skip
    if plan.seats_delta:
        SeatMovement.objects.create(pool=pool, seats_delta=plan.seats_delta, reason="opened", at=now)
    return pool


def take(*, pool: SeatPool, now: datetime) -> bool:
    """One seat of a plain pool is taken, if there was one and registration was open: one conditional update.

    The condition is evaluated under the row's lock and reads this row alone, so no two callers get the last seat, none
    gets one of an event that is being called off, nobody passes those who wait, and the event need not be locked
    (RULES 9). The caller writes the ledger line with `note`.
    """
    return _take.run(now=now, pool=pool.pk) == 1


_take = PreparedUpdate(
    lambda: (
        SeatPool.objects.admitting(now=Slot("now", DateTimeField()))
        .with_room()
        .filter(pk=Slot("pool", IntegerField()), is_plain=True)
    ),
    taken=F("taken") + 1,
)


def lock(*, event_ids: Collection[int]) -> dict[int, list[SeatPool]]:
    """The pools of these events as they are now, by event, locked in the order of their ids (RULES 9).

    Who takes or frees seats of the events, or joins their waitlist, waits here, and who did so before has committed.
    """
    found: dict[int, list[SeatPool]] = {event_id: [] for event_id in event_ids}
    for row in locking(len(found)).rows(**ids("event", found)) if found else ():
        pool = SeatPool.from_db(DEFAULT_DB_ALIAS, POOL, row)
        found[pool.event_id].append(pool)
    return found


@cache
def locking(number: int) -> Prepared:
    """The statement that locks the pools of so many events."""
    return Prepared(
        lambda: (
            SeatPool.objects.select_for_update(no_key=True)
            .filter(among("event", number))
            .order_by("pk")
            .values_list(*POOL)
        )
    )


def hall(pools: Iterable[SeatPool], *, with_holders: bool = True) -> capacity.Hall:
    """The picture of these pools of one event in which `capacity` decides.

    Who holds what is read only where somebody could be moved: one more statement.
    """
    pools = list(pools)
    reserved = any(pool.is_reserved and pool.released_at is None for pool in pools)
    holders = vacancies.holders([pools[0].event_id]).get(pools[0].event_id, {}) if with_holders and reserved else {}
    return capacity.Hall([vacancies.pictured(pool) for pool in pools], holders)


def who(registration: Registration) -> capacity.Who:
    """What decides which seats they may use."""
    return capacity.Who(audience=registration.audience_id, partner=registration.partner_id)


def occupy(*, event_id: int, placings: Sequence[capacity.Placing], now: datetime) -> None:
    """The counters hold these placings; whoever had to move for the first of them has moved. The pools are locked.

    Only the first may need moves: the others could move those who are seated here, and must wait for it. Statements:
    some for each pool and move, none for each person. Ledger lines of the newcomers: `note_all`.
    """
    assert not any(placing.moves for placing in placings[1:])
    for move in placings[0].moves:
        _move(event_id=event_id, move=move, now=now)
    wanted = Counter(pool for placing in placings for pool in (placing.pool, *placing.ceilings))
    by_number: dict[int, list[int]] = {}
    for pool, number in wanted.items():
        by_number.setdefault(number, []).append(pool)
    for number, pools in by_number.items():
        changed = _occupying(len(pools)).run(number=number, **ids("pk", pools))
        assert changed == len(pools), "a locked pool changed"


@cache
def _occupying(pools: int) -> PreparedUpdate:
    """A number of seats in each of so many pools, if all of them have as many."""
    number = Slot("number", IntegerField())
    has_room = Q(is_unlimited=True) | Q(taken__lte=F("seats") - number)
    return PreparedUpdate(lambda: SeatPool.objects.filter(has_room, among("pk", pools)), taken=F("taken") + number)


def free(*, registrations: Sequence[Registration], pools: Iterable[SeatPool], reason: str, now: datetime) -> None:
    """The seats of these registrations of one event are free again, in their pool and in the ceilings that count them.

    `pools` are the event's, locked. What is freed in a released quota goes to the open pool. Over-commitment ends with
    the movement that brings taken <= seats. Reads the ledger only where the event has ceilings.
    """
    held = [(registration, int(registration.pool_id or 0)) for registration in registrations]
    ceilings = {pool.pk for pool in pools if pool.kind == "ceiling"}
    held += _counted(registrations, ceilings) if ceilings else []
    numbers = Counter(pool for _registration, pool in held)
    for pool_id, number in sorted(numbers.items()):
        _release(pool_id, number)
    _note([(pool_id, registration, -1) for registration, pool_id in held], reason=reason, now=now)
    for pool in pools:
        if pool.is_reserved and pool.released_at is not None and numbers[pool.pk]:
            give_to_open(pool_id=pool.pk, seats=numbers[pool.pk], reason="released", now=now)


def give_to_open(*, pool_id: int, seats: int, reason: str, now: datetime) -> None:
    """So many seats of the pool are the open pool's (fewer than 0: the other way round), in two ledger lines."""
    quota = SeatPool.objects.get(pk=pool_id)
    open_one = SeatPool.objects.get(event=quota.event_id, kind="open")
    for pool, delta in ((quota, -seats), (open_one, seats)):
        left = F("seats") + delta
        SeatPool.objects.filter(pk=pool.pk).update(seats=left, over_committed=Case(
            When(Q(taken__lte=left) | Q(is_unlimited=True), then=Value(False)), default=Value(True)
        ))  # fmt: skip
    SeatMovement.objects.bulk_create(
        SeatMovement(pool=pool, seats_delta=delta, reason=reason, at=now)
        for pool, delta in ((quota, -seats), (open_one, seats))
    )


def gather(*, event_id: int, pool_id: int, now: datetime) -> None:
    """Who holds an open seat and belongs to the quota is counted in it, as far as it has room. The pools are locked."""
    pools = list(SeatPool.objects.filter(event=event_id).order_by("pk"))
    open_one = next(pool for pool in pools if pool.kind == "open")
    quota = vacancies.pictured(next(pool for pool in pools if pool.pk == pool_id))
    holders = [
        (one, number)
        for (pool, one), number in vacancies.holders([event_id]).get(event_id, {}).items()
        if pool == open_one.pk
    ]
    room = quota.room or 0
    for one, number in sorted(holders, key=lambda held: repr(held[0])):
        for _each in range(min(number, room) if quota.admits(one) else 0):
            _move(event_id=event_id, move=capacity.Move(one, open_one.pk, pool_id), now=now)
            room -= 1


def work_off(*, pools: Iterable[SeatPool], now: datetime) -> None:
    """Holders of an over-full open pool are in seats that became free elsewhere, so that it admits as soon as it can.

    The pools are locked; what was freed is freed already.
    """
    for pool in pools:
        if pool.over_committed and pool.kind == "open":
            relieve(event_id=pool.event_id, pool_id=pool.pk, now=now)


def relieve(*, event_id: int, pool_id: int, now: datetime) -> int:
    """Holders of an over-full pool move to where else they may sit, as far as there is room; how many are left over.

    The pools are locked.
    """
    picture = hall(SeatPool.objects.filter(event=event_id).order_by("pk"))
    while moves := picture.relieve(pool_id):
        for move in moves:
            _move(event_id=event_id, move=move, now=now)
    pool = SeatPool.objects.get(pk=pool_id)
    return 0 if pool.is_unlimited else max(pool.taken - pool.seats, 0)


def resize(*, event: Event, over_commit: bool, now: datetime) -> None:
    """The event's pools have as many seats as its capacity says: what no quota reserves is open.

    CapacityBelowReserved where the quotas need more. CapacityBelowTaken for a cut below the people who are in, unless
    `over_commit`: then nobody is admitted until it is worked off. Locks the pools.
    """
    pools = lock(event_ids=[event.pk])[event.pk]
    pool = next(pool for pool in pools if pool.kind == "open")
    reserved = sum(pool.seats for pool in pools if pool.is_reserved)
    if event.capacity is not None and event.capacity < reserved:
        raise CapacityBelowReserved(
            _("Quotas reserve %(reserved)d seats; %(capacity)d are too few.")
            % {"reserved": reserved, "capacity": event.capacity},
            field="capacity", reserved=reserved, capacity=event.capacity,
        )  # fmt: skip
    seats = None if event.capacity is None else event.capacity - reserved
    plan = capacity.resize(seats=pool.seats, taken=pool.taken, capacity=seats)
    SeatPool.objects.filter(pk=pool.pk).update(
        seats=plan.seats, is_unlimited=plan.is_unlimited, over_committed=plan.over_committed
    )
    if plan.seats_delta:
        SeatMovement.objects.create(pool=pool, seats_delta=plan.seats_delta, reason="resized", at=now)
    is_cut = not plan.is_unlimited and (pool.is_unlimited or plan.seats < pool.seats)
    left_over = relieve(event_id=event.pk, pool_id=pool.pk, now=now) if plan.over_committed else 0
    if left_over and is_cut and not over_commit:
        raise _too_few(event=event, pool=pool, reserved=reserved, left_over=left_over)


def _too_few(*, event: Event, pool: SeatPool, reserved: int, left_over: int) -> CapacityBelowTaken:
    """The refusal of a cut, with the numbers and who would be over: those in the open pool who came last."""
    seats, taken = event.capacity or 0, Registration.objects.filter(event=event, status__in=HOLDING).count()
    numbers = {"taken": taken, "seats": seats, "reserved": reserved, "over": left_over}
    if taken > seats:
        message = _("%(taken)d people are registered; %(seats)d seats are too few.")
    else:
        message = _("Quotas reserve %(reserved)d of %(seats)d seats; for %(over)d of those who are in none is left.")
    last = Registration.objects.filter(pool=pool, status__in=HOLDING).order_by("-created_at", "-pk")
    codes = list(last.values_list("code", flat=True)[: min(left_over, MOST_NAMED)])
    return CapacityBelowTaken(message % numbers, field="capacity", taken=taken, seats=seats, over=codes[::-1])


def over(*, event: Event, capacity: int) -> list[str]:
    """Whom so many seats would not hold: the last to have come, by the code of their registration."""
    holding = Registration.objects.filter(event=event, status__in=HOLDING).order_by("created_at", "pk")
    return list(holding.values_list("code", flat=True)[capacity : capacity + MOST_NAMED])


def follow(*, event: Event) -> None:
    """The event's pools admit exactly while the event does, and release when it says. Called whenever it was written.

    Locks the pools, because who joins the waitlist makes them plain no longer.
    """
    pools = lock(event_ids=[event.pk])[event.pk]
    quotas = [pool for pool in pools if pool.kind != "open" and pool.released_at is None]
    window, plain = _window_of(event), is_plain(event) and not quotas
    if plain and (event.series_id is not None or any(not pool.is_plain for pool in pools)):
        same = {"event": event} if event.series_id is None else {"event__series": event.series_id}
        plain = not Registration.objects.filter(status="waitlisted", **same).exists()
    wanted = {**window, "is_plain": plain}
    if any(getattr(pool, name) != value for pool in pools for name, value in wanted.items()):
        SeatPool.objects.filter(event=event).update(**wanted)
    for pool in quotas:
        if pool.releases_days_before is not None and pool.releases_at != (at := releases_at(event, pool)):
            SeatPool.objects.filter(pk=pool.pk).update(releases_at=at)


def releases_at(event: Event, pool: SeatPool) -> datetime | None:
    """When a quota is released that is said in days before the event; None while the event has no time."""
    if event.first_starts_at is None or pool.releases_days_before is None:
        return None
    return event.first_starts_at - timedelta(days=pool.releases_days_before)


def contest(*, event_ids: Collection[int]) -> None:
    """Somebody waits for seats of these events: nobody takes one by the row alone. The pools are locked."""
    _contesting(len(event_ids)).run(**ids("event", event_ids))


@cache
def _contesting(number: int) -> PreparedUpdate:
    return PreparedUpdate(lambda: SeatPool.objects.filter(among("event", number), is_plain=True), is_plain=False)


def is_plain(event: Event) -> bool:
    """Whether the event itself asks nothing of somebody who wants its seat but that there is one."""
    return event.registration == "open" and not event.needs_code and not event.needs_proof


def note(*, pool_id: int, registration: Registration, delta: int, reason: str, now: datetime) -> None:
    """The ledger says why a registration moved a seat."""
    insert(SeatMovement(pool_id=pool_id, registration=registration, delta=delta, reason=reason, at=now))


def note_all(*, placed: Sequence[tuple[Registration, capacity.Placing]], reason: str, now: datetime) -> None:
    """The ledger says of everybody who was placed which seat and which ceilings count them."""
    lines = [(pool, row, 1) for row, placing in placed for pool in (placing.pool, *placing.ceilings)]
    _note(lines, reason=reason, now=now)


def _note(lines: Sequence[tuple[Any, Registration, int]], *, reason: str, now: datetime) -> None:
    rows = [
        SeatMovement(pool_id=pool, registration=registration, delta=delta, reason=reason, at=now)
        for pool, registration, delta in lines
    ]
    if len(rows) > FEW:
        SeatMovement.objects.bulk_create(rows)
    else:
        for row in rows:
            insert(row)


def _move(*, event_id: int, move: capacity.Move, now: datetime) -> None:
    """The first holder of that kind leaves one pool for the other."""
    holder = (
        Registration.objects.filter(
            event=event_id, pool=move.source, audience=move.who.audience, partner=move.who.partner, status__in=HOLDING
        )
        .order_by("pk")
        .first()
    )
    assert holder is not None, "the picture names a holder who is not there"
    for pool in sorted((move.source, move.target)):
        if pool == move.source:
            _release(pool, 1)
        else:
            SeatPool.objects.filter(pk=pool).update(taken=F("taken") + 1)
    Registration.objects.filter(pk=holder.pk).update(pool=move.target)
    _note([(move.source, holder, -1), (move.target, holder, 1)], reason="moved", now=now)


def _release(pool_id: int, number: int) -> None:
    SeatPool.objects.filter(pk=pool_id).update(
        taken=F("taken") - number,
        over_committed=Case(When(Q(taken__lte=F("seats") + number), then=Value(False)), default=F("over_committed")),
    )


def _counted(registrations: Sequence[Registration], ceilings: Collection[int]) -> list[tuple[Registration, int]]:
    """Which ceilings count whom, by the ledger."""
    by_id = {registration.pk: registration for registration in registrations}
    rows = SeatMovement.objects.filter(registration__in=list(by_id), pool__in=ceilings).order_by()
    sums = Counter[tuple[int, int]]()
    for registration_id, pool_id, delta in rows.values_list("registration", "pool", "delta"):
        sums[registration_id, pool_id] += delta
    return [(by_id[registration_id], pool_id) for (registration_id, pool_id), held in sums.items() if held]


def _window_of(event: Event) -> dict[str, Any]:
    return {
        "is_admitting": event.status == "published" and event.registration in ("open", "approval"),
        "opens_at": event.registration_opens_at,
        "closes_at": event.closes_at,
    }
