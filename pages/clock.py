"""Dates and times as people read them: local to the place, in the language of the page, the zone said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from events.models import Session


@dataclass(frozen=True, slots=True)
class Times:
    """One block of time in words. The `..._iso` texts go into <time datetime>; `ends_day` is empty on the same day."""

    day: str
    day_iso: str
    starts: str
    starts_iso: str
    ends: str
    ends_iso: str
    ends_day: str
    zone: str
    zone_in_full: str


def times(session: Session) -> Times:
    """When a session is, on the clocks of its own place."""
    local = ZoneInfo(session.timezone)
    starts, ends = session.starts_at.astimezone(local), session.ends_at.astimezone(local)
    last = (ends - timedelta(microseconds=1)).date()
    return Times(
        day=day(session.starts_on),
        day_iso=session.starts_on.isoformat(),
        starts=_("All day") if session.all_day else f"{starts:%H:%M}",
        starts_iso=session.starts_on.isoformat() if session.all_day else starts.isoformat(),
        ends="" if session.all_day else f"{ends:%H:%M}",
        ends_iso=last.isoformat() if session.all_day else ends.isoformat(),
        ends_day=day(last) if last > session.starts_on else "",
        zone=zone(starts),
        zone_in_full=f"{session.timezone}, {offset(starts)}",
    )


def day(value: date) -> str:
    """ "Thursday 3 December 2026" or "2026년 12월 3일 목요일"."""
    return formatted(value, pgettext("format of a date", "l j F Y"))


def moment(value: datetime, timezone: str) -> str:
    """A day and a time in that zone, the zone said."""
    local = value.astimezone(ZoneInfo(timezone))
    return f"{day(local.date())} {local:%H:%M} {zone(local)}"


def length(minutes: int) -> str:
    """ "2 days", "24 hours", "30 minutes": in the largest unit that needs no fraction; a single day is 24 hours."""
    if minutes % 1_440 == 0 and minutes > 1_440:
        days = minutes // 1_440
        return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}


def zone(local: datetime) -> str:
    """The short name that people know (KST), or the offset where a zone has none."""
    name = local.tzname() or ""
    return name if name.isalpha() else offset(local)


def offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"
