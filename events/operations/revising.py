"""One revision more of a session: its columns and speakers, what is told of it, and the state to go back to."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime, time
from typing import Any

from events.models import Session, SessionSpeaker, Speaker
from venues.models import Room

PLACE_AND_TIME = (
    "starts_at", "ends_at", "timezone", "starts_on", "starts_local", "fold", "all_day", "room", "online",
)  # fmt: skip
EDITABLE = (*PLACE_AND_TIME, "title_ko", "title_en", "joining_url", "status", "speakers")
HIDDEN = frozenset({"joining_url"})  # for those who are registered alone
READ = {
    "starts_at": datetime.fromisoformat,
    "ends_at": datetime.fromisoformat,
    "starts_on": date.fromisoformat,
    "starts_local": time.fromisoformat,
}

State = dict[str, Any]


def store(*, session: Session, changed: Iterable[str], now: datetime) -> None:
    """Write these columns as one revision more. The time of a public session is `calendars.refresh`'s to raise."""
    session.revision += 1
    stamp = [] if session.was_public else ["updated_at"]
    if stamp:
        session.updated_at = now
    session.save(update_fields=[*changed, "revision", *stamp])


def set_speakers(*, session: Session, speakers: Sequence[Speaker | int]) -> None:
    """These speak, in this order; each once."""
    ids = [speaker if isinstance(speaker, int) else speaker.pk for speaker in speakers]
    session.billing.all().delete()
    SessionSpeaker.objects.bulk_create(
        SessionSpeaker(session=session, speaker_id=pk, position=position)
        for position, pk in enumerate(dict.fromkeys(ids))
    )


def told(sessions: Sequence[Session]) -> dict[int, dict[str, Any]]:
    """The published fields of each session, JSON-ready, for its Change. Their rooms are loaded; one statement."""
    billed = _billed(sessions, "speaker__slug")
    return {
        session.pk: {
            "uid": str(session.uid),
            "title_ko": session.title_ko,
            "title_en": session.title_en,
            "starts_at": session.starts_at.isoformat(),
            "ends_at": session.ends_at.isoformat(),
            "timezone": session.timezone,
            "room": session.room.slug if session.room else None,
            "online": session.online,
            "status": session.status,
            "speakers": billed.get(session.pk, []),
        }
        for session in sessions
    }


def states(sessions: Sequence[Session]) -> dict[int, State]:
    """All that can be edited of each session, JSON-ready: rooms and speakers by their ids. One statement."""
    billed = _billed(sessions, "speaker_id")
    return {session.pk: state_of(session, speakers=billed.get(session.pk, [])) for session in sessions}


def state_of(session: Session, *, speakers: Sequence[int]) -> State:
    """The state of one session with these speakers; it may be one that is not stored."""
    state: State = {name: getattr(session, name) for name in EDITABLE if name not in {"room", "speakers"}}
    for name in READ:
        state[name] = state[name].isoformat()
    return state | {"room": session.room_id, "speakers": list(speakers)}


def in_state(*, session: Session, state: Mapping[str, Any], rooms: Mapping[int, Room]) -> Session:
    """The session as it would be in that state; a copy, not stored. `rooms` holds the room that the state names."""
    other = copy(session)
    for name in EDITABLE:
        if name not in {"room", "speakers"}:
            setattr(other, name, READ[name](state[name]) if name in READ else state[name])
    other.room = rooms[state["room"]] if state["room"] is not None else None
    return other


def rooms_of(found: Iterable[Mapping[str, Any]]) -> dict[int, Room]:
    """The rooms that these states name, with their venues: one statement."""
    wanted = {state["room"] for state in found} - {None}
    return {room.pk: room for room in Room.objects.filter(pk__in=wanted).select_related("venue")}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is not the same in two states, in the order of EDITABLE."""
    return [name for name in EDITABLE if before[name] != after[name]]


def is_seen(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two states differ in anything that a public entry shows."""
    return not HIDDEN.issuperset(differing(before, after))


def _billed(sessions: Sequence[Session], name: str) -> dict[int, list[Any]]:
    rows = SessionSpeaker.objects.filter(session__in=[session.pk for session in sessions])
    found: dict[int, list[Any]] = {}
    for session_id, value in rows.order_by("session", "position", "pk").values_list("session", name):
        found.setdefault(session_id, []).append(value)
    return found
