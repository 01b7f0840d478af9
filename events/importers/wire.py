"""A draft as JSON text and back: what crosses the border between the confined process and ours."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

from events.operations.drafting import (
    Draft,
    DraftEvent,
    DraftRoom,
    DraftSession,
    DraftSpeaker,
    DraftTopic,
    Refused,
)

Thing = TypeVar("Thing")


def packed(draft: Draft) -> str:
    return json.dumps(draft, default=_plain, ensure_ascii=False, separators=(",", ":"))


def unpacked(value: dict[str, Any]) -> Draft:
    """The draft of what `packed` wrote, loaded. TypeError or KeyError for anything else."""
    return Draft(
        **value
        | {
            "entries": [_event(one) for one in value["entries"]],
            "refused": _all(Refused, value["refused"]),
            "rooms": _all(DraftRoom, value["rooms"]),
        }
    )


def _event(value: dict[str, Any]) -> DraftEvent:
    sessions = [_session(one) for one in value["sessions"]]
    return DraftEvent(**value | {"topics": _all(DraftTopic, value["topics"]), "sessions": sessions})


def _session(value: dict[str, Any]) -> DraftSession:
    return DraftSession(
        **value
        | {
            "starts_at": datetime.fromisoformat(value["starts_at"]),
            "ends_at": datetime.fromisoformat(value["ends_at"]),
            "speakers": _all(DraftSpeaker, value["speakers"]),
        }
    )


def _all(kind: Callable[..., Thing], values: list[dict[str, Any]]) -> list[Thing]:
    return [kind(**value) for value in values]


def _plain(thing: object) -> Any:
    if isinstance(thing, datetime):
        return thing.isoformat()
    if is_dataclass(thing):
        return {one.name: getattr(thing, one.name) for one in fields(thing)}
    raise TypeError(type(thing).__name__)
