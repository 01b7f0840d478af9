"""Blocks of time: local and aware, whole days, rules; over clock changes, skipped and repeated times."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from events.errors import Invalid
from events.operations.blocks import Block, again, block, by_rule, whole_days

SEOUL, BERLIN, SAMOA = "Asia/Seoul", "Europe/Berlin", "Pacific/Apia"


def local(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_local_time_is_read_in_its_zone() -> None:
    assert block(starts=local(2026, 10, 6, 19), ends=local(2026, 10, 6, 21, 30), timezone=SEOUL) == Block(
        utc(2026, 10, 6, 10), utc(2026, 10, 6, 12, 30), SEOUL, date(2026, 10, 6), time(19)
    )


def test_an_aware_time_is_kept_as_utc_and_shown_in_the_zone() -> None:
    plus_two = timezone(timedelta(hours=2))

    made = block(starts=datetime(2026, 10, 6, 23, tzinfo=plus_two), ends=utc(2026, 10, 6, 22), timezone=SEOUL)

    assert made == Block(utc(2026, 10, 6, 21), utc(2026, 10, 6, 22), SEOUL, date(2026, 10, 7), time(6))
    assert made.starts_at.utcoffset() == timedelta(0)


def test_a_skipped_local_time_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        block(starts=local(2026, 3, 29, 2, 30), ends=local(2026, 3, 29, 4), timezone=BERLIN)

    assert (refusal.value.field, "does not exist" in refusal.value.message) == ("starts_at", True)


def test_a_repeated_local_time_is_the_first_one() -> None:
    made = block(starts=local(2026, 10, 25, 2, 30), ends=local(2026, 10, 25, 4), timezone=BERLIN)

    assert (made.starts_at, made.fold) == (utc(2026, 10, 25, 0, 30), 0)


def test_the_second_of_a_repeated_time_is_remembered_as_such() -> None:
    made = block(starts=utc(2026, 10, 25, 1, 30), ends=utc(2026, 10, 25, 3), timezone=BERLIN)

    assert (made.starts_local, made.fold) == (time(2, 30), 1)
    assert again(made) == made


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "field"),
    [
        (local(2026, 10, 6, 19), local(2026, 10, 6, 19), SEOUL, "ends_at"),
        (local(2026, 10, 6, 19), local(2026, 10, 6, 18), SEOUL, "ends_at"),
        (local(2026, 10, 6), local(2027, 10, 9), SEOUL, "ends_at"),
        (local(2026, 10, 6), local(2026, 10, 7), "Asia/Pusan", "timezone"),
        (utc(2026, 10, 6), utc(2026, 10, 7), "", "timezone"),
        (utc(2026, 10, 6), utc(2026, 10, 7), "../etc/passwd", "timezone"),
        (local(1, 1, 1), local(2026, 10, 7), SEOUL, "starts_at"),
        (local(1899, 12, 31), local(2026, 10, 7), SEOUL, "starts_at"),
        (local(9999, 12, 31, 23), local(9999, 12, 31, 23, 30), "America/New_York", "starts_at"),
    ],
)
def test_what_cannot_be_a_session_is_refused_by_name(starts: datetime, ends: datetime, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        block(starts=starts, ends=ends, timezone=zone)

    assert (refusal.value.status, refusal.value.field) == (400, field)


def test_whole_days_include_both_ends() -> None:
    assert whole_days(first=date(2026, 10, 6), last=date(2026, 10, 8), timezone=SEOUL) == Block(
        utc(2026, 10, 5, 15), utc(2026, 10, 8, 15), SEOUL, date(2026, 10, 6), time(), all_day=True
    )


@pytest.mark.parametrize(
    ("first", "last", "zone", "field"),
    [
        (date(2026, 10, 6), date(2026, 10, 5), SEOUL, "ends_at"),
        (date(2011, 12, 30), date(2011, 12, 30), SAMOA, "starts_at"),  # a day that Samoa skipped
        (date(2026, 10, 6), date.max, SEOUL, "starts_at"),
        (date(2026, 10, 6), date(2026, 10, 6), "Nowhere", "timezone"),
    ],
)
def test_whole_days_that_cannot_be_are_refused_by_name(first: date, last: date, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        whole_days(first=first, last=last, timezone=zone)

    assert refusal.value.field == field


def berlin_evening(day: date = date(2026, 10, 20)) -> Block:
    return block(
        starts=local(day.year, day.month, day.day, 19), ends=local(day.year, day.month, day.day, 21), timezone=BERLIN
    )


def test_a_weekly_rule_keeps_the_wall_time_over_a_clock_change() -> None:
    blocks = by_rule(first=berlin_evening(), rule="FREQ=WEEKLY;COUNT=3")

    assert [made.starts_at for made in blocks] == [utc(2026, 10, 20, 17), utc(2026, 10, 27, 18), utc(2026, 11, 3, 18)]
    assert {(made.starts_local, made.ends_at - made.starts_at) for made in blocks} == {(time(19), timedelta(hours=2))}


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", [20, 21, 22]),
        ("freq=weekly;byday=tu,th;count=4", [20, 22, 27, 29]),
        ("FREQ=DAILY;UNTIL=20261022", [20, 21, 22]),  # a date means its whole day
        ("FREQ=DAILY;UNTIL=20261022T190000", [20, 21, 22]),
        ("FREQ=DAILY;UNTIL=20261022T170000Z", [20, 21, 22]),  # 19:00 in Berlin
        ("FREQ=DAILY;UNTIL=20261022T165959Z", [20, 21]),
        ("FREQ=DAILY;INTERVAL=5;COUNT=3", [20, 25, 30]),
        ("FREQ=MONTHLY;BYDAY=3TU;COUNT=1", [20]),
        ("FREQ=WEEKLY;COUNT=1", [20]),
        ("FREQ=MONTHLY;BYMONTHDAY=-12;COUNT=2", [20, 19]),
    ],
)
def test_rules_mean_what_rfc_5545_says(rule: str, days: list[int]) -> None:
    assert [made.starts_on.day for made in by_rule(first=berlin_evening(), rule=rule)] == days


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "every Tuesday",
        "FREQ=WEEKLY",  # endless
        "FREQ=HOURLY;COUNT=3",
        "FREQ=SECONDLY;COUNT=3",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=1e3",
        "FREQ=DAILY;COUNT=367",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;COUNT=99999999999999999999999999",
        "FREQ=DAILY;INTERVAL=0;COUNT=3",
        "FREQ=DAILY;COUNT=3;UNTIL=20261231",
        "FREQ=DAILY;COUNT=3;BYHOUR=1,2,3",
        "FREQ=DAILY;COUNT=3;BYEASTER=1",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;UNTIL=20261019",  # before the first
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=YEARLY;COUNT=12",
        "FREQ=YEARLY;INTERVAL=9999999999;COUNT=2",
        "FREQ=WEEKLY;BYDAY=WE;COUNT=3",  # the first is a Tuesday
        "FREQ=WEEKLY;BYDAY=XX;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=99;COUNT=3",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",  # never
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20361231T000000",
        "FREQ=DAILY;BYDAY=TU;BYSETPOS=3;UNTIL=20361231T000000",
        "FREQ=YEARLY;BYMONTH=x;COUNT=2",
        "FREQ=DAILY;COUNT=3\nDTSTART:20200101T000000",
        "FREQ=DAILY;COUNT=3;EXDATE=20261021",
        "FREQ=DAILY;COUNT=3;FREQ",
    ],
)
def test_a_rule_that_is_none_or_never_ends_is_refused_at_once(rule: str) -> None:
    began = clock.perf_counter()

    with pytest.raises(Invalid) as refusal:
        by_rule(first=berlin_evening(), rule=rule)

    assert refusal.value.field == "rule"
    assert clock.perf_counter() - began < 1


def test_a_year_of_days_is_the_most_a_rule_gives() -> None:
    assert len(by_rule(first=berlin_evening(), rule="FREQ=DAILY;COUNT=366")) == 366


def test_an_occurrence_in_a_skipped_hour_is_refused() -> None:
    first = block(starts=local(2026, 3, 22, 2, 30), ends=local(2026, 3, 22, 3), timezone=BERLIN)

    with pytest.raises(Invalid) as refusal:
        by_rule(first=first, rule="FREQ=WEEKLY;COUNT=2")

    assert refusal.value.field == "rule"


def test_the_first_of_a_rule_stays_the_second_of_a_repeated_hour() -> None:
    first = block(starts=utc(2026, 10, 25, 1, 30), ends=utc(2026, 10, 25, 2), timezone=BERLIN)

    blocks = by_rule(first=first, rule="FREQ=DAILY;COUNT=2")

    assert (blocks[0], blocks[1].starts_at) == (first, utc(2026, 10, 26, 1, 30))


def test_all_day_blocks_repeat_as_whole_days_over_a_clock_change() -> None:
    first = whole_days(first=date(2026, 10, 17), last=date(2026, 10, 18), timezone=BERLIN)

    blocks = by_rule(first=first, rule="FREQ=WEEKLY;COUNT=3")

    assert blocks == [
        whole_days(
            first=first.starts_on + timedelta(weeks=week),
            last=first.starts_on + timedelta(weeks=week, days=1),
            timezone=BERLIN,
        )
        for week in range(3)
    ]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_days_of_23_and_25_hours_are_one_day(day: date) -> None:
    whole = whole_days(first=day, last=day + timedelta(days=1), timezone=BERLIN)

    assert again(whole) == whole
