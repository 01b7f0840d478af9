"""Messages: whoever is to be told has one, from the commit on (SAFETY O1); what became of it is said whole."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q

from events.models import Change, Delivery, Registration
from events.models.delivery import KEPT
from events.reports.audit.breaks import Break

KINDS = [f"registration.{status}" for status in Registration.Status.values]


def told(now: datetime) -> Iterator[Break]:
    """Each change of a registration has its message. Twice is refused by the database.

    Looked at as long as messages are kept, and since the first urgent one: what waited when they became rows
    (migration 0008) is in the other lane, and what had been told by then has none.
    """
    rows = Delivery.objects.filter(change__kind__in=KINDS)
    first = rows.filter(lane="urgent").aggregate(change=Min("change"))["change"]
    if first is None:
        return
    own = rows.order_by().filter(change=OuterRef("pk"), registration=OuterRef("registration"))
    changes = Change.objects.filter(kind__in=KINDS, registration__isnull=False, pk__gte=first, at__gte=now - KEPT)
    for pk, kind, registration in changes.filter(~Exists(own)).order_by("pk").values_list("pk", "kind", "registration"):
        yield Break("O1", "told", f"change {pk}", f"{kind} of registration {registration} has no message")


def ended(now: datetime) -> Iterator[Break]:
    """What waits has no end, and everything else has one; only what waits keeps its words."""
    waits = Q(status="waiting")
    torn = (waits & Q(ended_at__isnull=False)) | (~waits & (Q(ended_at__isnull=True) | Q(message__isnull=False)))
    for pk, status in Delivery.objects.filter(torn).order_by("pk").values_list("pk", "status"):
        yield Break("O2", "ended", f"message {pk}", f"it is {status}, and its end or its words say something else")
