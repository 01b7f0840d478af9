"""Makes a Python and a TypeScript client of the OpenAPI document, by public generators that are pinned."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from api.views.documentation import document

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD = ROOT / "build" / "clients"
OLDEST_NODE = (20, 19)
PATIENCE = 300  # seconds for one step; the registry may be slow
UNREACHED = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|E40[134]|E50\d|ETARGET"
)


class NotHere(Exception):
    """What the machine lacks, in words."""


def python(folder: Path) -> Path:
    """The package `callboard_client`, with its pyproject.toml, in the folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    described = folder.parent / "openapi-python.json"
    described.write_text(json.dumps(_without_optional_keys(json.loads(document()))))
    _run(
        [Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", described,
         "--output-path", folder, "--overwrite", "--fail-on-warning", "--config", HERE / "python.yaml"],
        folder.parent,
    )  # fmt: skip
    described.unlink()
    return folder


def _without_optional_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """This generator asks for a key wherever one may be sent; the client that it makes sends one where it has one."""
    for verbs in schema["paths"].values():
        for operation in verbs.values():
            if {} in operation["security"]:
                del operation["security"]
    return schema


def typescript(folder: Path) -> Path:
    """The sources of the client in the folder; they need no package when they run."""
    tools = install()
    folder.parent.mkdir(parents=True, exist_ok=True)
    described = folder.parent / "openapi.json"
    described.write_bytes(document())
    program = tools / "node_modules" / "@hey-api" / "openapi-ts" / "bin" / "run.js"
    _run(["node", program, "--input", described, "--output", folder, "--silent"], tools)
    return folder


def install() -> Path:
    """The folder with the pinned packages; what is there already is not fetched again."""
    needed = node()
    tools, lock = BUILD / "tools", HERE / "typescript" / "package-lock.json"
    installed = tools / "installed.json"
    tools.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "typescript" / "tsconfig.json", tools)  # the generator looks there how modules are imported
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "typescript" / name, tools)
        fetched = subprocess.run(
            [needed, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000"],
            cwd=tools, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        if fetched.returncode and UNREACHED.search(fetched.stderr):
            raise NotHere("no npm registry")
        assert fetched.returncode == 0, fetched.stderr
        shutil.copy(lock, installed)
    return tools


def node() -> str:
    """Where npm is, if node is there too and new enough."""
    npm, program = shutil.which("npm"), shutil.which("node")
    if npm is None or program is None:
        raise NotHere("no node")
    written = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    version = tuple(int(part) for part in written.strip().lstrip("v").split(".")[:2])
    if version < OLDEST_NODE:
        raise NotHere(f"no node from {'.'.join(map(str, OLDEST_NODE))} on")
    return npm


def _run(command: list[Any], folder: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
