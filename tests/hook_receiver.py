"""A receiver of webhooks of the tests' own: writes down what it is sent, and answers in the manner it is told to.

A manner takes the connection when the request was read, and does with it what it likes; it is closed afterwards.
"""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

Manner = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody sent. Names of headers are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Listens on loopback. `reads` is off for those who answer, hang or hang up before they have read anything."""

    def __init__(self, manner: Manner, *, tls: ssl.SSLContext | None = None, reads: bool = True) -> None:
        self.manner, self.tls, self.reads = manner, tls, reads
        self.requests: list[Request] = []
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.way = ("127.0.0.1", int(self.listening.getsockname()[1]))
        self.threads = [threading.Thread(target=self._take, daemon=True)]
        self.threads[0].start()

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.way[1]}"

    def stop(self) -> None:
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for thread in self.threads:
            thread.join(5)

    def _take(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=[connection], daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        with suppress(OSError, StopIteration):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            if self.reads:
                self.requests.append(read(connection))
            self.manner(connection)
        connection.close()


@contextmanager
def receiving(manner: Manner, *, tls: ssl.SSLContext | None = None, reads: bool = True) -> Iterator[Receiver]:
    """A running receiver, on a port of its own."""
    receiver = Receiver(manner, tls=tls, reads=reads)
    try:
        yield receiver
    finally:
        receiver.stop()


def read(connection: socket.socket) -> Request:
    """One request, whole; ConnectionError where the other side gave up in the middle of it."""
    with connection.makefile("rb") as file:
        line = file.readline().decode("latin-1").strip()
        headers = {}
        while (written := file.readline()) not in (b"\r\n", b"\n"):
            if not written:
                raise ConnectionError
            name, _colon, value = written.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = file.read(length := int(headers.get("content-length", 0)))
    if len(body) < length:
        raise ConnectionError
    return Request(line, headers, body)


def says(raw: bytes) -> Manner:
    """Answers in these bytes, whatever they are."""

    def manner(connection: socket.socket) -> None:
        connection.sendall(raw)

    return manner


def answers(status: int, *headers: str, body: bytes = b"") -> Manner:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return says("\r\n".join([*lines, "", ""]).encode() + body)


def hangs_after(raw: bytes) -> Manner:
    """Says that, and then nothing until the other side has had enough."""

    def manner(connection: socket.socket) -> None:
        connection.sendall(raw)
        _wait_for_the_end(connection)

    return manner


def trickles(raw: bytes, *, then: bytes, pause: float) -> Manner:
    """Says that, and then a byte after each pause, over and over."""

    def manner(connection: socket.socket) -> None:
        connection.sendall(raw)
        while True:
            for number in then:
                time.sleep(pause)
                connection.sendall(bytes([number]))

    return manner


def repeats(raw: bytes, *, then: bytes) -> Manner:
    """Says that, and then the other without end, as fast as it can be taken."""

    def manner(connection: socket.socket) -> None:
        connection.sendall(raw)
        while True:
            connection.sendall(then)

    return manner


def resets(connection: socket.socket) -> None:
    """Cuts it off: the other side gets an error, not an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes_its_half(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    _wait_for_the_end(connection)


def presenting(certificate: Path) -> ssl.SSLContext:
    """A server's side of TLS with that certificate and its key, in one file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _wait_for_the_end(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass
