"""Deliver what was recorded: a worker claims rows, keeps the words it hands over, and says what became of them.

A claim ends by the database's clock, so workers whose clocks differ agree; it carries a number that rises with each
claim, so a worker that slept past its claim changes nothing (SAFETY O4). No statement here waits for a mail server.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError
from events.models import Actor, Delivery, Event
from events.models.delivery import KEPT
from events.operations.committing import all_or_nothing

LEASE = timedelta(minutes=2)  # from each hand-over anew: one mail takes less, however long the server lets us wait
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_ATTEMPTS = 20  # the pauses between them add up to three days
AS_NEW: dict[str, Any] = {"status": "waiting", "attempts": 0, "error": "", "not_before": None, "ended_at": None}


class NothingToSendAgain(DomainError):
    """Only what was given up can be sent again."""

    code = "not_given_up"


@all_or_nothing
def claim(*, lane: str, most: int) -> list[Delivery]:
    """Up to `most` messages of the lane that nobody else sends, ours for two minutes, with all that their words need.

    Those that wait longest come first. Three statements, however many they are.
    """
    waiting = _free().filter(lane=lane, attempts__lt=MOST_ATTEMPTS).order_by("pk")
    ids = list(waiting.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:most])
    if not ids:
        return []
    Delivery.objects.filter(pk__in=ids).update(
        lease=F("lease") + 1, attempts=F("attempts") + 1, not_before=from_now(LEASE)
    )
    return list(
        Delivery.objects.filter(pk__in=ids)
        .select_related(
            "organization",
            "change",
            "registration__event__programme__organization",
            "group__event__programme__organization",
            "sign_in",
            "webhook__organization",
            "person",
        )
        .order_by("pk")
    )


@all_or_nothing
def hold(*, delivery: Delivery, message: bytes) -> bool:
    """Whether it is still ours to hand over, for two more minutes; its words are kept from now on.

    Whoever must send it again sends the same bytes (SAFETY O3). Not a code to sign in, which is stored nowhere
    (RULES 13): its mail is written again, with the same words.
    """
    words = {"message": message} if delivery.sign_in_id is None else {}
    return bool(_ours(delivery).update(not_before=from_now(LEASE), **words))


@all_or_nothing
def sent(*, delivery: Delivery) -> bool:
    """The mail server has taken it. False where somebody else's claim counts by now."""
    return bool(_ours(delivery).update(status="sent", message=None, error="", not_before=None, ended_at=Now()))


@all_or_nothing
def superseded(*, deliveries: Collection[Delivery]) -> None:
    """What they tell is no longer so; a newer message says what is."""
    for delivery in deliveries:
        _ours(delivery).update(status="superseded", message=None, error="", not_before=None, ended_at=Now())


@all_or_nothing
def put_off(*, delivery: Delivery, error: str, keeps_words: bool, is_tried: bool = True) -> None:
    """It was not taken: again after a pause that doubles, a minute to six hours.

    `error` names no address. What may be there already `keeps_words`, so that it is the same message twice. What nobody
    has tried (`is_tried`) waits a minute, and the attempt does not count.
    """
    pause = min(SHORTEST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE) if is_tried else SHORTEST_PAUSE
    values = {"error": error, "not_before": from_now(pause)} | ({} if keeps_words else {"message": None})
    _ours(delivery).update(attempts=F("attempts") - (0 if is_tried else 1), **values)


@all_or_nothing
def give_up(*, delivery: Delivery, error: str) -> None:
    """It will not be tried again, for everybody to see. `error` names no address."""
    _ours(delivery).update(status="dead", error=error, message=None, not_before=None, ended_at=Now())


@all_or_nothing
def give_up_due() -> int:
    """What was tried for three days, or took its worker down with it so often, is given up; how many."""
    tried = _free().filter(attempts__gte=MOST_ATTEMPTS)
    return tried.update(status="dead", message=None, not_before=None, ended_at=Now())


@all_or_nothing
def send_again(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """A given-up message waits again, as if it were new. Raises NothingToSendAgain for any other."""
    again = Delivery.objects.filter(pk=delivery.pk, status="dead").update(**AS_NEW)
    if not again:
        raise NothingToSendAgain(_("This message was not given up: it was sent, or it waits."))
    if delivery.organization_id is not None:
        outbox.record_change(
            kind="delivery.sent_again", actor=actor, now=now, organization_id=delivery.organization_id,
            after={"delivery": str(delivery.uid)},
        )  # fmt: skip
    outbox.wake([delivery.lane])
    delivery.refresh_from_db()
    return delivery


@all_or_nothing
def send_all_again(*, deliveries: QuerySet[Delivery], event: Event, actor: Actor, now: datetime) -> int:
    """Those of an event's messages that were given up wait again, as if they were new; how many."""
    rows = deliveries.filter(status="dead").select_related(None).select_for_update(of=("self",), no_key=True)
    found = dict(rows.order_by("pk").values_list("pk", "lane"))
    if not found:
        return 0
    Delivery.objects.filter(pk__in=found).update(**AS_NEW)
    outbox.record_change(
        kind="delivery.all_sent_again", actor=actor, now=now, organization_id=event.programme.organization_id,
        event=event, after={"deliveries": len(found)},
    )  # fmt: skip
    outbox.wake(sorted(set(found.values())))
    return len(found)


def forget_old(*, now: datetime) -> int:
    """Messages that ended three months ago are gone; how many."""
    return Delivery.objects.filter(ended_at__lt=now - KEPT).delete()[0]


def _free() -> QuerySet[Delivery]:
    """What waits and is nobody's now."""
    return Delivery.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()), status="waiting")


def _ours(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease, status="waiting")


def from_now(pause: timedelta) -> Combinable:
    """That time by the database's clock, in the statement that writes or asks it."""
    return ExpressionWrapper(Now() + Value(pause), output_field=DateTimeField())
