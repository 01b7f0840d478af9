"""Time zones in calendars: the yearly rule of an IANA zone, its VTIMEZONE, and when to write UTC instead.

The only source is the tzdata wheel: a compiled zone file ends in its current rule (RFC 8536 3.3), and that line is what
a VTIMEZONE can say. Outlook reads a yearly RRULE with one BYDAY and nothing else, so a zone whose clocks change "on the
Friday after the fourth Thursday" has no block here, and an instant at which the rule was another one is written in UTC.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

EDITION = str(import_module("tzdata").IANA_VERSION)  # which rules: what is kept of a calendar is of one edition

_WHEEL = files("tzdata")
_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LAST = 5  # "M3.5.0" of POSIX is the last Sunday of March
_EPOCH_YEAR = 1970
# Before the first clock change of a block nothing is defined, and close to the last year the arithmetic overflows.
_YEARS = range(_EPOCH_YEAR + 1, 9999)

_PHASE = r"(?:<(?P<{0}_quoted>[^>]+)>|(?P<{0}>[A-Za-z]+))"
_DATE = r"M(\d+)\.(\d)\.(\d)(?:/(-?[\d:]+))?"
_FOOTER = re.compile(
    _PHASE.format("standard")
    + r"(?P<standard_offset>[-+]?[\d:]+)"
    + rf"(?:{_PHASE.format('summer')}(?P<summer_offset>[-+]?[\d:]+)?,(?P<leave>{_DATE}),(?P<back>{_DATE}))?"
)


@dataclass(frozen=True, slots=True)
class Change:
    """The yearly day on which the clocks change, at a wall time of the offset that ends."""

    month: int
    week: int
    weekday: int  # 0 is Sunday, as in POSIX
    at: timedelta

    @property
    def byday(self) -> str:
        """The one BYDAY of the RRULE."""
        return f"{-1 if self.week == _LAST else self.week}{_WEEKDAYS[self.weekday]}"

    def wall_time(self, year: int) -> datetime:
        """Return the wall time of the change in that year, naive."""
        if self.week == _LAST:
            last = datetime(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)  # noqa: DTZ001
            day = last - timedelta(days=(last.isoweekday() - self.weekday) % 7)
        else:
            first = datetime(year, self.month, 1)  # noqa: DTZ001
            day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1))
        return day + self.at


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the year with one offset, and the change that begins it (None: all the year)."""

    name: str
    offset: timedelta
    begins: Change | None


@dataclass(frozen=True, slots=True)
class Rule:
    """What a zone does every year: standard time, and the phase with the larger offset where it has one."""

    standard: Phase
    daylight: Phase | None

    def offset_at(self, instant: datetime) -> timedelta:
        """Return the offset from UTC that the rule gives at a naive UTC instant."""
        if self.daylight is None:
            return self.standard.offset
        begins = _onset(self.daylight, self.standard.offset, instant.year)
        ends = _onset(self.standard, self.daylight.offset, instant.year)
        in_summer = begins <= instant < ends if begins < ends else not ends <= instant < begins
        return self.daylight.offset if in_summer else self.standard.offset

    def reads_only_as(self, local: datetime, offset: timedelta) -> bool:
        """Whether a reader who knows only the rule finds this offset for the wall time, and no other."""
        offsets = {self.standard.offset} | ({self.daylight.offset} if self.daylight else set())
        return [each for each in offsets if self.offset_at(local - each) == each] == [offset]


def zone_of(entry_timezone: str, starts_at: datetime, ends_at: datetime, fold: int = 0) -> str | None:
    """Return the TZID that an entry is written with, or None when it is written in UTC.

    A wall time that happens twice goes to UTC whichever of the two is meant: readers disagree about it, and an end read
    as the first one can lie before its start. Names without a place ("CET", "UTC", "Etc/GMT-9") go to UTC too,
    because readers take them for abbreviations with meanings of their own.
    """
    if fold or "/" not in entry_timezone or entry_timezone.startswith("Etc/"):
        return None
    try:
        rule = _rule(entry_timezone)
    except ValueError:
        return None
    zone = _zone(entry_timezone)
    return entry_timezone if _holds(rule, zone, starts_at) and _holds(rule, zone, ends_at) else None


