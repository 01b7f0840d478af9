"""Wall time in every zone: there and back again, over every clock change of seven years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.models.walltime import WallTimeError, day_start, known_zones, to_local, to_utc, zone

ZONES = sorted(known_zones())


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_every_instant_is_found_again_from_its_wall_time(name: str, instant: datetime) -> None:
    day, clock, fold = to_local(instant, name)

    assert to_utc(datetime.combine(day, clock), name, fold=fold) == instant


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza"]
)
def test_ten_o_clock_stays_ten_o_clock_over_every_clock_change(name: str) -> None:
    for number in range(7 * 366):
        noon = datetime(2024, 1, 1, 10) + timedelta(days=number)

        assert to_local(to_utc(noon, name), name)[:2] == (noon.date(), noon.time())


@pytest.mark.parametrize("name", ["Asia/Pusan", "", "Seoul", "../../etc/passwd", "asia/seoul", "UTC+9", "x" * 200])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(WallTimeError):
        zone(name)


@pytest.mark.parametrize(
    ("day", "name", "starts"),
    [
        (date(2026, 10, 6), "Asia/Seoul", datetime(2026, 10, 5, 15, tzinfo=UTC)),
        (date(2018, 11, 4), "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),  # midnight was skipped
        (date(2026, 10, 25), "Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC)),
    ],
)
def test_a_day_begins_with_its_first_instant(day: date, name: str, starts: datetime) -> None:
    assert day_start(day, name) == starts
