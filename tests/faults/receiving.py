"""Webhooks of the real worker meet receivers that misbehave again and again; afterwards every message is there.

Names, connections, certificates and answers are hostile in turn, whatever SAFETY F7 and tests/hostile_manners.py name.
"""

import random
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connections
from django.test import override_settings
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from events.hooks import posting
from events.hooks.posting import NotPosted, Reply
from events.models import SYSTEM, Event, Webhook, WebhookMessage
from events.notices import calling as channel
from events.operations import calling, hooking, sequencing
from tests import factories, hostile_manners
from tests.certificates import Certificates
from tests.hook_receiver import answers, presenting, read
from tests.hostile_manners import Hostile
from tests.network_edge import Edge, Inner, installed, numbers

RECEIVERS = 5
AT_ONCE = 8  # people who register in one round
CHANCE = 0.6  # of each attempt to meet a fault
PAUSES = tuple(timedelta(milliseconds=ms) for ms in (5, 5, 10, 10, 20, 20, 40, 40, 80, 80))  # of the real three days
LONGEST_SECONDS, FAREWELL_SECONDS = 0.25, 0.05  # of the real ten and one
AFTERWARDS = 3  # what a machine with other work may need on top
PATIENCE_SECONDS = 60

GOOD = Hostile(answers(204), 204)
NAMES: Mapping[str, list[str] | None] = {
    "name leads inside": ["127.0.0.1"],
    "name leads to metadata": ["169.254.169.254"],
    "name leads inside as well": ["93.184.215.99", "10.0.0.1"],
    "name leads to ::1": ["::1"],
    "name leads nowhere": [],
    "server of names hangs": None,
}
CONNECTIONS = ("nobody listens", "nobody takes the connection")
HANDSHAKES: Mapping[str, Hostile] = {
    f"handshake: {name}": hostile for name, hostile in hostile_manners.broken().items() if not hostile.reads
} | {"handshake: silent": hostile_manners.silent()["hangs before it reads"]}
CERTIFICATES = ("alone", "expired", "elsewhere")
MANNERS: Mapping[str, Hostile] = {
    name: hostile
    for name, hostile in (hostile_manners.answering() | hostile_manners.silent() | hostile_manners.broken()).items()
    if name != "status 204"
} | {
    f"429 and Retry-After: {written}": Hostile(answers(429, f"Retry-After: {written}"), 429)
    for written in ("1", "soon", "-5", "9" * 30, "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT")
}
FAULTS = [*NAMES, *CONNECTIONS, *HANDSHAKES, *(f"certificate: {name}" for name in CERTIFICATES), *MANNERS]


