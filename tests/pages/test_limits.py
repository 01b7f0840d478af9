"""Approximate limits: whom they count together, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from api.throttling import block_of
from pages import limits

NOW = datetime(2026, 10, 1, 3, 0, 0, tzinfo=UTC)


def tries(number: int, *, who: str = "somebody", now: datetime = NOW) -> list[bool]:
    return [limits.within(what="trying", who=who, most=2, seconds=60, now=now) for _ in range(number)]


def test_so_many_in_each_stretch_of_time_and_for_each_by_themselves() -> None:
    assert tries(3) == [True, True, False]
    assert tries(1, who="somebody-else") == [True]
    assert tries(1, now=NOW + timedelta(seconds=59)) == [False]
    assert tries(1, now=NOW + timedelta(seconds=60)) == [True]


def test_benchmarks_may_switch_them_off(settings: Settings) -> None:
    settings.RATE_LIMITS = False

    assert tries(5) == [True] * 5


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "block"),
    [
        ("198.51.100.7", "", 0, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", 0, "198.51.100.7"),  # anybody can write that header
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "192.0.2.1, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("unix:", "", 0, "unknown"),
    ],
)
def test_an_address_block_is_what_a_household_has(
    settings: Settings, remote: str, forwarded: str, proxies: int, block: str
) -> None:
    settings.PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    request = RequestFactory().post("/", REMOTE_ADDR=remote, **headers)

    assert limits.address_block(request) == block


@pytest.mark.parametrize(
    "address", ["198.51.100.7", "2001:db8:1:2:3:4:5:6", "::ffff:192.0.2.1", "fe80::1%eth0", "unix:", ""]
)
def test_pages_and_api_count_the_same_callers_together(address: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=address)

    assert limits.address_block(request) == block_of(address)