@cache
def vtimezone(tzid: str) -> bytes:
    """Return the VTIMEZONE of an IANA zone; ValueError when its rule cannot be said with one BYDAY each."""
    rule = _rule(tzid)
    block = Timezone()
    block.add("tzid", tzid)
    if rule.daylight:
        block.add_component(_observance(TimezoneDaylight(), rule.daylight, rule.standard.offset))
    before = rule.daylight.offset if rule.daylight else rule.standard.offset
    block.add_component(_observance(TimezoneStandard(), rule.standard, before))
    written: bytes = block.to_ical(sorted=False)
    return written


def is_zone(name: str) -> bool:
    """Whether the tzdata package knows a zone of this name."""
    return name in _names()


def local_time(tzid: str, instant: datetime) -> datetime:
    """Return the instant on the wall clock of a zone of the wheel."""
    return instant.astimezone(_zone(tzid))


def _observance(
    part: TimezoneDaylight | TimezoneStandard, phase: Phase, before: timedelta
) -> TimezoneDaylight | TimezoneStandard:
    onset = phase.begins.wall_time(_EPOCH_YEAR) if phase.begins else datetime(_EPOCH_YEAR, 1, 1)  # noqa: DTZ001
    part.add("dtstart", onset)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", phase.offset)
    part.add("tzname", phase.name)
    if phase.begins:
        part.add("rrule", vRecur(FREQ="YEARLY", BYMONTH=phase.begins.month, BYDAY=phase.begins.byday))
    return part


def _holds(rule: Rule, zone: ZoneInfo, instant: datetime) -> bool:
    if instant.astimezone(UTC).year not in _YEARS:
        return False
    local = instant.astimezone(zone)
    offset = local.utcoffset()
    wall = local.replace(tzinfo=None, fold=0)
    once = wall.replace(tzinfo=zone).utcoffset() == wall.replace(tzinfo=zone, fold=1).utcoffset()
    return once and offset is not None and rule.reads_only_as(wall, offset)


def _onset(phase: Phase, before: timedelta, year: int) -> datetime:
    assert phase.begins is not None, "a rule with two phases has two changes"
    return phase.begins.wall_time(year) - before


@cache
def _rule(tzid: str) -> Rule:
    """Read the rule from the last line of the compiled zone; ValueError when one BYDAY cannot say it."""
    footer = _compiled(tzid).read_bytes().rsplit(b"\n", 2)[1].decode("ascii")
    found = _FOOTER.fullmatch(footer)
    if not found:
        raise ValueError(f"{tzid} has no yearly rule: {footer!r}")
    part = found.groupdict()
    standard_name = part["standard_quoted"] or part["standard"]
    standard_offset = -_duration(part["standard_offset"])
    if not part["leave"]:
        return Rule(Phase(standard_name, standard_offset, None), None)
    standard = Phase(standard_name, standard_offset, _change(tzid, part["back"]))
    summer_offset = -_duration(part["summer_offset"]) if part["summer_offset"] else standard_offset + timedelta(hours=1)
    summer = Phase(part["summer_quoted"] or part["summer"], summer_offset, _change(tzid, part["leave"]))
    # Dublin's "summer" is its winter (RFC 8536 allows it); calendar programs want DAYLIGHT ahead of STANDARD.
    standard, daylight = sorted((standard, summer), key=lambda phase: phase.offset)
    return Rule(standard, daylight)


def _change(tzid: str, written: str) -> Change:
    found = re.fullmatch(_DATE, written)
    assert found is not None, "it matched once already, as a part of the footer"
    month, week, weekday, at = found.groups()
    time = _duration(at) if at else timedelta(hours=2)
    if not timedelta(0) <= time < timedelta(days=1):
        raise ValueError(f"{tzid} changes its clocks on no plain weekday: {written}")
    return Change(int(month), int(week), int(weekday), time)


def _duration(written: str) -> timedelta:
    sign = -1 if written.startswith("-") else 1
    hours, minutes, seconds = [*map(int, written.lstrip("+-").split(":")), 0, 0][:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


@cache
def _zone(tzid: str) -> ZoneInfo:
    with _compiled(tzid).open("rb") as compiled:
        return ZoneInfo.from_file(compiled, key=tzid)


@cache
def _names() -> frozenset[str]:
    return frozenset(_WHEEL.joinpath("zones").read_text(encoding="ascii").split())


def _compiled(tzid: str) -> Traversable:
    if not is_zone(tzid):
        raise ValueError(f"{tzid!r} is no zone of the tzdata package")
    return _WHEEL.joinpath("zoneinfo", *tzid.split("/"))
