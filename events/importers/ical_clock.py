"""The clock that an iCalendar entry runs on: its properties as times, and its occurrences as local starts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from icalendar import Event

from events.importers import times
from events.importers.entries import Unfit
from events.importers.recurrence import occurrences


@dataclass(frozen=True, slots=True)
class Clock:
    """Rules run on naive local time in `zone`: the entry's own, or UTC where its start is written in UTC."""

    starts: datetime
    zone: str
    all_day: bool
    is_utc: bool

    @classmethod
    def of(cls, event: Event, zone: str) -> "Clock":
        written = moment(event, "DTSTART")
        if not isinstance(written, datetime):
            return cls(datetime.combine(written, time()), zone, all_day=True, is_utc=False)
        utc = is_utc(written)
        return cls(written.replace(tzinfo=None), "UTC" if utc else zone, all_day=False, is_utc=utc)

    def occurrences(self, event: Event) -> list[datetime]:
        """Naive starts on this clock; Unfit for a rule that is too long, too fine, or not understood."""
        if "EXRULE" in event:
            raise Unfit("EXRULE", "unsupported", "EXRULE is no longer part of iCalendar; list the dates in EXDATE")
        return occurrences(
            starts=self.starts,
            rule=_rule(event),
            zone=self.zone,
            more=[self._local(one, "RDATE") for one in _dates(event, "RDATE")],
            without=[self._local(one, "EXDATE") for one in _dates(event, "EXDATE")],
        )

    def moment(self, local: datetime) -> date:
        """What `times.span` understands: a date, an aware UTC datetime, or a naive local one."""
        if self.all_day:
            return local.date()
        return local.replace(tzinfo=UTC) if self.is_utc else local

    def names(self, occurrences: list[datetime]) -> dict[datetime, str]:
        """A name for each occurrence: its day, which stays when the time of day changes; a second one adds its time."""
        names: dict[datetime, str] = {}
        for local in occurrences:
            day = f"{local:%Y%m%d}"
            names[local] = f"{local:%Y%m%dT%H%M%S}" if day in names.values() else day
        return names

    def original(self, event: Event) -> datetime:
        """The local start of the occurrence that an entry with RECURRENCE-ID replaces."""
        if event["RECURRENCE-ID"].params.get("RANGE"):
            raise Unfit("RECURRENCE-ID", "unsupported", "RANGE is not read; change each occurrence by itself")
        return self._local(value_of(event, "RECURRENCE-ID"), "RECURRENCE-ID")

    def _local(self, value: Any, field: str) -> datetime:
        if not isinstance(value, date):
            raise Unfit(field, "unsupported", f"{field} lists days or times, not periods")
        if not isinstance(value, datetime):
            return datetime.combine(value, self.starts.time())
        if value.tzinfo is not None and getattr(value.tzinfo, "key", None) != self.zone:
            value = times.shown_in(self.zone, value)
        local = value.replace(tzinfo=None, fold=0)
        return datetime.combine(local, time()) if self.all_day else local


def _rule(event: Event) -> str:
    if "RRULE" not in event:
        return ""
    rule: Any = event["RRULE"]
    broken = next((text for key, text in event.errors if key == "RRULE"), None)
    if broken is not None or isinstance(rule, list):
        raise Unfit("RRULE", "rule_invalid", broken or "an entry has one rule at most")
    text: bytes = rule.to_ical()
    if not text:  # the library reads a rule without parts as an empty one
        raise Unfit("RRULE", "rule_invalid", "a rule is written such as FREQ=WEEKLY;COUNT=8")
    return text.decode()


def _dates(event: Event, name: str) -> list[Any]:
    written = event.get(name, [])
    if any(key == name for key, _ in event.errors):
        raise Unfit(name, "invalid", f"{name} lists times such as 20261003T140000")
    lists = written if isinstance(written, list) else [written]
    return [one.dt for several in lists for one in several.dts]


def moment(event: Event, name: str) -> date:
    """A date; an aware datetime for UTC; a naive one for local time, whose zone `Zones` tells."""
    value = value_of(event, name)
    if not isinstance(value, date):
        raise Unfit(name, "invalid", f"{name} is written such as 20261003T140000 or 20261003")
    if isinstance(value, datetime) and not is_utc(value):
        return value.replace(tzinfo=None)
    return value


def value_of(event: Event, name: str) -> Any:
    """The parsed value of a property that stands once."""
    if name not in event:
        raise Unfit(name, "missing", f"an entry needs {name}")
    broken = next((text for key, text in event.errors if key == name), None)
    if broken is not None or isinstance(event[name], list):
        raise Unfit(name, "invalid", broken or f"{name} is written more than once")
    written: Any = event[name]
    return written.dt


def is_utc(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None and value.tzname() == "UTC"
