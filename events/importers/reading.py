"""The one way in: detect the format of a file and read it into a draft, in this process."""

import re
from collections.abc import Callable
from importlib import import_module

from defusedxml.common import DefusedXmlException

from events.importers import csv_table, times
from events.importers.entries import ImportRefused
from events.importers.unpacking import unpacked
from events.operations.drafting import Draft

# Named, not imported: each costs up to a quarter of a second, and one file needs one of them.
MODULES = {
    "frab-xml": "events.importers.frab",
    "kotlinconf-json": "events.importers.kotlinconf",
    "eventbrite-json": "events.importers.eventbrite",
    "pyconkr-json": "events.importers.pyconkr",
    "icalendar": "events.importers.ical",
    "csv": "events.importers.csv_table",
    "xlsx": "events.importers.xlsx_table",
}
FORMATS = tuple(MODULES)
SUFFIXES = {
    ".xml": "frab-xml",
    ".ics": "icalendar",
    ".ical": "icalendar",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
}
JSON_FORMATS = (
    ("pyconkr-json", re.compile(rb'"model"\s*:\s*"pyconkr\.')),
    ("kotlinconf-json", re.compile(rb'"(speakerIds|startsAt)"\s*:')),
    ("eventbrite-json", re.compile(rb'"(pagination|resource_uri|organizer_id)"\s*:')),
)


def read(raw: bytes, *, filename: str = "", format: str = "auto", timezone: str | None = None) -> Draft:
    """The draft of a file. `timezone` is for local times of which neither the entry nor the file names the zone.

    Whatever the bytes are, the only error is ImportRefused. Time and memory are bounded by `guarding`, not here.
    """
    data = unpacked(raw)
    name = detect(raw, filename) if format == "auto" else format
    if name not in MODULES:
        raise ImportRefused("format_unknown", f"{name[:40]!r} is no format; choose one of: {', '.join(FORMATS)}.")
    if timezone and not times.is_zone(timezone):
        raise ImportRefused("timezone_unknown", f"{timezone[:64]!r} is not an IANA time zone such as Asia/Seoul.")
    reader: Callable[..., Draft] = import_module(MODULES[name]).read
    try:
        return reader(data, zone=timezone)
    except (ImportRefused, MemoryError):
        raise
    except Exception as error:  # libraries raise anything on hostile bytes; a bug of ours shows in the chained cause
        if isinstance(error, DefusedXmlException) or isinstance(error.__cause__, DefusedXmlException):
            raise ImportRefused("forbidden_markup", "DOCTYPE, entities and external references are not read.") from None
        raise ImportRefused("unreadable", f"The file cannot be read as {name}.") from error


def detect(raw: bytes, filename: str = "") -> str:
    """The format of a file by its content, else by its name; ImportRefused when neither tells."""
    data = unpacked(raw)
    name = _by_content(data) or _by_name(filename)
    if name is None:
        raise ImportRefused("format_unknown", f"The format was not recognised; name one of: {', '.join(FORMATS)}.")
    return name


def _by_content(data: bytes) -> str | None:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start[:15].upper() == b"BEGIN:VCALENDAR":
        return "icalendar"
    if start.startswith(b"<"):
        return "frab-xml" if b"<schedule" in data[:65536] else None
    if start[:1] in (b"{", b"["):
        return next((name for name, mark in JSON_FORMATS if mark.search(data)), None)
    return "csv" if csv_table.looks_like_template(data[:65536]) else None


def _by_name(filename: str) -> str | None:
    name = filename.lower().removesuffix(".gz")
    return next((format_name for suffix, format_name in SUFFIXES.items() if name.endswith(suffix)), None)
