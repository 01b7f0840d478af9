"""Signatures by which a receiver knows that a message is ours, whole and fresh (standardwebhooks.com)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook


def headers(*, message_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks, with a signature by each of the secrets (`whsec_...`).

    Two while a secret is exchanged for another: a receiver is satisfied by one of them. `now` is when this attempt is
    made, of the same message again too.
    """
    # The library reads any time as UTC, whatever zone it carries: it gets one that is.
    at = datetime.fromtimestamp(int(now.timestamp()), tz=UTC)
    text = body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, at, text) for secret in secrets),
    }
