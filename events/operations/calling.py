"""Call: a worker claims one webhook, hands over what waits for it, and says what became of each message.

The claim is of the webhook, so that at most one message is on its way to it. It ends by the database's clock and has a
number that rises with each: whoever slept past theirs changes nothing (SAFETY O4). Nothing here waits for a network.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Now

from events.hooks.kinds import TEST
from events.models import Webhook, WebhookMessage
from events.operations import hooking
from events.operations.committing import all_or_nothing
from events.operations.delivering import from_now
from events.operations.fanning_out import PAUSES

LEASE = timedelta(seconds=30)  # from each message anew: one attempt takes ten at most
MOST_ATTEMPTS = len(PAUSES) + 1
IN_ORDER_UNTIL = 3  # attempts: what was refused so often no longer stands before the others
LONGEST_WISH = timedelta(hours=1)  # that a receiver may be left alone because it asks for it
FAILING_FOR = timedelta(days=5)
SILENCE = timedelta(days=1)  # after a pause: what comes then is another trouble
QUICK_MILLISECONDS = 1_000
GONE = 410


@all_or_nothing
def claim(*, may_be_slow: bool) -> Webhook | None:
    """The webhook whose message has waited longest, ours for half a minute; None where nothing is to be sent now.

    `may_be_slow`: also one that did not answer well and within a second the last time, or was never asked.
    """
    due = _due().filter(webhook=OuterRef("pk")).order_by("seq")
    free = (Q(claimed_until__isnull=True) | Q(claimed_until__lte=Now())) & _after("not_before")
    rows = Webhook.objects.filter(free, Exists(due), stopped="").annotate(first=Subquery(due.values("pk")[:1]))
    rows = (rows if may_be_slow else rows.filter(is_quick=True)).order_by("first")
    pk = rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True).first()
    if pk is None:
        return None
    Webhook.objects.filter(pk=pk).update(lease=F("lease") + 1, claimed_until=from_now(LEASE))
    return Webhook.objects.select_related("organization").get(pk=pk)


@all_or_nothing
def next_message(*, webhook: Webhook) -> WebhookMessage | None:
    """What is to be handed over now, counted as tried; None where nothing is due, or the webhook is ours no longer.

    In order of `seq`, but what was refused several times waits behind the others: it is not the receiver's fault alone.
    """
    if not _ours(webhook).filter(stopped="").update(claimed_until=from_now(LEASE)):
        return None
    due = _due().filter(webhook=webhook).order_by("seq")  # as the index of what waits has it, however much that is
    message = due.filter(attempts__lt=IN_ORDER_UNTIL).first() or due.first()
    if message is not None:
        WebhookMessage.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1, tried_at=Now())
        message.attempts += 1
    return message


@all_or_nothing
def taken(*, webhook: Webhook, message: WebhookMessage, status: int, milliseconds: int) -> bool:
    """The receiver has it. False where somebody else's claim counts by now."""
    webhook.failures = 0
    is_quick = milliseconds < QUICK_MILLISECONDS
    if not _ours(webhook).update(failures=0, failing_since=None, not_before=None, is_quick=is_quick):
        return False
    _note(message, status="sent", ended_at=Now(), not_before=None, status_code=status, milliseconds=milliseconds)
    return True


@all_or_nothing
def failed(
    *, webhook: Webhook, message: WebhookMessage, status: int | None, error: str = "", milliseconds: int,
    wish: int | None = None,
) -> timedelta | None:  # fmt: skip
    """The receiver does not have it: again after a pause, in which nothing else is sent there either; how long it is.

    The message is given up when it was tried for three days, and with it all that waited behind it for so long. Who
    fails for five days without a day of silence, or says that it is gone (410), is stopped, and its owners are told.
    `wish`: seconds that the receiver wants to be left alone. None where nothing is to be sent there again, or somebody
    else's claim counts.
    """
    pause = max(_jittered(webhook.failures), min(timedelta(seconds=wish or 0), LONGEST_WISH))
    since = Case(When(not_before__lt=from_now(-SILENCE), then=Now()), default=Coalesce("failing_since", Now()))
    counts = 0 if message.kind == TEST else 1  # whoever presses the button puts nothing off for longer
    ours = _ours(webhook).update(
        failures=F("failures") + counts, failing_since=since, not_before=from_now(pause), is_quick=False
    )
    if not ours:
        return None
    own = _jittered(message.attempts - 1)  # once the receiver is well again it waits for none of what failed before it
    _note(message, not_before=from_now(own), status_code=status, milliseconds=milliseconds, error=error)
    hooking.give_up(_tried_enough(webhook))
    if status == GONE:
        hooking.stop(webhook=webhook, why=Webhook.Stop.GONE)
        return None
    if _ours(webhook).filter(failing_since__lte=from_now(-FAILING_FOR)).exists():
        hooking.stop(webhook=webhook, why=Webhook.Stop.FAILING)
        return None
    return pause


@all_or_nothing
def let_go(*, webhook: Webhook) -> None:
    """Others may claim it."""
    _ours(webhook).update(claimed_until=None)


@all_or_nothing
def give_up_due() -> int:
    """What took its worker down with it again and again is given up; how many. The rest ends as it is tried."""
    waiting = WebhookMessage.objects.filter(status="waiting", attempts__gte=MOST_ATTEMPTS)
    return hooking.give_up(
        waiting.filter(Q(webhook__claimed_until__isnull=True) | Q(webhook__claimed_until__lte=Now()))
    )


def _tried_enough(webhook: Webhook) -> QuerySet[WebhookMessage]:
    waiting = WebhookMessage.objects.filter(webhook=webhook, status="waiting")
    return waiting.filter(Q(attempts__gte=MOST_ATTEMPTS) | Q(gives_up_at__lte=Now()))


def _due() -> QuerySet[WebhookMessage]:
    return WebhookMessage.objects.filter(_after("not_before"), status="waiting", attempts__lt=MOST_ATTEMPTS)


def _after(name: str) -> Q:
    """Whether that time is over, or there is none."""
    return Q((f"{name}__isnull", True)) | Q((f"{name}__lte", Now()))


def _ours(webhook: Webhook) -> QuerySet[Webhook]:
    return Webhook.objects.filter(pk=webhook.pk, lease=webhook.lease)


def _note(message: WebhookMessage, **values: Any) -> None:
    """Only what still waits: a message ends once."""
    WebhookMessage.objects.filter(pk=message.pk, status="waiting").update(**{"error": "", **values})


def _jittered(number: int) -> timedelta:
    """The pause after so many failures, up to a tenth longer: who fell over together is not asked together again."""
    return PAUSES[min(number, len(PAUSES) - 1)] * (1_000 + secrets.randbelow(100)) / 1_000
