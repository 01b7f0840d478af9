"""How a receiver of webhooks can behave badly: each manner by name, and what we make of it."""

import gzip
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from events.hooks import posting
from tests import hook_receiver
from tests.hook_receiver import Manner, answers, hangs_after, repeats, says, trickles

BOMB = gzip.compress(bytes(30_000_000))  # 30 KB of it are 30 MB
GOOD = b"HTTP/1.1 200 OK\r\n"
PAUSE = 0.05  # of who sends a byte at a time


@dataclass(frozen=True, slots=True)
class Hostile:
    """What it does when it has read the request (or before, with `reads` off), and the status or reason that we see."""

    manner: Manner
    outcome: int | str
    reads: bool = True


def answering() -> Mapping[str, Hostile]:
    """Whole answers, whatever they say, and whatever follows their headers."""
    statuses = (
        200,
        201,
        202,
        204,
        301,
        302,
        303,
        307,
        308,
        400,
        401,
        404,
        405,
        410,
        413,
        429,
        500,
        502,
        503,
        504,
        599,
        999,
    )
    endless = repeats(GOOD + b"Transfer-Encoding: chunked\r\n\r\n", then=b"8000\r\n" + bytes(0x8000) + b"\r\n")
    zipped = f"Content-Encoding: gzip\r\nContent-Length: {len(BOMB)}\r\n\r\n".encode()
    return {f"status {status}": Hostile(answers(status), status) for status in statuses} | {
        "hangs in the body": Hostile(hangs_after(GOOD + b"Content-Length: 1000\r\n\r\nbegin"), 200),
        "a byte at a time in the body": Hostile(
            trickles(GOOD + b"Content-Length: 100000\r\n\r\n", then=b"x", pause=PAUSE), 200
        ),
        "endless body": Hostile(repeats(GOOD + b"\r\n", then=bytes(0x8000)), 200),
        "endless chunks": Hostile(endless, 200),
        "endless body of an error": Hostile(repeats(b"HTTP/1.1 500 No\r\n\r\n", then=bytes(0x8000)), 500),
        "gzip bomb": Hostile(says(GOOD + zipped + BOMB), 200),
        "gzip that is none": Hostile(answers(200, "Content-Encoding: gzip", body=b"nonsense"), 200),
        "less than it announced": Hostile(says(GOOD + b"Content-Length: 1000\r\n\r\nshort"), 200),
        "more than it announced": Hostile(says(GOOD + b"Content-Length: 2\r\n\r\nmuch longer"), 200),
        "a body that 204 cannot have": Hostile(says(b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello"), 204),
        "chunks of nonsense": Hostile(says(GOOD + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n"), 200),
        "a chunk of negative length": Hostile(says(GOOD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n"), 200),
        "a chunk without end": Hostile(hangs_after(GOOD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\nx"), 200),
        "chunks with a line without end": Hostile(
            repeats(GOOD + b"Transfer-Encoding: chunked\r\n\r\n5;", then=b"x" * 1000), 200
        ),
        "a few interim answers": Hostile(says(b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + GOOD + b"\r\n"), 200),
        "early hints": Hostile(says(b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" + GOOD + b"\r\n"), 200),
        "another protocol": Hostile(
            says(b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nxyz"), posting.NOT_HTTP
        ),
        "HTTP/1.0": Hostile(says(b"HTTP/1.0 200 OK\r\n\r\nold"), 200),
        "HTTP/3.7": Hostile(says(b"HTTP/3.7 200 OK\r\n\r\n"), 200),
        "no reason": Hostile(says(b"HTTP/1.1 200\r\n\r\n"), 200),
        "lines that end early": Hostile(says(b"HTTP/1.1 200 OK\nA: b\n\n"), 200),
        "cookies and a new address": Hostile(
            answers(200, "Set-Cookie: a=b", "Location: http://127.0.0.1/", "Refresh: 0; url=http://127.0.0.1/"), 200
        ),
        "answers before it has read": Hostile(
            hangs_after(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"), 413, reads=False
        ),
    }


def silent() -> Mapping[str, Hostile]:
    """Nothing that could be called an answer, in time."""
    return {
        "hangs before it reads": Hostile(hangs_after(b""), posting.TIMED_OUT, reads=False),
        "hangs before it answers": Hostile(hangs_after(b""), posting.TIMED_OUT),
        "hangs in the first line": Hostile(hangs_after(b"HTTP/1.1 20"), posting.TIMED_OUT),
        "hangs in the headers": Hostile(hangs_after(GOOD + b"Server: x\r\n"), posting.TIMED_OUT),
        "a byte at a time": Hostile(trickles(b"", then=GOOD + b"X: " + b"x" * 9_999, pause=PAUSE), posting.TIMED_OUT),
        "a header at a time": Hostile(trickles(GOOD, then=b"X: y\r\n", pause=PAUSE), posting.TIMED_OUT),
        "an interim answer at a time": Hostile(
            trickles(b"", then=b"HTTP/1.1 100 Continue\r\n\r\n", pause=PAUSE), posting.TIMED_OUT
        ),
    }  # fmt: skip


def broken() -> Mapping[str, Hostile]:
    """Nothing that could be called an answer, at once."""
    return {
        "hangs up": Hostile(says(b""), posting.BROKEN_OFF),
        "hangs up in the headers": Hostile(says(GOOD + b"Server: x\r\n"), posting.NOT_HTTP),
        "hangs up before it reads": Hostile(says(b""), posting.BROKEN_OFF, reads=False),
        "resets": Hostile(hook_receiver.resets, posting.BROKEN_OFF),
        "resets before it reads": Hostile(_resets_a_moment_later, posting.BROKEN_OFF, reads=False),
        "resets in the headers": Hostile(_resets_in_the_headers, posting.BROKEN_OFF),
        "closes its half": Hostile(hook_receiver.closes_its_half, posting.BROKEN_OFF),
        "closes its half before it reads": Hostile(hook_receiver.closes_its_half, posting.BROKEN_OFF, reads=False),
        "HTTP/0.9": Hostile(says(b"<html>hello</html>"), posting.NOT_HTTP),
        "HTTP/2": Hostile(says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)), posting.NOT_HTTP),
        "another language": Hostile(says(b"220 mail.example.org ESMTP\r\n"), posting.NOT_HTTP),
        "TLS": Hostile(says(b"\x15\x03\x03\x00\x02\x02\x28"), posting.NOT_HTTP),
        "bytes": Hostile(says(bytes(range(256)) * 8), posting.NOT_HTTP),
        "zeros": Hostile(repeats(b"", then=bytes(0x8000)), posting.NOT_HTTP),
        "a status of two digits": Hostile(says(b"HTTP/1.1 20 OK\r\n\r\n"), posting.NOT_HTTP),
        "a status of four digits": Hostile(says(b"HTTP/1.1 2000 OK\r\n\r\n"), posting.NOT_HTTP),
        "a status below all": Hostile(says(b"HTTP/1.1 099 OK\r\n\r\n"), posting.NOT_HTTP),
        "a negative status": Hostile(says(b"HTTP/1.1 -200 OK\r\n\r\n"), posting.NOT_HTTP),
        "a status in words": Hostile(says(b"HTTP/1.1 okay\r\n\r\n"), posting.NOT_HTTP),
        "two lengths": Hostile(says(GOOD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"), posting.NOT_HTTP),
        "a negative length": Hostile(says(GOOD + b"Content-Length: -1\r\n\r\n"), posting.NOT_HTTP),
        "a length in words": Hostile(says(GOOD + b"Content-Length: few\r\n\r\n"), posting.NOT_HTTP),
        "a length beyond all": Hostile(says(GOOD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n"), posting.NOT_HTTP),
        "two codings": Hostile(says(GOOD + b"Transfer-Encoding: gzip, chunked\r\n\r\n"), posting.NOT_HTTP),
        "a header without a name": Hostile(says(GOOD + b": x\r\n\r\n"), posting.NOT_HTTP),
        "a header with a NUL": Hostile(says(GOOD + b"X: a\x00b\r\n\r\n"), posting.NOT_HTTP),
        "a header with a lone CR": Hostile(says(GOOD + b"X: a\rb\r\n\r\n"), posting.NOT_HTTP),
        "one header without end": Hostile(repeats(GOOD + b"X: ", then=b"x" * 0x8000), posting.TOO_LONG),
        "headers without end": Hostile(repeats(GOOD, then=b"X: y\r\n" * 5_000), posting.TOO_LONG),
        "a first line without end": Hostile(repeats(b"HTTP/1.1 200 ", then=b"x" * 0x8000), posting.TOO_LONG),
        "interim answers without end": Hostile(
            repeats(b"", then=b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000), posting.TOO_LONG
        ),
    }  # fmt: skip


def _resets_a_moment_later(connection: socket.socket) -> None:
    time.sleep(PAUSE)
    hook_receiver.resets(connection)


def _resets_in_the_headers(connection: socket.socket) -> None:
    connection.sendall(GOOD)
    hook_receiver.resets(connection)