@dataclass
class Tally:
    """What was done, and what was found: `lost` and `wrong` must be none."""

    faults: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    requests: int = 0
    repeats: int = 0
    given_up: int = 0
    stops: int = 0
    lost: int = 0
    most_at_once: int = 0
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that arrived whole: which message, its bytes, and whether the receiver said that it has it."""

    message_id: str
    digest: str
    is_genuine: bool
    has_it: bool


class Site:
    """One receiver behind a name of its own: before each attempt it picks a fault, or none."""

    def __init__(self, number: int, edge: "HostileEdge") -> None:
        self.host, self.address = f"hooks-{number}.example.org", f"93.184.215.{number}"
        self.edge = edge
        self.dice = random.Random(number)
        self.secrets: list[str] = []
        self.fault = ""
        self.taken: list[Taken] = []
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.way = ("127.0.0.1", int(self.listening.getsockname()[1]))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://{self.host}/hook"

    def pick(self) -> str:
        """What the next attempt meets: it begins with the question for our name."""
        self.fault = self.dice.choice(FAULTS) if self.edge.is_hostile and self.dice.random() < CHANCE else ""
        if self.fault:
            self.edge.faults[self.fault] += 1
        return self.fault

    def close(self) -> None:
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection, self.fault], daemon=True).start()

    def _serve(self, connection: socket.socket, fault: str) -> None:
        connection.settimeout(5)
        with suppress(OSError):
            if fault in HANDSHAKES:
                HANDSHAKES[fault].manner(connection)
            else:
                kind = fault.removeprefix("certificate: ") if fault.startswith("certificate: ") else "good"
                connection = self.edge.contexts[kind].wrap_socket(connection, server_side=True)
                manner = MANNERS.get(fault, GOOD)
                if manner.reads:
                    self._read(connection, has_it=isinstance(manner.outcome, int) and 200 <= manner.outcome < 300)
                manner.manner(connection)
        connection.close()

    def _read(self, connection: socket.socket, *, has_it: bool) -> None:
        request = read(connection)
        self.taken.append(
            Taken(
                message_id=request.headers["webhook-id"],
                digest=sha256(request.body).hexdigest(),
                is_genuine=any(_verifies(secret, request.body, request.headers) for secret in self.secrets),
                has_it=has_it,
            )
        )


class HostileEdge(Edge):
    """The network as these sites make it."""

    def __init__(
        self, inner: Inner, certificates: Certificates, full: tuple[str, int], closed: tuple[str, int]
    ) -> None:
        super().__init__({}, {}, inner)
        self.full, self.closed = full, closed
        self.contexts: dict[str, ssl.SSLContext] = {
            kind: presenting(getattr(certificates, kind)) for kind in ("good", *CERTIFICATES)
        }
        self.faults: Counter[str] = Counter()
        self.is_hostile = True
        self.sites = {site.host: site for site in (Site(number, self) for number in range(1, RECEIVERS + 1))}
        self.by_address = {site.address: site for site in self.sites.values()}

    def getaddrinfo(self, host: str, port: int, *args: Any, **named: Any) -> list[Any]:
        fault = self.sites[host].pick()
        if fault not in NAMES:
            return numbers(self.sites[host].address, port, *args, **named)
        answer = NAMES[fault]
        if answer is None:
            time.sleep(2 * LONGEST_SECONDS)
        return [found for address in answer or () for found in numbers(address, port, *args, **named)]

    def way(self, address: Any) -> tuple[str, int]:
        site = self.by_address.get(address[0])
        if site is None:
            return super().way(address)
        return {CONNECTIONS[0]: self.closed, CONNECTIONS[1]: self.full}.get(site.fault, site.way)


def run(*, faults: int, folder: Path, forgets: bool = False) -> Tally:
    """So many faults, and then none, until all have arrived. `forgets`: the control, which takes silence for an answer.

    Called on an empty database that is not in a transaction.
    """
    tally = Tally()
    event = factories.event(capacity=None, now=timezone.now())
    sequencing.number_all()
    with arranged(folder, tally, forgets=forgets) as edge:
        for site in edge.sites.values():
            organization = event.programme.organization
            _webhook, secret = hooking.create(
                organization=organization, fields={"url": site.url}, actor=SYSTEM, now=timezone.now()
            )
            site.secrets.append(secret)
            tally.faults = edge.faults
        with working():
            for number in range(faults):  # at least one comes in each round
                _register(event, number)
                edge.is_hostile = edge.faults.total() < faults
                _until_none_waits(tally)
                if not edge.is_hostile:
                    break
            _send_again(tally)
            _until_none_waits(tally)
        _account(tally, edge)
    return tally


@contextmanager
def arranged(folder: Path, tally: Tally, *, forgets: bool) -> Iterator[HostileEdge]:
    """What the worker finds: hostile sites, a trusted authority, short pauses and a short deadline."""
    certificates = Certificates(folder)
    with ExitStack() as stack:
        inner = Inner()
        stack.callback(inner.close)
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            closed = nobody.getsockname()
        edge = HostileEdge(inner, certificates, full.getsockname(), closed)
        for site in edge.sites.values():
            stack.callback(site.close)
        stack.enter_context(patch.dict("os.environ", SSL_CERT_FILE=str(certificates.authority)))
        posting._trust.cache_clear()
        stack.callback(posting._trust.cache_clear)
        for home, name, value in (
            (posting, "LONGEST_SECONDS", LONGEST_SECONDS), (posting, "FAREWELL_SECONDS", FAREWELL_SECONDS),
            (posting, "post", _watched(posting.post, tally, forgets=forgets)), (calling, "PAUSES", PAUSES),
            (calling, "LONGEST_WISH", PAUSES[-1]),
        ):  # fmt: skip
            stack.enter_context(patch.object(home, name, value))
        stack.enter_context(override_settings(WEBHOOK_EXTRA_TARGETS=[]))
        yield stack.enter_context(installed(edge))


@contextmanager
def working() -> Iterator[None]:
    """As many threads as the worker's lane has send what is due."""
    stopped = threading.Event()

    def work() -> None:
        try:
            while not stopped.is_set():
                was_one, _pause = channel.deliver()
                if not was_one:
                    stopped.wait(0.01)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(channel.THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def _register(event: Event, number: int) -> None:
    """A round of news. A site that was stopped is switched on before, since nothing is kept for it meanwhile."""
    _wake_stopped()
    for person in range(number * AT_ONCE, (number + 1) * AT_ONCE):
        factories.register(event, person)
    sequencing.number_all()


def _until_none_waits(tally: Tally) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while WebhookMessage.objects.filter(status="waiting").exists():
        tally.stops += _wake_stopped()
        assert time.monotonic() < end, "it did not come to an end"
        time.sleep(0.02)


def _wake_stopped() -> int:
    """What their owners do who have read the mail: switch it on, and send again what was given up."""
    stopped = list(Webhook.objects.exclude(stopped=""))
    for webhook in stopped:
        hooking.amend(webhook=webhook, fields={"is_active": True}, actor=SYSTEM, now=timezone.now())
        hooking.resend_given_up(webhook=webhook, actor=SYSTEM, now=timezone.now())
    return len(stopped)


def _send_again(tally: Tally) -> None:
    tally.stops += _wake_stopped()
    for webhook in Webhook.objects.all():
        tally.given_up += hooking.resend_given_up(webhook=webhook, actor=SYSTEM, now=timezone.now())


def _watched(post: Callable[..., Reply], tally: Tally, *, forgets: bool) -> Callable[..., Reply]:
    """The real thing, and how many of it there are at once for one address, and how long it takes."""
    at_once: Counter[str] = Counter()
    lock = threading.Lock()

    def watched(*, url: str, **named: Any) -> Reply:
        began = time.monotonic()
        with lock:
            at_once[url] += 1
            tally.most_at_once = max(tally.most_at_once, at_once[url])
        try:
            return post(url=url, **named)
        except NotPosted:
            if forgets:
                return Reply(200, None)
            raise
        finally:
            with lock:
                at_once[url] -= 1
                tally.longest = max(tally.longest, time.monotonic() - began)

    return watched


def _account(tally: Tally, edge: HostileEdge) -> None:
    """Messages against what the sites have, and their bytes against each other."""
    for site in edge.sites.values():
        rows = list(WebhookMessage.objects.filter(webhook__url=site.url).order_by("seq"))
        if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
            tally.wrong.append(f"{site.host}: numbers with gaps")
        tally.messages += len(rows)
        tally.requests += len(site.taken)
        has = Counter(taken.message_id for taken in site.taken if taken.has_it)
        tally.repeats += has.total() - len(has)
        tally.lost += sum(channel.message_id(row) not in has for row in rows)
        tally.wrong += [f"{row.status}: {row.uid}" for row in rows if row.status != "sent"]
        digests = {channel.message_id(row): sha256(row.body.encode()).hexdigest() for row in rows}
        tally.wrong += [f"other bytes: {one}" for one in site.taken if digests.get(one.message_id) != one.digest]
        tally.wrong += [f"wrong signature: {one}" for one in site.taken if not one.is_genuine]
    if tally.most_at_once != 1:
        tally.wrong.append(f"{tally.most_at_once} at once on the way to one receiver")
    if tally.longest > LONGEST_SECONDS + AFTERWARDS:
        tally.wrong.append(f"an attempt took {tally.longest:.1f} s")
    if edge.inner.count or edge.tried:
        tally.wrong.append(f"{edge.inner.count} connections inside: {edge.tried}")


def _verifies(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Verifier(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True
