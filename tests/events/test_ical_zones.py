"""VTIMEZONE blocks against zoneinfo: every zone, from 2010 to 2037, as other people's programs read them."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical
from ical.calendar_stream import IcsCalendarStream

from events import ical
from tests.calendar_entries import workshop
from tests.calendar_oracles import assert_sound

HOUR = timedelta(hours=1)
# Their clocks change on no plain weekday ("the Friday after the fourth Thursday", "the night before a Sunday").
WITHOUT_BLOCK = {
    "Africa/Cairo",
    "America/Godthab",
    "America/Nuuk",
    "America/Santiago",
    "America/Scoresbysund",
    "Asia/Gaza",
    "Asia/Hebron",
    "Asia/Jerusalem",
    "Asia/Tel_Aviv",
    "Chile/Continental",
    "Egypt",
    "Israel",
}

BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
"""

SEOUL = """\
BEGIN:VTIMEZONE
TZID:Asia/Seoul
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
TZNAME:KST
END:STANDARD
END:VTIMEZONE
"""


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc]


def zone_at(name: str, start: datetime, fold: int = 0) -> str | None:
    return ical.zone_of(name, start, start + HOUR, fold)


def blocks() -> list[str]:
    return sorted(available_timezones() - WITHOUT_BLOCK)


@cache
def transitions(name: str) -> list[datetime]:
    """The instants between 2010 and 2037 at which the zone's offset changes, found by halving."""
    zone = ZoneInfo(name)

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(zone).utcoffset()

    found = []
    steps = [at(2010, 1, 1) + timedelta(days=10 * step) for step in range(28 * 365 // 10 + 1)]
    for low, high in pairwise(steps):
        if offset(low) == offset(high):
            continue
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) / 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        found.append(high.replace(second=0, microsecond=0))
    return found


def instants(name: str) -> list[datetime]:
    """Every January and July, and both sides of every change of the clocks."""
    seasons = [at(year, month, 15, 3, 30) for year in range(2010, 2038) for month in (1, 7)]
    around = [timedelta(hours=hours) for hours in (-30, -3, -1.5, -0.5, -1 / 60, 0, 0.5, 1.5, 3, 30)]
    return seasons + [change + distance for change in transitions(name) for distance in around]


@cache
def distinct_zones() -> dict[bytes, str]:
    """One name for each distinct compiled zone of the wheel, a name with a place where there is one."""
    compiled: dict[bytes, str] = {}
    for name in sorted(available_timezones(), key=lambda name: ("/" in name, not name.startswith("Etc/"), name)):
        compiled[files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()] = name
    return compiled


def checked_zones() -> list[str]:
    return sorted(name for name in distinct_zones().values() if "/" in name and not name.startswith("Etc/"))


def checked_blocks() -> list[str]:
    return sorted(set(checked_zones()) - WITHOUT_BLOCK)


def read_by_dateutil(name: str) -> tzinfo:
    return tzical(io.StringIO(ical.vtimezone(name).decode())).get()


def test_a_zone_with_summer_time_is_these_bytes() -> None:
    assert ical.vtimezone("Europe/Berlin") == BERLIN.replace("\n", "\r\n").encode()


def test_a_zone_without_summer_time_is_these_bytes() -> None:
    assert ical.vtimezone("Asia/Seoul") == SEOUL.replace("\n", "\r\n").encode()


def test_the_zones_without_a_block_are_these() -> None:
    refused = set()
    for name in available_timezones():
        try:
            ical.vtimezone(name)
        except ValueError:
            refused.add(name)

    assert refused == WITHOUT_BLOCK


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../zones", "Asia/../Asia/Seoul", "Asia", "asia/seoul", "Asia/Seoul\n"]
)
def test_what_is_no_zone_has_no_block_and_is_written_in_utc(name: str) -> None:
    with pytest.raises(ValueError, match="is no zone"):
        ical.vtimezone(name)

    assert zone_at(name, at(2026, 10, 8, 1)) is None


