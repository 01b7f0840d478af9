"""Two thousand messages drained to a mail server, beside a bare loop that writes and sends the very same mails."""

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import servers
from bench.databases import POSTGRESQL, SQLITE
from bench.stage import Stage

EVENTS = 1000
PEOPLE, AT_A_TIME = 2000, 200  # the two take turns
LEAST = 0.6


def run(stage: Stage) -> None:
    for kind in (POSTGRESQL, SQLITE):
        url = stage.databases.copy(kind, EVENTS, name=f"mails_{kind}")
        with sink() as port:
            told = stage.told(url, EMAIL_URL=f"smtp://127.0.0.1:{port}")
            turns = json.loads(
                servers.run("-m", "bench.inside", "mails", str(PEOPLE), str(AT_A_TIME), told=told)
            )  # fmt: skip
        share = statistics.median(bare / ours for bare, ours in turns)
        rates = [AT_A_TIME / statistics.median(seconds) for seconds in zip(*turns, strict=True)]
        stage.report.goal(f"mails, {kind}: drained, of the bare loop that sends the same", share, least=LEAST)
        stage.report.notes.append(
            f"{kind}: {PEOPLE:,} mails in turns of {AT_A_TIME}: {rates[1]:,.0f} a second, the bare loop {rates[0]:,.0f}"
        )


@contextmanager
def sink() -> Iterator[int]:
    """A mail server that takes everything and keeps nothing, in a process of its own; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the mail server did not start")
