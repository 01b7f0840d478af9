"""Blocks of time: what a written time means, and what a rule repeats."""

from datetime import UTC, date, datetime

import pytest

from events.errors import Invalid
from events.operations import blocks

MONDAY = blocks.block(starts=datetime(2026, 11, 23, 10), ends=datetime(2026, 11, 23, 12), timezone="Asia/Seoul")


def days(rule: str, first: blocks.Block = MONDAY) -> list[str]:
    return [f"{block.starts_on:%m-%d}" for block in blocks.by_rule(first=first, rule=rule)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=3", ["11-23", "11-30", "12-07"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["11-23", "11-25", "11-30"]),
        ("FREQ=MONTHLY;BYDAY=4MO;COUNT=2", ["11-23", "12-28"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-8;COUNT=2", ["11-23", "12-24"]),
        ("FREQ=DAILY;UNTIL=20261125", ["11-23", "11-24", "11-25"]),
        ("FREQ=DAILY;UNTIL=20261125T005959Z", ["11-23", "11-24"]),
    ],
)
def test_a_rule_becomes_the_days_it_says(rule: str, expected: list[str]) -> None:
    assert days(rule) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY",
        "FREQ=HOURLY;COUNT=2",
        "FREQ=WEEKLY;COUNT=1000000000",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;BYHOUR=3;COUNT=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20361231T000000",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=3;UNTIL=20361231T000000",
        "FREQ=YEARLY;BYMONTH=x;COUNT=2",
        "FREQ=WEEKLY;BYDAY=TU;COUNT=2",
        "FREQ=YEARLY;COUNT=30",
        "every Tuesday",
        "",
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_by_its_field(rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        blocks.by_rule(first=MONDAY, rule=rule)

    assert refused.value.field == "rule"


def test_a_rule_keeps_the_wall_time_when_clocks_change() -> None:
    first = blocks.block(starts=datetime(2026, 10, 18, 10), ends=datetime(2026, 10, 18, 12), timezone="Europe/Berlin")

    repeated = blocks.by_rule(first=first, rule="FREQ=WEEKLY;COUNT=2")

    assert [block.starts_at for block in repeated] == [
        datetime(2026, 10, 18, 8, tzinfo=UTC),
        datetime(2026, 10, 25, 9, tzinfo=UTC),
    ]


def test_a_skipped_time_is_refused_and_a_repeated_one_is_the_first() -> None:
    with pytest.raises(Invalid) as refused:
        blocks.block(starts=datetime(2026, 3, 29, 2, 30), ends=datetime(2026, 3, 29, 4), timezone="Europe/Berlin")
    repeated = blocks.block(
        starts=datetime(2026, 10, 25, 2, 30), ends=datetime(2026, 10, 25, 4), timezone="Europe/Berlin"
    )

    assert refused.value.field == "starts_at"
    assert (repeated.starts_at, repeated.fold) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 0)


def test_whole_days_cover_their_last_day() -> None:
    block = blocks.whole_days(first=date(2026, 12, 25), last=date(2026, 12, 26), timezone="Asia/Seoul")

    assert (block.starts_at, block.ends_at) == (
        datetime(2026, 12, 24, 15, tzinfo=UTC),
        datetime(2026, 12, 26, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize("ends", [datetime(2026, 11, 23, 10), datetime(2026, 11, 23, 9), datetime(2028, 1, 1)])
def test_a_session_ends_after_it_starts_and_within_a_year(ends: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        blocks.block(starts=datetime(2026, 11, 23, 10), ends=ends, timezone="Asia/Seoul")

    assert refused.value.field == "ends_at"
