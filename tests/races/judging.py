"""What a race must not have done, found afterwards from ledger, history and rows: one line for each fault."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby, product

from events.models import HOLDING, Audience, Change, Event, Registration, SeatMovement, SeatPool
from events.operations import clashing, waitlisting
from tests import factories
from tests.seat_oracle import Limit, Person, can_join
from venues.errors import Refusal

Key = tuple[int, datetime, int]

LATECOMER = 1_000_000
LETTING_IN = ("registration.confirmed", "registration.offered")


def faults(event_ids: Collection[int], *, now: datetime) -> list[str]:
    """Everything wrong with these events; whole series, when one of their runs is named."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("programme").order_by("pk"))
    return [*oversold(event_ids), *undersold(events, now), *disorder(events)]


def oversold(event_ids: Collection[int]) -> Iterator[str]:
    """Movement after movement: nobody was let into a pool that had no seat then."""
    taken, seats = Counter[int](), Counter[int]()
    limited = SeatPool.objects.filter(event__in=event_ids, is_unlimited=False)
    lines = SeatMovement.objects.filter(pool__in=limited).order_by("pk")
    for line, pool, delta, more, reason in lines.values_list("pk", "pool", "delta", "seats_delta", "reason"):
        taken[pool] += delta
        seats[pool] += more
        if delta > 0 and taken[pool] > seats[pool] and reason != "counted":  # who was in before the ceiling was
            yield f"oversold: pool {pool} at movement {line}: {taken[pool]} of {seats[pool]}"


def undersold(events: Iterable[Event], now: datetime) -> Iterator[str]:
    """Nobody waits for an event in which they could sit: everybody who waits is looked at, whoever stands before."""
    for event in events:
        if not waitlisting.can_serve(event, now):
            continue
        limits, holders, left = _seats(event)
        rows = Registration.objects.accepting(event).in_order().select_related("event__programme")
        for _group, members in groupby(rows, key=lambda row: (row.group_id, row.group_id or row.pk)):
            party = list(members)
            if event.programme.clashes == "refuse" and any(_is_busy(row, event) for row in party):
                continue
            people = [Person(row.audience_id, row.partner_id) for row in party]
            if (left is None or left >= len(party)) and can_join(limits, holders, people):
                yield f"undersold: registration {party[0].pk} waits for {event.slug}, which has a seat"
                break
            if len(party) > 1 and not event.passes_groups and left != 0:
                break  # it may hold what it needs more of


def turned_away(events: Iterable[Event], audiences: Iterable[Audience | None], now: datetime) -> Iterator[str]:
    """Who comes when the race is over has a seat, or nobody like them could have one. (They stay in: judge this last.)

    A seat can go to somebody who waited, when they come: what counts is what is left afterwards.
    """
    for number, (audience, event) in enumerate(product(audiences, list(events))):
        is_kept = Registration.objects.accepting(event).filter(status="waitlisted", group__isnull=False).exists()
        status = _answer(event, LATECOMER + number, audience, now)
        limits, holders, left = _seats(event)
        has_seat = left != 0 and can_join(limits, holders, [Person(audience and audience.pk)])
        if has_seat and status not in HOLDING and not (is_kept and status == "waitlisted"):  # for a group
            yield f"undersold: {event.slug} told a latecomer {status}: {left} of {limits}, {dict(Counter(holders))}"


def _answer(event: Event, number: int, audience: Audience | None, now: datetime) -> str:
    try:
        return factories.register(event, number, audience=audience, now=now).status
    except Refusal as refusal:
        return refusal.code


def disorder(events: Iterable[Event]) -> Iterator[str]:
    """Nobody came in before somebody who stood ahead, unless the history says why those were passed."""
    shared: dict[object, list[Event]] = defaultdict(list)
    for event in events:
        shared[("series", event.series_id) if event.series_id else ("event", event.pk)].append(event)
    for runs in shared.values():
        yield from _Queue(runs).replay()


