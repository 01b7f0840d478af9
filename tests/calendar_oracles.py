"""What independent parsers read out of a calendar, so that every feed of the suite is confirmed by at least three."""

import contextlib
import io
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.calendar_linter import faults

# uid, start, end (aware UTC, or dates for all-day entries), status, summary
Seen = tuple[str, date | datetime, date | datetime, str, str]


def parsed_by_all(raw: bytes) -> dict[str, list[Seen]]:
    """Return what each parser sees, sorted, by the parser's name. Series are not expanded."""
    return {
        "icalendar": sorted(_by_icalendar(raw), key=str),
        "vobject": sorted(_by_vobject(raw), key=str),
        "ical": sorted(_by_ical(raw), key=str),
    }


def occurrences(raw: bytes) -> list[Seen]:
    """Return every occurrence that recurring-ical-events finds, sorted; without series it equals the entries."""
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(raw))
    return sorted(map(_from_icalendar, query.between(date(1971, 1, 1), date(2099, 1, 1))), key=str)


def assert_sound(raw: bytes) -> list[Seen]:
    """Fail unless the linter finds nothing and all parsers agree; return the entries that they agree on."""
    assert faults(raw) == []
    seen = parsed_by_all(raw)
    assert seen["vobject"] == seen["icalendar"]
    assert seen["ical"] == seen["icalendar"]
    if b"RRULE:" not in raw.partition(b"BEGIN:VEVENT")[2]:
        assert occurrences(raw) == seen["icalendar"]
    return seen["icalendar"]


def _utc(moment: date | datetime) -> date | datetime:
    if not isinstance(moment, datetime):
        return moment
    assert moment.tzinfo is not None, f"{moment} was read as a floating time"
    return moment.astimezone(UTC)


def _by_icalendar(raw: bytes) -> Iterator[Seen]:
    for event in icalendar.Calendar.from_ical(raw).walk("VEVENT"):
        assert event.errors == []
        yield _from_icalendar(event)


def _from_icalendar(event: Any) -> Seen:
    status, summary = str(event.get("STATUS", "")), str(event.get("SUMMARY", ""))
    return (str(event["UID"]), _utc(event.start), _utc(event.end), status, summary)


def _by_vobject(raw: bytes) -> Iterator[Seen]:
    with _forgotten_zones():
        calendar = vobject.readOne(io.StringIO(raw.decode(), newline=""))
        calendar.validate(raiseException=True)
        for event in calendar.contents.get("vevent", []):
            start = event.dtstart.value
            end = event.getChildValue("dtend", default=start)
            status, summary = event.getChildValue("status", default=""), event.getChildValue("summary", default="")
            yield (event.uid.value, _utc(start), _utc(end), status, summary)


@contextlib.contextmanager
def _forgotten_zones() -> Iterator[None]:
    """Vobject keeps the first VTIMEZONE of each name for the life of the process; each calendar brings its own."""
    known = vobject.icalendar.__dict__["__tzidMap"]
    before = dict(known)
    known.clear()
    known.update({name: before[name] for name in ("UTC",) if name in before})
    try:
        yield
    finally:
        known.clear()
        known.update(before)


def _by_ical(raw: bytes) -> Iterator[Seen]:
    logging.getLogger("ical").setLevel(logging.ERROR)
    for event in IcsCalendarStream.calendar_from_ics(raw.decode()).events:
        start, end = event.start, event.end
        yield (event.uid, _utc(start), _utc(end), event.status or "", event.summary or "")
