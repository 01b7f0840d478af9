"""The neutral draft of somebody's schedule: what importers read and `importing` writes. Plain values, no database.

Times are aware UTC and half-open, `timezone` is the IANA zone in which they were meant. Texts hold no control
characters and fit their columns; descriptions are Markdown without HTML. `line` counts from 1 in the file as sent.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class DraftTopic:
    """What an event is about; `slug` is ready to use."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class DraftSpeaker:
    """Somebody who speaks. `source_id` is the source's own, else made of the name."""

    source_id: str
    name: str
    bio: str = ""


@dataclass(frozen=True, slots=True)
class DraftRoom:
    """A room; sessions name it by (venue, name). `venue` is empty where the source has none; `seats` None: unknown."""

    name: str
    venue: str = ""
    source_id: str = ""
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class DraftSession:
    """One block of time. All-day ones run from the first instant of a local day to that of the day after the last."""

    source_id: str
    line: int | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    all_day: bool = False
    status: str = "confirmed"  # or tentative, cancelled
    venue: str = ""
    room: str = ""
    online: bool = False
    online_url: str = ""
    speakers: list[DraftSpeaker] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DraftEvent:
    """What people would register for. `source_id` is stable: the next version of the file has it again.

    `language` is a BCP 47 tag, empty where the source does not say. A cancelled event has cancelled sessions.
    """

    source_id: str
    line: int | None
    title_ko: str = ""
    title_en: str = ""
    summary_ko: str = ""
    summary_en: str = ""
    description_ko: str = ""
    description_en: str = ""
    kind: str = "other"
    language: str = ""
    topics: list[DraftTopic] = field(default_factory=list)
    status: str = "confirmed"
    visibility: str = "public"  # or unlisted
    capacity: int | None = None
    url: str = ""
    sessions: list[DraftSession] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refused:
    """One entry, or one part of it, that was not taken: where, which field, why, and what would be right."""

    line: int | None
    ref: str
    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One file, read. `timezone` is the file's own zone where it has one; `notes` are sentences for the organizer."""

    format: str
    title: str = ""
    timezone: str | None = None
    entries: list[DraftEvent] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    rooms: list[DraftRoom] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def column_language(text: str) -> str:
    """Which of our two columns a text of unknown language goes to: "ko" where it has Hangul, else "en"."""
    return "ko" if HANGUL.search(text) else "en"
