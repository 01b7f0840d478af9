"""What came to the demo's receiver: each message in a file, beside what its signature was worth."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

from events.hooks import kinds
from pages.mailbox import folder

SUFFIX = ".json"
LONGEST = 100  # characters of a header that are kept


@dataclass(frozen=True, slots=True)
class Arrival:
    """One line of the list. `is_again`: a message of that id lay there already, and was right."""

    came_at: datetime
    message_id: str
    is_right: bool
    is_again: bool
    label: str
    seq: int | None
    text: str


def is_right(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Whether one of the secrets signed exactly this within the last five minutes, by the public library."""
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: headers or bytes that nobody signs
            continue
        return True
    return False


def keep(path: Path, body: bytes, headers: Mapping[str, str], *, right: bool) -> None:
    kept = {"id": headers.get("webhook-id", "")[:LONGEST], "right": right, "body": body.decode("utf-8", "replace")}
    folder.keep(path, json.dumps(kept).encode(), suffix=SUFFIX)


def names(path: Path) -> list[str]:
    """The newest first."""
    return folder.names(path, suffix=SUFFIX)


def listed(path: Path, wanted: Sequence[str], *, older: Sequence[str]) -> list[Arrival]:
    """The arrivals of these names. `older` ones are read to know which came again."""
    found, seen = [], {kept["id"] for kept in _read(path, older) if kept["right"]}
    for name, kept in zip(reversed(wanted), _read(path, list(reversed(wanted))), strict=True):
        is_again = kept["right"] and kept["id"] in seen
        if kept["right"]:
            seen.add(kept["id"])
        found.append(_opened(name, kept, is_again=is_again))
    return found[::-1]


def _read(path: Path, wanted: Sequence[str]) -> list[dict]:
    nothing = {"id": "", "right": False, "body": ""}
    return [json.loads(folder.read(path, name, suffix=SUFFIX) or b"null") or nothing for name in wanted]


def _opened(name: str, kept: dict, *, is_again: bool) -> Arrival:
    """Anybody may have sent it: nothing in it is what it should be, unless its signature was right."""
    came_at = datetime.fromtimestamp(folder.came_at(name), tz=UTC)
    label, seq, text = "", None, kept["body"]
    if kept["right"]:
        message = json.loads(text)
        label, seq = kinds.label(message["type"]), message["data"]["seq"]
        text = json.dumps(message, ensure_ascii=False, indent=2)
    return Arrival(came_at, kept["id"], kept["right"], is_again, label, seq, text)
