"""How many seats are left, and for whom: the one figure of API, pages, embeds and the `has_seats` filter (RULES 7).

Everything here takes a constant number of statements, however many events are asked about.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q

from events.capacity import Hall, Pool, Who, most_seats
from events.models import HOLDING, Change, Event, Registration, SeatPool

Holders = Mapping[tuple[int, Who], int]
Level = Literal["open", "few", "full"]

FEW_AT_MOST = 10  # seats, however large the hall is


@dataclass(frozen=True, slots=True)
class Vacancy:
    """An event's seats: how many are `taken` of `seats`, and what somebody could take now. None: unlimited.

    `may_wait`: whether anybody can be waiting for one; nobody is where one row decides alone (`SeatPool.is_plain`).
    """

    taken: int
    seats: int | None
    left: int | None
    may_wait: bool = False

    @property
    def level(self) -> Level:
        """In one word: full, a few left (a tenth of the seats, rounded up, and no more than ten), or open."""
        if self.left is None or self.seats is None:
            return "open"
        if self.left <= 0:
            return "full"
        return "few" if self.left <= min(-(-self.seats // 10), FEW_AT_MOST) else "open"


class Mark(NamedTuple):
    """How far somebody knows the seats of all events: schedule version, position, and changes that have none yet.

    Two equal marks are the same seats: between two positions, changes without one only come to be.
    """

    version: int
    position: int
    unplaced: int


def mark() -> Mark:
    """Where we are now: one statement, by hand because everybody who polls asks it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT number FROM events_scheduleversion WHERE id = 1),"
            " (SELECT last FROM events_sequencer WHERE id = 1),"
            " (SELECT COUNT(*) FROM events_change WHERE position IS NULL AND registration_id IS NOT NULL)"
        )
        return Mark(*(int(number or 0) for number in cursor.fetchone()))


def moved_since(*, version: int, position: int) -> Q:
    """The condition on events whose seats, or who waits for them, may be others since then.

    Changes that have no position yet are always among them, so nobody waits for the worker; who waits for one run of a
    series may wait for another as well.
    """
    changes = Change.objects.filter(registration__isnull=False)
    changed = changes.filter(Q(position__gt=position) | Q(position__isnull=True)).values("event")
    series = Event.objects.filter(pk__in=changed, series__isnull=False).values("series")
    return Q(publication__version__gt=version) | Q(pk__in=changed) | Q(series__in=series)


def of(*, event_ids: Collection[int], audiences: Collection[int] = ()) -> dict[int, Vacancy]:
    """The vacancy of each event: for people of these audiences, else the largest figure that anybody finds (RULES 7).

    One statement; two more where an event has quotas, and one where audiences are asked for.
    """
    pools: dict[int, list[SeatPool]] = {event_id: [] for event_id in event_ids}
    for pool in SeatPool.objects.filter(event__in=event_ids).order_by("event_id", "pk"):
        pools[pool.event_id].append(pool)
    divided = [event_id for event_id, own in pools.items() if _is_divided(own)]
    held = holders(divided) if divided else {}
    meant = _audiences_of(event_ids if audiences else divided) if audiences or divided else {}
    return {
        event_id: _vacancy(own, held.get(event_id, {}), audiences, meant.get(event_id, set()))
        for event_id, own in pools.items()
    }


def with_seats(*, audiences: Collection[int] = ()) -> Q:
    """The condition on events that `of` finds a seat in. Where quotas divide the seats, they are counted out here."""
    # A released quota divides nothing any more, unless it is over its seats: the open pool makes up for those.
    dividing = SeatPool.objects.filter(Q(released_at__isnull=True) | Q(taken__gt=F("seats"))).exclude(kind="open")
    undivided = SeatPool.objects.with_room().filter(~Exists(dividing.filter(event=OuterRef("event"))), kind="open")
    found = of(event_ids=set(dividing.values_list("event", flat=True)), audiences=audiences)
    free = Q(pk__in=undivided.values("event"))
    if audiences:
        meant = Event.audiences.through.objects.filter(event=OuterRef("pk"))
        free &= Q(~Exists(meant) | Exists(meant.filter(audience__in=audiences)))
    return free | Q(pk__in=[pk for pk, vacancy in found.items() if vacancy.left != 0])


