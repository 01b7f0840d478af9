"""Replay the ledger and every invariant over the whole database: what is counted twice must agree (docs/seats.md)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce, Concat

from events import calendars, outbox
from events.models import (
    HOLDING,
    LIVE,
    TRANSITIONS,
    Change,
    Event,
    Fragment,
    IdempotencyKey,
    Registration,
    SeatMovement,
    SeatPool,
    Session,
    email_key,
)
from events.models.walltime import WallTimeError, day_start, to_utc
from venues.models import Booking

BATCH = 200


@dataclass(frozen=True, slots=True)
class Break:
    """One invariant that does not hold: its name, which row, and the two sides that should be equal."""

    rule: str
    row: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.row}: {self.detail}"


def run() -> Iterator[Break]:
    """Every break in the database, rule after rule. Reads only; run it while nobody writes, or twice."""
    for rule in RULES:
        yield from rule()


def counters() -> Iterator[Break]:
    """taken = registrations that hold a seat of the pool = sum of the ledger; seats = sum of the ledger."""
    holding = dict(
        Registration.objects.filter(status__in=HOLDING).order_by().values_list("pool").annotate(number=Count("pk"))
    )
    sums = SeatMovement.objects.order_by().values_list("pool").annotate(taken=Sum("delta"), seats=Sum("seats_delta"))
    ledger = {pool: (taken, seats) for pool, taken, seats in sums}
    for pool in SeatPool.objects.select_related("event").order_by("pk"):
        taken, seats = ledger.get(pool.pk, (0, 0))
        sides = {"taken": pool.taken, "registrations": holding.get(pool.pk, 0), "ledger": taken}
        if len(set(sides.values())) > 1:
            yield Break("seats-taken", _pool(pool), _sides(sides))
        if pool.seats != seats:
            yield Break("seats-ledger", _pool(pool), _sides({"seats": pool.seats, "ledger": seats}))


def limits() -> Iterator[Break]:
    """0 <= taken <= seats, unless unlimited or over-committed; the flag is up only while it must be."""
    for pool in SeatPool.objects.select_related("event").order_by("pk"):
        is_over = not pool.is_unlimited and pool.taken > pool.seats
        if pool.taken < 0 or is_over != pool.over_committed:
            sides = {"taken": pool.taken, "seats": pool.seats, "over-committed": pool.over_committed}
            yield Break("seats-limit", _pool(pool), _sides(sides))


def capacities() -> Iterator[Break]:
    """The seats of an event's pools sum to its capacity; the pools admit as the event says."""
    for event in Event.objects.prefetch_related("pools").order_by("pk"):
        pools = list(event.pools.all())
        seats = None if any(pool.is_unlimited for pool in pools) else sum(pool.seats for pool in pools)
        if seats != event.capacity or sum(pool.kind == "open" for pool in pools) != 1:
            yield Break("capacity", event.slug, _sides({"capacity": event.capacity, "pools": seats}))
        is_admitting = event.status == "published" and event.registration == "open"
        wanted = (is_admitting, event.registration_opens_at, event.closes_at)
        for pool in pools:
            stored = (pool.is_admitting, pool.opens_at, pool.closes_at)
            if stored != wanted:
                yield Break("admission", event.slug, _sides({"event": wanted, "pool": stored}))


def registrations() -> Iterator[Break]:
    """Live at most once for each person and event, in published events only; each with its ledger and Change."""
    twice = (
        Registration.objects.filter(status__in=LIVE)
        .order_by("event", "email_key")
        .values_list("event__slug", "email_key")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
    )
    for slug, _key, number in twice:
        yield Break("live-once", slug, f"one person is registered {number} times")
    told = Change.objects.filter(registration=OuterRef("pk"), kind=Concat(Value("registration."), OuterRef("status")))
    rows = Registration.objects.annotate(sum=Coalesce(Sum("movements__delta"), 0), is_told=Exists(told))
    for row in rows.select_related("event").order_by("pk").iterator(chunk_size=2000):
        yield from _registration(row)


def _registration(row: Any) -> Iterator[Break]:
    name = f"registration {row.pk} of {row.event.slug}"
    if row.sum != int(row.status in HOLDING):
        yield Break("ledger-of-one", name, _sides({"status": row.status, "ledger": row.sum}))
    if row.status in LIVE and row.event.status != "published":
        yield Break("live-in-published", name, f"{row.status}, but the event is {row.event.status}")
    if not row.is_told:
        yield Break("change-told", name, f"no Change says that it is {row.status}")
    if row.email and row.email_key != email_key(row.email):
        yield Break("email-key", name, "the stored form is not that of the address")


def transitions() -> Iterator[Break]:
    """Registrations went only ways that are in the table."""
    told = Change.objects.filter(kind__startswith="registration.").order_by("pk")
    for pk, before, after in told.values_list("registration", "before", "after").iterator(chunk_size=2000):
        was, became = before.get("status", ""), after.get("status", "")
        if became not in TRANSITIONS.get(was, ()):
            yield Break("transition", f"registration {pk}", f"from {was or 'nothing'} to {became}")


