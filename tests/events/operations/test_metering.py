"""How much keys are used: counted without a statement, added up over processes and threads, lost by nobody's fault."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError

from events.models import ApiKey, ApiKeyUsage
from events.operations import keying, metering
from events.operations.metering import Meter
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
TODAY = date(2026, 10, 1)


@pytest.fixture
def key() -> ApiKey:
    """As a request finds it."""
    key = keying.key_of(secret=factories.key(factories.organization()), now=NOW)
    assert key is not None
    return key


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Goes over to the meter of another process."""
    return lambda: monkeypatch.setattr(metering, "meter", Meter())


def stored() -> list[tuple[date, int, int, int]]:
    rows = ApiKeyUsage.objects.order_by("key", "day")
    return list(rows.values_list("day", "requests", "refused", "registrations"))


def test_counting_takes_no_statement_and_is_written_down_after_a_minute(
    key: ApiKey, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        due = [metering.count(key=key, now=NOW + after) for after in (0 * MINUTE, 0.9 * MINUTE, 1 * MINUTE)]

    assert due == [False, False, True]
    metering.write_down(now=NOW)
    assert stored() == [(TODAY, 3, 0, 0)]
    assert metering.count(key=key, now=NOW + 2 * MINUTE) is False  # a minute begins with its first request


def test_processes_add_up(key: ApiKey, elsewhere: Callable[[], None]) -> None:
    for _process in range(3):
        elsewhere()
        metering.count(key=key, now=NOW, is_refused=True)
        metering.count(key=key, now=NOW, registrations=4)
        metering.write_down(now=NOW)
        metering.write_down(now=NOW)

    assert stored() == [(TODAY, 6, 3, 12)]


def test_days_are_those_of_the_organization(key: ApiKey) -> None:
    midnight = NOW.replace(hour=15)  # in Seoul

    for at in (midnight - MINUTE, midnight):
        metering.count(key=key, now=at)
    metering.write_down(now=midnight)

    assert stored() == [(TODAY, 1, 0, 0), (TODAY + timedelta(days=1), 1, 0, 0)]


def test_threads_lose_nothing(key: ApiKey) -> None:
    def work() -> None:
        for _request in range(2_000):
            metering.count(key=key, now=NOW)

    threads = [Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metering.write_down(now=NOW)

    assert stored() == [(TODAY, 8_000, 0, 0)]


def test_a_database_that_is_busy_costs_no_count(key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*args: Any) -> None:
        raise OperationalError("database is locked")

    metering.count(key=key, now=NOW, registrations=1)
    with monkeypatch.context() as patch:
        patch.setattr(metering, "_add", busy)
        metering.write_down(now=NOW)
    metering.count(key=key, now=NOW)
    metering.write_down(now=NOW)

    assert stored() == [(TODAY, 2, 0, 1)]


def test_a_fork_begins_with_nothing(key: ApiKey) -> None:
    metering.count(key=key, now=NOW)

    child = os.fork()
    if child == 0:
        os._exit(len(metering.meter.take()))
    _pid, status = os.waitpid(child, 0)

    assert (os.waitstatus_to_exitcode(status), len(metering.meter.take())) == (0, 1)


def test_what_is_older_than_a_year_is_forgotten(key: ApiKey) -> None:
    for days in (399, 401):
        ApiKeyUsage.objects.create(key=key, day=TODAY - timedelta(days=days), requests=1)

    assert (metering.forget_old(now=NOW), ApiKeyUsage.objects.get().day) == (1, TODAY - timedelta(days=399))
