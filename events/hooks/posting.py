"""Bring one message to one address, within ten seconds and without being led anywhere else (SAFETY 4.2, F7).

The receiver is nobody's friend: it may hang at any moment, answer without end, send a byte a second, lie about its
length or send us on to an inner address. So the connection is made to an address that was judged, one deadline covers
all of it, so much is read and no more, and nothing of the answer is kept but its number and how long to wait.
"""

import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import certifi
import httpcore
from django.utils.translation import gettext_noop

from events.hooks import addresses
from events.hooks.addresses import NoPublicAddress, NotAnAddress, Target

LONGEST_SECONDS = 10.0  # name, connection, TLS, request and answer together
FAREWELL_SECONDS = 1.0  # of these, for the rest of an answer whose number is known
MOST_BYTES = 64 * 1024  # of an answer, headers included
LONGEST_PAUSE_SECONDS = 24 * 3600  # that a receiver may ask for
OUR_NAME = "Callboard-Webhooks/1"

# Kept as they are, and said in anybody's language.
NOT_ALLOWED = gettext_noop("address not allowed")
NO_PUBLIC_ADDRESS = gettext_noop("no public address")
TIMED_OUT = gettext_noop("timed out")
NOT_CONNECTED = gettext_noop("connection failed")
NOT_TRUSTED = gettext_noop("certificate not valid")
NO_TLS = gettext_noop("TLS failed")
BROKEN_OFF = gettext_noop("connection lost")
NOT_HTTP = gettext_noop("answer is not HTTP")
TOO_LONG = gettext_noop("answer too long")


class NotPosted(Exception):
    """There is no answer. `reason` is one of the few above: no word of it comes from the address or the receiver."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver said: a status of HTTP, and for how many seconds it wants to be left alone."""

    status: int
    retry_after: int | None


def post(*, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """The receiver's answer, whatever it was, a redirect too: none is followed. NotPosted if there was none.

    An answer counts as soon as its headers are whole. What comes after them is nobody's business: a little of it is
    read, so that an honest receiver need not meet a closed door, and then the connection is closed.
    """
    deadline = Deadline(LONGEST_SECONDS)
    try:
        target = addresses.check_url(url)
        found = addresses.resolved(target, seconds=deadline.rest())
    except NotAnAddress:
        raise NotPosted(NOT_ALLOWED) from None
    except NoPublicAddress:
        raise NotPosted(NO_PUBLIC_ADDRESS) from None
    except TimeoutError:
        raise NotPosted(TIMED_OUT) from None
    line = Line(found, target.port, deadline)
    try:
        return _asked(line, target, body, headers)
    except httpcore.ProtocolError:
        raise NotPosted(NOT_HTTP if line.has_read else BROKEN_OFF) from None
    finally:
        line.close()


class Deadline:
    """When all of it must be over."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def rest(self) -> float:
        """Seconds that are left; NotPosted where there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise NotPosted(TIMED_OUT)
        return left

    def only(self, seconds: float) -> None:
        self.at = min(self.at, time.monotonic() + seconds)


class Line(httpcore.NetworkBackend, httpcore.NetworkStream):
    """One connection, to one of the addresses that were judged, whatever httpcore asks for.

    Each step has what is left of the deadline; httpcore's own timeouts would begin anew with every byte.
    """

    def __init__(self, found: Sequence[str], port: int, deadline: Deadline) -> None:
        self.found, self.port, self.deadline = found, port, deadline
        self.socket: socket.socket | None = None
        self.may_read = MOST_BYTES

    @property
    def has_read(self) -> bool:
        return self.may_read < MOST_BYTES

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        for number, address in enumerate(self.found):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                self.socket = socket.socket(family, socket.SOCK_STREAM)
                self.socket.settimeout(self.deadline.rest() / (len(self.found) - number))
                self.socket.connect((address, self.port))
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:  # a timeout as well
                self.close()
            else:
                return self
        self.deadline.rest()
        raise NotPosted(NOT_CONNECTED)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        bare = self._open()
        bare.settimeout(self.deadline.rest())
        try:
            self.socket = ssl_context.wrap_socket(bare, server_hostname=server_hostname)
        except TimeoutError:
            raise NotPosted(TIMED_OUT) from None
        except ssl.SSLCertVerificationError:
            raise NotPosted(NOT_TRUSTED) from None
        except (OSError, ValueError):
            raise NotPosted(NO_TLS) from None
        return self

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self.may_read <= 0:
            raise NotPosted(TOO_LONG)
        line = self._open()
        line.settimeout(self.deadline.rest())
        try:
            data = line.recv(min(max_bytes, self.may_read))
        except TimeoutError:
            raise NotPosted(TIMED_OUT) from None
        except OSError:
            raise NotPosted(BROKEN_OFF) from None
        self.may_read -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        line, left = self._open(), memoryview(buffer)
        while left:
            line.settimeout(self.deadline.rest())
            try:
                left = left[line.send(left) :]
            except TimeoutError:
                raise NotPosted(TIMED_OUT) from None
            except OSError as problem:
                raise httpcore.WriteError(problem) from None  # it may have answered before it hung up: httpcore looks

    def close(self) -> None:
        if self.socket is not None:
            with suppress(OSError):
                self.socket.close()

    def _open(self) -> socket.socket:
        assert self.socket is not None, "httpcore connects first"
        return self.socket


def _asked(line: Line, target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
    origin = httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port)
    url = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target.path.encode())
    ours = {
        "Host": target.netloc, "User-Agent": OUR_NAME, "Accept": "*/*", "Accept-Encoding": "identity",
        "Connection": "close", "Content-Length": str(len(body)), **headers,
    }  # fmt: skip
    connection = httpcore.HTTPConnection(origin, ssl_context=_trust(), network_backend=line)
    with connection.stream("POST", url, headers=list(ours.items()), content=body) as response:
        reply = Reply(response.status, _pause(response.headers))
        line.deadline.only(FAREWELL_SECONDS)
        with suppress(NotPosted, httpcore.ProtocolError):
            for _chunk in response.iter_stream():
                pass
    return reply


@cache
def _trust() -> ssl.SSLContext:
    """Certificates that the system trusts (SSL_CERT_FILE may name others), and those that browsers do."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _pause(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    """Seconds that Retry-After asks for, a day at most; None where it says nothing that can be understood."""
    written = next((value for name, value in headers if name.lower() == b"retry-after"), b"").decode("latin-1").strip()
    if re.fullmatch(r"[0-9]{1,20}", written, re.ASCII):
        return min(int(written), LONGEST_PAUSE_SECONDS)
    try:
        at = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return max(0, min(int(seconds), LONGEST_PAUSE_SECONDS))
