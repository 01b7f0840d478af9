"""What a Change means to whoever keeps a copy: read from the Change, and from whether its event is shown now.

Kinds: `events.hooks.kinds`. What happens among drafts is nobody's; what left the lists is named, without its content.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from events.models import Change, Event

ENDED = frozenset({"declined", "cancelled", "expired"})
TIME_AND_PLACE = ("starts_at", "ends_at", "timezone", "room", "online")
HIDDEN = frozenset({"has_new_link"})  # for those who are registered alone
SEATS = ("availability.", "waitlist.opened")


@dataclass(frozen=True, slots=True)
class News:
    """One thing that somebody is told: its kind, what it is about, and what of the Change goes with it."""

    kind: str
    event: Event
    subject: UUID
    session: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def is_about_seats(change: Change) -> bool:
    """Whether the worker wrote it, because the seats of an event turned."""
    return change.registration_id is None and change.kind.startswith(SEATS)


def of_registration(change: Change, event: Event) -> News:
    """Named by its position alone: its code opens it, so it is a secret."""
    if not change.before.get("status") and change.kind == f"registration.{change.after.get('status')}":
        kind = "registration.registered"
    elif change.kind.startswith("registration.") and change.after.get("status") in ENDED:
        kind = "registration.cancelled"
    else:
        kind = "registration.changed"
    return News(kind, event, event.uid)


def of_seats(change: Change, event: Event) -> News:
    return News(change.kind, event, event.uid, facts=change.after)


def of_schedule(change: Change, event: Event, *, was_shown: bool, is_shown: bool) -> list[News]:
    """What of a published change somebody hears who was, and who is now, shown the event or not."""
    if not is_shown:
        return [News("event.removed", event, event.uid)] if was_shown else []
    if not was_shown:
        return [News("event.cancelled" if event.status == "cancelled" else "event.published", event, event.uid)]
    if change.kind == "event.cancelled":
        return [News("event.cancelled", event, event.uid)]
    found = _of_sessions(change, event) if change.event_id is not None else []
    is_of_event = change.kind.startswith("event.") and change.kind != "event.published"
    if is_of_event or "capacity" in change.after or not found:
        found.insert(0, News("event.changed", event, event.uid))
    return found


def _of_sessions(change: Change, event: Event) -> list[News]:
    befores = {session["uid"]: session for session in _sessions(change.before)}
    found = []
    for after in _sessions(change.after):
        before = befores.get(after["uid"], {})
        kind = _kind(before, after)
        if kind is not None:
            facts = {"before": _when_and_where(before), "after": _when_and_where(after)} if kind == "moved" else {}
            found.append(News(f"session.{kind}", event, UUID(after["uid"]), after["uid"], facts))
    return found


def _kind(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    was, now = before.get("status", "draft"), after.get("status", "draft")
    if was == "draft":
        return None if now in ("draft", "cancelled") else "added"
    if now == "draft":
        return "removed"
    if now == "cancelled" and was != "cancelled":
        return "cancelled"
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - HIDDEN
    if changed & set(TIME_AND_PLACE):
        return "moved"
    return "changed" if changed else None


def _sessions(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "uid" in told:
        return [told]
    return [session for session in told.get("sessions", []) if isinstance(session, dict) and "uid" in session]


def _when_and_where(session: Mapping[str, Any]) -> dict[str, Any]:
    return {name: session.get(name) for name in TIME_AND_PLACE}
