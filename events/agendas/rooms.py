"""How one room is used, for members: every hold with what it is for, drafts included; of others only that it is taken.

Rendered when asked for: drafts are in no schedule version.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import pgettext

from events import calendars, ical
from events.calendars import Feed
from events.models import Member, Session, worded
from events.models.actor import READING
from events.models.tokens import derive, opens, row_of
from venues.models import Booking, Closure, Room


def token_of(member: Member, room: Room) -> str:
    """What opens this room's calendar for this member; renewed with all others of theirs (RULES 13)."""
    return derive(kind=_kind(room), row_id=member.pk, generation=member.calendar_generation)


def member_of(token: str, *, room: Room) -> Member | None:
    """Whose token for this room it is: of somebody who is still a member and may read."""
    pk = row_of(token)
    if pk is None:
        return None
    rows = Member.objects.filter(pk=pk, role__in=READING, person__is_active=True)
    member = rows.select_related("organization").first()
    if member is None or not opens(token, kind=_kind(room), row_id=member.pk, generation=member.calendar_generation):
        return None
    return member


def may_see(member: Member, room: Room) -> bool:
    """Whether the member's organization may book the room, or its sessions are in it."""
    venue, holder = room.venue, member.organization.uid
    return venue.is_shared or venue.owner == holder or Booking.objects.live().filter(room=room, holder=holder).exists()


def feed(*, frame: ical.Frame, room: Room, holder: UUID) -> Feed:
    """The room's holds and closures in order of start, a constant number of statements; `holder` sees its own."""
    bookings = list(Booking.objects.live().filter(room=room).order_by("starts_at", "pk"))
    own = Session.objects.filter(uid__in=[booking.purpose for booking in bookings if booking.holder == holder])
    sessions = {session.uid: session for session in calendars.for_rendering(own.values_list("pk", flat=True))}
    entries = [
        _own(sessions[booking.purpose], frame.language)
        if booking.purpose in sessions
        else _block(
            room,
            frame,
            "taken",
            booking.purpose,
            booking.starts_at,
            booking.ends_at,
            pgettext("use of a room", "Taken"),
        )
        for booking in bookings
    ]
    entries += _closures(room, frame)
    entries.sort(key=lambda entry: (entry.starts_at, str(entry.uid)))
    zones = {entry.tzid for entry in entries} - {None}
    revised_at = max((entry.revised_at for entry in entries), default=None)
    body = ical.calendar(frame, map(ical.vevent, entries), sorted(zone for zone in zones if zone), revised_at)
    return Feed(body, revised_at)


def _own(session: Session, language: str) -> ical.Entry:
    """What the session's own calendar shows, as busy time; a draft is tentative and says so.

    Another UID: whoever follows both calendars has both entries. Its SEQUENCE rises with drafts too.
    """
    is_draft = session.status == "draft" or session.event.status == "draft"
    shown = replace(
        calendars.entry(session, language), uid=_uid("session", session.uid), sequence=session.revision,
        opaque=True, event_uid=None,
    )  # fmt: skip
    if not is_draft:
        return shown
    return replace(
        shown, status="tentative", summary=pgettext("use of a room", "Draft: %(title)s") % {"title": shown.summary}
    )


def _closures(room: Room, frame: ical.Frame) -> Iterator[ical.Entry]:
    rows = Closure.objects.filter(Q(room=room) | Q(room__isnull=True), venue=room.venue).order_by("starts_at", "pk")
    for closure in rows:
        reason = worded(closure, "reason", frame.language)
        title = (
            pgettext("use of a room", "Closed: %(reason)s") % {"reason": reason}
            if reason
            else pgettext("use of a room", "Closed")
        )
        yield _block(room, frame, "closed", closure.uid, closure.starts_at, closure.ends_at, title)


def _block(
    room: Room, frame: ical.Frame, kind: str, what: UUID, starts_at: datetime, ends_at: datetime, title: str
) -> ical.Entry:
    """Busy time without a history: moved, it is another entry, because nothing else may be told of it."""
    return ical.Entry(
        uid=_uid(kind, what, starts_at, ends_at), sequence=0, status="confirmed", starts_at=starts_at, ends_at=ends_at,
        timezone=room.venue.timezone, all_day=False, starts_on=starts_at.date(), ends_on=ends_at.date(), summary=title,
        description="", location=worded(room, "title", frame.language), url="", categories=(),
        created_at=room.updated_at, revised_at=room.updated_at, language=frame.language, opaque=True,
    )  # fmt: skip


def _uid(kind: str, *parts: object) -> UUID:
    """The same for the same parts, and says nothing of them: it is made with the server's key."""
    said = "|".join(str(part.isoformat() if isinstance(part, datetime) else part) for part in parts)
    digest = hashlib.sha256(derive(kind=f"uid:{kind}:{said}", row_id=0, generation=0).encode()).digest()
    return UUID(bytes=digest[:16], version=4)


def _kind(room: Room) -> str:
    return f"room-calendar:{room.pk}"
