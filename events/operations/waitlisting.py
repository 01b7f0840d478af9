"""The waitlist: who waits where, and who is next. Strict order of priority, then time; nobody is passed in silence."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import Count, DateTimeField, F, IntegerField, Max, Q

from events import outbox
from events.capacity import Hall, Shortage
from events.models import SYSTEM, Actor, Event, Registration, SeatPool
from events.models.prepared import Prepared, Slot, among, ids
from events.operations import admitting, clashing, seating
from events.operations.admitting import Placed

FIRST, BATCH = 20, 500
MOVED_ON = "waitlist.moved"  # the Change of who waits for another run from now on

Party = list[Registration]


@dataclass(slots=True)
class Served:
    """What one round gave out. `held`: free seats are kept for a group that needs more of them.

    `passed` are those before somebody who was served, `left` those whom nobody has passed yet; each with the reason.
    """

    placed: list[Placed] = field(default_factory=list)
    passed: list[tuple[Registration, str]] = field(default_factory=list)
    left: list[tuple[Registration, str]] = field(default_factory=list)
    held: bool = False


def runs_of(event: Event) -> list[int]:
    """The ids of the events that share the event's waitlist, itself included (RULES 10)."""
    if event.series_id is None:
        return [event.pk]
    return sorted({event.pk, *Event.objects.filter(series=event.series_id).values_list("pk", flat=True)})


def lock(event: Event) -> dict[int, list[SeatPool]]:
    """The pools of all runs that share the event's waitlist: who gives out their seats, or waits for them, is alone."""
    return seating.lock(event_ids=runs_of(event))


def fill(*, event: Event, pools: Sequence[SeatPool], now: datetime) -> Served:
    """Free seats of the event have gone to those who wait for them, in order: what was given to whom.

    Each gets a seat or an offer, as the event says. Whoever is passed has the reason on their registration and in the
    history. `event` is as it is now, `pools` are its own, locked with those of the other runs.
    """
    if not can_serve(event, now):
        return Served()
    served = _serve(event, seating.hall(pools))
    admitting.admit(event=event, placed=served.placed, is_offer=event.waitlist == "offer", reason="seat_freed", now=now)
    _tell_passed(event, served.passed, now)
    return served


def pass_over(*, event: Event, served: Served, now: datetime) -> None:
    """A newcomer has taken a seat after that round: whoever it left waiting has been passed, and is told why."""
    _tell_passed(event, served.left, now)


def refill(*, event_ids: Collection[int], pools: dict[int, list[SeatPool]], now: datetime) -> None:
    """`fill` for each of these events, whose pools are locked; those that nobody waits for cost nothing.

    Called whenever seats became free: so what is over-committed is worked off first, whether anybody waits or not.
    """
    for pk in sorted(event_ids):
        seating.work_off(pools=pools[pk], now=now)
    contested = [pk for pk in sorted(event_ids) if any(not pool.is_plain for pool in pools[pk])]
    if not contested or not waiting_in(contested):
        return
    for event in Event.objects.filter(pk__in=contested).select_related("programme").order_by("pk"):
        fresh = SeatPool.objects.filter(event=event).order_by("pk")
        fill(event=event, pools=list(fresh), now=now)


def leave_run(*, event: Event, reason: str, actor: Actor, now: datetime) -> None:
    """Who waits for a run that is over, and takes another one that is to come, waits for that from now on.

    They keep their place. The pools of all runs are locked.
    """
    if event.series_id is None:
        return
    runs = Event.objects.filter(series=event.series_id, status="published", first_starts_at__gt=now)
    for run in runs.exclude(pk=event.pk).order_by("first_starts_at", "pk"):
        there = Registration.objects.live().filter(event=run).values("email_key")
        rows = Registration.objects.filter(event=event).accepting(run).in_order().exclude(email_key__in=there)
        ids = list(rows.values_list("pk", flat=True))
        Registration.objects.filter(pk__in=ids).update(event=run, sequence=F("sequence") + 1, updated_at=now)
        outbox.record_changes(
            [
                outbox.change(
                    kind=MOVED_ON, actor=actor, now=now, organization_id=event.programme.organization_id,
                    event=run, registration=Registration(pk=pk), before={"event": event.slug},
                    after={"event": run.slug}, reason=reason,
                )
                for pk in ids
            ]
        )  # fmt: skip


