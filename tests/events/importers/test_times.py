"""Written times in zones: both nights of the clock change, all days, and their limits."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.importers import times
from events.importers.entries import Unfit
from events.models import walltime
from tests.events.importers.schedules import utc


def test_a_repeated_local_time_is_the_first() -> None:
    span = times.span(datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 4), zone="Europe/Berlin")

    assert (span.starts_at, span.ends_at) == (utc("2026-10-25T00:30"), utc("2026-10-25T03:00"))


def test_a_day_without_a_midnight_begins_at_its_first_instant() -> None:
    span = times.span(date(2018, 11, 4), date(2018, 11, 5), zone="America/Sao_Paulo")

    assert (span.starts_at, span.ends_at, span.all_day) == (utc("2018-11-04T03:00"), utc("2018-11-05T02:00"), True)


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "field", "code"),
    [
        (datetime(2026, 1, 1), datetime(2026, 1, 2), None, "timezone", "timezone_missing"),
        (datetime(2026, 1, 1), datetime(2026, 1, 2), "KST", "timezone", "timezone_unknown"),
        (datetime(2026, 1, 1), datetime(2026, 1, 2), "../etc/passwd", "timezone", "timezone_unknown"),
        (datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 30), "Europe/Berlin", "starts", "time_skipped"),
        (datetime(2026, 1, 1), datetime(2026, 1, 1), "UTC", "ends", "ends_before_start"),
        (datetime(2026, 1, 1), datetime(2027, 1, 3), "UTC", "ends", "out_of_range"),
        (datetime(9999, 12, 31, 23), datetime(9999, 12, 31, 23), "America/New_York", "starts", "out_of_range"),
        (date.min, date.max, "Asia/Seoul", "starts", "out_of_range"),
        (date.max, date.max, "America/New_York", "starts", "out_of_range"),
    ],
)
def test_a_span_that_cannot_be_is_refused(starts: date, ends: date, zone: str | None, field: str, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        times.span(starts, ends, zone=zone)

    assert (unfit.value.field, unfit.value.code) == (field, code)


@given(
    moment=st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)).map(
        lambda one: one.replace(second=0, microsecond=0)
    ),
    zone=st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]),
)
def test_local_times_mean_the_same_here_and_in_the_models(moment: datetime, zone: str) -> None:
    try:
        expected = walltime.to_utc(moment, zone)
    except walltime.WallTimeError:
        with pytest.raises(Unfit):
            times.instant(moment, zone, "starts")
        return

    assert times.instant(moment, zone, "starts") == expected


@given(moment=st.datetimes(datetime(1971, 1, 1), datetime(2098, 1, 1), timezones=st.just(UTC)))
def test_an_instant_is_never_moved(moment: datetime) -> None:
    span = times.span(
        moment.astimezone(ZoneInfo("Europe/Berlin")), moment + timedelta(hours=1), zone="America/New_York"
    )

    assert (span.starts_at, span.ends_at) == (moment, moment + timedelta(hours=1))