def holders(event_ids: Iterable[int]) -> dict[int, dict[tuple[int, Who], int]]:
    """Who holds how many seats of which pool, by event: one statement."""
    rows = Registration.objects.filter(event__in=list(event_ids), status__in=HOLDING).order_by()
    counted = rows.values_list("event", "pool", "audience", "partner").annotate(number=Count("pk"))
    found: dict[int, dict[tuple[int, Who], int]] = {}
    for event_id, pool, audience, partner, number in counted:
        found.setdefault(event_id, {})[pool, Who(audience, partner)] = number
    return found


def pictured(pool: SeatPool) -> Pool:
    """The pool as the pure arithmetic sees it."""
    return Pool(
        id=pool.pk,
        kind=pool.kind,  # type: ignore[arg-type]  # a constraint of the table holds the words
        seats=None if pool.is_unlimited else pool.seats,
        taken=pool.taken,
        audience=pool.audience_id,
        partner=pool.partner_id,
        is_released=pool.released_at is not None,
    )


def waiting(*, event_ids: Collection[int], in_series: Collection[int] | None = None) -> dict[int, int]:
    """How many people wait for each event, those of other runs who would take it included (RULES 10).

    `in_series`: those of the events that are runs of a series, if the caller knows. The grouped twin of
    `RegistrationQuerySet.accepting`: one statement; three more where there are such.
    """
    own = Registration.objects.filter(event__in=event_ids, status="waitlisted").order_by()
    found = Counter(dict(own.values_list("event").annotate(Count("pk"))))
    may_be = event_ids if in_series is None else in_series
    in_any = Event.objects.filter(pk__in=may_be, series__isnull=False)
    runs = list(in_any.values_list("pk", "series", "first_starts_at")) if may_be else []
    if not runs:
        return dict(found)
    through = Registration.accepts.through.objects
    rows = Registration.objects.filter(event__series__in={series for _pk, series, _at in runs}, status="waitlisted")
    any_later = rows.exclude(Exists(through.filter(registration=OuterRef("pk")))).order_by()
    others = list(
        any_later.values_list("event", "event__series", "event__first_starts_at").annotate(number=Count("pk"))
    )
    named = through.filter(registration__in=rows.values("pk"), event__in=event_ids)
    named = named.exclude(event=F("registration__event"))
    found.update(dict(named.order_by().values_list("event").annotate(Count("pk"))))
    for pk, series, at in runs:
        found[pk] += sum(
            number
            for event_id, same, begins, number in others
            if same == series and event_id != pk and begins is not None and at is not None and begins <= at
        )
    return dict(found)


def _is_divided(pools: Iterable[SeatPool]) -> bool:
    return any(pool.kind != "open" and pool.released_at is None for pool in pools)


def _vacancy(rows: list[SeatPool], held: Holders, audiences: Collection[int], meant: Collection[int]) -> Vacancy:
    pools = [pictured(row) for row in rows]
    seated = [pool for pool in pools if pool.kind != "ceiling"]
    seats = None if any(pool.seats is None for pool in seated) else sum(pool.seats or 0 for pool in seated)
    may_wait = any(not row.is_plain for row in rows)
    return Vacancy(sum(pool.taken for pool in seated), seats, _left(pools, held, audiences, meant), may_wait)


def _left(pools: list[Pool], held: Holders, audiences: Collection[int], meant: Collection[int]) -> int | None:
    if not audiences:
        return pools[0].room if len(pools) == 1 else most_seats(pools, held, meant)
    welcome = [audience for audience in audiences if not meant or audience in meant]
    hall = Hall(pools, held)
    figures = [hall.seats_for(Who(audience=audience)) for audience in welcome]
    return None if None in figures else max((figure or 0 for figure in figures), default=0)


def _audiences_of(event_ids: Collection[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for event_id, audience_id in Event.audiences.through.objects.filter(event__in=event_ids).values_list(
        "event_id", "audience_id"
    ):
        found.setdefault(event_id, set()).add(audience_id)
    return found
