"""Edits of sessions in words, what was and what is instead: for organizers who decide, and for the changelog."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import Session, Speaker, worded
from events.operations import revising
from pages import clock
from venues.models import Room

TIME = ("starts_at", "ends_at", "timezone", "all_day")
PLACE = ("room", "online")
NOTHING = "–"

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that differs, and how it reads before (empty: nobody saw it) and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A session, its event loaded, with what differs. `is_outdated`: it was changed since the edit was written."""

    session: Session
    title: str
    parts: list[Part]
    is_outdated: bool = False


def edited(
    rows: Iterable[tuple[Session, State | None, State]], *, is_public: bool = False, outdated: Iterable[int] = ()
) -> list[Edited]:
    """These sessions, each with its states before and after; two statements. For the public without joining links.

    Before None: nobody saw it, so it is told whole.
    """
    rows = list(rows)
    states = [state for _session, *pair in rows for state in pair if state is not None]
    rooms = revising.rooms_of(states)
    speakers = Speaker.objects.in_bulk({pk for state in states for pk in state["speakers"]})
    stale = set(outdated)
    return [
        Edited(
            session,
            title_of(session),
            list(_parts(session, before, after, rooms, speakers, is_public=is_public)),
            session.pk in stale,
        )
        for session, before, after in rows
    ]


def title_of(session: Session) -> str:
    """The event's title, followed by the session's own where it has one."""
    language = get_language() or "ko"
    title, own = worded(session.event, "title", language), worded(session, "title", language)
    return f"{title}: {own}" if own and own != title else title


def _parts(
    session: Session, before: State | None, after: State, rooms: Mapping[int, Room], speakers: Mapping[int, Speaker],
    *, is_public: bool,
) -> Iterable[Part]:  # fmt: skip
    parts: list[tuple[str, Collection[str], Callable[[State], str]]] = [
        (_("Time"), TIME, lambda state: _time(session, state, rooms)),
        (_("Where"), PLACE, lambda state: _place(state, rooms)),
        (_("Title"), ("title_ko", "title_en"), _title),
        (_("Instructors"), ("speakers",), lambda state: _names(state, speakers)),
        (_("State"), ("status",), lambda state: str(Session.Status(state["status"]).label)),
    ]
    if not is_public:
        parts.append((_("Joining link"), ("joining_url",), lambda state: state["joining_url"] or NOTHING))
    changed = set(revising.EDITABLE if before is None else revising.differing(before, after))
    for name, fields, told in parts:
        if changed.intersection(fields) and not (before is None and told(after) == NOTHING):
            yield Part(name, "" if before is None else told(before), told(after))


def _time(session: Session, state: State, rooms: Mapping[int, Room]) -> str:
    times = clock.times(revising.in_state(session=session, state=state, rooms=rooms))
    if not times.ends:
        return f"{times.day} – {times.ends_day}" if times.ends_day else f"{times.day}, {times.starts}"
    ends = f"{times.ends_day} {times.ends}" if times.ends_day else times.ends
    return f"{times.day} {times.starts}–{ends} {times.zone}"


def _place(state: State, rooms: Mapping[int, Room]) -> str:
    room = rooms.get(state["room"]) if state["room"] is not None else None
    if room is None:
        return _("Online") if state["online"] else _("No room")
    language = get_language() or "ko"
    return f"{worded(room, 'title', language)}, {worded(room.venue, 'title', language)}"


def _title(state: State) -> str:
    return " / ".join(text for text in (state["title_ko"], state["title_en"]) if text) or NOTHING


def _names(state: State, speakers: Mapping[int, Speaker]) -> str:
    language = get_language() or "ko"
    return ", ".join(worded(speakers[pk], "name", language) for pk in state["speakers"] if pk in speakers) or NOTHING
