"""The generated TypeScript client: compiled strictly, and run by node against a server."""

import json
import os
import re
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
    """The smoke test and the example of the docs beside the client that they use, compiled."""
    try:
        tools = making.install()
    except making.NotHere as lack:
        pytest.skip(f"typescript: {lack}")
    shutil.copy(making.HERE / "typescript" / "smoke.ts", tools)
    [example] = re.findall(r"```ts\n(.*?)```", (making.ROOT / "docs" / "partners.md").read_text(), re.DOTALL)
    example = example.replace("'./callboard/client'", "'./client/client/index.js'")
    (tools / "documented.ts").write_text(example.replace("'./callboard'", "'./client/index.js'"))
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
