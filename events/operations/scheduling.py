"""Schedule: sessions are created, by a rule too, moved, amended and cancelled; rooms are held and instructors free."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from events.errors import DomainError, Invalid
from events.models import Actor, Event, Session, Speaker
from events.models.walltime import WallTimeError
from events.operations import carrying_out, planning, publishing, revising, waitlisting
from events.operations.blocks import Block, again, block, by_rule, whole_days
from events.operations.committing import all_or_nothing
from events.operations.occupying import SpeakerClash, check_speakers, hold_rooms
from events.operations.publishing import release
from events.reports.impact import Step
from venues import availability
from venues.models import Room

__all__ = [
    "Block",
    "SessionCancelled",
    "SpeakerClash",
    "amend",
    "block",
    "by_rule",
    "cancel",
    "check_speakers",
    "create",
    "hold_rooms",
    "rearrange",
    "retime",
    "whole_days",
]


class SessionCancelled(DomainError):
    """A cancelled session stays as it was told to people."""

    code = "session_cancelled"


@all_or_nothing
def create(
    *, event: Event, blocks: Sequence[Block], room: Room | None = None, speakers: Sequence[Speaker] = (),
    fields: Mapping[str, Any] | None = None, override: Collection[str] = (), actor: Actor, now: datetime,
) -> list[Session]:  # fmt: skip
    """One draft session for each block exists, its room held; all or none. `fields`: titles, online, joining_url, ...

    Locks the event, then rooms, then speakers. Raises SessionCancelled (of a called-off event), RoomTaken, RoomClosed,
    SpeakerClash, CapacityExceedsRoom. `override` may name room_closed and speaker_clash, which then pass.
    """
    locked = publishing.lock(event=event)
    waitlisting.lock(locked)
    if locked.status == "cancelled":
        raise SessionCancelled(_("This event was called off."), field="event")
    sessions = [_new(locked, moment, room, fields or {}, now) for moment in blocks]
    for session in sessions:
        revising.set_speakers(session=session, speakers=speakers)
    publishing.touch(event=locked, now=now)
    hold_rooms(sessions=sessions, override=override)
    check_speakers(sessions=sessions, override=override)
    planning.fit_to_rooms(event=locked, now=now)
    release(
        event=locked, session_ids=[session.pk for session in sessions], kind="sessions.created", actor=actor, now=now,
        before={},
        after={"sessions": list(revising.told(sessions).values())},
        session=sessions[0] if len(sessions) == 1 else None,
    )  # fmt: skip
    return sessions


@all_or_nothing
def amend(
    *, session: Session, moment: Block | None = None, fields: Mapping[str, Any] | None = None,
    speakers: Sequence[Speaker] | None = None, override: Collection[str] = (), actor: Actor, now: datetime,
    expected_revision: int | None = None,
) -> Session:  # fmt: skip
    """The session is at this block, in this room (`fields["room"]`), with these speakers; a published one at once.

    Locks the event, the session, the room, the speakers. Raises StaleRevision, SessionCancelled, and where time, room
    or speakers change RoomTaken, RoomClosed, SpeakerClash, CapacityExceedsRoom, and CapacityBelowTaken for an event as
    large as its room, unless `override` names capacity. What is left is not judged again.
    """
    event = publishing.lock(event=session.event)
    waitlisting.lock(event)
    locked = _lock(session, event)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    if locked.status == "cancelled" or event.status == "cancelled":
        raise SessionCancelled(_("A cancelled session cannot be changed."))
    changed = dict(fields or {}) | (moment.columns() if moment else {})
    if changed.get("status") == "cancelled":
        raise Invalid(_("A session is cancelled by its own address, which also frees its room."), field="status")
    before, joining_url = _told(locked), locked.joining_url
    touched = {name for name, value in changed.items() if getattr(locked, name) != value}
    for name, value in changed.items():
        setattr(locked, name, value)
    revising.store(session=locked, changed=changed, now=now)
    if speakers is not None:
        revising.set_speakers(session=locked, speakers=speakers)
    publishing.touch(event=event, now=now)
    if touched & {"starts_at", "ends_at", "room"}:
        hold_rooms(sessions=[locked], override=override)
    if touched & {"starts_at", "ends_at"} or speakers is not None:
        check_speakers(sessions=[locked], override=override)
    if "room" in touched:
        planning.fit_to_rooms(event=event, over_commit="capacity" in override, now=now)
    has_new_link = locked.joining_url != joining_url
    release(
        event=event, session_ids=[locked.pk], kind="session.amended", actor=actor, now=now, session=locked,
        before=before, after=_told(locked) | ({"has_new_link": True} if has_new_link else {}),
        raised=[locked.pk] if has_new_link else [],
    )  # fmt: skip
    locked.refresh_from_db()
    return locked


@all_or_nothing
def cancel(
    *, session: Session, actor: Actor, now: datetime, reason: str = "", expected_revision: int | None = None
) -> Session:
    """The session is cancelled and its room free; calendars keep and mark it. Repeating it changes nothing."""
    event = publishing.lock(event=session.event)
    waitlisting.lock(event)
    locked = _lock(session, event)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    if locked.status == "cancelled":
        return locked
    before = _told(locked)
    locked.status = "cancelled"
    revising.store(session=locked, changed=["status"], now=now)
    publishing.touch(event=event, now=now)
    availability.release(purposes=[locked.uid])
    if event.capacity_from_room:
        planning.fit_to_rooms(event=event, over_commit=True, now=now)
    release(
        event=event, session_ids=[locked.pk], kind="session.cancelled", actor=actor, now=now, session=locked,
        before=before, after=_told(locked), reason=reason,
    )  # fmt: skip
    locked.refresh_from_db()
    return locked


@all_or_nothing
def rearrange(
    *, moves: Mapping[int, Block], override: Collection[str] = (), kind: str = "sessions.moved", actor: Actor,
    now: datetime,
) -> list[Session]:  # fmt: skip
    """These sessions (by id) are at their new blocks, all at once: neighbours in a room swap and shift without a clash.

    Locks the events, the pools of all their runs, the sessions, the rooms, the speakers. Raises SessionCancelled,
    RoomTaken, RoomClosed, SpeakerClash.
    """
    sessions = carrying_out.lock(Session.objects.filter(pk__in=list(moves)))
    if any("cancelled" in (session.status, session.event.status) for session in sessions):
        raise SessionCancelled(_("A cancelled session cannot be changed."))
    steps = [Step(session, _at(session, moves[session.pk])) for session in sessions]
    carrying_out.make(steps=steps, override=override, kind=kind, actor=actor, now=now)
    return sessions


def retime(*, actor: Actor, now: datetime) -> list[Session]:
    """After a zone-data update: every session starts again at the wall time that was meant; those that moved.

    A time that the new rules skip stays at its old instant: somebody must decide. Raises RoomTaken.
    """
    moves = {}
    for session in Session.objects.exclude(status="cancelled").exclude(event__status="cancelled").order_by("pk"):
        moment = _moved(session)
        if moment is not None:
            moves[session.pk] = moment
    overridden = ("room_closed", "speaker_clash")
    return rearrange(moves=moves, override=overridden, kind="sessions.retimed", actor=actor, now=now) if moves else []


def _moved(session: Session) -> Block | None:
    """The block that the session has by today's zone rules, if it is another one than is stored."""
    try:
        moment = again(_block_of(session))
    except (WallTimeError, Invalid):
        return None
    return moment if (moment.starts_at, moment.ends_at) != (session.starts_at, session.ends_at) else None


def _at(session: Session, moment: Block) -> Session:
    """The session as it is at that block; not stored."""
    moved = copy(session)
    for name, value in moment.columns().items():
        setattr(moved, name, value)
    return moved


def _block_of(session: Session) -> Block:
    return Block(
        session.starts_at, session.ends_at, session.timezone, session.starts_on, session.starts_local, session.fold,
        session.all_day,
    )  # fmt: skip


def _new(event: Event, moment: Block, room: Room | None, fields: Mapping[str, Any], now: datetime) -> Session:
    return Session.objects.create(event=event, room=room, created_at=now, updated_at=now, **moment.columns(), **fields)


def _lock(session: Session, event: Event) -> Session:
    locked = (
        Session.objects.select_for_update(of=("self",), no_key=True).select_related("room__venue").get(pk=session.pk)
    )
    locked.event = event
    return locked


def _told(session: Session) -> dict[str, Any]:
    return revising.told([session])[session.pk]
