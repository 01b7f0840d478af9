"""Rooms, times, calendar texts and versions: what the schedule says twice must agree."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef, Q
from django.db.models.functions import Coalesce

from events import calendars, outbox
from events.models import Change, Event, Fragment, Session
from events.models.walltime import WallTimeError, day_start, to_utc
from events.reports.audit.breaks import Break, sides
from venues.models import Booking

BATCH = 200


def rooms(now: datetime) -> Iterator[Break]:
    """No room is held twice at one instant; each live session in a room holds it for its time, nothing else does."""
    live = Booking.objects.filter(is_live=True)
    other = live.filter(
        room=OuterRef("room"),
        pk__gt=OuterRef("pk"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    for booking in live.filter(Exists(other)).select_related("room").order_by("pk"):
        yield Break("R1", "room-once", booking.room.slug, f"{booking.starts_at.isoformat()} is held twice")
    held = {
        purpose: wanted for purpose, *wanted in live.values_list("purpose", "room", "starts_at", "ends_at", "holder")
    }
    sessions = Session.objects.exclude(status="cancelled").filter(room__isnull=False).order_by("pk")
    owner = "event__programme__organization__uid"
    for uid, *wanted in sessions.values_list("uid", "room", "starts_at", "ends_at", owner):
        if held.pop(uid, None) != wanted:
            yield Break("R1", "room-held", f"session {uid}", "its booking is missing or another one")
    for purpose in sorted(held):
        yield Break("R1", "room-held", f"booking {purpose}", "no live session needs it")


def times(now: datetime) -> Iterator[Break]:
    """Sessions start at the wall time that was meant; events mirror their sessions."""
    for session in Session.objects.exclude(status="cancelled").order_by("pk").iterator(chunk_size=2000):
        meant = _meant(session)
        if meant is not None and meant != session.starts_at:
            both = {"meant": meant.isoformat(), "stored": session.starts_at.isoformat()}
            yield Break("K5", "wall-time", f"session {session.uid}", f"{sides(both)}; run manage.py retime")
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
            yield Break("K5", "event-times", slug, sides({"event": stored, "sessions": counted}))


def _meant(session: Session) -> datetime | None:
    try:
        if session.all_day:
            return day_start(session.starts_on, session.timezone)
        local = datetime.combine(session.starts_on, session.starts_local)
        return to_utc(local, session.timezone, fold=session.fold)
    except WallTimeError:
        return None  # the clocks skip that time now: the old instant stays until somebody decides


def texts(now: datetime) -> Iterator[Break]:
    """Stored calendar texts are what rendering gives now, in both languages, for exactly the public sessions."""
    ids = iter(Session.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000))
    while batch := list(islice(ids, BATCH)):
        stored: dict[int, list[Fragment]] = {}
        for fragment in Fragment.objects.filter(session__in=batch, base_url=settings.CALLBOARD_URL).order_by("pk"):
            stored.setdefault(fragment.session_id, []).append(fragment)
        for session in calendars.for_rendering(batch):
            wanted = calendars.render(session) if calendars.is_readable(session) and session.was_public else []
            if calendars.is_readable(session) and not session.was_public:
                yield Break("K4", "text", f"session {session.uid}", "public, but never told")
            if _columns(stored.get(session.pk, [])) != _columns(wanted):
                yield Break("K4", "text", f"session {session.uid}", "its stored entry is not what it shows")
            if session.sequence and not session.was_public:
                yield Break("K2", "sequence", f"session {session.uid}", f"{session.sequence} before it was ever public")


def _columns(fragments: list[Fragment]) -> set[tuple[Any, ...]]:
    return {(f.language, f.is_listed, f.starts_at, f.zone, f.stamp, f.body) for f in fragments}


def versions(now: datetime) -> Iterator[Break]:
    """Nothing carries a schedule version that was not given yet."""
    newest = outbox.current_version()
    for name, rows in (
        ("event", Event.objects.filter(version__gt=newest)),
        ("session", Session.objects.filter(version__gt=newest)),
        ("change", Change.objects.filter(version__gt=newest)),
    ):
        for pk, version in rows.order_by("pk").values_list("pk", "version"):
            yield Break("K4", "version", f"{name} {pk}", f"{version}, but the newest is {newest}")
