"""The webhook channel: the worker's part in it (docs/decisions/0032). Who hears of what: `operations.fanning_out`."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from django.utils import timezone

from events.hooks import posting, signing
from events.hooks.posting import NotPosted, Reply
from events.models import Webhook, WebhookMessage
from events.operations import calling, hooking

THREADS = 8
LONGEST_SECONDS = 10  # at one webhook, before it is anybody's turn again
MOST_SLOW = BoundedSemaphore(THREADS // 2)  # threads that may wait for who is not known to answer quickly

log = logging.getLogger(__name__)


def deliver(*, meanwhile: Callable[[], None] = lambda: None) -> tuple[bool, timedelta | None]:
    """The webhook that has waited longest has what waited for it, until a message fails or its time is over.

    At least once: who dies after the receiver answered leaves the message to be sent again, the same bytes under the
    same id. `meanwhile` is called as soon as one is claimed: others may wait for another thread. Whether there was one,
    and how long it is to be left alone.
    """
    with _may_be_slow() as may_be_slow:
        webhook = calling.claim(may_be_slow=may_be_slow)
        if webhook is None:
            return False, None
        meanwhile()
        try:
            return True, _hand_over_all(webhook)
        finally:
            calling.let_go(webhook=webhook)


def message_id(message: WebhookMessage) -> str:
    """The same for each attempt: receivers keep those that they have seen."""
    return f"msg_{message.uid.hex}"


@contextmanager
def _may_be_slow() -> Iterator[bool]:
    """Half of the threads are for those that answer quickly, whatever the others do."""
    may = MOST_SLOW.acquire(blocking=False)
    try:
        yield may
    finally:
        if may:
            MOST_SLOW.release()


def _hand_over_all(webhook: Webhook) -> timedelta | None:
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        message = calling.next_message(webhook=webhook)
        if message is None:
            break
        pause = _hand_over(webhook, message)
        if pause is not None:
            return pause
    return None


def _hand_over(webhook: Webhook, message: WebhookMessage) -> timedelta | None:
    """The receiver has it; or the pause that follows."""
    began = time.monotonic()
    answer = _posted(webhook, message)
    milliseconds = round((time.monotonic() - began) * 1000)
    if isinstance(answer, Reply) and 200 <= answer.status < 300:
        calling.taken(webhook=webhook, message=message, status=answer.status, milliseconds=milliseconds)
        return None
    if isinstance(answer, Reply):
        return calling.failed(
            webhook=webhook, message=message, status=answer.status, milliseconds=milliseconds, wish=answer.retry_after
        )
    return calling.failed(webhook=webhook, message=message, status=None, error=answer, milliseconds=milliseconds)


def _posted(webhook: Webhook, message: WebhookMessage) -> Reply | str:
    """The answer, or why there is none, in words that hold nothing of the receiver's."""
    now, body = timezone.now(), message.body.encode()
    signed = signing.headers(
        message_id=message_id(message), body=body, secrets=hooking.secrets_of(webhook, now=now), now=now
    )
    try:
        return posting.post(url=webhook.url, body=body, headers={"Content-Type": "application/json", **signed})
    except NotPosted as problem:
        return problem.reason
    except Exception:
        log.exception("Webhook message %s could not be posted.", message.uid)
        return "not posted"
