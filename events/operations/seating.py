"""Take, free and resize seats: conditional updates of a pool, each with its line in the ledger (RULES 7, 8).

Called inside the transaction of the operation that needs the seat.
"""

from datetime import datetime
from typing import Any

from django.db.models import Case, DateTimeField, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from events.capacity import resize as resized
from events.errors import DomainError
from events.models import Event, Registration, SeatMovement, SeatPool
from events.models.prepared import PreparedUpdate, Slot, insert


class CapacityBelowTaken(DomainError):
    """More people are registered than the new capacity holds."""

    code = "capacity_below_taken"


def open_pool(*, event: Event, now: datetime) -> SeatPool:
    """A new event has its pool of seats."""
    plan = resized(seats=0, taken=0, capacity=event.capacity)
    pool = SeatPool.objects.create(
        event=event, kind="open", seats=plan.seats, is_unlimited=plan.is_unlimited, **_window_of(event)
    )
    if plan.seats_delta:
        SeatMovement.objects.create(pool=pool, seats_delta=plan.seats_delta, reason="opened", at=now)
    return pool


def take(*, pool: SeatPool, now: datetime) -> bool:
    """One seat of the pool is taken, if there was one and registration was open: one conditional update.

    The condition is evaluated under the row's lock and reads this row alone, so no two callers get the last seat, none
    gets one of an event that is being called off, and the event need not be locked (RULES 9). The caller writes the
    ledger line with `note`.
    """
    return _take.run(now=now, pool=pool.pk) == 1


_take = PreparedUpdate(
    lambda: (
        SeatPool.objects.admitting(now=Slot("now", DateTimeField())).with_room().filter(pk=Slot("pool", IntegerField()))
    ),
    taken=F("taken") + 1,
)


def lock_pools(*, event_id: int) -> None:
    """Who takes or frees seats of the event waits here, and who did so before has committed."""
    list(SeatPool.objects.select_for_update(no_key=True).filter(event=event_id).order_by("pk").values_list("pk"))


def follow(*, event: Event) -> None:
    """The event's pools admit exactly while the event does. Called whenever a locked event was written."""
    wanted = _window_of(event)
    pools = SeatPool.objects.filter(event=event)
    if any(pool != wanted for pool in pools.values(*wanted)):
        pools.update(**wanted)


def note(*, pool_id: int, registration: Registration, delta: int, reason: str, now: datetime) -> None:
    """The ledger says why a registration moved a seat."""
    insert(SeatMovement(pool_id=pool_id, registration=registration, delta=delta, reason=reason, at=now))


def free(*, registration: Registration, reason: str, now: datetime) -> None:
    """The registration's seat is free again; over-commitment ends with the movement that brings taken <= seats."""
    assert registration.pool_id is not None
    SeatPool.objects.filter(pk=registration.pool_id).update(
        taken=F("taken") - 1,
        over_committed=Case(When(Q(taken__lte=F("seats") + 1), then=Value(False)), default=F("over_committed")),
    )
    note(pool_id=registration.pool_id, registration=registration, delta=-1, reason=reason, now=now)


def resize(*, event: Event, over_commit: bool, now: datetime) -> None:
    """The open pool has as many seats as the event's capacity says.

    CapacityBelowTaken for a cut below the people who are in, unless `over_commit`: then nobody is admitted until it is
    worked off.
    """
    pool = SeatPool.objects.select_for_update(no_key=True).get(event=event, kind="open")
    plan = resized(seats=pool.seats, taken=pool.taken, capacity=event.capacity)
    is_cut = pool.is_unlimited or plan.seats < pool.seats
    if plan.over_committed and is_cut and not over_commit:
        raise CapacityBelowTaken(
            _("%(taken)d people are registered; %(seats)d seats are too few.")
            % {"taken": pool.taken, "seats": plan.seats},
            field="capacity", taken=pool.taken, seats=plan.seats,
        )  # fmt: skip
    SeatPool.objects.filter(pk=pool.pk).update(
        seats=plan.seats, is_unlimited=plan.is_unlimited, over_committed=plan.over_committed
    )
    if plan.seats_delta:
        SeatMovement.objects.create(pool=pool, seats_delta=plan.seats_delta, reason="resized", at=now)


def _window_of(event: Event) -> dict[str, Any]:
    return {
        "is_admitting": event.status == "published" and event.registration == "open",
        "opens_at": event.registration_opens_at,
        "closes_at": event.closes_at,
    }
