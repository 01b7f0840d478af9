"""Blocks of time, as organizers write them: local or aware, whole days, or by a rule."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models.walltime import WallTimeError, day_start, to_local, to_utc, zone

MOST_OCCURRENCES = 366
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=10 * 366)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
RULE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*")
RULE_PARTS = {"FREQ", "COUNT", "UNTIL", "INTERVAL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of time: what the organizer meant (local start, zone) and what it is (aware UTC, half-open)."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    starts_on: date
    starts_local: time
    fold: int = 0
    all_day: bool = False

    def columns(self) -> dict[str, Any]:
        """Its values by the names of a session's columns."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def block(*, starts: datetime, ends: datetime, timezone: str) -> Block:
    """The block from `starts` to `ends`, each aware or local in `timezone` (RULES 18).

    Raises Invalid naming the field for a skipped local time, an unknown zone, an end that is not after the start.
    """
    check_zone(timezone)
    starts_at = _instant(starts, timezone, "starts_at")
    ends_at = _instant(ends, timezone, "ends_at")
    _check_order(starts_at, ends_at)
    starts_on, starts_local, fold = to_local(starts_at, timezone)
    return Block(starts_at, ends_at, timezone, starts_on, starts_local, fold)


def whole_days(*, first: date, last: date, timezone: str) -> Block:
    """The block of whole local days, both included (RULES 27)."""
    check_zone(timezone)
    try:
        starts_at, ends_at = day_start(first, timezone), day_start(last + timedelta(days=1), timezone)
    except (WallTimeError, OverflowError) as error:
        raise Invalid(str(error), field="starts_at") from error
    _check_order(starts_at, ends_at)
    return Block(starts_at, ends_at, timezone, first, time(), all_day=True)


def again(meant: Block) -> Block:
    """The block as its zone has it today: the same local start and length, or the same days.

    WallTimeError or Invalid where the clocks now skip that time.
    """
    if meant.all_day:
        return whole_days(first=meant.starts_on, last=_last_day(meant), timezone=meant.timezone)
    local = datetime.combine(meant.starts_on, meant.starts_local)
    starts_at = to_utc(local, meant.timezone, fold=meant.fold)
    length = meant.ends_at - meant.starts_at
    return Block(starts_at, starts_at + length, meant.timezone, meant.starts_on, meant.starts_local, meant.fold)


def by_rule(*, first: Block, rule: str) -> list[Block]:
    """One block for each occurrence of an RFC 5545 RRULE, at the same local time, `first` being the first of them.

    Raises Invalid for a rule that is endless, finer than daily, reaches further than ten years, gives more than 366, or
    that `first` itself does not follow.
    """
    parts = _parts_of(rule)
    start = datetime.combine(first.starts_on, first.starts_local)
    count = parts.pop("COUNT", None)
    until = _until(parts.pop("UNTIL", None), first)
    if not _could_start(parts, start):
        raise Invalid(_("The first session does not follow the rule."), field="rule")
    # COUNT is counted here, because a rule that ends late enough is as good as an endless one.
    horizon = start + FURTHEST
    parts["UNTIL"] = f"{min(until or horizon, horizon):%Y%m%dT%H%M%S}"
    try:
        found = iter(rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start))
        starts = list(islice(found, min(int(count or MOST_OCCURRENCES + 1), MOST_OCCURRENCES + 1)))
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise Invalid(_("Not a rule by RFC 5545: %(error)s") % {"error": error}, field="rule") from error
    if len(starts) > MOST_OCCURRENCES:
        raise Invalid(_("A rule gives at most %(most)d sessions.") % {"most": MOST_OCCURRENCES}, field="rule")
    if (count and len(starts) < int(count)) or (until and until > horizon):
        raise Invalid(_("A rule reaches ten years at most."), field="rule")
    if not starts or starts[0] != start:
        raise Invalid(_("The first session does not follow the rule."), field="rule")
    return [first, *_later(first, starts[1:])]


def check_zone(name: str) -> None:
    """Invalid unless it is the name of an IANA zone."""
    try:
        zone(name)
    except WallTimeError as error:
        raise Invalid(str(error), field="timezone") from error


