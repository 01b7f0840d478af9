"""Moves as organizers say them (a room is gone, half an hour later, swap, another day): which sessions, and where to.

Nothing is written here. `chosen` asks for sessions, `planned` is arithmetic on those that were loaded.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from events.errors import DomainError, Invalid
from events.models import Event, Programme, Session
from events.models.walltime import WallTimeError, to_utc
from events.operations.blocks import Block, block, last_day, whole_days
from venues.models import Room, Venue

MOST_SESSIONS = 500
MOST_MINUTES = 7 * 24 * 60


class NothingToMove(DomainError):
    """No session is meant, or none would be anywhere else than it is."""

    code = "nothing_to_move"


@dataclass(frozen=True, slots=True)
class RoomGone:
    """A room, or a venue, cannot be used from `starts_at` to `ends_at`: its sessions go to another room, or to none."""

    kind: ClassVar[str] = "room_gone"
    starts_at: datetime
    ends_at: datetime
    room: Room | None = None
    venue: Venue | None = None
    to_room: Room | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """So many minutes later (fewer than 0: earlier): of a day, an event, a venue, these sessions; or the whole."""

    kind: ClassVar[str] = "later"
    minutes: int
    day: date | None = None
    event: Event | None = None
    venue: Venue | None = None
    sessions: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Swap:
    """Two sessions swap their times, their rooms, or both. Times with their lengths, so that neighbours fit."""

    kind: ClassVar[str] = "swap"
    sessions: tuple[UUID, UUID]
    times: bool = True
    rooms: bool = True


@dataclass(frozen=True, slots=True)
class AnotherDay:
    """What begins on `day` begins on `to_day`, at the same time by the clocks there; of a venue, or the whole."""

    kind: ClassVar[str] = "day"
    day: date
    to_day: date
    venue: Venue | None = None


Asked = RoomGone | Later | Swap | AnotherDay


def chosen(*, programme: Programme, asked: Asked) -> QuerySet[Session]:
    """The sessions of the programme that are meant, drafts too, cancelled ones not."""
    match asked:
        case RoomGone():
            where = Q(starts_at__lt=asked.ends_at, ends_at__gt=asked.starts_at)
            where &= Q(room=asked.room) if asked.room else Q(room__venue=asked.venue)
        case Later():
            where = Q(all_day=False)
            where &= Q(starts_on=asked.day) if asked.day else Q()
            where &= Q(event=asked.event) if asked.event else Q()
            where &= Q(room__venue=asked.venue) if asked.venue else Q()
            where &= Q(uid__in=asked.sessions) if asked.sessions else Q()
        case Swap():
            where = Q(uid__in=asked.sessions)
        case AnotherDay():
            where = Q(starts_on=asked.day)
            where &= Q(room__venue=asked.venue) if asked.venue else Q()
    rows = Session.objects.filter(where, event__programme=programme).exclude(status="cancelled")
    return rows.exclude(event__status="cancelled")


def check(asked: Asked) -> None:
    """Invalid, naming the field, for what can never be meant."""
    match asked:
        case RoomGone():
            if (asked.room is None) == (asked.venue is None):
                raise Invalid(_("Name the room that is gone, or the venue."), field="room")
            if not asked.starts_at < asked.ends_at:
                raise Invalid(_("The end is after the start."), field="ends_at")
            if asked.to_room is not None and asked.to_room == asked.room:
                raise Invalid(_("Choose another room than the one that is gone."), field="to_room")
            if asked.venue is not None and asked.to_room is not None and asked.to_room.venue_id == asked.venue.pk:
                raise Invalid(_("Choose a room of another venue than the one that is gone."), field="to_room")
        case Later():
            if asked.minutes == 0 or abs(asked.minutes) > MOST_MINUTES:
                raise Invalid(_("Write how many minutes, a week at most, and not 0."), field="minutes")
        case Swap():
            if asked.sessions[0] == asked.sessions[1]:
                raise Invalid(_("Choose two sessions."), field="sessions/1")
            if not (asked.times or asked.rooms):
                raise Invalid(_("Say what they swap: times, rooms, or both."), field="times")
        case AnotherDay():
            if asked.day == asked.to_day:
                raise Invalid(_("Choose another day."), field="to_day")


def planned(*, asked: Asked, sessions: Sequence[Session]) -> list[Session]:
    """Each of these sessions as it would be, in the same order; copies, not stored. Their rooms are loaded.

    Raises NothingToMove, and Invalid where clocks skip the time that one of them would have.
    """
    _check_found(asked, sessions)
    match asked:
        case RoomGone():
            return [_in_room(session, asked.to_room) for session in sessions]
        case Later():
            later = timedelta(minutes=asked.minutes)
            return [_at(session, lambda one: _later(one, later), "minutes") for session in sessions]
        case Swap():
            first, second = sessions
            return [_like(first, second, asked), _like(second, first, asked)]
        case AnotherDay():
            return [_at(session, lambda one: _on(one, asked.to_day), "to_day") for session in sessions]


def _check_found(asked: Asked, sessions: Sequence[Session]) -> None:
    named = asked.sessions if isinstance(asked, Later | Swap) else ()
    found = {session.uid for session in sessions}
    for number, uid in enumerate(named):
        if uid not in found:
            raise Invalid(
                _("This is no session of the programme that can be moved so."), field=f"sessions/{number}"
            )  # fmt: skip
    if not sessions:
        raise NothingToMove(_("There is no session to move."))
    if len(sessions) > MOST_SESSIONS:
        raise NothingToMove(
            _("These are %(number)d sessions; at most %(most)d move in one step.")
            % {"number": len(sessions), "most": MOST_SESSIONS}
        )


def _in_room(session: Session, room: Room | None) -> Session:
    """There, at the same time; where that place has other clocks, by those."""
    other = copy(session)
    other.room = room
    if room is not None and room.venue.timezone != session.timezone:
        _set(other, _by_clocks(session, room.venue.timezone))
    return other


def _by_clocks(session: Session, timezone: str) -> Block:
    """The same time, or the same days, in another zone."""
    if session.all_day:
        return _whole(session, session.starts_on, timezone)
    return block(starts=session.starts_at, ends=session.ends_at, timezone=timezone)


def _at(session: Session, when: Callable[[Session], Block], field: str) -> Session:
    other = copy(session)
    try:
        _set(other, when(session))
    except (WallTimeError, OverflowError, Invalid) as error:
        reason = error.message if isinstance(error, Invalid) else str(error)
        raise Invalid(f"{session.event}: {reason}", field=field, session=str(session.uid)) from error
    return other


def _later(session: Session, later: timedelta) -> Block:
    return block(starts=session.starts_at + later, ends=session.ends_at + later, timezone=session.timezone)


def _on(session: Session, day: date) -> Block:
    """The same local time and length on that day; a repeated local time is the first, as wherever one is written."""
    if session.all_day:
        return _whole(session, day, session.timezone)
    local = datetime.combine(day, session.starts_local)
    starts_at = to_utc(local, session.timezone).astimezone(UTC)
    return block(starts=starts_at, ends=starts_at + (session.ends_at - session.starts_at), timezone=session.timezone)


def _whole(session: Session, day: date, timezone: str) -> Block:
    days = last_day(starts_on=session.starts_on, length=session.ends_at - session.starts_at) - session.starts_on
    return whole_days(first=day, last=day + days, timezone=timezone)


def _like(session: Session, example: Session, asked: Swap) -> Session:
    """The session where the other one is, when it is, or both."""
    other = copy(session)
    if asked.times:
        if session.all_day != example.all_day:
            raise Invalid(_("A session of whole days cannot swap times with one of some hours."), field="sessions/1")
        timezone = example.timezone if asked.rooms else session.timezone
        _set(other, _by_clocks(example, timezone))
    if asked.rooms:
        other.room, other.online = example.room, example.online
        if not asked.times and example.timezone != session.timezone:
            _set(other, _by_clocks(session, example.timezone))
    return other


def _set(session: Session, moment: Block) -> None:
    for name, value in moment.columns().items():
        setattr(session, name, value)


def plain(asked: Asked) -> dict[str, Any]:
    """What was asked, JSON-ready, for the record."""
    found: dict[str, Any] = {"kind": asked.kind}
    for name in asked.__slots__:
        value = getattr(asked, name)
        if isinstance(value, datetime | date):
            found[name] = value.isoformat()
        elif isinstance(value, tuple):
            found[name] = [str(one) for one in value]
        else:
            found[name] = getattr(value, "slug", value)
    return {name: value for name, value in found.items() if value not in (None, [])}
