"""iCalendar: lenient in line ends and zone names; rules become concrete sessions; people's addresses are not read."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from icalendar import Event, vText

from events.importers import texts, times
from events.importers.entries import Collector, Unfit
from events.importers.ical_blocks import Block, Outline, outlined
from events.importers.ical_clock import Clock, is_utc, moment, value_of
from events.operations.drafting import Draft, DraftEvent, DraftSession

FORMAT = "icalendar"
REPEATING = {"RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"}
STATUSES = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}


@dataclass(frozen=True, slots=True)
class Zones:
    """Which zone a time is meant in: `own` for local times without TZID, `named` for the file's own TZIDs."""

    own: str | None
    named: dict[str, str]

    def of(self, value: Any, field: str) -> str | None:
        """The zone of one property. A TZID that nobody knows is refused, not guessed."""
        name = value.params.get("TZID")
        if not name:
            return self.own or ("UTC" if is_utc(value.dt) else None)
        key = getattr(getattr(value.dt, "tzinfo", None), "key", None) or self.named.get(name)
        if key is None:
            raise Unfit(field, "timezone_unknown", f"{str(name)[:64]!r} is not an IANA time zone such as Asia/Seoul")
        return str(key)


@dataclass(frozen=True, slots=True)
class Entry:
    """All VEVENTs of one UID: the entry itself, and the occurrences that were changed by hand."""

    line: int
    event: Event
    changed: list[tuple[int, Event]] = field(default_factory=list)


def read(data: bytes, *, zone: str | None) -> Draft:
    """Every VEVENT of the file; `zone` is for local times, else X-WR-TIMEZONE."""
    outline = outlined(data)
    calendar = outline.calendar
    zone = zone or calendar.said("X-WR-TIMEZONE") or None
    zones = Zones(zone, _zones_of(outline))
    collector = Collector()
    for entry in _entries(outline, collector):
        ref = str(entry.event.get("SUMMARY", "")) or str(entry.event.get("UID", ""))
        collector.take(entry.line, ref, partial(_event, entry, zones, collector))
    others = sorted({block.kind for block in outline.blocks} - {"VEVENT", "VTIMEZONE"})
    if others:
        collector.notes.append(f"Only VEVENT is read; left out: {', '.join(others[:5])}.")
    title = vText.from_ical(calendar.said("X-WR-CALNAME") or calendar.said("NAME"))
    return collector.draft(FORMAT, title=texts.shortened(texts.cleaned(title), texts.TITLE_LENGTH), timezone=zone)


def _zones_of(outline: Outline) -> dict[str, str]:
    """TZIDs of the file that say which IANA zone they are. Their rules are never evaluated."""
    named = {block.said("TZID"): block.said("X-LIC-LOCATION") for block in outline.blocks if block.kind == "VTIMEZONE"}
    return {name: key for name, key in named.items() if times.is_zone(key)}


def _entries(outline: Outline, collector: Collector) -> Iterator[Entry]:
    entries: dict[str, Entry] = {}
    changes: list[tuple[str, int, Event]] = []
    for block in outline.blocks:
        if block.kind != "VEVENT":
            continue
        try:
            event = _parsed(block)
            uid = texts.source_id(event.get("UID"), "UID")
        except Unfit as unfit:
            collector.refuse(block.line, block.said("SUMMARY"), unfit)
            continue
        if "RECURRENCE-ID" in event:
            changes.append((uid, block.line, event))
        else:
            # A second master of the same UID stays apart, so that it is refused as a duplicate by its own line.
            entries[uid if uid not in entries else f"{uid} {block.line}"] = Entry(block.line, event)
    for uid, line, event in changes:
        if uid in entries:
            entries[uid].changed.append((line, event))
        else:
            entries[uid] = Entry(line, event)
    yield from entries.values()


def _parsed(block: Block) -> Event:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library warns where it guesses a vendor's TZID; the guess is fine
            event = Event.from_ical(block.source)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise Unfit("VEVENT", "invalid", f"this entry is not iCalendar: {str(error)[:200]}") from error
    if not isinstance(event, Event):
        raise Unfit("VEVENT", "invalid", "this entry is not iCalendar")
    return event


