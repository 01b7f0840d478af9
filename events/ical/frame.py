"""The calendar around the entries (RFC 5545 3.4, RFC 7986): its properties, its zones and the join."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Parameters, vDatetime, vDuration, vUri
from icalendar.parser import Contentline

from events.ical import texts
from events.ical.entry import Entry, vevent
from events.ical.zones import is_zone, vtimezone

TAIL = b"END:VCALENDAR\r\n"

_PRODID = "-//Callboard//Callboard Calendars//EN"
_REFRESH = timedelta(hours=1)
# An empty VCALENDAR is invalid (RFC 5545 3.6): a feed without entries carries this zone, or its own.
_ANY_ZONE = "Etc/UTC"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a feed says of itself. Constant for the feed, so that its bytes change with the entries only.

    It has no UID (RFC 7986 5.3 allows one): vdirsyncer takes it for that of every entry and keeps only the last
    (docs/decisions/0009).
    """

    name: str
    description: str
    url: str  # the page for people
    source: str | None  # the feed's own address; None when the address is a secret
    language: str  # "ko" or "en"
    timezone: str | None = None  # IANA, shown as a hint
    categories: tuple[str, ...] = ()


def head(frame: Frame, last_modified: datetime | None, zones: Iterable[str]) -> bytes:
    """Return everything of a feed that stands before its first entry, at least one VTIMEZONE included."""
    return _opening(frame) + _revision(last_modified) + _blocks(frame.timezone, zones)


def calendar(frame: Frame, fragments: Iterable[bytes], zones: Iterable[str], last_modified: datetime | None) -> bytes:
    """Return a feed: stored VEVENT bytes, in the order given, in their frame."""
    return b"".join((head(frame, last_modified, zones), *fragments, TAIL))


def one_event(entry: Entry) -> bytes:
    """Return a file with this one entry to download."""
    return single(vevent(entry), entry.tzid)


def single(fragment: bytes, tzid: str | None) -> bytes:
    """Return a file around one stored entry.

    It has no name: with X-WR-CALNAME Outlook opens a new calendar for it instead of adding an appointment.
    """
    return b"".join((_bare_opening(), vtimezone(tzid) if tzid else b"", fragment, TAIL))


def message(entry: Entry, method: str) -> bytes:
    """Return what is mailed about this one entry: REQUEST or CANCEL, whose ORGANIZER and ATTENDEE it names (RFC 5546).

    A session for itself, because all entries of one message must share a UID (RFC 5546 3.2.2).
    """
    tzid = entry.tzid
    return b"".join(
        (_bare_opening(), f"METHOD:{method}\r\n".encode(), vtimezone(tzid) if tzid else b"", vevent(entry), TAIL)
    )


def _blocks(own: str | None, zones: Iterable[str]) -> bytes:
    names = sorted(set(zones))
    if names:
        return b"".join(map(vtimezone, names))
    try:
        return vtimezone(own or _ANY_ZONE)
    except ValueError:
        return vtimezone(_ANY_ZONE)


def _revision(last_modified: datetime | None) -> bytes:
    """The one property of a head that changes with the entries, written alone because each rebuild needs it."""
    if last_modified is None:
        return b""
    written: bytes = Contentline.from_parts(
        "LAST-MODIFIED", Parameters(), vDatetime(last_modified.astimezone(UTC))
    ).to_ical()
    return written + b"\r\n"


@lru_cache(maxsize=1)
def _bare_opening() -> bytes:
    return b"BEGIN:VCALENDAR\r\n" + _properties(_product())


@lru_cache(maxsize=512)
def _opening(frame: Frame) -> bytes:
    calendar = _product()
    name, description = texts.one_line(frame.name), texts.many_lines(frame.description)
    _add_all(calendar, ("name", "x-wr-calname"), name)
    _add_all(calendar, ("description", "x-wr-caldesc"), description)
    if categories := texts.categories(frame.categories):
        calendar.add("categories", categories)
    if url := texts.uri(frame.url):
        calendar.add("url", vUri(url))
    if source := texts.uri(frame.source or ""):
        calendar.add("source", vUri(source), parameters={"VALUE": "URI"})
    if frame.timezone and is_zone(frame.timezone):  # readers raise on a name that is no zone
        calendar.add("x-wr-timezone", frame.timezone)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_REFRESH))
    return b"BEGIN:VCALENDAR\r\n" + _properties(calendar)


def _add_all(calendar: Calendar, names: tuple[str, ...], value: str) -> None:
    for name in names if value else ():
        calendar.add(name, texts.Text(value))


def _product() -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODID)
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _properties(calendar: Calendar) -> bytes:
    """The property lines alone, without the BEGIN and END around them."""
    written: bytes = calendar.to_ical(sorted=False)
    return written.removeprefix(b"BEGIN:VCALENDAR\r\n").removesuffix(TAIL)
