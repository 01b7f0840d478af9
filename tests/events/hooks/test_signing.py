"""Signatures that the public library, and anybody who reads its specification, verifies."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from events.hooks import signing

FIRST, SECOND = (f"whsec_{base64.b64encode(bytes([number] * 32)).decode()}" for number in (1, 2))
BODY = '{"type":"event.changed","title":"단편 제작"}'.encode()


def test_the_public_library_verifies_it_with_each_of_two_secrets() -> None:
    headers = signing.headers(message_id="msg_1", body=BODY, secrets=[SECOND, FIRST], now=datetime.now(UTC))

    for secret in (FIRST, SECOND):
        assert Webhook(secret).verify(BODY, headers) == {"type": "event.changed", "title": "단편 제작"}
    with pytest.raises(WebhookVerificationError):
        Webhook(f"whsec_{base64.b64encode(bytes(32)).decode()}").verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(FIRST).verify(BODY + b" ", headers)


def test_it_is_the_hmac_that_the_specification_says() -> None:
    now = datetime(2026, 11, 26, 9, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=9)))

    headers = signing.headers(message_id="msg_1", body=BODY, secrets=[FIRST], now=now)

    expected = hmac.new(bytes([1] * 32), b"msg_1.1795651200." + BODY, hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1795651200",
        "webhook-signature": f"v1,{base64.b64encode(expected).decode()}",
    }
