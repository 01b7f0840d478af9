"""Schedule: sessions are created, by a rule too, moved, amended and cancelled; rooms are held and instructors free."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from events.errors import DomainError, Invalid
from events.models import Actor, Event, Session, SessionSpeaker, Speaker
from events.models.walltime import WallTimeError, day_start, to_local, to_utc
from events.operations import planning, publishing
from events.operations.publishing import release
from venues import availability
from venues.models import Room

MOST_OCCURRENCES = 366
LONGEST = timedelta(days=366)


class SpeakerClash(DomainError):
    """An instructor is in another session at that time."""

    code = "speaker_clash"


class SessionCancelled(DomainError):
    """A cancelled session stays as it was told to people."""

    code = "session_cancelled"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of time: what the organizer meant (local start, zone) and what it is (aware UTC, half-open)."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    starts_on: date
    starts_local: time
    fold: int = 0
    all_day: bool = False


def block(*, starts: datetime, ends: datetime, timezone: str) -> Block:
    """The block from `starts` to `ends`, each aware or local in `timezone` (RULES 18).

    Raises Invalid naming the field for a skipped local time, an unknown zone, an end that is not after the start.
    """
    starts_at = _instant(starts, timezone, "starts_at")
    ends_at = _instant(ends, timezone, "ends_at")
    _check_order(starts_at, ends_at)
    starts_on, starts_local, fold = to_local(starts_at, timezone)
    return Block(starts_at, ends_at, timezone, starts_on, starts_local, fold)


def whole_days(*, first: date, last: date, timezone: str) -> Block:
    """The block of whole local days, both included (RULES 27)."""
    try:
        starts_at, ends_at = day_start(first, timezone), day_start(last + timedelta(days=1), timezone)
    except (WallTimeError, OverflowError) as error:
        raise Invalid(str(error), field="starts_at") from error
    _check_order(starts_at, ends_at)
    return Block(starts_at, ends_at, timezone, first, time(), all_day=True)


def by_rule(*, first: Block, rule: str) -> list[Block]:
    """One block for each occurrence of an RFC 5545 RRULE, at the same local time, `first` included.

    Raises Invalid for a rule that is endless, finer than daily, or gives more than 366.
    """
    upper = rule.upper().removeprefix("RRULE:")
    parts = dict(part.split("=", 1) for part in upper.split(";") if "=" in part)
    if parts.get("FREQ") not in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"} or not ({"COUNT", "UNTIL"} & parts.keys()):
        raise Invalid(_("A rule repeats daily, weekly, monthly or yearly, with COUNT or UNTIL."), field="rule")
    if {"BYHOUR", "BYMINUTE", "BYSECOND"} & parts.keys():
        raise Invalid(_("A rule repeats whole days; the time of day is that of the first session."), field="rule")
    start = datetime.combine(first.starts_on, first.starts_local)
    until = parts.get("UNTIL", "")
    if until.endswith("Z"):
        upper = upper.replace(until, _local_until(until, first.timezone))
    try:
        days = list(_at_most(rrulestr(upper, dtstart=start), MOST_OCCURRENCES + 1))
    except (ValueError, TypeError, OverflowError) as error:
        raise Invalid(_("Not a rule by RFC 5545: %(error)s") % {"error": error}, field="rule") from error
    if not 1 <= len(days) <= MOST_OCCURRENCES:
        raise Invalid(_("A rule gives 1 to %(most)d sessions.") % {"most": MOST_OCCURRENCES}, field="rule")
    return [_shifted(first, day) for day in days]


def create(
    *, event: Event, blocks: Sequence[Block], room: Room | None = None, speakers: Sequence[Speaker] = (),
    fields: Mapping[str, Any] | None = None, override: Collection[str] = (), actor: Actor, now: datetime,
) -> list[Session]:  # fmt: skip
    """One draft session for each block exists, its room held; all or none. `fields`: titles, online, joining_url, ...

    Locks the event, then rooms, then speakers. Raises EventCancelled (publishing), RoomTaken, RoomClosed, SpeakerClash,
    CapacityExceedsRoom. `override` may name room_closed and speaker_clash, which then pass.
    """
    with transaction.atomic():
        locked = publishing.lock(event=event)
        if locked.status == "cancelled":
            raise SessionCancelled(_("This event was called off."), field="event")
        sessions = [_new(locked, moment, room, fields or {}, now) for moment in blocks]
        for session in sessions:
            _set_speakers(session, speakers)
        hold_rooms(event=locked, sessions=sessions, override=override)
        check_speakers(sessions=sessions, override=override)
        planning.check_room_holds(event=locked)
        mirror_times(event=locked, now=now)
        release(
            event=locked, session_ids=[], kind="sessions.created", actor=actor, now=now, before={},
            after={"sessions": [_told(session) for session in sessions]},
            session=sessions[0] if len(sessions) == 1 else None,
        )  # fmt: skip
    return sessions


def amend(
    *, session: Session, moment: Block | None = None, fields: Mapping[str, Any] | None = None,
    speakers: Sequence[Speaker] | None = None, override: Collection[str] = (), actor: Actor, now: datetime,
    expected_revision: int | None = None,
) -> Session:  # fmt: skip
    """The session is at this block, in this room (`fields["room"]`), with these speakers; a published one at once.

    Locks the event, the session, the room, the speakers. Raises StaleRevision, SessionCancelled, RoomTaken, RoomClosed,
    SpeakerClash, CapacityExceedsRoom.
    """
    with transaction.atomic():
        event = publishing.lock(event=session.event)
        locked = _lock(session, event)
        publishing.check_revision(expected=expected_revision, actual=locked.revision)
        if locked.status == "cancelled":
            raise SessionCancelled(_("A cancelled session cannot be changed."))
        before, joining_url = _told(locked), locked.joining_url
        changed = dict(fields or {}) | (_columns(moment) if moment else {})
        for name, value in changed.items():
            setattr(locked, name, value)
        _save(locked, changed, now)
        if speakers is not None:
            _set_speakers(locked, speakers)
        hold_rooms(event=event, sessions=[locked], override=override)
        check_speakers(sessions=[locked], override=override)
        planning.check_room_holds(event=event)
        mirror_times(event=event, now=now)
        release(
            event=event, session_ids=[locked.pk], kind="session.amended", actor=actor, now=now, session=locked,
            before=before, after=_told(locked), raised=[locked.pk] if locked.joining_url != joining_url else [],
        )  # fmt: skip
        locked.refresh_from_db()
    return locked


def cancel(
    *, session: Session, actor: Actor, now: datetime, reason: str = "", expected_revision: int | None = None
) -> Session:
    """The session is cancelled and its room free; calendars keep and mark it. Repeating it changes nothing."""
    with transaction.atomic():
        event = publishing.lock(event=session.event)
        locked = _lock(session, event)
        publishing.check_revision(expected=expected_revision, actual=locked.revision)
        if locked.status == "cancelled":
            return locked
        before = _told(locked)
        locked.status = "cancelled"
        _save(locked, {"status": "cancelled"}, now)
        availability.release(purposes=[locked.uid])
        mirror_times(event=event, now=now)
        release(
            event=event, session_ids=[locked.pk], kind="session.cancelled", actor=actor, now=now, session=locked,
            before=before, after=_told(locked), reason=reason,
        )  # fmt: skip
        locked.refresh_from_db()
    return locked


def hold_rooms(*, event: Event, sessions: Sequence[Session], override: Collection[str] = ()) -> None:
    """The rooms of these sessions are held for them, drafts too; sessions without a room hold none."""
    holder = event.programme.organization.uid
    if "room_closed" not in override:
        for session in sessions:
            if session.room is not None:
                availability.refuse_if_closed(room=session.room, starts_at=session.starts_at, ends_at=session.ends_at)
    availability.release(purposes=[session.uid for session in sessions if session.room_id is None])
    availability.book(
        wishes=[
            availability.Wish(session.uid, holder, session.room_id, session.starts_at, session.ends_at)
            for session in sessions
            if session.room_id is not None
        ]
    )


def check_speakers(*, sessions: Sequence[Session], override: Collection[str] = ()) -> None:
    """SpeakerClash when an instructor of these sessions is elsewhere at that time, unless overridden on purpose.

    Locks the speakers by id, so that two organizers cannot book one at once. Touching ends are no clash.
    """
    ids = [session.pk for session in sessions]
    speakers = sorted(set(SessionSpeaker.objects.filter(session__in=ids).values_list("speaker_id", flat=True)))
    if not speakers or "speaker_clash" in override:
        return
    list(Speaker.objects.select_for_update().filter(pk__in=speakers).order_by("pk").values_list("pk"))
    billings = list(
        SessionSpeaker.objects.filter(
            speaker__in=speakers,
            session__starts_at__lt=max(session.ends_at for session in sessions),
            session__ends_at__gt=min(session.starts_at for session in sessions),
        )
        .exclude(session__status="cancelled")
        .exclude(session__event__status="cancelled")
        .select_related("session", "speaker")
        .order_by("session__starts_at", "pk")
    )
    own = [billing for billing in billings if billing.session_id in ids]
    for mine in own:
        for other in billings:
            if _clash(mine, other):
                raise SpeakerClash(
                    _("%(speaker)s is in another session from %(start)s to %(end)s.")
                    % {
                        "speaker": mine.speaker,
                        "start": other.session.starts_at.isoformat(),
                        "end": other.session.ends_at.isoformat(),
                    },
                    field="speakers", speaker=mine.speaker.slug, session=str(other.session.uid),
                )  # fmt: skip


def mirror_times(*, event: Event, now: datetime) -> None:
    """The event knows when its live sessions begin and end, and has one revision more."""
    span = event.sessions.exclude(status="cancelled").aggregate(first=Min("starts_at"), last=Max("ends_at"))
    if span["first"] is not None or event.sessions.count() == 0:
        event.first_starts_at, event.last_ends_at = span["first"], span["last"]
    publishing.touch(event=event, now=now, fields=["first_starts_at", "last_ends_at"])


def retime(*, now: datetime, actor: Actor) -> list[Session]:
    """After a zone-data update: every session starts again at the wall time that was meant; those that moved (UTC)."""
    moved = []
    for session in Session.objects.select_related("event").order_by("pk").iterator():
        moment = _again(session)
        if moment is not None and moment.starts_at != session.starts_at:
            moved.append(
                amend(session=session, moment=moment, override=["room_closed", "speaker_clash"], actor=actor, now=now)
            )
    return moved


def _again(session: Session) -> Block | None:
    if session.status == "cancelled":
        return None
    length = session.ends_at - session.starts_at
    try:
        local = datetime.combine(session.starts_on, session.starts_local)
        starts_at = to_utc(local, session.timezone, fold=session.fold)
    except WallTimeError:
        return None  # the new rules skip that time: somebody must decide, the old instant stays
    return Block(
        starts_at, starts_at + length, session.timezone, session.starts_on, session.starts_local,
        session.fold, session.all_day,
    )  # fmt: skip


def _instant(moment: datetime, timezone: str, field: str) -> datetime:
    try:
        return moment if moment.tzinfo is not None else to_utc(moment, timezone)
    except (WallTimeError, OverflowError) as error:
        raise Invalid(str(error), field=field) from error


def _check_order(starts_at: datetime, ends_at: datetime) -> None:
    if not starts_at < ends_at:
        raise Invalid(_("A session ends after it starts."), field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(_("A session lasts a year at most."), field="ends_at")


def _local_until(until: str, timezone: str) -> str:
    """UNTIL in UTC as the local time that dateutil compares naive starts with."""
    try:
        instant = datetime.strptime(until, "%Y%m%dT%H%M%S%z")
    except ValueError as error:
        raise Invalid(_("UNTIL is written like 20261231T145959Z."), field="rule") from error
    day, clock, _fold = to_local(instant, timezone)
    return f"{day:%Y%m%d}T{clock:%H%M%S}"


def _at_most(days: Any, most: int) -> Any:
    for count, day in enumerate(days):
        if count >= most:
            return
        yield day


def _shifted(first: Block, day: datetime) -> Block:
    if first.all_day:
        last = day.date() + (first.ends_at - first.starts_at) - timedelta(days=1)
        return whole_days(first=day.date(), last=max(last, day.date()), timezone=first.timezone)
    starts = _instant(day, first.timezone, "rule")
    return block(starts=starts, ends=starts + (first.ends_at - first.starts_at), timezone=first.timezone)


def _columns(moment: Block) -> dict[str, Any]:
    return {
        "starts_at": moment.starts_at,
        "ends_at": moment.ends_at,
        "timezone": moment.timezone,
        "starts_on": moment.starts_on,
        "starts_local": moment.starts_local,
        "fold": moment.fold,
        "all_day": moment.all_day,
    }


def _new(event: Event, moment: Block, room: Room | None, fields: Mapping[str, Any], now: datetime) -> Session:
    return Session.objects.create(event=event, room=room, created_at=now, updated_at=now, **_columns(moment), **fields)


def _save(session: Session, changed: Mapping[str, Any], now: datetime) -> None:
    """Write these columns as one revision more. The time of a public session is `calendars.refresh`'s to raise."""
    session.revision += 1
    stamp = [] if session.was_public else ["updated_at"]
    if stamp:
        session.updated_at = now
    session.save(update_fields=[*changed, "revision", *stamp])


def _lock(session: Session, event: Event) -> Session:
    locked = Session.objects.select_for_update(of=("self",)).select_related("room__venue").get(pk=session.pk)
    locked.event = event
    return locked


def _set_speakers(session: Session, speakers: Sequence[Speaker]) -> None:
    session.billing.all().delete()
    SessionSpeaker.objects.bulk_create(
        SessionSpeaker(session=session, speaker=speaker, position=position)
        for position, speaker in enumerate(dict.fromkeys(speakers))
    )


def _clash(mine: SessionSpeaker, other: SessionSpeaker) -> bool:
    return (
        mine.speaker_id == other.speaker_id
        and mine.session_id != other.session_id
        and mine.session.starts_at < other.session.ends_at
        and other.session.starts_at < mine.session.ends_at
    )


def _told(session: Session) -> dict[str, Any]:
    """The published fields of a session, JSON-ready, for its Change."""
    return {
        "uid": str(session.uid),
        "title_ko": session.title_ko,
        "title_en": session.title_en,
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "timezone": session.timezone,
        "room": session.room.slug if session.room else None,
        "online": session.online,
        "status": session.status,
        "speakers": list(session.billing.order_by("position", "pk").values_list("speaker__slug", flat=True)),
    }
