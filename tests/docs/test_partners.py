"""What docs/partners.md has people type in its five minutes, typed; and its links."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from events.models import Registration
from tests import factories

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ["partners.md", "partners.ko.md"]
STRICT = 'curl() { command curl --fail-with-body --silent --show-error "$@" || exit 1; echo; }\n'


def blocks(page: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


@pytest.fixture
def partner(transactional_db: None) -> str:
    """The key of the film council, which is a partner of a programme with the event that the page names."""
    cache.clear()
    now = timezone.now()
    council = factories.organization("KOFIC", now=now)
    student = factories.audience()
    programme = factories.programme(partners=[(council, "host")], now=now)
    factories.event("Camera test day", of=programme, audiences=[student], capacity=20, now=now)
    return factories.key(council, scopes=["register", "allotment"], now=now)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="examples: once is enough, on SQLite")
@pytest.mark.parametrize("page", PAGES)
def test_each_command_does_what_the_page_says(page: str, partner: str, live_server: LiveServer) -> None:
    if shutil.which("curl") is None:
        pytest.skip("examples: no curl")
    told = os.environ | {"CALLBOARD": live_server.url, "KEY": partner}

    run = subprocess.run(
        ["bash", "-c", STRICT + "\n".join(blocks(page) * 2)], env=told, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    answers = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    lists = [rows for answer in answers if (rows := answer.get("results", answer.get("items"))) is not None]
    receipts = [answer for answer in answers if "manage_url" in answer]
    assert len(receipts) == 2
    assert receipts[0] == receipts[1]
    assert Registration.objects.count() == 1
    assert [len(rows) for rows in lists] == expected(blocks(page)) * 2


def expected(commands: list[str]) -> list[Any]:
    """How many rows each list has: one event of one session, no registration and no quota of the key's own."""
    rows = {"feeds/events.json": 1, "api/v1/events/?": 1, "changes/": 2, "availability/": 1, "registrations/?": 0}
    asked = re.findall("|".join(map(re.escape, [*rows, "quotas/"])), "\n".join(commands))
    return [rows.get(name, 0) for name in asked]


@pytest.mark.parametrize("page", PAGES)
def test_each_link_leads_somewhere(page: str) -> None:
    text = (DOCS / page).read_text()

    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", text)

    assert [link for link in links if link[0] and not (DOCS / link[0]).exists()] == []
    for file, anchor in links:
        if anchor:
            assert anchor in anchors((DOCS / (file or page)).read_text()), (file, anchor)


def anchors(text: str) -> set[str]:
    """What headings are called in addresses, as code hosts make them."""
    heads = re.findall(r"(?m)^#+ (.*)$", text)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
