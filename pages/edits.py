"""Edits of sessions in words, what was and what is instead: for organizers who decide, and for the changelog."""

from collections.abc import Iterable, Mapping
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

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that differs, and how it reads before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A session, its event loaded, with what differs. `is_outdated`: it was changed since the edit was written."""

    session: Session
    title: str
    when: str
    parts: list[Part]
    is_outdated: bool = False


def edited(
    rows: Iterable[tuple[Session, State, State]], *, is_public: bool = False, outdated: Iterable[int] = ()
) -> list[Edited]:
    """These sessions, each with its states before and after; two statements. For the public without joining links."""
    rows = list(rows)
    states = [state for _session, *pair in rows for state in pair]
    rooms = revising.rooms_of(states)
    speakers = Speaker.objects.in_bulk({pk for state in states for pk in state["speakers"]})
    stale = set(outdated)
    return [
        Edited(
            session,
            title_of(session),
            _time(session, before, rooms),
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
    session: Session, before: State, after: State, rooms: Mapping[int, Room], speakers: Mapping[int, Speaker], *,
    is_public: bool,
) -> Iterable[Part]:  # fmt: skip
    changed = set(revising.differing(before, after))
    if changed.intersection(TIME):
        yield Part(_("Time"), _time(session, before, rooms), _time(session, after, rooms))
    if changed.intersection(PLACE):
        yield Part(_("Where"), _place(before, rooms), _place(after, rooms))
    if changed & {"title_ko", "title_en"}:
        yield Part(_("Title"), _title(before), _title(after))
    if "speakers" in changed:
        yield Part(_("Instructors"), _names(before, speakers), _names(after, speakers))
    if "status" in changed:
        yield Part(_("State"), *(str(Session.Status(state["status"]).label) for state in (before, after)))
    if "joining_url" in changed and not is_public:
        yield Part(_("Joining link"), before["joining_url"] or "–", after["joining_url"] or "–")


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
    return " / ".join(text for text in (state["title_ko"], state["title_en"]) if text) or "–"


def _names(state: State, speakers: Mapping[int, Speaker]) -> str:
    language = get_language() or "ko"
    return ", ".join(worded(speakers[pk], "name", language) for pk in state["speakers"] if pk in speakers) or "–"
