"""The demo's receiver takes what is ours, says of everything whether it was, and is nowhere but in the demo."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from events.hooks import signing
from events.models import SYSTEM, Webhook
from events.operations import hooking
from pages.arrivals import arrivals, views
from tests import factories
from tests.pages.html import elements

pytestmark = pytest.mark.django_db

BODY = '{"type":"event.changed","timestamp":"2026-10-01T03:00:00Z","data":{"seq":7,"event":"단편"}}'.encode()
SHOWN = '{ "type": "event.changed", "timestamp": "2026-10-01T03:00:00Z", "data": { "seq": 7, "event": "단편" } }'
HOSTILE = b'{"type": "<script>alert(1)</script>", "data": 5}\xff'


@pytest.fixture
def webhook(tmp_path: Path, settings: Any) -> Webhook:
    settings.DEMO, settings.DEMO_WEBHOOKS = True, tmp_path / "webhooks"
    settings.WEBHOOK_EXTRA_TARGETS = ["127.0.0.1:8000"]
    fields = {"url": "http://127.0.0.1:8000/demo/webhooks/"}
    return hooking.create(
        organization=factories.organization(), fields=fields, actor=SYSTEM, now=timezone.now()
    )[0]  # fmt: skip


def send(body: bytes, *, number: int = 1, secret: str) -> int:
    headers = signing.headers(message_id=f"msg_{number}", body=BODY, secrets=[secret], now=datetime.now(UTC))
    client = Client(enforce_csrf_checks=True)
    return client.post("/demo/webhooks/", body, content_type="application/json", headers=headers).status_code


def page(path: str = "/demo/webhooks/") -> Any:
    return Client(headers={"accept-language": "en"}).get(path)


def test_what_is_ours_is_taken_and_what_is_not_is_shown_as_such(webhook: Webhook) -> None:
    old = hooking.secret_of(webhook)
    _webhook, new = hooking.rotate(webhook=webhook, actor=SYSTEM, now=timezone.now())
    sent = ((BODY, 1, new), (BODY, 1, new), (BODY, 2, old), (HOSTILE, 1, new))

    statuses = [send(body, number=number, secret=secret) for body, number, secret in sent]

    assert statuses == [204, 204, 204, 401]
    assert [line.text[: -len(" 2026-10-01 12:00:00")] for line in elements(page(), "li")] == [
        'Nothing of ours {"type": "<script>alert(1)</script>", "data": 5}\ufffd msg_1 Signature wrong',
        f"An event was changed seq 7 {SHOWN} msg_2 Signature right",
        f"An event was changed seq 7 {SHOWN} msg_1 Signature right; came before",
        f"An event was changed seq 7 {SHOWN} msg_1 Signature right",
    ]


def test_what_came_on_an_earlier_page_is_known(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ROWS", 1)
    secret = hooking.secret_of(webhook)
    assert [send(BODY, secret=secret), send(BODY, secret=secret)] == [204, 204]

    newest, oldest = (elements(page(f"/demo/webhooks/?page={number}"), "li") for number in (1, 2))

    assert ["came before" in line.text for line in (*newest, *oldest)] == [True, False]


def test_the_list_is_the_same_until_something_comes(webhook: Webhook) -> None:
    tag = page()["ETag"]
    client = Client(headers={"accept-language": "en", "if-none-match": tag})
    same = client.get("/demo/webhooks/").status_code
    send(BODY, secret=hooking.secret_of(webhook))

    assert (same, client.get("/demo/webhooks/").status_code) == (304, 200)


def test_outside_the_demo_there_is_no_such_address(webhook: Webhook, settings: Any) -> None:
    settings.DEMO = False

    assert (page().status_code, send(BODY, secret=hooking.secret_of(webhook))) == (404, 404)
    assert arrivals.names(settings.DEMO_WEBHOOKS) == []


def test_too_much_is_not_taken(webhook: Webhook, settings: Any) -> None:
    assert send(b"x" * (views.LARGEST + 1), secret=hooking.secret_of(webhook)) == 413
    assert arrivals.names(settings.DEMO_WEBHOOKS) == []
