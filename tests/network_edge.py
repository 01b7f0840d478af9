"""The edge of this machine's network, for tests: what names lead to, and where connections end. Nothing leaves it.

Names are looked up in a `zone`; every connection, wherever it is meant to go, is written down and ends at a listener
on loopback: at the `ways` for addresses that have one, else at `Inner`, which counts whom nobody should ever reach.
"""

import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

Address = tuple[str, int]


class Inner:
    """A listener at several addresses of loopback, as inner services are: it counts, and hangs up."""

    HOSTS = ("127.0.0.1", "127.0.0.2", "::1")

    def __init__(self) -> None:
        self.count = 0
        self.listening = [_listening(host) for host in self.HOSTS]
        self.ports = {host: one.getsockname()[1] for host, one in zip(self.HOSTS, self.listening, strict=True)}
        self.taken = threading.Condition()
        for one in self.listening:
            threading.Thread(target=self._take, args=[one], daemon=True).start()

    def way(self, host: str) -> Address:
        known = host if host in self.ports else "127.0.0.1"
        return known, self.ports[known]

    def has_counted(self, number: int) -> bool:
        """Waits a little for connections that were made, but not taken yet."""
        with self.taken:
            return self.taken.wait_for(lambda: self.count >= number, timeout=5)

    def close(self) -> None:
        for one in self.listening:
            one.shutdown(socket.SHUT_RDWR)  # wakes its thread
            one.close()

    def _take(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            with self.taken:
                self.count += 1
                self.taken.notify_all()
            connection.close()


class Edge:
    """What was asked and tried: names looked up, addresses that somebody wanted to connect to, bytes that came in."""

    def __init__(self, zone: Mapping[str, Sequence[Sequence[str]]], ways: Mapping[str, Address], inner: Inner) -> None:
        self.zone, self.ways, self.inner = dict(zone), dict(ways), inner
        self.looked_up: Counter[str] = Counter()
        self.tried: list[str] = []
        self.came = 0

    def getaddrinfo(self, host: str, port: int, *args: Any, **named: Any) -> list[Any]:
        """A name's answers one after the other, the last one again and again; numbers as this machine reads them."""
        self.looked_up[host] += 1
        if host not in self.zone:
            return numbers(host, port, *args, **named)
        answers = self.zone[host]
        chosen = answers[min(self.looked_up[host], len(answers)) - 1]
        return [found for address in chosen for found in numbers(address, port, *args, **named)]

    def way(self, address: Any) -> Address:
        self.tried.append(address[0])
        return self.ways.get(address[0]) or self.inner.way(address[0])


@contextmanager
def edge(
    zone: Mapping[str, Sequence[Sequence[str]]] | None = None, ways: Mapping[str, Address] | None = None
) -> Iterator[Edge]:
    """As long as it lasts, all names and connections of this process are its."""
    inner = Inner()
    try:
        with installed(Edge(zone or {}, ways or {}, inner)) as known:
            yield known
    finally:
        inner.close()


@contextmanager
def installed(known: Edge) -> Iterator[Edge]:
    """The same with an edge that exists."""
    connect, receive = socket.socket.connect, socket.socket.recv

    def connected(self: socket.socket, address: Any) -> Any:
        way = known.way(address)
        if self.family == socket.AF_INET6 and ":" not in way[0]:
            way = (f"::ffff:{way[0]}", way[1])
        return connect(self, way)

    def received(self: socket.socket, *args: Any) -> bytes:
        data = receive(self, *args)
        known.came += len(data)
        return data

    with (
        patch.object(socket, "getaddrinfo", known.getaddrinfo),
        patch.object(socket.socket, "connect", connected),
        patch.object(socket.socket, "recv", received),
    ):
        yield known


_getaddrinfo = socket.getaddrinfo


def numbers(host: str, port: int, *args: Any, **named: Any) -> list[Any]:
    return _getaddrinfo(host, port, *args, **named | {"flags": socket.AI_NUMERICHOST})


def _listening(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.bind((host, 0))
    listening.listen(1024)
    return listening
