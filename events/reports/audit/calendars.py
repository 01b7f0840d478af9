"""Personal calendars: the stored halves, and what each link says that it was sent."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from events import calendars, outbox
from events.models import CalendarLink, ParticipantFragment, Session
from events.models.subscription import own_revision
from events.reports.audit.breaks import Break, sides

BATCH = 200
COLUMNS = ("event_id", "language", "starts_at", "zone", "stamp", "sequence", "status", "seated", "unseated")


def halves(now: datetime) -> Iterator[Break]:
    """Stored halves are what rendering gives now, in both languages, for exactly the public sessions."""
    ids = iter(Session.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000))
    while batch := list(islice(ids, BATCH)):
        stored: dict[int, set[tuple[Any, ...]]] = {}
        rows = ParticipantFragment.objects.filter(session__in=batch, base_url=settings.CALLBOARD_URL).order_by("pk")
        for session_id, *columns in rows.values_list("session_id", *COLUMNS):
            stored.setdefault(session_id, set()).add(tuple(columns))
        for session in calendars.for_rendering(batch):
            is_public = calendars.is_readable(session) and session.was_public
            wanted = calendars.halved(session) if is_public else []
            if stored.get(session.pk, set()) != {tuple(getattr(half, name) for name in COLUMNS) for half in wanted}:
                yield Break("K4", "half", f"session {session.uid}", "its entry for participants is not what it shows")


def links(now: datetime) -> Iterator[Break]:
    """No link was sent a version that was not given yet, or more of its owner's registrations than there are."""
    newest = outbox.current_version()
    own = Coalesce(own_revision(), Value(0))
    rows = CalendarLink.objects.annotate(own=own).filter(Q(sent_version__gt=newest) | Q(sent_revision__gt=F("own")))
    for pk, version, revision, there in rows.order_by("pk").values_list("pk", "sent_version", "sent_revision", "own"):
        sent = {"sent": f"{version}/{revision}", "there is": f"{newest}/{there}"}
        yield Break("K4", "link-sent", f"calendar link {pk}", sides(sent))
