"""The example of the guide "Keep a full copy", run as it stands there against a server."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from events.models import SYSTEM, Programme, ScheduleVersion
from events.operations import planning, publishing, replanning, sequencing
from tests import factories
from tests.api.copying import SEATS, fresh

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "keep_a_copy.py"
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="examples: once is enough, on SQLite")


@pytest.fixture(scope="module")
def example() -> ModuleType:
    described = importlib.util.spec_from_file_location("keep_a_copy", EXAMPLE)
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


@pytest.fixture
def programme(transactional_db: None) -> Programme:
    """Five events of one session."""
    now = timezone.now()
    made = factories.programme(now=now)
    for number in range(5):
        factories.event(f"Event {number}", of=made, capacity=5, now=now)
    return made


class Keeper:
    """A copy in a file, a few rows a page."""

    def __init__(self, example: ModuleType, service: str, path: Path) -> None:
        self.example, self.service, self.path = example, service, path
        self.copy = self.begin()

    def begin(self) -> Any:
        return self.example.Copy(self.service, str(self.path), lang="en", page_size=3)

    def restart(self) -> None:
        self.copy.close()
        self.copy = self.begin()

    def rows(self, statement: str) -> list[Any]:
        return [json.loads(row[0]) for row in self.copy.database.execute(statement)]

    def holds(self) -> dict[str, list[Any]]:
        return {
            "events": self.rows("SELECT body FROM things WHERE type = 'event' ORDER BY slug"),
            "sessions": self.rows("SELECT body FROM things WHERE type = 'session' ORDER BY uid"),
        }

    def seats(self) -> dict[str, list[int]]:
        return {row["event"]: [row[name] for name in SEATS] for row in self.rows("SELECT body FROM seats")}


@pytest.fixture
def keeper(example: ModuleType, live_server: LiveServer, programme: Programme, tmp_path: Path) -> Iterator[Keeper]:
    keeper = Keeper(example, live_server.url, tmp_path / "copy.sqlite3")
    yield keeper
    keeper.copy.close()


def lists() -> dict[str, list[Any]]:
    return fresh(APIClient(HTTP_ACCEPT_LANGUAGE="en"))


def listed_seats() -> dict[str, list[int]]:
    events = APIClient().get("/api/v1/events/?page_size=200").json()["results"]
    return {event["slug"]: [event[name] for name in SEATS] for event in events}


def test_it_has_all_and_then_every_change_for_the_price_of_two_304s(keeper: Keeper, programme: Programme) -> None:
    now = timezone.now()
    first, second, third = programme.events.order_by("pk")[:3]
    keeper.copy.follow()
    assert (keeper.holds(), keeper.seats()) == (lists(), listed_seats())

    planning.amend_event(event=first, fields={"title_en": "New title"}, actor=SYSTEM, now=now)
    publishing.unpublish(event=second, actor=SYSTEM, now=now)
    publishing.cancel(event=third, reason="The wall is broken", actor=SYSTEM, now=now)
    replanning.apply(programme=programme, asked=replanning.Later(minutes=30), actor=SYSTEM, now=now)
    factories.register(first, 1, now=now)
    sequencing.number_all()
    keeper.copy.follow()
    assert (keeper.holds(), keeper.seats()) == (lists(), listed_seats())
    assert [len(rows) for rows in keeper.holds().values()] == [4, 4]

    keeper.copy.follow()
    keeper.restart()
    told = keeper.copy.follow()

    assert (told, keeper.copy.requests, keeper.copy.unchanged) == ((0, 0), 2, 2)


def test_cut_off_between_two_pages_it_goes_on_and_misses_nothing(
    keeper: Keeper, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ETag of a first page must not stand for the whole: the next poll would be told that nothing is new."""
    real = keeper.example.urlopen
    for part in ("changes/", "availability/"):

        def cut(request: Any, part: str = part, **options: Any) -> Any:
            if part in request.full_url and "cursor=" in request.full_url:
                raise ConnectionResetError
            return real(request, **options)

        with monkeypatch.context() as broken:
            broken.setattr(keeper.example, "urlopen", cut)
            with pytest.raises(ConnectionResetError):
                keeper.copy.follow()
        keeper.restart()  # what was not stored is gone

    keeper.copy.follow()

    assert (keeper.holds(), keeper.seats()) == (lists(), listed_seats())


def test_what_the_service_lost_begins_anew(keeper: Keeper, programme: Programme) -> None:
    factories.register(programme.events.get(slug="event-0"), 1, now=timezone.now())
    sequencing.number_all()
    keeper.copy.follow()
    keeper.copy.keep("version", 999_999_999)
    keeper.copy.keep("mark", "999999999.999999999")
    keeper.copy.database.execute("INSERT INTO things VALUES ('lost', 'event', 'lost', '{}')")
    keeper.copy.database.execute("INSERT INTO seats VALUES ('lost', 'lost', '{}')")
    keeper.copy.database.commit()

    keeper.copy.follow()

    assert (keeper.holds(), keeper.seats()) == (lists(), listed_seats())
    assert keeper.copy.known("version") == str(ScheduleVersion.objects.get().number)


def test_as_a_program_it_says_what_it_did(keeper: Keeper) -> None:
    def run(service: str) -> tuple[int, str, str]:
        command = [sys.executable, str(EXAMPLE), service, str(keeper.path), "--lang", "en"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr[:8]

    first, second, gone = run(keeper.service), run(keeper.service), run("http://127.0.0.1:9")

    version = ScheduleVersion.objects.get().number
    assert first == (0, f"version {version}: 10 things and the seats of 5 events told anew\n", "")
    assert second == (0, f"version {version}: 0 things and the seats of 0 events told anew\n", "")
    assert gone == (1, "", "not now:")