def test_every_block_is_what_outlook_reads() -> None:
    """One STANDARD, at most one DAYLIGHT ahead of it in time, RRULE with one BYDAY, nothing listed (MS-OXCICAL)."""
    rule = r"RRULE:FREQ=YEARLY;BYDAY=(?:-1|[1-4])(?:SU|MO|TU|WE|TH|FR|SA);BYMONTH=(?:[1-9]|1[0-2])\r\n"
    part = r"DTSTART:1970\d{4}T\d{6}\r\nTZOFFSETFROM:([+-]\d{4})\r\nTZOFFSETTO:([+-]\d{4})\r\nTZNAME:[A-Za-z0-9+-]+\r\n"
    block = re.compile(
        r"BEGIN:VTIMEZONE\r\nTZID:[\w/+-]+\r\n"
        rf"(?:BEGIN:DAYLIGHT\r\n{part}{rule}END:DAYLIGHT\r\n)?"
        rf"BEGIN:STANDARD\r\n{part}(?:{rule})?END:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    for name in blocks():
        matched = block.fullmatch(ical.vtimezone(name).decode())

        assert matched, name
        daylight_from, daylight_to, standard_from, standard_to = matched.groups()
        if daylight_from:
            assert (daylight_from, daylight_to) == (standard_to, standard_from), name
            assert int(daylight_to) > int(standard_to), name
        else:
            assert standard_from == standard_to, name
            assert b"RRULE" not in ical.vtimezone(name), name


def test_other_names_of_a_zone_have_the_same_rule() -> None:
    for name in blocks():
        original = distinct_zones()[files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()]

        block = ical.vtimezone(original).replace(f"TZID:{original}\r\n".encode(), f"TZID:{name}\r\n".encode())
        assert ical.vtimezone(name) == block


def test_every_instant_of_every_zone_is_read_back_by_dateutil() -> None:
    """Whatever is written as a wall time comes back as the instant that it was."""
    checked = 0
    for name in checked_blocks():
        read, zone = read_by_dateutil(name), ZoneInfo(name)
        for instant in instants(name):
            if zone_at(name, instant) is None:
                continue
            for moment in (instant, instant + HOUR):
                wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
                assert wall.replace(tzinfo=read).astimezone(UTC) == moment, (name, moment)
            checked += 1

    assert checked > 50_000


def test_zones_without_a_block_are_always_written_in_utc() -> None:
    written = {zone_at(name, instant) for name in WITHOUT_BLOCK for instant in instants(name)}

    assert written == {None}


def test_a_second_reader_agrees_about_zones_of_each_rule() -> None:
    """The parser of `ical` evaluates blocks by itself; under an invented TZID it has nothing else to go by.

    Only blocks with summer time: it takes a STANDARD without RRULE for nothing, from which a known TZID saves it.
    """
    for name in one_for_each_rule():
        zone = ZoneInfo(name)
        chosen = [start for start in instants(name) if start.year in (2012, 2026, 2036) and zone_at(name, start)]
        for start, read in zip(chosen, starts_read_by_ical(name, chosen), strict=True):
            assert read == start, (name, start.astimezone(zone))


def one_for_each_rule() -> list[str]:
    written = {name: re.sub(rb"TZID:.*\r\n|TZNAME:.*\r\n", b"", ical.vtimezone(name)) for name in checked_blocks()}
    return sorted({block: name for name, block in written.items() if b"DAYLIGHT" in block}.values())


def starts_read_by_ical(name: str, starts: list[datetime]) -> Iterator[datetime]:
    zone = ZoneInfo(name)
    entries = "".join(
        f"BEGIN:VEVENT\r\nUID:{number:06}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=Invented:{start.astimezone(zone):%Y%m%dT%H%M%S}\r\nEND:VEVENT\r\n"
        for number, start in enumerate(starts)
    )
    block = ical.vtimezone(name).decode().replace(f"TZID:{name}\r\n", "TZID:Invented\r\n")
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{block}{entries}END:VCALENDAR\r\n"
    for event in IcsCalendarStream.calendar_from_ics(calendar).events:
        assert isinstance(event.dtstart, datetime)
        yield event.dtstart.astimezone(UTC)


def test_zones_with_a_rule_use_it_except_in_the_repeated_hour() -> None:
    """The other half of the guarantee: writing everything in UTC would fail here.

    Looked at from 2030 on, when what governments have announced for single years (Cuba, 2027) is over.
    """
    for name in checked_blocks():
        zone = ZoneInfo(name)
        for instant in instants(name):
            if instant.year >= 2030:
                twice = is_repeated(instant, zone) or is_repeated(instant + HOUR, zone)
                assert (zone_at(name, instant) is None) is twice, (name, instant)


def is_repeated(instant: datetime, zone: ZoneInfo) -> bool:
    local = instant.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@pytest.mark.parametrize(
    ("name", "start", "written"),
    [
        ("Asia/Seoul", at(2014, 8, 30, 1), "Asia/Seoul"),
        ("Asia/Seoul", at(1988, 7, 1), None),  # summer time of the Olympic year
        ("Europe/Moscow", at(2013, 7, 1), None),  # UTC+4 until October 2014
        ("Europe/Moscow", at(2026, 7, 1), "Europe/Moscow"),
        ("America/Sao_Paulo", at(2016, 1, 15), None),  # summer time was abolished in 2019
        ("America/Chicago", at(2013, 3, 20), "America/Chicago"),
        ("Africa/Casablanca", at(2025, 7, 1), None),  # an hour ahead but for Ramadan, until 2026
        ("Africa/Casablanca", at(2025, 3, 10), "Africa/Casablanca"),  # Ramadan
        ("Africa/Cairo", at(2026, 1, 15), None),
        ("Europe/Dublin", at(2026, 1, 15), "Europe/Dublin"),
        ("UTC", at(2026, 1, 15), None),
        ("CET", at(2026, 1, 15), None),
        ("Etc/GMT-9", at(2026, 1, 15), None),
        ("Europe/Moscow", at(2014, 10, 25, 22, 30), None),  # 01:30 for the second time, and the new rule fits
        ("Europe/Moscow", at(2014, 10, 25, 23, 30), "Europe/Moscow"),
        ("America/New_York", at(1970, 2, 1), None),  # before the first change of its block
        ("America/New_York", at(1975, 2, 1), "America/New_York"),
        ("Europe/Berlin", at(9999, 12, 31), None),
    ],
)
def test_an_entry_is_written_in_its_zone_or_in_utc(name: str, start: datetime, written: str | None) -> None:
    end = min(start + HOUR, at(9999, 12, 31, 23)) if start.year == 9999 else start + HOUR

    assert ical.zone_of(name, start, end) == written


def test_neither_of_two_equal_wall_times_is_written_as_one() -> None:
    """Clocks go back from 03:00 to 02:00 at 01:00 UTC: 02:30 comes at 00:30 and again at 01:30 UTC."""
    before, first, second, after = (at(2026, 10, 24, 23, 30) + number * HOUR for number in range(4))

    assert [
        ical.zone_of("Europe/Berlin", start, start + timedelta(minutes=15)) for start in (before, first, second, after)
    ] == [
        "Europe/Berlin",
        None,
        None,
        "Europe/Berlin",
    ]
    assert ical.zone_of("Europe/Berlin", before, second) is None
    assert ical.zone_of("Europe/Berlin", before, after) == "Europe/Berlin"


def test_a_second_wall_time_said_by_its_fold_is_written_in_utc() -> None:
    assert zone_at("Asia/Seoul", at(2026, 10, 8), fold=1) is None


@pytest.mark.parametrize(
    "name", ["Europe/Dublin", "Australia/Lord_Howe", "Pacific/Chatham", "America/Havana", "Asia/Beirut"]
)
def test_parsers_agree_about_entries_on_both_sides_of_a_change(name: str) -> None:
    starts = [instant for instant in instants(name) if instant.year == 2026]
    for start in starts:
        entry = workshop(timezone=name, starts_at=start, ends_at=start + 3 * HOUR)

        [(_, starts_at, ends_at, _, _)] = assert_sound(ical.one_event(entry))

        assert (starts_at, ends_at) == (start, start + 3 * HOUR)