class _Queue:
    """The waitlist of some runs, as the history tells it."""

    def __init__(self, runs: list[Event]) -> None:
        self.ids = [run.pk for run in runs]
        self.begins = {run.pk: run.first_starts_at for run in runs}
        rows = Registration.objects.filter(event__in=self.ids)
        self.keys: dict[int, Key] = {
            row.pk: (-row.priority, row.waits_since, row.pk) for row in rows if row.waits_since is not None
        }
        self.named: dict[int, set[int]] = defaultdict(set)
        through = Registration.accepts.through.objects.filter(registration__event__in=self.ids)
        for registration, event in through.values_list("registration", "event"):
            self.named[registration].add(event)
        self.stands: dict[int, int] = {}  # who waits, and for which run
        self.inside: set[int] = set()
        self.came_in: dict[int, datetime] = {}
        self.passed: dict[int, list[tuple[int, datetime]]] = defaultdict(list)

    def replay(self) -> Iterator[str]:
        changes = Change.objects.filter(event__in=self.ids, registration__isnull=False).order_by("pk")
        history = list(changes.values_list("pk", "kind", "registration", "event", "at"))
        for pk, kind, registration, _event, at in history:
            if kind == "waitlist.passed":
                self.passed[registration].append((pk, at))
            elif kind in LETTING_IN:
                self.came_in.setdefault(registration, at)
        for pk, kind, registration, event, at in history:
            if kind in LETTING_IN and registration not in self.inside:
                self.inside.add(registration)
                yield from self._let_in(pk, registration, event, at)
            if kind == "registration.waitlisted" or kind == "waitlist.moved":
                self.stands[registration] = event
            elif kind.startswith("registration."):
                self.stands.pop(registration, None)

    def _let_in(self, pk: int, registration: int, event: int, at: datetime) -> Iterator[str]:
        own = self.keys.get(registration) if registration in self.stands else None
        for other, run in self.stands.items():
            is_ahead = other != registration and (own is None or self.keys[other] < own)
            is_served_too = self.came_in.get(other) == at  # in the same transaction, told after
            if is_ahead and not is_served_too and self._accepts(other, run, event) and not self._told(other, pk, at):
                yield f"order: registration {registration} came in at change {pk} before {other}, and nothing says why"

    def _accepts(self, registration: int, run: int, event: int) -> bool:
        if run == event:
            return True
        if registration in self.named:
            return event in self.named[registration]
        own, other = self.begins[run], self.begins[event]
        return own is not None and other is not None and own <= other

    def _told(self, registration: int, pk: int, at: datetime) -> bool:
        """Said before, or in the same transaction, whose Changes are of one instant."""
        return any(said < pk or when == at for said, when in self.passed[registration])


def _seats(event: Event) -> tuple[list[Limit], list[Person], int | None]:
    """Pools that let people in, who holds their seats, and how many seats the event as a whole has left."""
    pools = list(SeatPool.objects.filter(event=event).order_by("pk"))
    seated = [pool for pool in pools if pool.kind != "ceiling"]
    left = None if any(pool.is_unlimited for pool in seated) else sum(pool.seats - pool.taken for pool in seated)
    # A released quota keeps who is in it; a pool that is over its seats is left alone until that is worked off.
    active = [pool for pool in seated if pool.released_at is None and not _is_over(pool)]
    rows = Registration.objects.filter(pool__in=[pool.pk for pool in active], status__in=HOLDING)
    holders = [Person(*row) for row in rows.values_list("audience", "partner")]
    limits = [_limit(pool, None if pool.is_unlimited else pool.seats) for pool in active]
    for pool in pools:
        if pool.kind == "ceiling" and pool.released_at is None:
            counted = sum(_limit(pool, 0).is_for(one) for one in holders)  # it counts who sits in other pools too
            limits.append(_limit(pool, counted + pool.seats - pool.taken))
    return limits, holders, left


def _limit(pool: SeatPool, seats: int | None) -> Limit:
    return Limit(pool.kind, seats, pool.audience_id, pool.partner_id)


def _is_over(pool: SeatPool) -> bool:
    return not pool.is_unlimited and pool.taken > pool.seats


def _is_busy(row: Registration, event: Event) -> bool:
    held = Event.objects.filter(
        pk__in=clashing.elsewhere(key=row.email_key, event=event),
        registrations__email_key=row.email_key,
        registrations__status__in=HOLDING,
    )
    return held.exists()
