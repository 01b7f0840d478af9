"""A stranger's judge: schemathesis calls the API as its schema allows, and as it does not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests import factories

SECONDS = int(os.environ.get("CALLBOARD_TEST_FUZZING_SECONDS", "70"))
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def furnished(transactional_db: None, settings: Any) -> str:
    """A little of everything, and the key of its owner."""
    settings.RATE_LIMITS = False
    now = timezone.now()
    ours = factories.organization("Ours", now=now)
    programme = factories.programme("BIFF Workshops", of=ours, now=now)
    venue = factories.venue("Cinema Center", of=ours, now=now)
    room = factories.room("Room 201", at=venue, now=now)
    speaker = factories.speaker("Yoon Harin", of=ours, now=now)
    factories.audience("student")
    factories.topic("Virtual production", now=now)
    event = factories.event("Lighting", of=programme, room=room, speakers=[speaker], capacity=30, now=now)
    factories.register(event, 1, now=now)
    return factories.key(ours, "owner", now=now)


def test_no_call_finds_a_5xx_or_an_undocumented_answer(furnished: str, live_server: Any, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
        *("run", f"{live_server.url}/api/schema/", "--url", live_server.url),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(SECONDS)),
        *("--seed", "1", "--no-color", "-H", f"Authorization: Bearer {furnished}"),
    ]

    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS + 120)

    print(run.stdout[-6000:])
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
