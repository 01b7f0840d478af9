"""Set seats aside: floors and ceilings for an audience or a partner, allotments of a partner (RULES 7).

Each change of a quota moves seats to or from the open pool in one ledgered step, and serves who waits for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import HOLDING, SYSTEM, Actor, Audience, Event, Organization, Registration, SeatMovement, SeatPool
from events.operations import publishing, seating, waitlisting
from events.operations.committing import all_or_nothing, one_by_one


class QuotaTooLarge(DomainError):
    """The event has not so many seats to set aside: they are taken by others, reserved, or were never there."""

    code = "quota_too_large"


class QuotaBelowTaken(DomainError):
    """More people are counted in the quota than it would hold."""

    code = "quota_below_taken"


class QuotaReleased(DomainError):
    """A released quota stays as it ended."""

    code = "quota_released"


GREATEST = 2**31 - 1  # what the column holds


@dataclass(frozen=True, slots=True)
class Release:
    """When a quota's unused seats are for all: at a time, or so many days before the first session; neither: never."""

    at: datetime | None = None
    days_before: int | None = None


NEVER = Release()


@all_or_nothing
def set_aside(
    *, event: Event, kind: str, seats: int, actor: Actor, now: datetime, audience: Audience | None = None,
    partner: Organization | None = None, release: Release = NEVER, over_commit: bool = False,
) -> SeatPool:  # fmt: skip
    """The event has this quota: floor, allotment or ceiling, for one audience or one partner.

    Who is in already and belongs to a floor or an allotment is counted in it first. Locks the event, its pools. Raises
    QuotaTooLarge; QuotaBelowTaken for a ceiling below who is in, unless `over_commit`; Invalid.
    """
    locked = publishing.lock(event=event)
    _check(locked, kind, audience, partner, release, now)
    pools = waitlisting.lock(locked)[locked.pk]
    _refuse_second(pools, kind, audience, partner)
    pool = SeatPool.objects.create(
        event=locked, kind=kind, audience=audience, partner=partner, seats=0, is_admitting=pools[0].is_admitting,
        opens_at=pools[0].opens_at, closes_at=pools[0].closes_at, **_dated(locked, release),
    )  # fmt: skip
    SeatPool.objects.filter(event=locked).update(is_plain=False)
    _resize(locked, pool, seats, over_commit=over_commit, now=now)
    _told(locked, pool, kind="quota.created", before={}, actor=actor, now=now)
    served = _served(pool, now)
    _stamp(locked)
    return served


@all_or_nothing
def amend(
    *, pool: SeatPool, actor: Actor, now: datetime, seats: int | None = None, release: Release | None = None,
    over_commit: bool = False,
) -> SeatPool:  # fmt: skip
    """The quota has these seats and this release; None: as before. Locks and refusals as `set_aside`; QuotaReleased."""
    locked, current = _lock(pool)
    before = _facts(current)
    if release is not None:
        _check_release(locked, release, now)
        SeatPool.objects.filter(pk=current.pk).update(**_dated(locked, release))
    if seats is not None:
        _resize(locked, current, seats, over_commit=over_commit, now=now)
    _told(locked, current, kind="quota.amended", before=before, actor=actor, now=now)
    served = _served(current, now)
    _stamp(locked)
    return served


@all_or_nothing
def release(*, pool: SeatPool, actor: Actor, now: datetime) -> SeatPool:
    """The quota is over: its unused seats are open to all, and nobody is counted in it anew. Who is in stays in.

    Repeating it changes nothing. Locks the event, its pools.
    """
    locked = publishing.lock(event=pool.event)
    waitlisting.lock(locked)
    current = SeatPool.objects.get(pk=pool.pk)
    if current.kind == "open" or current.released_at is not None:
        return current
    before = _facts(current)
    SeatPool.objects.filter(pk=current.pk).update(released_at=now)
    unused = current.seats - current.taken
    if current.is_reserved and unused:
        seating.give_to_open(pool_id=current.pk, seats=unused, reason="released", now=now)
    _told(locked, current, kind="quota.released", before=before, actor=actor, now=now)
    served = _served(current, now)
    seating.follow(event=locked)
    _stamp(locked)
    return served


def release_due(*, now: datetime) -> int:
    """Every quota whose day has come is released; how many."""
    due = SeatPool.objects.filter(released_at__isnull=True, releases_at__lte=now).select_related("event").order_by("pk")
    return one_by_one(due, lambda pool: _release_due(pool=pool, now=now))


def _release_due(*, pool: SeatPool, now: datetime) -> int:
    release(pool=pool, actor=SYSTEM, now=now)
    return 1


def _resize(event: Event, pool: SeatPool, seats: int, *, over_commit: bool, now: datetime) -> None:
    if not 0 <= seats <= GREATEST:
        raise Invalid(_("Write a number of seats, from 0 up."), field="seats")
    if pool.kind == "ceiling":
        _resize_ceiling(event, pool, seats, over_commit=over_commit, now=now)
        return
    open_one = SeatPool.objects.get(event=event, kind="open")
    if seats < pool.taken:
        raise QuotaBelowTaken(
            _("%(taken)d people are counted in it; %(seats)d seats are too few.")
            % {"taken": pool.taken, "seats": seats}, field="seats", taken=pool.taken, seats=seats,
        )  # fmt: skip
    more = seats - pool.seats
    if more > open_one.seats:
        raise QuotaTooLarge(
            _("Only %(seats)d seats are not reserved yet.") % {"seats": open_one.seats}, field="seats",
            seats=open_one.seats,
        )  # fmt: skip
    if more:
        seating.give_to_open(pool_id=pool.pk, seats=-more, reason="set_aside", now=now)
    seating.gather(event_id=event.pk, pool_id=pool.pk, now=now)
    over = seating.relieve(event_id=event.pk, pool_id=open_one.pk, now=now)
    if more > 0 and over:
        raise QuotaTooLarge(
            _("%(over)d of these seats are taken by others.") % {"over": over}, field="seats", over=over
        )  # fmt: skip


