"""A webhook of a test's own, and a receiver on this machine that answers as it is told."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings

from events.models import SYSTEM, Organization, Webhook, WebhookMessage
from events.operations import hooking, sequencing
from tests.factories import NOW

Answer = int | tuple[int, dict[str, str]]


class Receiver:
    """Listens as long as the `with` lasts. `answers(request)` says what to answer; what came is in `taken`."""

    def __init__(self, answers: Callable[["Received"], Answer] = lambda _received: 204, *, slow: float = 0) -> None:
        self.answers, self.slow = answers, slow
        self.taken: list[Received] = []
        self.at_once, self.most_at_once = 0, 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.pair}/hook"

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [received.message for received in self.taken]

    def kinds(self) -> list[str]:
        return [str(message["type"]) for message in self.messages]

    def listen(self) -> None:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> "Receiver":
        self.listen()
        settings.WEBHOOK_EXTRA_TARGETS = [*settings.WEBHOOK_EXTRA_TARGETS, self.pair]
        return self

    def __exit__(self, *_error: object) -> None:
        settings.WEBHOOK_EXTRA_TARGETS = [pair for pair in settings.WEBHOOK_EXTRA_TARGETS if pair != self.pair]
        self.server.shutdown()
        self.server.server_close()


class Received:
    """One request as it came."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.headers, self.body = headers, body
        self.at = time.monotonic()

    @property
    def message(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # who sent it died in the middle
            received = Received({name.lower(): value for name, value in self.headers.items()}, body)
            with receiver.lock:
                receiver.at_once += 1
                receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
                receiver.taken.append(received)
            time.sleep(receiver.slow)
            answer = receiver.answers(received)
            with receiver.lock:
                receiver.at_once -= 1
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Nobody reads it."""

    return Handler


def webhook(organization: Organization, url: str = "https://receiver.example/hook", **fields: Any) -> Webhook:
    """A webhook of this organization, which hears of everything from here on."""
    sequencing.number_all()
    return hooking.create(organization=organization, fields={"url": url, **fields}, actor=SYSTEM, now=NOW)[0]


def heard(webhook: Webhook) -> list[str]:
    """The kinds of what was ordered for it by now, in order."""
    sequencing.number_all()
    return list(WebhookMessage.objects.filter(webhook=webhook).order_by("seq").values_list("kind", flat=True))


def bodies(webhook: Webhook) -> list[dict[str, Any]]:
    """What each of these messages says."""
    rows = WebhookMessage.objects.filter(webhook=webhook).order_by("seq")
    return [dict(json.loads(body)) for body in rows.values_list("body", flat=True)]
