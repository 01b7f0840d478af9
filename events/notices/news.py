"""What a mail says of a changed schedule: session by session what was and what is now, in the active language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from events.models import Change, Registration, Session, worded
from events.notices import wording
from events.notices.moves import Move, is_go, moves
from events.notices.wording import Words
from venues.models import Room


@dataclass(frozen=True, slots=True)
class Story:
    """One event's part of a published change, for somebody who is registered there."""

    registration: Registration
    change: Change
    moves: Sequence[Move]
    sessions: Mapping[str, Session]  # by uid, as they are now

    @classmethod
    def of(cls, registration: Registration, change: Change, sessions: Iterable[Session]) -> "Story":
        return cls(registration, change, moves(change), {str(session.uid): session for session in sessions})

    @property
    def is_go(self) -> bool:
        return is_go(self.change)

    @property
    def touched(self) -> list[Session]:
        """The sessions that it is about: all of them where the event takes place after all."""
        if self.is_go:
            return [session for session in self.sessions.values() if session.status == "confirmed"]
        return [self.sessions[move.uid] for move in self.moves if move.uid in self.sessions]


def changed(stories: Sequence[Story], rooms: Mapping[str, Room]) -> Words:
    """One mail about everything that one step changed for one person."""
    paragraphs = [_("Hello,"), _opening(stories)]
    for story in stories:
        paragraphs.extend(_paragraphs(story, rooms))
        paragraphs.extend(wording.note(story.registration.event))
        paragraphs.extend(wording.links(story.registration))
    return Words(subject=f"{_about(stories)}: {_titles(stories)}", paragraphs=paragraphs)


def _opening(stories: Sequence[Story]) -> str:
    if all(story.is_go for story in stories):
        return _("enough people come: the event takes place.")
    return _("something has changed in what you are registered for.")


def _about(stories: Sequence[Story]) -> str:
    """The subject's first words: the one thing that changed, or that several did."""
    found = {frozenset({"go"}) if story.is_go else frozenset().union(*(move.news for move in story.moves))
             for story in stories}  # fmt: skip
    news = frozenset().union(*found)
    words = {
        frozenset({"go"}): _("Takes place"),
        frozenset({"time"}): _("New time"),
        frozenset({"place"}): _("New place"),
        frozenset({"time", "place"}): _("New time and place"),
        frozenset({"link"}): _("New link"),
        frozenset({"cancelled"}): _("Session cancelled"),
        frozenset({"added"}): _("New session"),
        frozenset({"status"}): _("Confirmed"),
    }
    return words.get(news, _("Changed"))


def _titles(stories: Sequence[Story]) -> str:
    titles = list(dict.fromkeys(wording.title_of(story.registration.event) for story in stories))
    if len(titles) == 1:
        return titles[0]
    return _("%(title)s and %(count)d more") % {"title": titles[0], "count": len(titles) - 1}


def _paragraphs(story: Story, rooms: Mapping[str, Room]) -> list[str]:
    if story.is_go:
        return [wording.when(story.registration.event)]
    return [_paragraph(story, move, rooms) for move in story.moves]


def _paragraph(story: Story, move: Move, rooms: Mapping[str, Room]) -> str:
    session = story.sessions.get(move.uid)
    lines = [_name(story, session)]
    told = _told(session, move)
    if move.news == {"cancelled"}:
        lines.append(_("Cancelled: %(time)s") % {"time": _time(told)})
        if story.change.reason:
            lines.append(story.change.reason)
    elif move.news == {"added"}:
        lines += [_("New: %(time)s") % {"time": _time(told)}, _place(told, rooms)]
    else:
        lines += _differences(move, told, rooms)
    return "\n".join(line for line in lines if line)


def _differences(move: Move, told: Mapping[str, Any], rooms: Mapping[str, Room]) -> list[str]:
    lines = []
    if "time" in move.news:
        lines.append(_("Time: %(after)s (was %(before)s)") % {"after": _time(told), "before": _time(move.before)})
    else:
        lines.append(_("Time: %(time)s") % {"time": _time(told)})
    if "place" in move.news:
        lines.append(
            _("Place: %(after)s (was %(before)s)")
            % {"after": _place(told, rooms) or _open(), "before": _place(move.before, rooms) or _open()}
        )
    if "link" in move.news:
        lines.append(_("There is a new link to join online; it is in the calendar."))
    if "status" in move.news and told["status"] == "confirmed":
        lines.append(_("This time is confirmed now."))
    return lines


def _name(story: Story, session: Session | None) -> str:
    title = wording.title_of(story.registration.event)
    own = wording.one_line(worded(session, "title", str(get_language()))) if session is not None else ""
    return f"{title}: {own}" if own and own != title else title


def _told(session: Session | None, move: Move) -> Mapping[str, Any]:
    """What the change says of the session; where it says the status alone, what the session is now."""
    if "starts_at" in move.after or session is None:
        return move.after
    return {
        "starts_at": session.starts_at.isoformat(), "ends_at": session.ends_at.isoformat(), "status": session.status,
        "timezone": session.timezone, "room": session.room.slug if session.room else None, "online": session.online,
    }  # fmt: skip


def _time(told: Mapping[str, Any]) -> str:
    if "starts_at" not in told:
        return ""
    return wording.start_of(datetime.fromisoformat(told["starts_at"]), told["timezone"])


def _place(told: Mapping[str, Any], rooms: Mapping[str, Room]) -> str:
    slug = told.get("room")
    if slug is None:
        return _("Online") if told.get("online") else ""
    room = rooms.get(slug)
    if room is None:
        return str(slug)
    language = str(get_language())
    return wording.one_line(", ".join([worded(room, "title", language), worded(room.venue, "title", language)]))


def _open() -> str:
    return pgettext("a place that is not known yet", "to be announced")
