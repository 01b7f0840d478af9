"""The generated TypeScript client: compiled strictly, and run by node against a server."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from tests.clients import making
from tests.clients.conftest import Service

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="clients: once is enough, on SQLite")
STEPS = ["filteredAndPaged", "readAndKept", "registeredOnce", "refused", "changedAndFollowed"]


@pytest.fixture
def program(service: Service) -> Path:
    """The smoke test beside the client that it uses, compiled."""
    try:
        tools = making.install()
    except making.NotHere as lack:
        pytest.skip(f"typescript: {lack}")
    shutil.copy(making.HERE / "typescript" / "smoke.ts", tools)
    making.typescript(tools / "client")
    compiled = subprocess.run(
        ["node", "node_modules/typescript/bin/tsc", "--project", "."],
        cwd=tools, capture_output=True, text=True, check=False, timeout=making.PATIENCE,
    )  # fmt: skip
    assert compiled.returncode == 0, compiled.stdout
    return tools / "made" / "smoke.js"


def test_it_reads_registers_is_refused_and_follows(service: Service, program: Path) -> None:
    told = os.environ | {"CALLBOARD": json.dumps(service.as_told())}

    run = subprocess.run(["node", program], env=told, capture_output=True, text=True, check=False, timeout=60)

    assert (run.returncode, run.stdout.split()) == (0, STEPS), run.stderr