def _event(entry: Entry, zones: Zones, collector: Collector) -> DraftEvent:
    event = entry.event
    source = texts.source_id(event.get("UID"), "UID")
    summary = event.get("SUMMARY")
    return DraftEvent(
        source_id=source,
        line=entry.line,
        **texts.worded(title=texts.title_of(_text(summary)), description=_description(event)),
        language=texts.language_of(summary.params.get("LANGUAGE", "")),
        topics=texts.topics(_categories(event)),
        status=_status(event),
        visibility="public" if str(event.get("CLASS", "PUBLIC")).upper() == "PUBLIC" else "unlisted",
        url=texts.web_address(_text(event.get("URL"))),
        sessions=_sessions(entry, source, zones, collector),
    )


def _sessions(entry: Entry, source: str, zones: Zones, collector: Collector) -> list[DraftSession]:
    """One session; or, for an entry that repeats, one for each occurrence, named by its original local day."""
    event = entry.event
    first = _session(event, entry.line, source, zones)
    if not entry.changed and not REPEATING & set(event.keys()):
        return [first]
    clock = Clock.of(event, first.timezone)
    names = clock.names(clock.occurrences(event))
    by_name = {}
    for local, name in names.items():
        try:
            by_name[name] = _moved(first, name, clock.moment(local))
        except Unfit as unfit:
            collector.refuse(entry.line, str(event.get("SUMMARY", "")), unfit)
    for line, changed in entry.changed:
        try:
            original = clock.original(changed)
            name = names.get(original) or f"{original:%Y%m%dT%H%M%S}"
            by_name[name] = _session(changed, line, name, zones)
        except Unfit as unfit:
            collector.refuse(line, str(changed.get("SUMMARY", "")), unfit)
    return [by_name[name] for name in sorted(by_name)]


def _session(event: Event, line: int, source: str, zones: Zones) -> DraftSession:
    starts = moment(event, "DTSTART")
    zone = times.zone_name(zones.of(event["DTSTART"], "DTSTART"))
    span = times.span(starts, _end(event, starts, zone, zones), zone=zone, field="DTSTART")
    return DraftSession(
        source_id=source,
        line=line,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        timezone=span.timezone,
        all_day=span.all_day,
        status=_status(event),
        venue=texts.one_line(_text(event.get("LOCATION")), "LOCATION", texts.NAME_LENGTH),
    )


def _moved(first: DraftSession, name: str, starts: date) -> DraftSession:
    """The same session at another start: as many whole days, or as much elapsed time."""
    if isinstance(starts, datetime):
        span = times.lasting(starts, first.ends_at - first.starts_at, zone=first.timezone, field="RRULE")
    else:
        # Rounded, because a day in which clocks change has 23 or 25 hours.
        days = round((first.ends_at - first.starts_at) / timedelta(days=1))
        span = times.span(starts, starts + timedelta(days=days), zone=first.timezone, field="RRULE")
    return replace(first, source_id=name, starts_at=span.starts_at, ends_at=span.ends_at)


def _end(event: Event, starts: date, zone: str, zones: Zones) -> date:
    """DTEND, else DTSTART + DURATION, else the same day (RFC 5545 3.6.1). An all-day end on its start is that day."""
    all_day = not isinstance(starts, datetime)
    if "DTEND" in event:
        ends = moment(event, "DTEND")
        if isinstance(ends, datetime) == all_day:
            raise Unfit("DTEND", "invalid", "DTSTART and DTEND are both days, or both have a time of day")
        if isinstance(ends, datetime) and ends.tzinfo is None:
            return times.instant(ends, times.zone_name(zones.of(event["DTEND"], "DTEND")), "DTEND")
        return starts + timedelta(days=1) if ends == starts and all_day else ends
    if "DURATION" in event:
        length = value_of(event, "DURATION")
        if not isinstance(length, timedelta):
            raise Unfit("DURATION", "invalid", "a duration is written such as PT1H30M")
        whole_days = all_day or not isinstance(starts, datetime) or not length % timedelta(days=1)
        return starts + length if whole_days else times.instant(starts, zone, "DTSTART") + length
    if all_day:
        return starts + timedelta(days=1)
    raise Unfit("DTEND", "missing", "an entry with a time of day needs DTEND or DURATION")


def _description(event: Event) -> str:
    return texts.paragraphs(_text(event.get("DESCRIPTION")))


def _status(event: Event) -> str:
    return STATUSES.get(str(event.get("STATUS", "")).upper(), "confirmed")


def _text(value: Any) -> str:
    """The first of what may be written several times; vText and vUri are str."""
    first = value[0] if isinstance(value, list) else value
    return str(first) if first is not None else ""


def _categories(event: Event) -> list[str]:
    written = event.get("CATEGORIES", [])
    return [str(name) for one in (written if isinstance(written, list) else [written]) for name in one.cats]