def waiting_in(event_ids: Collection[int]) -> bool:
    """Whether anybody waits for a seat in one of these events, or in another run of their series."""
    own = Q(event__in=event_ids) | Q(event__series__in=Event.objects.filter(pk__in=event_ids).values("series"))
    return Registration.objects.filter(own, status="waitlisted").exists()


def is_awaited(event: Event) -> bool:
    """`waiting_in` for one event, of which only those in a series are asked with its other runs."""
    return waiting_in([event.pk]) if event.series_id is not None else _waits.first(event=event.pk) is not None


_waits = Prepared(
    lambda: Registration.objects.filter(event=Slot("event", IntegerField()), status="waitlisted").values_list("pk")[:1]
)


def can_serve(event: Event, now: datetime) -> bool:
    """Seats go out until the event begins, after registration has closed too."""
    has_begun = event.first_starts_at is not None and event.first_starts_at <= now
    return event.status == "published" and event.registration != "none" and not has_begun


def is_kept(event: Event, now: datetime) -> bool:
    """Whether somebody may join the waitlist: the event keeps one, and can still serve it."""
    return event.waitlist != "off" and can_serve(event, now)


def arrival(event: Event, now: datetime) -> datetime:
    """Since when somebody waits who joins now: after everybody before them, so that no place told gets worse.

    The pools are locked. A request that came earlier and was slower stands behind the quicker one.
    """
    runs = runs_of(event)
    row = _latest(len(runs)).first(now=now, **ids("event", runs))
    return now if row is None else row[0] + timedelta(microseconds=1)


@cache
def _latest(runs: int) -> Prepared:
    """The last who has waited since `now` or since later, among so many runs: nobody, mostly, and the index says so."""
    now = Slot("now", DateTimeField())
    waiting = Registration.objects.filter(among("event", runs), status="waitlisted", waits_since__gte=now).order_by()
    return Prepared(lambda: waiting.values("status").annotate(last=Max("waits_since")).values_list("last"))


def position(registration: Registration) -> int | None:
    """The place of somebody who waits, counted among those who accept the same run; None for anybody else."""
    if registration.status != "waitlisted":
        return None
    row, event = registration, registration.event
    if event.series_id is not None:
        before = _before(priority=row.priority, since=row.waits_since, pk=row.pk)
        return Registration.objects.accepting(event).in_order().filter(before).count() + 1
    found = _ahead.first(event=event.pk, priority=row.priority, since=row.waits_since, pk=row.pk)
    return 1 + (found[0] if found else 0)


def _before(*, priority: Any, since: Any, pk: Any) -> Q:
    """Who waits before somebody with these: the order of `RegistrationQuerySet.in_order`."""
    same = Q(priority=priority)
    return Q(priority__gt=priority) | same & Q(waits_since__lt=since) | same & Q(waits_since=since, pk__lt=pk)


_ahead = Prepared(
    lambda: (
        Registration.objects.filter(event=Slot("event", IntegerField()), status="waitlisted")
        .filter(
            _before(
                priority=Slot("priority", IntegerField()),
                since=Slot("since", DateTimeField()),
                pk=Slot("pk", IntegerField()),
            )
        )
        .order_by()
        .values("event")
        .annotate(number=Count("pk"))
        .values_list("number")
    )
)


def positions(event: Event) -> dict[int, int]:
    """The places of all who wait for the event, by registration id: one statement."""
    ids = Registration.objects.accepting(event).in_order().values_list("pk", flat=True)
    return {pk: place for place, pk in enumerate(ids, start=1)}


