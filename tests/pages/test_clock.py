"""Dates and times as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from events.models import Session
from events.operations.blocks import block, whole_days
from pages import clock


def session(starts: datetime, length: timedelta, timezone: str) -> Session:
    moment = block(starts=starts, ends=starts + length, timezone=timezone)
    return Session(starts_at=moment.starts_at, ends_at=moment.ends_at, timezone=timezone, starts_on=moment.starts_on)


@pytest.mark.parametrize(("language", "words"), [("ko", "2026년 12월 3일 목요일"), ("en", "Thursday 3 December 2026")])
def test_a_day_is_told_in_the_language_of_the_page(language: str, words: str) -> None:
    with translation.override(language):
        assert clock.day(date(2026, 12, 3)) == words


def test_times_are_those_of_the_place() -> None:
    with translation.override("en"):
        shown = clock.times(session(datetime(2026, 12, 3, 15, 30, tzinfo=UTC), timedelta(hours=2), "Asia/Seoul"))

    assert shown == clock.Times(
        day="Friday 4 December 2026", day_iso="2026-12-04",
        starts="00:30", starts_iso="2026-12-04T00:30:00+09:00",
        ends="02:30", ends_iso="2026-12-04T02:30:00+09:00", ends_day="",
        zone="KST", zone_in_full="Asia/Seoul, UTC+09:00",
    )  # fmt: skip


def test_a_night_says_on_which_day_it_ends() -> None:
    with translation.override("en"):
        night = clock.times(session(datetime(2026, 12, 3, 13, 0, tzinfo=UTC), timedelta(hours=5), "Asia/Seoul"))
        midnight = clock.times(session(datetime(2026, 12, 3, 13, 0, tzinfo=UTC), timedelta(hours=2), "Asia/Seoul"))

    assert (night.ends, night.ends_day) == ("03:00", "Friday 4 December 2026")
    assert (midnight.ends, midnight.ends_day) == ("00:00", "")


def test_a_zone_without_a_name_is_told_by_its_offset() -> None:
    shown = clock.times(session(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), timedelta(hours=1), "America/Sao_Paulo"))

    assert (shown.zone, shown.zone_in_full) == ("UTC-03:00", "America/Sao_Paulo, UTC-03:00")


def test_days_without_hours_have_none() -> None:
    days = whole_days(first=date(2026, 12, 3), last=date(2026, 12, 4), timezone="Asia/Seoul")
    row = Session(
        starts_at=days.starts_at, ends_at=days.ends_at, timezone="Asia/Seoul", starts_on=days.starts_on, all_day=True
    )

    with translation.override("ko"):
        shown = clock.times(row)

    assert (shown.starts, shown.ends, shown.ends_day) == ("종일", "", "2026년 12월 4일 금요일")
    assert (shown.starts_iso, shown.ends_iso) == ("2026-12-03", "2026-12-04")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (30, "30 minutes"), (60, "1 hour"), (90, "90 minutes"), (1_440, "24 hours"), (2_880, "2 days")],
)
def test_a_length_is_told_in_the_largest_whole_unit(minutes: int, words: str) -> None:
    with translation.override("en"):
        assert clock.length(minutes) == words
