"""What others follow: deltas of the public lists, and the positions of registrations' changes (RULES 28)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Q

from events.models import Change, Event, Sequencer, Session
from events.reports.audit.breaks import Break, sides


def publications(now: datetime) -> Iterator[Break]:
    """Everything in the public lists is told of by the version that it carries."""
    listed: tuple[tuple[str, Any], ...] = (("event", Event.objects.public()), ("session", Session.objects.public()))
    for name, rows in listed:
        untold = rows.filter(Q(publication__isnull=True) | ~Q(publication__version=F("version")))
        for uid, own, told in untold.order_by("pk").values_list("uid", "version", "publication__version"):
            yield Break("K4", "publication", f"{name} {uid}", sides({"its version": own, "in deltas": told}))


def positions(now: datetime) -> Iterator[Break]:
    """Positions have no gaps and end where the sequencer is."""
    placed = Change.objects.filter(position__isnull=False).aggregate(number=Count("pk"), last=Max("position"))
    counted = {"changes": placed["number"], "last": placed["last"] or 0}
    given = Sequencer.objects.filter(pk=1).values_list("last", flat=True).first() or 0
    if set(counted.values()) != {given}:
        yield Break("O1", "position", "registrations", sides(counted | {"given": given}))
