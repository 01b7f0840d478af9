"""Webhooks: changes have places without gaps, and each webhook's messages numbers without gaps."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Max, Min

from events.models import Change, Sequencer, WebhookMessage
from events.models.webhook import LOGGED
from events.reports.audit.breaks import Break, sides


def places(now: datetime) -> Iterator[Break]:
    """Places have no gaps and end where the sequencer is."""
    placed = Change.objects.filter(place__gt=0).aggregate(number=Count("pk"), last=Max("place"))
    counted = {"changes": placed["number"], "last": placed["last"] or 0}
    given = Sequencer.objects.filter(pk=1).values_list("last_place", flat=True).first() or 0
    if set(counted.values()) != {given}:
        yield Break("O1", "place", "changes", sides(counted | {"given": given}))


def numbers(now: datetime) -> Iterator[Break]:
    """Of the messages that are kept for so long, none is missing between the oldest and the newest of a webhook.

    Twice is refused by the database. What ended long ago is forgotten, whatever its number: it is not looked at.
    """
    kept = WebhookMessage.objects.filter(created_at__gte=now - LOGGED).order_by()
    rows = kept.values("webhook__uid", newest=F("webhook__seq")).annotate(
        number=Count("pk"), first=Min("seq"), last=Max("seq")
    )
    for row in rows:
        expected = row["last"] - row["first"] + 1
        if row["number"] != expected or row["last"] != row["newest"]:
            found = {"messages": row["number"], "first": row["first"], "last": row["last"], "given": row["newest"]}
            yield Break("O6", "seq", f"webhook {row['webhook__uid']}", sides(found))
