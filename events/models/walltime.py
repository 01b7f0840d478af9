"""Wall time and UTC: what a written local time means in an IANA zone (RULES 18, 26)."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


class WallTimeError(ValueError):
    """The zone is unknown, or the clocks of that zone never show that time."""


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every IANA name of the tzdata package."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; WallTimeError names what is wrong."""
    if name not in known_zones():
        raise WallTimeError(f"{name[:64]!r} is not an IANA time zone such as Asia/Seoul")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:  # pragma: no cover - a name listed but unreadable
        raise WallTimeError(str(error)) from error


def to_utc(local: datetime, zone_name: str, *, fold: int = 0) -> datetime:
    """Aware UTC of a naive local time. A repeated time is the first (fold 0); a skipped one is a WallTimeError."""
    aware = local.replace(tzinfo=zone(zone_name), fold=fold)
    instant = aware.astimezone(UTC)
    if instant.astimezone(aware.tzinfo).replace(tzinfo=None) != local.replace(fold=0):
        raise WallTimeError(f"{local:%Y-%m-%d %H:%M} does not exist in {zone_name}: clocks skip it")
    return instant


def to_local(instant: datetime, zone_name: str) -> tuple[date, time, int]:
    """(local date, local time, fold) of an aware instant; what `to_utc` turns back into it."""
    local = instant.astimezone(zone(zone_name))
    return local.date(), local.time().replace(tzinfo=None, fold=0), local.fold


def day_start(day: date, zone_name: str) -> datetime:
    """The first instant of a local day, in UTC; where clocks skip midnight, the first one that exists."""
    local = datetime.combine(day, time())
    for minutes in range(0, 181, 15):
        try:
            return to_utc(local + timedelta(minutes=minutes), zone_name)
        except WallTimeError:
            continue
    raise WallTimeError(f"{day} does not exist in {zone_name}")  # a day skipped as a whole (Samoa 2011)
