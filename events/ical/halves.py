"""An entry in two halves: what a session shows, and what one person's registration adds to it (RULES 23)."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Any

from icalendar import vDuration
from icalendar.parser import Contentline

from events.ical.entry import cancelled_title

_LONGEST_LINE = 75  # octets, without the line break (RFC 5545 3.1)
_CUT = "\r\nDTSTAMP:"
_FREE, _BUSY = "\r\nTRANSP:TRANSPARENT\r\n", "\r\nTRANSP:OPAQUE\r\n"
_TITLE = re.compile("\r\nSUMMARY:(.*?)(?=\r\n[^ ])", re.DOTALL)


def first_half(written: bytes) -> str:
    """Return an entry up to what a registration can change. Only the property starts a line with its name."""
    half, cut, _rest = written.decode().partition(_CUT)
    assert cut, "not an entry"
    return f"{half}\r\n"


def busy(half: str) -> str:
    """Return the half of somebody who will be there."""
    return half.replace(_FREE, _BUSY, 1)


def called_off(half: str, language: str) -> str:
    """Return the half of somebody whom the organizer has told not to come: marked in the title, and free time."""
    marked = _folded("SUMMARY", cancelled_title(_title_of(half), language))
    return _TITLE.sub(lambda _found: f"\r\n{marked}", half, count=1).replace(_BUSY, _FREE, 1)


def second_half(*, stamp: str, sequence: int, status: str, alarm: str = "") -> str:
    """Return the rest of an entry; `stamp` is a UTC time as written, `alarm` a whole VALARM."""
    return (
        f"DTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\nSEQUENCE:{sequence}\r\nSTATUS:{status.upper()}\r\n"
        f"{alarm}END:VEVENT\r\n"
    )


def alarm(half: str, minutes: int) -> str:
    """Return the VALARM that rings so many minutes before the start, with the entry's title (RFC 5545 3.6.6)."""
    title = _folded("DESCRIPTION", _title_of(half))
    return f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:{_trigger(minutes)}\r\n{title}\r\nEND:VALARM\r\n"


def _title_of(half: str) -> str:
    """The title as it is written, unfolded: every entry has the line."""
    found = _TITLE.search(half)
    return found[1].replace("\r\n ", "") if found else ""


def _folded(name: str, written: str) -> str:
    line = f"{name}:{written}"
    # Most titles fit; folding costs as much as everything else about an entry.
    return line if len(line.encode()) <= _LONGEST_LINE else _fold(line)


def _fold(line: str) -> str:
    content: Any = Contentline
    written: bytes = content(line).to_ical()
    return written.decode()


@lru_cache(maxsize=64)
def _trigger(minutes: int) -> str:
    duration: Any = vDuration(-timedelta(minutes=minutes))
    written: bytes = duration.to_ical()
    return written.decode()
