"""Written times become aware UTC in a named zone. Kept apart from `events.models`, which needs Django to be loaded."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from events.importers.entries import Unfit

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=366)

WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-|/|\. ?)(?P<month>\d{1,2})(?:-|/|\. ?)(?P<day>\d{1,2})\.?"
    r"(?:[T ]\s*(?P<half>오전|오후|AM|PM|am|pm)?\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?"
    r"\s*(?P<half_after>AM|PM|am|pm)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, [starts_at, ends_at) in UTC, and the zone it was meant in."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    all_day: bool = False


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    return name in known_zones()


def span(starts: date, ends: date, *, zone: str | None, field: str = "starts") -> Span:
    """Checked UTC times of two written ones: datetimes (naive: local in `zone`) or dates (whole days, end excluded)."""
    name = zone_name(zone)
    begin, end = instant(starts, name, field), instant(ends, name, "ends")
    return _checked(begin, end, name, field, has_clock=isinstance(starts, datetime))


def lasting(starts: datetime, duration: timedelta, *, zone: str | None, field: str = "starts") -> Span:
    """Like `span`, for a start and an elapsed time: an hour is an hour, also in the night in which clocks change."""
    name = zone_name(zone)
    begin = instant(starts, name, field)
    return _checked(begin, begin + duration, name, field, has_clock=True)


def zone_name(zone: str | None) -> str:
    """The name of a zone that exists; Unfit when there is none."""
    if not zone:
        raise Unfit("timezone", "timezone_missing", "a local time needs a time zone such as Asia/Seoul")
    if not is_zone(zone):
        raise Unfit("timezone", "timezone_unknown", f"{zone[:64]!r} is not an IANA time zone such as Asia/Seoul")
    return zone


def _checked(begin: datetime, end: datetime, zone: str, field: str, *, has_clock: bool) -> Span:
    if not EARLIEST <= begin < LATEST:
        raise Unfit(field, "out_of_range", "times lie between the years 1970 and 2100")
    if end <= begin:
        raise Unfit("ends", "ends_before_start", f"the end must be later than the start, {begin.isoformat()}")
    if end - begin > LONGEST:
        raise Unfit("ends", "out_of_range", "one session lasts 366 days at most")
    return Span(begin, end, zone, all_day=not has_clock)


def instant(written: date, zone: str, field: str) -> datetime:
    """Aware UTC. A repeated local time is the first; one that clocks skip is refused (RULES 18)."""
    try:
        if not isinstance(written, datetime):
            return _day_start(written, zone)
        if written.tzinfo is not None:
            return written.astimezone(UTC)
        utc = written.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        shown = utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    except OverflowError as error:
        raise Unfit(field, "out_of_range", "times lie between the years 1970 and 2100") from error
    if shown != written.replace(fold=0):
        raise Unfit(field, "time_skipped", f"{written:%Y-%m-%d %H:%M} does not exist in {zone}: clocks skip it")
    return utc


def parsed(text: str, field: str) -> date:
    """A date, or a datetime (aware where an offset is written), as people and spreadsheets write them."""
    match = WRITTEN.fullmatch(text.strip()) if len(text) <= 60 else None
    if match is None:
        raise Unfit(field, "invalid", f"{text[:40]!r} is not a time such as 2026-10-03 14:00")
    part = match.groupdict()
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]))
        if part["hour"] is None:
            return day
        clock = time(_hour(part), int(part["minute"]), int(part["second"] or 0))
        return datetime.combine(day, clock, _offset(part["offset"]))
    except ValueError as error:
        raise Unfit(field, "invalid", f"{text[:40]!r}: {error}") from error


def parsed_moment(text: str, field: str) -> datetime:
    """Like `parsed`, where a bare day is not enough."""
    moment = parsed(text, field)
    if not isinstance(moment, datetime):
        raise Unfit(field, "invalid", f"{text[:40]!r} needs a time of day, such as 2026-10-03T14:00")
    return moment


def _hour(part: dict[str, str | None]) -> int:
    hour = int(part["hour"] or 0)
    half = (part["half"] or part["half_after"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError("the hour must be 1 to 12 beside 오전/오후 or am/pm")
    if half in ("오후", "pm"):
        return hour % 12 + 12
    return hour % 12 if half else hour


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    return datetime.strptime(text, "%z").tzinfo


def _day_start(day: date, zone: str) -> datetime:
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    # Where clocks skip midnight, going there and back lands on the first instant that the day really has.
    return midnight.astimezone(UTC)


def shown_in(zone: str, moment: datetime) -> datetime:
    """What clocks in that zone show at an aware instant, naive."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
