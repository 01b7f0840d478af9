"""The client: one process that keeps several requests in flight, so cheap that the servers decide."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from multiprocessing import get_context

CHUNK = 1 << 18


@dataclass(slots=True)
class Outcome:
    """What came back. `took` holds seconds for each answer, `sizes` how often each length of body was seen."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    sizes: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)

    @property
    def answers(self) -> int:
        return len(self.took)


@dataclass(slots=True)
class _Flight:
    connection: socket.socket
    began: float
    chunks: list[bytes] = field(default_factory=list)


def request(path: str, *, method: str = "GET", body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """A whole request. Sync workers keep no connection, so it asks for none: the answer ends where the stream ends."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def split(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def ask(port: int, wanted: bytes) -> tuple[int, dict[str, str], bytes]:
    """One request and its answer, here and now."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(wanted)
        return split(b"".join(iter(lambda: connection.recv(CHUNK), b"")))


def drive(port: int, requests: list[bytes], clients: int, seconds: float | None) -> Outcome:
    """Send the list once, or, given seconds, its first request again and again; `clients` are in flight at a time."""
    outcome = Outcome()
    source: Iterator[bytes] = iter(requests) if seconds is None else repeat(requests[0])
    began = time.perf_counter()
    until = began + seconds if seconds is not None else float("inf")
    with selectors.DefaultSelector() as selector:
        flying = sum(_launch(selector, port, source) for _ in range(clients))
        while flying:
            for key, _ in selector.select(60):
                if not _receive(selector, key.data, outcome):
                    continue
                flying -= 1
                if time.perf_counter() < until:
                    flying += _launch(selector, port, source)
    outcome.seconds = time.perf_counter() - began
    return outcome


def _launch(selector: selectors.BaseSelector, port: int, source: Iterator[bytes]) -> bool:
    wanted = next(source, None)
    if wanted is None:
        return False
    began = time.perf_counter()
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(wanted)
    connection.setblocking(False)
    selector.register(connection, selectors.EVENT_READ, _Flight(connection, began))
    return True


def _receive(selector: selectors.BaseSelector, flight: _Flight, outcome: Outcome) -> bool:
    """Take what has come; True when that was the end of the answer."""
    chunk = flight.connection.recv(CHUNK)
    if chunk:
        flight.chunks.append(chunk)
        return False
    outcome.took.append(time.perf_counter() - flight.began)
    selector.unregister(flight.connection)
    flight.connection.close()
    head, _, rest = flight.chunks[0].partition(b"\r\n\r\n") if flight.chunks else (b"HTTP/1.1 000 lost", b"", b"")
    outcome.statuses[int(head.split(b" ", 2)[1])] += 1
    outcome.sizes[len(rest) + sum(map(len, flight.chunks[1:]))] += 1
    return True


class Client:
    """The client's process; its own processor time is nobody's figure."""

    def __init__(self) -> None:
        self.pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def send(self, port: int, requests: list[bytes], *, clients: int, seconds: float | None = None) -> Outcome:
        return self.pool.submit(drive, port, requests, clients, seconds).result()

    def stop(self) -> None:
        self.pool.shutdown()
