"""Web servers under test: ours and the floor, both two sync workers of gunicorn on the same database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import processes

ROOT = Path(__file__).resolve().parent.parent
URL = "http://localhost"
OURS, FLOOR = "config", "bench.floors"
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int
    log: Path

    def workers(self) -> list[int]:
        return processes.children(self.pid)


def environment(*, database: str, scratch: Path, settings: str = OURS, **more: str) -> dict[str, str]:
    """What both sides are told. Limits are off: a benchmark comes from one address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CALLBOARD_", "DJANGO_"))}
    return kept | more | {
        "CALLBOARD_DEMO": "on",
        "CALLBOARD_RATE_LIMITS": "off",
        "CALLBOARD_URL": URL,
        "CALLBOARD_DATA": str(scratch / "data"),
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": f"{settings}.settings",
    }  # fmt: skip


def run(*arguments: str, told: Mapping[str, str], given: str = "") -> str:
    """What a Python of ours says, or its complaint as an error."""
    done = subprocess.run(
        [sys.executable, *arguments], env=dict(told), cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def serve(told: Mapping[str, str], *, scratch: Path) -> Iterator[Server]:
    """A running server, stopped when the block is left."""
    port = _free_port()
    side = told["DJANGO_SETTINGS_MODULE"].removesuffix(".settings")
    log = scratch / f"{side}-{port}.log"
    command = [sys.executable, "-m", "gunicorn", f"{side}.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "sync", "--workers", str(WORKERS), "--log-level", "warning", "--no-control-socket"]
    with log.open("w") as file:
        process = subprocess.Popen(command, env=dict(told), cwd=ROOT, stdout=file, stderr=file)
    try:
        server = Server(process.pid, port, log)
        _wait_until_ready(process, server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], server: Server) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0 and len(server.workers()) == WORKERS:
                return
        time.sleep(0.05)
    raise RuntimeError(f"no server:\n{server.log.read_text()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
