"""The same SQL without a framework: for each client one process with one connection, straight through the driver."""

import sqlite3
import time
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench import processes
from bench.databases import POSTGRESQL
from bench.floors import replay
from bench.load import Outcome
from bench.measuring import Turn

Attempt = tuple[str, str]  # slug, address
SPAWN = get_context("spawn")


class Drivers:
    """`clients` processes that register people as fast as the database lets them."""

    def __init__(self, *, kind: str, url: str, statements: Path, clients: int, roots: Sequence[int]) -> None:
        self.roots = roots
        self.ends: list[Connection] = []
        self.processes = []
        for _ in range(clients):
            ours, theirs = SPAWN.Pipe()
            process = SPAWN.Process(target=_work, args=(kind, url, statements, theirs), daemon=True)
            process.start()
            self.ends.append(ours)
            self.processes.append(process)
        for end in self.ends:
            end.recv()  # connected

    def send(self, attempts: Sequence[Attempt]) -> tuple[Turn, Outcome]:
        """Everybody takes their share of the attempts; the processes tell their own processor time."""
        before = processes.cpu_ms(self.roots)
        began = time.perf_counter()
        for number, end in enumerate(self.ends):
            end.send(attempts[number :: len(self.ends)])
        outcome, own = Outcome(), 0.0
        for end in self.ends:
            statuses, took, cpu = end.recv()
            outcome.statuses.update(statuses)
            outcome.took.extend(took)
            own += cpu * 1000
        outcome.seconds = time.perf_counter() - began
        cpu_ms = own + processes.cpu_ms(self.roots) - before
        return Turn(outcome.answers, outcome.seconds, cpu_ms, outcome.took), outcome

    def stop(self) -> None:
        for end, process in zip(self.ends, self.processes, strict=True):
            end.send(None)
            process.join()


def _work(kind: str, url: str, statements: Path, end: Connection) -> None:
    script = replay.read(statements).whole
    begin, cursor, placeholder = _connected(kind, url)
    end.send("connected")
    while (attempts := end.recv()) is not None:
        statuses, took, cpu = [], [], time.process_time()
        for slug, address in attempts:
            began = time.perf_counter()
            named = replay.names(slug, address)
            replay.look(cursor, script, named, placeholder=placeholder)
            cursor.execute(begin)
            won = replay.claim(cursor, script, named, placeholder=placeholder)
            cursor.execute("COMMIT" if won else "ROLLBACK")
            statuses.append(201 if won else 409)
            took.append(time.perf_counter() - began)
        end.send((statuses, took, time.process_time() - cpu))


def _connected(kind: str, url: str) -> tuple[str, Any, str]:
    """How a transaction begins, a cursor, and how it marks parameters; with the options that the web workers have."""
    if kind == POSTGRESQL:
        connection = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor)
        connection.execute("SET timezone = 'UTC'")
        return "BEGIN", connection.cursor(), "%s"
    file = sqlite3.connect(urlsplit(url).path, timeout=20, isolation_level=None)
    file.execute("PRAGMA synchronous=FULL")
    file.execute("PRAGMA foreign_keys=ON")
    return "BEGIN IMMEDIATE", file.cursor(), "?"
