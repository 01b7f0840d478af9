"""A strict linter over the raw bytes of a calendar: every fault it names is one that parsers let pass.

It shares no code with the product and uses no calendar library. `faults` answers one line for each fault,
beginning with its code; `RULES` says what each code means and where the rule stands.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.calendar_lines import LINE_END, Component, Fault, Line, content_line, tree, unfolded

RULES = {
    "bare-newline": "every line ends in CRLF (RFC 5545 3.1)",
    "line-too-long": "a line has at most 75 octets before its CRLF (RFC 5545 3.1)",
    "fold-inside-character": "a fold does not cut a UTF-8 character (RFC 5545 3.1)",
    "fold-inside-escape": "a fold does not cut an escape such as \\n (some readers unescape before they unfold)",
    "not-utf8": "the file is UTF-8 (RFC 5545 3.1.4)",
    "control-character": "no control character but CRLF and tab (RFC 5545 3.1)",
    "not-a-content-line": "name, parameters, colon, value (RFC 5545 3.1); a raw newline in a text ends up here",
    "unbalanced-component": "BEGIN and END match, and all is inside one VCALENDAR (RFC 5545 3.4)",
    "missing-version": "VERSION:2.0 once (RFC 5545 3.6)",
    "missing-prodid": "PRODID once (RFC 5545 3.6)",
    "empty-calendar": "at least one component (RFC 5545 3.6)",
    "property-after-component": "calendar properties come before the components (RFC 5545 3.6)",
    "refresh-interval-without-value": "REFRESH-INTERVAL;VALUE=DURATION (RFC 7986 5.7)",
    "publish-without-organizer": "METHOD:PUBLISH asks for an ORGANIZER in each event (RFC 5546 3.2.1)",
    "repeated-property": "a property that may stand once stands once (RFC 5545 3.6.1, RFC 7986 4)",
    "missing-uid": "each event has a UID (RFC 5545 3.6.1)",
    "missing-dtstamp": "each event has a DTSTAMP (RFC 5545 3.6.1)",
    "missing-dtstart": "each event has a DTSTART where there is no METHOD (RFC 5545 3.6.1)",
    "duplicate-uid": "one UID is one event, except for overrides with their RECURRENCE-ID (RFC 5545 3.8.4.7)",
    "not-utc": "DTSTAMP, CREATED and LAST-MODIFIED are UTC, without TZID (RFC 5545 3.8.7)",
    "tzid-on-utc": "no TZID on a time in UTC (RFC 5545 3.2.19)",
    "tzid-without-zone": "every TZID has its VTIMEZONE (RFC 5545 3.2.19)",
    "bad-time": "a DATE with VALUE=DATE, or a DATE-TIME that is UTC or has a TZID; never floating",
    "date-type-mix": "DTSTART, DTEND, RECURRENCE-ID and EXDATE have one value type (RFC 5545 3.8.2.2)",
    "end-and-duration": "DTEND or DURATION, not both (RFC 5545 3.6.1)",
    "end-not-after-start": "DTEND is later than DTSTART (RFC 5545 3.8.2.2)",
    "bad-duration": "a duration such as PT1H (RFC 5545 3.3.6)",
    "until-not-utc": "UNTIL is UTC beside a DTSTART with a time, a DATE beside a DATE (RFC 5545 3.3.10)",
    "bad-status": "STATUS of an event is TENTATIVE, CONFIRMED or CANCELLED (RFC 5545 3.8.1.11)",
    "bad-sequence": "SEQUENCE is a number from 0 (RFC 5545 3.8.7.4)",
    "bad-geo": "GEO is latitude;longitude with at most six decimals (RFC 5545 3.8.1.6)",
    "organizer-not-uri": "ORGANIZER and ATTENDEE are addresses such as mailto: (RFC 5545 3.3.3)",
    "unescaped-text": "comma, semicolon and backslash are escaped in a text (RFC 5545 3.3.11)",
}

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TEXT = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*", re.DOTALL)
_TEXT_LIST = re.compile(r"(?:[^\\;]|\\[\\;,nN])*", re.DOTALL)
_UTC = re.compile(r"\d{8}T\d{6}Z")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_DATE = re.compile(r"\d{8}")
_DURATION = re.compile(r"[+-]?P(?:\d+W|\d+D(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?|T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)")
_GEO = re.compile(r"(-?\d{1,2}(?:\.\d{1,6})?);(-?\d{1,3}(?:\.\d{1,6})?)")
_ADDRESS = re.compile(r"(?:mailto:[^\s@]+@[^\s@]+|(?:https?|urn):\S+)", re.IGNORECASE)
_UNTIL = re.compile(r"(?:^|;)UNTIL=([^;]*)")

_TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "UID", "RELATED-TO", "TZID", "TZNAME"}
_TEXTS |= {"NAME", "PRODID", "X-WR-CALNAME", "X-WR-CALDESC", "X-WR-TIMEZONE"}
_TIMES = {"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"}
_STAMPS = {"DTSTAMP", "CREATED", "LAST-MODIFIED"}
_ONCE = {
    "VCALENDAR": {"PRODID", "VERSION", "CALSCALE", "METHOD", "UID", "LAST-MODIFIED", "URL", "REFRESH-INTERVAL"}
    | {"SOURCE", "COLOR", "NAME", "X-WR-CALNAME", "X-WR-CALDESC", "X-WR-TIMEZONE", "X-PUBLISHED-TTL"},
    "VEVENT": {"UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "GEO", "URL", "CLASS"}
    | {"TRANSP", "STATUS", "SEQUENCE", "ORGANIZER", "PRIORITY", "RECURRENCE-ID", "COLOR", *_STAMPS},
    "VTIMEZONE": {"TZID", "LAST-MODIFIED", "TZURL"},
}


def faults(raw: bytes) -> list[str]:
    """Return one line for each fault of a calendar, "code (line n): rule"; nothing when it is sound."""
    found = list(_byte_faults(raw))
    lines: list[Line] = []
    for number, text in unfolded(raw):
        line = content_line(number, text)
        if line:
            lines.append(line)
        else:
            found.append(Fault("not-a-content-line", number))
    calendar, tree_faults = tree(lines)
    found += tree_faults
    if calendar:
        found += _calendar_faults(calendar)
    return [f"{code} (line {number}): {RULES[code]}" for code, number in found]


def _byte_faults(raw: bytes) -> Iterator[Fault]:
    without_pairs = raw.replace(b"\r\n", b"")
    if b"\n" in without_pairs or b"\r" in without_pairs or not raw.endswith(b"\r\n"):
        yield Fault("bare-newline", 0)
    lines = LINE_END.split(raw)
    for number, line in enumerate(lines, 1):
        continued = number < len(lines) and lines[number][:1] in (b" ", b"\t")
        if len(line) > 75:
            yield Fault("line-too-long", number)
        if continued and (len(line) - len(line.rstrip(b"\\"))) % 2:
            yield Fault("fold-inside-escape", number)
        if not _is_utf8(line):
            is_cut = continued or line[:1] in (b" ", b"\t")
            yield Fault("fold-inside-character" if is_cut else "not-utf8", number)
        if _CONTROL.search(line.decode(errors="replace")):
            yield Fault("control-character", number)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _calendar_faults(calendar: Component) -> Iterator[Fault]:
    version, method = calendar.first("VERSION"), calendar.first("METHOD")
    if version is None or version.value != "2.0":
        yield Fault("missing-version", calendar.number)
    if not calendar.first("PRODID"):
        yield Fault("missing-prodid", calendar.number)
    if not calendar.parts:
        yield Fault("empty-calendar", calendar.number)
    refresh = calendar.first("REFRESH-INTERVAL")
    if refresh and refresh.parameters.get("VALUE") != "DURATION":
        yield Fault("refresh-interval-without-value", refresh.number)
    zones = {zone.value for part in calendar.parts if part.name == "VTIMEZONE" and (zone := part.first("TZID"))}
    for component in calendar.walk():
        yield from _repeated(component)
        for line in component.lines:
            yield from _line_faults(line, component.name)
            if "TZID" in line.parameters and line.parameters["TZID"] not in zones:
                yield Fault("tzid-without-zone", line.number)
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    for event in events:
        yield from _event_faults(event, method.value if method else None)
    yield from _duplicates(events)


def _repeated(component: Component) -> Iterator[Fault]:
    names = Counter(line.name for line in component.lines)
    for name in sorted(_ONCE.get(component.name, set())):
        if names[name] > 1:
            yield Fault("repeated-property", component.number)


def _line_faults(line: Line, component: str) -> Iterator[Fault]:
    value, in_zone = line.value, component in ("STANDARD", "DAYLIGHT")
    if line.name in _TEXTS and not _TEXT.fullmatch(value):
        yield Fault("unescaped-text", line.number)
    if line.name in ("CATEGORIES", "RESOURCES") and not _TEXT_LIST.fullmatch(value):
        yield Fault("unescaped-text", line.number)
    if line.name in _STAMPS and ("TZID" in line.parameters or not _UTC.fullmatch(value)):
        yield Fault("not-utc", line.number)
    if line.name in _TIMES and not in_zone:
        yield from _time_faults(line)
    is_span = line.name in ("DURATION", "REFRESH-INTERVAL", "X-PUBLISHED-TTL")
    is_span |= line.name == "TRIGGER" and line.parameters.get("VALUE") != "DATE-TIME"
    if is_span and not _DURATION.fullmatch(value):
        yield Fault("bad-duration", line.number)
    if line.name == "SEQUENCE" and not re.fullmatch(r"\d+", value):
        yield Fault("bad-sequence", line.number)
    if line.name == "GEO" and not _is_position(value):
        yield Fault("bad-geo", line.number)
    if line.name in ("ORGANIZER", "ATTENDEE") and not _ADDRESS.fullmatch(value):
        yield Fault("organizer-not-uri", line.number)


def _is_position(value: str) -> bool:
    matched = _GEO.fullmatch(value)
    return bool(matched) and abs(float(matched[1])) <= 90 and abs(float(matched[2])) <= 180


def _time_faults(line: Line) -> Iterator[Fault]:
    for value in line.value.split(","):
        if _UTC.fullmatch(value) and "TZID" in line.parameters:
            yield Fault("tzid-on-utc", line.number)
        elif _time(line, value) is None:
            yield Fault("bad-time", line.number)


def _time(line: Line, value: str) -> date | datetime | None:
    """Return the moment that a time means: a date, or an aware datetime; None for a time that is malformed."""
    zone, is_date = line.parameters.get("TZID"), line.parameters.get("VALUE") == "DATE"
    try:
        if is_date and not zone and _DATE.fullmatch(value):
            return date.fromisoformat(value)
        if not is_date and not zone and _UTC.fullmatch(value):
            return datetime.fromisoformat(value)
        if not is_date and zone and _LOCAL.fullmatch(value):
            return datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(zone))
    except (ValueError, KeyError):
        return None
    return None


def _event_faults(event: Component, method: str | None) -> Iterator[Fault]:
    for name in ("UID", "DTSTAMP", "DTSTART"):
        if not event.first(name) and (name != "DTSTART" or method is None):
            yield Fault(f"missing-{name.lower()}", event.number)
    status = event.first("STATUS")
    if status and status.value not in ("TENTATIVE", "CONFIRMED", "CANCELLED"):
        yield Fault("bad-status", status.number)
    if method == "PUBLISH" and not event.first("ORGANIZER"):
        yield Fault("publish-without-organizer", event.number)
    start, end = event.first("DTSTART"), event.first("DTEND")
    if end and event.first("DURATION"):
        yield Fault("end-and-duration", end.number)
    if start:
        yield from _span_faults(event, start, end)


def _span_faults(event: Component, start: Line, end: Line | None) -> Iterator[Fault]:
    for line in event.lines:
        if line.name in _TIMES and line.parameters.get("VALUE") != start.parameters.get("VALUE"):
            yield Fault("date-type-mix", line.number)
        if line.name == "RRULE" and (until := _UNTIL.search(line.value)):
            wanted = _DATE if start.parameters.get("VALUE") == "DATE" else _UTC
            if not wanted.fullmatch(until[1]):
                yield Fault("until-not-utc", line.number)
    if end is None:
        return
    starts, ends = _time(start, start.value), _time(end, end.value)
    if starts is not None and ends is not None and type(starts) is type(ends) and not starts < ends:
        yield Fault("end-not-after-start", end.number)


def _duplicates(events: list[Component]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for event in events:
        uid, override = event.first("UID"), event.first("RECURRENCE-ID")
        key = (uid.value if uid else "", override.value if override else "")
        if uid and key in seen:
            yield Fault("duplicate-uid", uid.number)
        seen.add(key)
