"""The base of every refusal of ours: what was refused, in a sentence, with facts a caller can act on."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A rule said no; nothing was written.

    `code` is stable and meant for programs, `message` for people, `details` holds JSON-ready facts. `field` names the
    input that was wrong, where one was.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str, *, field: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details: Mapping[str, Any] = details
