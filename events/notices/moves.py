"""What a published change of the schedule means for the people who come: read from the Change, not from the present.

Time, place, status and joining link are news (RULES 22); a better title is in the calendar and mails nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events.models import Change

PARTS: Mapping[str, tuple[str, ...]] = {"time": ("starts_at", "ends_at", "timezone"), "place": ("room", "online")}


@dataclass(frozen=True, slots=True)
class Move:
    """One session of one event: its published fields before and after, as `scheduling` tells them, and what is news.

    `news` holds some of time, place, link, status; or is added, cancelled or confirmed alone.
    """

    uid: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    news: frozenset[str]


def moves(change: Change) -> list[Move]:
    """The sessions of this change that people must hear of; none for changes among drafts."""
    if change.event_id is None or change.registration_id is not None:
        return []
    befores = {session["uid"]: session for session in _sessions(change.before)}
    found = []
    for after in _sessions(change.after):
        before = befores.get(after["uid"], {})
        news = _news(before, after)
        if news:
            found.append(Move(after["uid"], before, after, news))
    return found


def is_go(change: Change) -> bool:
    """Whether it says that an event takes place after all."""
    return change.kind == "event.decided" and change.after.get("decision") == "go"


def _sessions(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "uid" in told:
        return [told]
    return [session for session in told.get("sessions", []) if isinstance(session, dict)]


def _news(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    was, now = before.get("status", "draft"), after["status"]
    if now == "draft":
        return frozenset()
    if was == "draft":
        return frozenset({"added"}) if now != "cancelled" else frozenset()
    if now == "cancelled":
        return frozenset({"cancelled"}) if was != "cancelled" else frozenset()
    news = {part for part, names in PARTS.items() if any(before.get(name) != after.get(name) for name in names)}
    if after.get("has_new_link"):
        news.add("link")
    if was != now:
        news.add("status")
    return frozenset(news)