def _serve(event: Event, hall: Hall) -> Served:
    served = Served()
    seated: set[str] = set()  # who waits for several runs gets one seat in this one
    for party, is_busy in () if hall.is_full else _parties(event):
        if any(row.email_key in seated for row in party):
            continue
        why = "clash" if is_busy else _seat(event, hall, party, served)
        if served.held:
            break
        if why:
            served.left += [(row, why) for row in party]
        else:
            seated |= {row.email_key for row in party}
            served.passed += served.left  # only who stood before somebody that was served has been passed
            served.left = []
            if hall.is_full:
                break
    return served


def _seat(event: Event, hall: Hall, party: Party, served: Served) -> str:
    """ "" when the party got its seats, else why not."""
    whos = [seating.who(row) for row in party]
    placings = hall.place_all(whos)
    if not isinstance(placings, Shortage):
        served.placed += zip(party, placings, strict=True)
        return ""
    if len(party) > 1 and placings.reason in ("full", "over_committed"):
        # Kept are the last free seats, all for them. Seats that some of them may not have help nobody by staying empty,
        # and for a group that would not fit among all of the event's they would be kept until it begins.
        can_ever_sit = not isinstance(hall.emptied().place_all(whos), Shortage)
        served.held = can_ever_sit and not event.passes_groups and any(hall.seats_for(one) != 0 for one in whos)
        return "group"
    return placings.reason


def _parties(event: Event) -> Iterator[tuple[Party, bool]]:
    """Those who wait, in order, with whether they are elsewhere at that time; a group comes as one."""
    for batch in _batches(event):
        keys = {row.email_key for row in batch}
        busy = clashing.busy(keys=keys, event=event)
        there = _already_there(event, batch)
        for _group, members in groupby(batch, key=lambda row: (row.group_id, row.group_id or row.pk)):
            party = [row for row in members if row.email_key not in there]
            if party:
                yield party, any(row.email_key in busy for row in party)


def _batches(event: Event) -> Iterator[list[Registration]]:
    """Some at first, because one freed seat needs one person; then more at a time. No group is cut in two."""
    rows = (
        Registration.objects.accepting(event)
        .in_order()
        .select_for_update(of=("self",), no_key=True)
        .select_related("event__programme")
    )
    start, size = 0, FIRST
    while batch := list(rows[start : start + size]):
        if len(batch) == size and (whole := _without_last_group(batch)) != batch:
            if not whole:
                size += BATCH  # it is one large group
                continue
            batch = whole
        yield batch
        start, size = start + len(batch), BATCH


def _without_last_group(batch: list[Registration]) -> list[Registration]:
    """Up to the group at the end, more of which may come; the same where somebody stands there alone."""
    last = batch[-1].group_id
    end = len(batch)
    while last is not None and end and batch[end - 1].group_id == last:
        end -= 1
    return batch[:end]


def _already_there(event: Event, batch: list[Registration]) -> set[str]:
    """Who waits in another run, but lives in this one already (of a series that allows repeats)."""
    foreign = [row.email_key for row in batch if row.event_id != event.pk]
    if not foreign:
        return set()
    rows = Registration.objects.live().filter(event=event, email_key__in=foreign)
    return set(
        rows.exclude(pk__in=[row.pk for row in batch if row.event_id != event.pk]).values_list("email_key", flat=True)
    )


def _tell_passed(event: Event, passed: Sequence[tuple[Registration, str]], now: datetime) -> None:
    """Who was passed for another reason than before is told so; the history keeps it (SAFETY W2)."""
    news = [(row, why) for row, why in passed if row.passed_for != why]
    for why in sorted({why for _row, why in news}):
        ids = [row.pk for row, reason in news if reason == why]
        Registration.objects.filter(pk__in=ids).update(passed_for=why)
    outbox.record_changes(
        [
            outbox.change(
                kind="waitlist.passed", actor=SYSTEM, now=now, organization_id=event.programme.organization_id,
                event=event, registration=row, reason=why,
            )
            for row, why in news
        ]
    )  # fmt: skip