def _later(first: Block, starts: list[datetime]) -> Iterator[Block]:
    for start in starts:
        if first.all_day:
            days = _last_day(first) - first.starts_on
            yield whole_days(first=start.date(), last=start.date() + days, timezone=first.timezone)
        else:
            starts_at = _instant(start, first.timezone, "rule")
            yield block(starts=starts_at, ends=starts_at + (first.ends_at - first.starts_at), timezone=first.timezone)


def last_day(*, starts_on: date, length: timedelta) -> date:
    """The last day of whole days. Counted in days, because one of them may have 23 or 25 hours."""
    return starts_on + timedelta(days=max(round(length / timedelta(days=1)) - 1, 0))


def _last_day(meant: Block) -> date:
    return last_day(starts_on=meant.starts_on, length=meant.ends_at - meant.starts_at)


def _instant(moment: datetime, timezone: str, field: str) -> datetime:
    try:
        instant = moment.astimezone(UTC) if moment.tzinfo is not None else to_utc(moment, timezone)
    except (WallTimeError, OverflowError) as error:
        raise Invalid(str(error), field=field) from error
    if not EARLIEST <= instant < LATEST:
        raise Invalid(_("A session is between the years 1900 and 2200."), field=field)
    return instant


def _check_order(starts_at: datetime, ends_at: datetime) -> None:
    if not starts_at < ends_at:
        raise Invalid(_("A session ends after it starts."), field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(_("A session lasts a year at most."), field="ends_at")


def _parts_of(rule: str) -> dict[str, str]:
    text = rule.upper().removeprefix("RRULE:")
    if not RULE.fullmatch(text):
        raise Invalid(_("A rule is written like FREQ=WEEKLY;BYDAY=TU;COUNT=8."), field="rule")
    parts = dict(part.split("=", 1) for part in text.split(";"))
    if unknown := parts.keys() - RULE_PARTS:
        raise Invalid(_("A rule cannot say %(part)s here.") % {"part": min(unknown)}, field="rule")
    if parts.get("FREQ") not in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"} or not ({"COUNT", "UNTIL"} & parts.keys()):
        raise Invalid(_("A rule repeats daily, weekly, monthly or yearly, with COUNT or UNTIL."), field="rule")
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise Invalid(_("A rule says COUNT or UNTIL, not both."), field="rule")
    for name in {"COUNT", "INTERVAL"} & parts.keys():
        if not parts[name].isdecimal() or not 1 <= int(parts[name][:12]) < 10**11:
            raise Invalid(_("%(part)s is a whole number from 1.") % {"part": name}, field="rule")
    return parts


def _could_start(parts: dict[str, str], start: datetime) -> bool:
    """Whether the first day meets each part by itself. dateutil would look for a 30th of February until year 9999."""
    if "BYSETPOS" in parts and parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
        return False
    last_day = monthrange(start.year, start.month)[1]
    days = {one[-2:] for one in parts.get("BYDAY", WEEKDAYS[start.weekday()]).split(",")}
    return (
        WEEKDAYS[start.weekday()] in days
        and start.month in _numbers(parts, "BYMONTH", usual=start.month)
        and not _numbers(parts, "BYMONTHDAY", usual=start.day).isdisjoint({start.day, start.day - last_day - 1})
    )


def _numbers(parts: dict[str, str], name: str, *, usual: int) -> set[int]:
    try:
        return {int(one) for one in parts.get(name, str(usual)).split(",")}
    except ValueError as error:
        raise Invalid(_("%(part)s holds whole numbers.") % {"part": name}, field="rule") from error


def _until(written: str | None, first: Block) -> datetime | None:
    """UNTIL as the local time that naive starts are compared with; a date means its whole day."""
    if written is None:
        return None
    try:
        if len(written) == 8:
            return datetime.strptime(written, "%Y%m%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007  local
        if not written.endswith("Z"):
            return datetime.strptime(written, "%Y%m%dT%H%M%S")  # noqa: DTZ007  local
        day, clock, _fold = to_local(datetime.strptime(written, "%Y%m%dT%H%M%S%z"), first.timezone)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("UNTIL is written like 20261231T145959Z."), field="rule") from error
    return datetime.combine(day, clock)