def _resize_ceiling(event: Event, pool: SeatPool, seats: int, *, over_commit: bool, now: datetime) -> None:
    """A ceiling counts from its first moment who is in already."""
    is_new = not pool.movements.exists()
    counted = list(_counted_by(event, pool)) if is_new else []
    taken = pool.taken + len(counted)
    if taken > seats and not over_commit:
        raise QuotaBelowTaken(
            _("%(taken)d people are counted in it; %(seats)d seats are too few.") % {"taken": taken, "seats": seats},
            field="seats", taken=taken, seats=seats,
        )  # fmt: skip
    SeatPool.objects.filter(pk=pool.pk).update(
        seats=seats, taken=F("taken") + len(counted), over_committed=taken > seats
    )
    lines = [SeatMovement(pool=pool, registration=row, delta=1, reason="counted", at=now) for row in counted]
    if seats != pool.seats:
        lines.append(SeatMovement(pool=pool, seats_delta=seats - pool.seats, reason="set_aside", at=now))
    SeatMovement.objects.bulk_create(lines)


def _counted_by(event: Event, pool: SeatPool) -> Iterable[Registration]:
    named: dict[str, Any] = {"audience": pool.audience_id} if pool.audience_id else {"partner": pool.partner_id}
    return Registration.objects.filter(event=event, status__in=HOLDING, **named).order_by("pk")


def _lock(pool: SeatPool) -> tuple[Event, SeatPool]:
    locked = publishing.lock(event=pool.event)
    waitlisting.lock(locked)
    current = SeatPool.objects.get(pk=pool.pk)
    if current.released_at is not None:
        raise QuotaReleased(_("This quota was released already."))
    return locked, current


def _served(pool: SeatPool, now: datetime) -> SeatPool:
    """Who waits for what became free has it; the quota as it is then."""
    pools = list(SeatPool.objects.filter(event=pool.event_id).order_by("pk"))
    waitlisting.refill(event_ids=[pool.event_id], pools={pool.event_id: pools}, now=now)
    return SeatPool.objects.select_related("event__programme", "audience", "partner").get(pk=pool.pk)


def _told(event: Event, pool: SeatPool, *, kind: str, before: dict[str, Any], actor: Actor, now: datetime) -> None:
    current = SeatPool.objects.select_related("audience", "partner").get(pk=pool.pk)
    outbox.record_change(
        kind=kind, actor=actor, now=now, organization_id=event.programme.organization_id, event=event, before=before,
        after=_facts(current),
    )  # fmt: skip


def _stamp(event: Event) -> None:
    """Whoever follows the availability of a seen event asks anew. The last lock of the step (RULES 9)."""
    if publishing.is_seen(event):
        outbox.lock_version()
        outbox.stamp_version(version=outbox.raise_version(), events=[event])


def _facts(pool: SeatPool) -> dict[str, Any]:
    return {
        "quota": str(pool.uid),
        "kind": pool.kind,
        "audience": pool.audience.slug if pool.audience else None,
        "partner": pool.partner.slug if pool.partner else None,
        "seats": pool.seats,
        "taken": pool.taken,
        "releases_at": pool.releases_at.isoformat() if pool.releases_at else None,
    }


def _dated(event: Event, release: Release) -> dict[str, Any]:
    days = SeatPool(releases_days_before=release.days_before)
    at = release.at if release.days_before is None else seating.releases_at(event, days)
    return {"releases_at": at, "releases_days_before": release.days_before}


def _check(
    event: Event, kind: str, audience: Audience | None, partner: Organization | None, release: Release, now: datetime
) -> None:
    if (audience is None) == (partner is None):
        raise Invalid(_("A quota is for one audience or for one partner."), field="audience")
    if kind == "allotment" and partner is None:
        raise Invalid(_("An allotment is a partner's."), field="partner")
    if event.capacity is None and kind != "ceiling":
        raise Invalid(_("An event without a limit has no seats to set aside."), field="kind")
    if event.status == "cancelled":
        raise Invalid(_("This event was called off."), field="event")
    _check_release(event, release, now)


def _check_release(event: Event, release: Release, now: datetime) -> None:
    if release.at is not None and release.days_before is not None:
        raise Invalid(_("Say a time or a number of days, not both."), field="releases_at")
    at = _dated(event, release)["releases_at"]
    if at is not None and at <= now:
        field = "releases_at" if release.days_before is None else "releases_days_before"
        raise Invalid(_("This time is over: the seats would be open to all at once."), field=field)


def _refuse_second(
    pools: Sequence[SeatPool], kind: str, audience: Audience | None, partner: Organization | None
) -> None:
    wanted = (kind, audience.pk if audience else None, partner.pk if partner else None)
    if any((pool.kind, pool.audience_id, pool.partner_id) == wanted and pool.released_at is None for pool in pools):
        raise Invalid(_("The event has such a quota already: change that one."), field="kind")
