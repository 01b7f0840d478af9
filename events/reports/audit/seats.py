"""Seats: counters, ledger and rows say the same; no pool holds more than it may; codes are counted like seats."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from events import vacancies
from events.models import HOLDING, Event, Invitation, Registration, SeatMovement, SeatPool
from events.reports.audit.breaks import Break, sides


def counters(now: datetime) -> Iterator[Break]:
    """taken = registrations counted in the pool = sum of the ledger; seats = sum of the ledger."""
    holding = _holding()
    sums = SeatMovement.objects.order_by().values_list("pool").annotate(taken=Sum("delta"), seats=Sum("seats_delta"))
    ledger = {pool: (taken, seats) for pool, taken, seats in sums}
    for pool in _pools():
        taken, seats = ledger.get(pool.pk, (0, 0))
        both = {"taken": pool.taken, "ledger": taken}
        if pool.kind != "ceiling" or pool.released_at is None:  # a released ceiling counts who leaves, and nobody new
            both["registrations"] = holding[pool.pk]
        if len(set(both.values())) > 1:
            yield Break("C3", "seats-taken", _name(pool), sides(both))
        if pool.seats != seats:
            yield Break("C3", "seats-ledger", _name(pool), sides({"seats": pool.seats, "ledger": seats}))


def limits(now: datetime) -> Iterator[Break]:
    """0 <= taken <= seats, unless unlimited or over-committed; the flag is up only while it must be."""
    for pool in _pools():
        is_over = not pool.is_unlimited and pool.taken > pool.seats
        if pool.taken < 0 or is_over != pool.over_committed:
            both = {"taken": pool.taken, "seats": pool.seats, "over-committed": pool.over_committed}
            yield Break("C4" if pool.over_committed else "C1", "seats-limit", _name(pool), sides(both))


def capacities(now: datetime) -> Iterator[Break]:
    """The seats of an event's disjoint pools sum to its capacity; its pools admit as it says, and are as plain."""
    waiting = Registration.objects.filter(status="waitlisted")
    awaited = Q(pk__in=waiting.values("event")) | Q(series__in=waiting.values("event__series"))
    contested = set(Event.objects.filter(awaited).values_list("pk", flat=True))
    for event in Event.objects.prefetch_related("pools").order_by("pk"):
        pools = list(event.pools.all())
        disjoint = [pool for pool in pools if pool.kind != "ceiling"]
        seats = None if any(pool.is_unlimited for pool in disjoint) else sum(pool.seats for pool in disjoint)
        if seats != event.capacity or sum(pool.kind == "open" for pool in pools) != 1:
            yield Break("C3", "capacity", event.slug, sides({"capacity": event.capacity, "pools": seats}))
        is_admitting = event.status == "published" and event.registration in ("open", "approval")
        wanted = (is_admitting, event.registration_opens_at, event.closes_at)
        for pool in pools:
            stored = (pool.is_admitting, pool.opens_at, pool.closes_at)
            if stored != wanted:
                yield Break("C1", "admission", event.slug, sides({"event": wanted, "pool": stored}))
            if pool.is_plain and not _may_be_plain(event, pools, contested):
                yield Break("W2", "plain", event.slug, "its seats go out without a look at who else has a claim")


def released(now: datetime) -> Iterator[Break]:
    """A released floor or allotment keeps no empty seat."""
    for pool in _pools().filter(released_at__isnull=False, kind__in=["floor", "allotment"]).exclude(seats=F("taken")):
        yield Break("C2", "released", _name(pool), sides({"seats": pool.seats, "taken": pool.taken}))


def codes(now: datetime) -> Iterator[Break]:
    """An invitation was used as often as live registrations name it, and never more often than it may be."""
    live = dict(
        Registration.objects.live()
        .filter(invitation__isnull=False)
        .order_by()
        .values_list("invitation")
        .annotate(number=Count("pk"))
    )
    for code in Invitation.objects.select_related("event").order_by("pk"):
        if code.used != live.get(code.pk, 0) or (code.uses is not None and code.used > code.uses):
            both = {"used": code.used, "registrations": live.get(code.pk, 0), "uses": code.uses}
            yield Break("C3", "code-uses", f"{code.event.slug}/{code.uid}", sides(both))


def _holding() -> Counter[int]:
    """How many registrations each pool should count, from the registrations alone."""
    rows = Registration.objects.filter(status__in=HOLDING).order_by()
    found = Counter(dict(rows.values_list("pool").annotate(number=Count("pk"))))
    held = vacancies.holders(Event.objects.filter(pools__kind="ceiling").values_list("pk", flat=True))
    for pool in _pools().filter(kind="ceiling", released_at__isnull=True):
        ceiling = vacancies.pictured(pool)
        found[pool.pk] = sum(
            number for (_pool, who), number in held.get(pool.event_id, {}).items() if ceiling.admits(who)
        )
    return found


def _may_be_plain(event: Event, pools: list[SeatPool], contested: set[int]) -> bool:
    has_quotas = any(pool.kind != "open" and pool.released_at is None for pool in pools)
    asks = event.registration != "open" or event.needs_code or event.needs_proof
    return not has_quotas and not asks and event.pk not in contested


def _pools() -> QuerySet[SeatPool]:
    return SeatPool.objects.select_related("event").order_by("pk")


def _name(pool: SeatPool) -> str:
    return f"{pool.event.slug}/{pool.kind}"
