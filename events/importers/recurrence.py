"""Recurring entries become concrete local starts; python-dateutil does the arithmetic, this sets its bounds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from dateutil.rrule import rrulestr

from events.importers import times
from events.importers.entries import Unfit

MAX_OCCURRENCES = 366
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
FINER_PARTS = {"BYHOUR", "BYMINUTE", "BYSECOND"}
MAX_RULE_LENGTH = 500


def occurrences(
    *, starts: datetime, rule: str, zone: str, more: Sequence[datetime] = (), without: Iterable[datetime] = ()
) -> list[datetime]:
    """Naive local starts in order: `starts`, those of the RRULE, `more` (RDATE), but not `without` (EXDATE).

    Wall time is kept: 10:00 stays 10:00 when clocks change (RFC 5545 3.3.10).
    """
    found = {starts, *more}
    if rule:
        found.update(islice(_rule(rule, starts, zone), MAX_OCCURRENCES + 1))
    found.difference_update(without)
    if len(found) > MAX_OCCURRENCES:
        raise Unfit("RRULE", "rule_too_long", f"a rule makes {MAX_OCCURRENCES} occurrences at most; end it earlier")
    return sorted(found)


def _rule(rule: str, starts: datetime, zone: str) -> Iterable[datetime]:
    parts = _parts(rule)
    if until := parts.pop("UNTIL", ""):
        parts["UNTIL"] = _local_end(until, zone)
    try:
        return rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=starts)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Unfit("RRULE", "rule_invalid", f"{rule[:80]!r} is not a rule such as FREQ=WEEKLY;COUNT=8") from error


def _parts(rule: str) -> dict[str, str]:
    """The parts of a rule that has an end and is not finer than daily."""
    pairs = [part.partition("=") for part in rule.upper().split(";") if part]
    parts = {name: value for name, _, value in pairs}
    if len(rule) > MAX_RULE_LENGTH or len(parts) < len(pairs) or not all(parts.values()):
        raise Unfit("RRULE", "rule_invalid", f"{rule[:80]!r} is not a rule such as FREQ=WEEKLY;COUNT=8")
    if parts.get("FREQ") not in FREQUENCIES or FINER_PARTS & parts.keys():
        raise Unfit("RRULE", "rule_too_fine", "a rule repeats daily, weekly, monthly or yearly, not more often")
    if "COUNT" not in parts and "UNTIL" not in parts:
        raise Unfit("RRULE", "rule_endless", "a rule needs an end: COUNT, such as COUNT=8, or UNTIL")
    count, interval = parts.get("COUNT", "1"), parts.get("INTERVAL", "1")
    if not (count.isdecimal() and interval.isdecimal() and 1 <= int(interval[:9]) <= 1000 and int(count[:9]) >= 1):
        raise Unfit("RRULE", "rule_invalid", "COUNT and INTERVAL are whole numbers from 1, INTERVAL to 1,000")
    if int(count[:9]) > MAX_OCCURRENCES:
        raise Unfit("RRULE", "rule_too_long", f"a rule makes {MAX_OCCURRENCES} occurrences at most, not {count[:12]}")
    return parts


def _local_end(until: str, zone: str) -> str:
    """UNTIL as a naive local time: it is UTC where the start has a zone, and a bare date means all of that day."""
    try:
        if len(until) == len("20261231"):
            until += "T235959"
        if until.endswith("Z"):
            end = times.shown_in(zone, datetime.strptime(until, "%Y%m%dT%H%M%S%z"))
        else:
            end = datetime.strptime(until, "%Y%m%dT%H%M%S")  # noqa: DTZ007  local to `zone`, as the start is
    except (ValueError, OverflowError) as error:
        raise Unfit("RRULE", "rule_invalid", f"UNTIL={until[:20]} is not a time such as 20261231T145959Z") from error
    return end.strftime("%Y%m%dT%H%M%S")