def rooms() -> Iterator[Break]:
    """No room is held twice at one instant; each live session in a room holds it for its time, nothing else does."""
    live = Booking.objects.filter(is_live=True)
    other = live.filter(
        room=OuterRef("room"),
        pk__gt=OuterRef("pk"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    for booking in live.filter(Exists(other)).select_related("room").order_by("pk"):
        yield Break("room-once", booking.room.slug, f"{booking.starts_at.isoformat()} is held twice")
    held = {
        purpose: wanted for purpose, *wanted in live.values_list("purpose", "room", "starts_at", "ends_at", "holder")
    }
    sessions = Session.objects.exclude(status="cancelled").filter(room__isnull=False).order_by("pk")
    owner = "event__programme__organization__uid"
    for uid, *wanted in sessions.values_list("uid", "room", "starts_at", "ends_at", owner):
        if held.pop(uid, None) != wanted:
            yield Break("room-held", f"session {uid}", "its booking is missing or another one")
    for purpose in sorted(held):
        yield Break("room-held", f"booking {purpose}", "no live session needs it")


def times() -> Iterator[Break]:
    """Sessions start at the wall time that was meant; events mirror their sessions."""
    for session in Session.objects.exclude(status="cancelled").order_by("pk").iterator(chunk_size=2000):
        meant = _meant(session)
        if meant is not None and meant != session.starts_at:
            sides = {"meant": meant.isoformat(), "stored": session.starts_at.isoformat()}
            yield Break("wall-time", f"session {session.uid}", f"{_sides(sides)}; run manage.py retime")
    visible = ~Q(sessions__status="cancelled") & ~Q(sessions__status="draft", status="published")
    ended = Q(sessions__status="cancelled")
    rows = Event.objects.annotate(
        first=Coalesce(Min("sessions__starts_at", filter=visible), Min("sessions__starts_at", filter=ended)),
        last=Coalesce(Max("sessions__ends_at", filter=visible), Max("sessions__ends_at", filter=ended)),
    )
    columns = ("slug", "first_starts_at", "first", "last_ends_at", "last")
    for slug, first_starts_at, first, last_ends_at, last in rows.order_by("pk").values_list(*columns):
        stored, counted = (first_starts_at, last_ends_at), (first, last)
        if stored != counted:
            yield Break("event-times", slug, _sides({"event": stored, "sessions": counted}))


def _meant(session: Session) -> datetime | None:
    try:
        if session.all_day:
            return day_start(session.starts_on, session.timezone)
        local = datetime.combine(session.starts_on, session.starts_local)
        return to_utc(local, session.timezone, fold=session.fold)
    except WallTimeError:
        return None  # the clocks skip that time now: the old instant stays until somebody decides


def texts() -> Iterator[Break]:
    """Stored calendar texts are what rendering gives now, in both languages, for exactly the public sessions."""
    ids = iter(Session.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000))
    while batch := list(islice(ids, BATCH)):
        stored: dict[int, list[Fragment]] = {}
        for fragment in Fragment.objects.filter(session__in=batch, base_url=settings.CALLBOARD_URL).order_by("pk"):
            stored.setdefault(fragment.session_id, []).append(fragment)
        for session in calendars.for_rendering(batch):
            wanted = calendars.render(session) if calendars.is_readable(session) and session.was_public else []
            if calendars.is_readable(session) and not session.was_public:
                yield Break("text", f"session {session.uid}", "public, but never told")
            if _columns(stored.get(session.pk, [])) != _columns(wanted):
                yield Break("text", f"session {session.uid}", "its stored entry is not what it shows")
            if session.sequence and not session.was_public:
                yield Break("sequence", f"session {session.uid}", f"{session.sequence} before it was ever public")


def _columns(fragments: list[Fragment]) -> set[tuple[Any, ...]]:
    return {(f.language, f.is_listed, f.starts_at, f.zone, f.stamp, f.body) for f in fragments}


def versions() -> Iterator[Break]:
    """Nothing carries a schedule version that was not given yet."""
    newest = outbox.current_version()
    for name, rows in (
        ("event", Event.objects.filter(version__gt=newest)),
        ("session", Session.objects.filter(version__gt=newest)),
        ("change", Change.objects.filter(version__gt=newest)),
    ):
        for pk, version in rows.order_by("pk").values_list("pk", "version"):
            yield Break("version", f"{name} {pk}", f"{version}, but the newest is {newest}")


def answers() -> Iterator[Break]:
    """A stored answer to a retried request tells of a registration that exists."""
    codes = set(Registration.objects.values_list("code", flat=True))
    for key in IdempotencyKey.objects.order_by("pk").iterator(chunk_size=2000):
        if key.status == 0:
            yield Break("answer", f"idempotency key {key.scope[:8]}", "it holds no answer")
        elif {"code", "event", "manage_url"} <= key.answer.keys() and key.answer["code"] not in codes:
            yield Break("answer", f"idempotency key {key.scope[:8]}", "its registration does not exist")


RULES: tuple[Callable[[], Iterator[Break]], ...] = (
    counters,
    limits,
    capacities,
    registrations,
    transitions,
    rooms,
    times,
    texts,
    versions,
    answers,
)


def _pool(pool: SeatPool) -> str:
    return f"{pool.event.slug}/{pool.kind}"


def _sides(sides: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sides.items())
