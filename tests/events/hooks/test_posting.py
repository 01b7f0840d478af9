"""Whatever a receiver does: ten seconds, 64 KB, a number or a reason, and nothing else (SAFETY F7)."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from events.hooks import posting
from events.hooks.posting import NotPosted, Reply
from tests import hostile_manners
from tests.certificates import NAME, Certificates
from tests.hook_receiver import Receiver, answers, hangs_after, presenting, receiving, says
from tests.hostile_manners import Hostile
from tests.inner_targets import PUBLIC
from tests.network_edge import edge

SHORT_SECONDS = 0.25  # instead of ten, for who says nothing in time
HASTE_SECONDS = 0.1  # instead of one
AFTERWARDS = 2  # what a busy machine may need on top
REAL = (posting.LONGEST_SECONDS, posting.MOST_BYTES)
BODY = b'{"type": "event.changed"}'


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "FAREWELL_SECONDS", HASTE_SECONDS)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LONGEST_SECONDS", SHORT_SECONDS)


def post(url: str) -> int | str:
    try:
        return posting.post(url=url, body=BODY, headers={"Content-Type": "application/json", "webhook-id": "a"}).status
    except NotPosted as problem:
        return problem.reason


def judged(hostile: Hostile, settings: Any) -> tuple[int | str, float, int]:
    """What we say of it, after how many seconds, and having read how much."""
    with receiving(hostile.manner, reads=hostile.reads) as receiver:
        settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]
        with edge(ways={"127.0.0.1": receiver.way}) as known:
            came = known.came
            began = time.monotonic()
            outcome = post(f"http://{receiver.pair}/hook?key=secret")
            return outcome, time.monotonic() - began, known.came - came


ALL = hostile_manners.answering() | hostile_manners.silent() | hostile_manners.broken()


@pytest.mark.parametrize("name", ALL)
def test_no_manner_keeps_us_longer_or_is_read_more_than_is_allowed(
    name: str, settings: Any, request: pytest.FixtureRequest
) -> None:
    hostile = ALL[name]
    if hostile.outcome == posting.TIMED_OUT:
        request.getfixturevalue("short")

    outcome, seconds, came = judged(hostile, settings)

    assert outcome == hostile.outcome
    assert seconds < SHORT_SECONDS + AFTERWARDS
    assert came <= posting.MOST_BYTES


def test_the_real_limits_are_ten_seconds_and_64_kilobytes() -> None:
    assert REAL == (10.0, 65_536)


def test_nobody_listens(settings: Any) -> None:
    with receiving(answers(200)) as receiver:
        settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]

    assert post(f"http://{receiver.pair}/") == posting.NOT_CONNECTED


@pytest.mark.usefixtures("short")
def test_nobody_takes_the_connection(settings: Any) -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # as many as wait there, and one that finds no room
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        pair = f"127.0.0.1:{full.getsockname()[1]}"
        settings.WEBHOOK_EXTRA_TARGETS = [pair]

        assert post(f"http://{pair}/") == posting.TIMED_OUT


@pytest.mark.usefixtures("short")
def test_the_server_of_names_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: time.sleep(SHORT_SECONDS + 0.2) or [])
    began = time.monotonic()

    assert post(f"https://{NAME}/") == posting.TIMED_OUT
    assert time.monotonic() - began < SHORT_SECONDS + AFTERWARDS


@pytest.mark.parametrize(("bad", "reason"), [
    ("alone", posting.NOT_TRUSTED), ("expired", posting.NOT_TRUSTED), ("elsewhere", posting.NOT_TRUSTED), ("good", 200),
])  # fmt: skip
def test_a_certificate_is_trusted_valid_and_of_that_name(trusted: Certificates, bad: str, reason: int | str) -> None:
    with (
        receiving(answers(200), tls=presenting(getattr(trusted, bad))) as receiver,
        edge({NAME: [[PUBLIC]]}, {PUBLIC: receiver.way}),
    ):
        assert post(f"https://{NAME}/hook") == reason
        assert len(receiver.requests) == (reason == 200)


def test_our_authority_is_trusted_only_where_it_is_named(certificates: Certificates) -> None:
    with (
        receiving(answers(200), tls=presenting(certificates.good)) as receiver,
        edge({NAME: [[PUBLIC]]}, {PUBLIC: receiver.way}),
    ):
        assert post(f"https://{NAME}/hook") == posting.NOT_TRUSTED


@pytest.mark.parametrize(("hostile", "reason"), [
    (Hostile(hangs_after(b""), "", reads=False), posting.TIMED_OUT),
    (Hostile(hangs_after(b"\x16\x03\x03\x00"), "", reads=False), posting.TIMED_OUT),
    (Hostile(says(b""), "", reads=False), posting.NO_TLS),
    (Hostile(says(b"HTTP/1.1 400 This is not TLS\r\n\r\n"), "", reads=False), posting.NO_TLS),
], ids=["silent", "in the middle", "hangs up", "plain HTTP"])  # fmt: skip
def test_who_speaks_no_tls_gets_nothing(hostile: Hostile, reason: str, request: pytest.FixtureRequest) -> None:
    if reason == posting.TIMED_OUT:
        request.getfixturevalue("short")
    with (
        receiving(hostile.manner, reads=False) as receiver,
        edge({NAME: [[PUBLIC]]}, {PUBLIC: receiver.way}),
    ):
        assert post(f"https://{NAME}/hook") == reason


def test_old_tls_is_refused(trusted: Certificates) -> None:
    old = presenting(trusted.good)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with receiving(answers(200), tls=old) as receiver, edge({NAME: [[PUBLIC]]}, {PUBLIC: receiver.way}):
        assert post(f"https://{NAME}/hook") == posting.NO_TLS


def test_what_is_sent_is_what_was_given(settings: Any) -> None:
    with receiving(answers(200)) as receiver:
        settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]

        assert post(f"http://{receiver.pair}/a/b?c=d") == 200

    (request,) = receiver.requests
    assert (request.line, request.body) == ("POST /a/b?c=d HTTP/1.1", BODY)
    assert request.headers == {
        "host": receiver.pair, "user-agent": "Callboard-Webhooks/1", "accept": "*/*", "accept-encoding": "identity",
        "connection": "close", "content-length": str(len(BODY)), "content-type": "application/json", "webhook-id": "a",
    }  # fmt: skip


def test_an_extra_target_is_exactly_that_pair(settings: Any) -> None:
    with receiving(answers(200)) as receiver:
        settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]
        port = receiver.way[1]

        assert post(f"http://127.0.0.1:{port}/") == 200
        assert post(f"http://127.0.0.2:{port}/") == posting.NOT_ALLOWED
        assert post(f"http://localhost:{port}/") == posting.NOT_ALLOWED
        assert post(f"http://127.0.0.1:{port % 60_000 + 1}/") == posting.NOT_ALLOWED
        assert post("https://127.0.0.1/") == posting.NO_PUBLIC_ADDRESS


def test_nothing_of_an_address_stands_in_a_reason(settings: Any) -> None:
    for url in ("https://user:secret@www.example.org/", "https://127.0.0.1/?key=secret", "nonsense secret"):
        assert "secret" not in str(post(url))


NOW_AND_THEN = [
    ("0", 0), ("1", 1), ("120", 120), (" 120 ", 120), ("86400", 86_400), ("86401", 86_400), ("9" * 20, 86_400),
    ("9" * 21, None), ("-1", None), ("+5", None), ("1.5", None), ("1e3", None), ("soon", None), ("", None),
    ("１２", None), ("120, 5", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
    ("Mon, 99 Foo 2026 99:99:99 GMT", None), ("Sun Nov  6 08:49:37 1994", 0), ("2026-11-26T10:00:00Z", None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "seconds"), NOW_AND_THEN)
def test_a_pause_is_understood_or_there_is_none(written: str, seconds: int | None, settings: Any) -> None:
    raw = f"HTTP/1.1 429 Slow\r\nRetry-After: {written}\r\nContent-Length: 0\r\n\r\n".encode()
    with receiving(says(raw)) as receiver:
        settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]

        assert posting.post(url=f"http://{receiver.pair}/", body=b"", headers={}) == Reply(429, seconds)


def test_a_pause_can_be_a_date(settings: Any) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    with receiving(answers(503, f"retry-after: {later}")) as receiver:
        settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]
        reply = posting.post(url=f"http://{receiver.pair}/", body=b"", headers={})

    assert reply.retry_after is not None
    assert 590 <= reply.retry_after <= 600


class Saying:
    """A receiver whose answer can be exchanged."""

    def __init__(self) -> None:
        self.raw = b""

    def manner(self, connection: socket.socket) -> None:
        connection.sendall(self.raw)


@pytest.fixture(scope="module")
def saying() -> Iterator[tuple[Saying, Receiver]]:
    words = Saying()
    with receiving(words.manner) as receiver:
        yield words, receiver


WORDS = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 103 x", b"Content-Length: 5", b"", b"5", b"X:", b"Transfer-Encoding: chunked",
    b"Retry-After: ", b"Connection: close",
]  # fmt: skip
LINES = st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=30)), max_size=8)


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(lines=[b"HTTP/1.1 200 OK", b"Retry-After: Mon, 1 Jan 99999999999 00:00:00 GMT", b"", b""])
@example(lines=[b"HTTP/1.1 200 OK", b"Retry-After: 1 1 1 1 1 1 1", b"", b""])
@given(lines=LINES)
def test_no_bytes_are_too_much(saying: tuple[Saying, Receiver], settings: Any, lines: list[bytes]) -> None:
    words, receiver = saying
    words.raw = b"\r\n".join(lines)
    settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair]

    outcome = post(f"http://{receiver.pair}/")

    assert isinstance(outcome, int) or outcome in {posting.NOT_HTTP, posting.BROKEN_OFF}
