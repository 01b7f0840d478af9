"""Where each component of an iCalendar file stands: one pass that bounds size and depth before any parsing."""

import re
from dataclasses import dataclass, field

from events.importers.entries import ImportRefused
from events.importers.unpacking import text_of

MAX_BYTES = 1024 * 1024
MAX_COMPONENTS = 2_000
MAX_DEPTH = 5
MAX_LINES = 2_000
BORDER = re.compile(r"(BEGIN|END):\s*([A-Za-z0-9-]{1,40})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """One component that stands right inside VCALENDAR: its kind, first line, and its own lines (children left out)."""

    kind: str
    line: int
    lines: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        return "\r\n".join([f"BEGIN:{self.kind}", *self.lines, f"END:{self.kind}", ""])

    def said(self, name: str) -> str:
        """The raw value of a property without parameters; "" where it is not written."""
        start = f"{name}:"
        unfolded = re.sub("\n[ \t]", "", "\n".join(self.lines)).split("\n")
        return next((line[len(start) :].strip() for line in unfolded if line.upper().startswith(start)), "")


@dataclass(frozen=True, slots=True)
class Outline:
    """The calendars' own properties, and the components in them."""

    calendar: Block
    blocks: list[Block]


def outlined(data: bytes) -> Outline:
    """The outline of the file; ImportRefused past a limit, or where BEGIN and END do not match."""
    if len(data) > MAX_BYTES:
        raise ImportRefused("too_large", f"A calendar has {MAX_BYTES:,} bytes at most, this one {len(data):,}.")
    outline = Outline(Block("VCALENDAR", 1), [])
    around: list[str] = []
    count = 0
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text_of(data)), start=1):
        border = BORDER.fullmatch(line)
        if border is None:
            _keep(line, around, outline)
            if around and len((outline.blocks[-1] if len(around) > 1 else outline.calendar).lines) > MAX_LINES:
                raise ImportRefused("too_large", f"A component has {MAX_LINES:,} lines at most.", line=number)
            continue
        kind = border[2].upper()
        if border[1].upper() == "END":
            if not around or around.pop() != kind:
                raise ImportRefused("malformed", f"END:{kind} does not match what began before.", line=number)
            continue
        count += 1
        _check(kind, around, count, number)
        around.append(kind)
        if len(around) == 2:
            outline.blocks.append(Block(kind, number))
    if around:
        raise ImportRefused("malformed", f"The file ends inside {around[-1]}.")
    if count == 0:
        raise ImportRefused("malformed", "There is no VCALENDAR here.")
    return outline


def _keep(line: str, around: list[str], outline: Outline) -> None:
    if len(around) == 1:
        outline.calendar.lines.append(line)
    elif len(around) == 2:
        outline.blocks[-1].lines.append(line)


def _check(kind: str, around: list[str], count: int, line: int) -> None:
    if not around and kind != "VCALENDAR":
        raise ImportRefused("malformed", f"{kind} stands outside VCALENDAR.", line=line)
    if count > MAX_COMPONENTS:
        raise ImportRefused("too_many_entries", f"A calendar has {MAX_COMPONENTS:,} components at most.", line=line)
    if len(around) >= MAX_DEPTH:
        raise ImportRefused("too_deep", f"Components stand {MAX_DEPTH} deep at most.", line=line)
