"""The stored halves of a whole database: whether any is missing, and what an older Callboard wrote (RULES 23)."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from events import calendars
from events.models import Fragment, ParticipantFragment, Session

COLUMNS = ("event_id", "language", "starts_at", "zone", "stamp", "sequence", "status", "seated", "unseated")


def are_missing() -> bool:
    """Whether a session has its public entry alone, as in a database from before there were personal calendars."""
    own = ParticipantFragment.objects.filter(session=OuterRef("session"), base_url=settings.CALLBOARD_URL)
    return Fragment.objects.filter(~Exists(own), base_url=settings.CALLBOARD_URL).exists()


def renew(*, session_ids: Collection[int]) -> list[Session]:
    """They are as they would be written now; the sessions of which they were not.

    Public entries are up to date already, and nobody else renders (`outbox.lock_version`).
    """
    rows = ParticipantFragment.objects.filter(session__in=session_ids, base_url=settings.CALLBOARD_URL).order_by("pk")
    stored: dict[int, set[tuple[Any, ...]]] = {}
    for session_id, *columns in rows.values_list("session_id", *COLUMNS):
        stored.setdefault(session_id, set()).add(tuple(columns))
    renewed, written = [], []
    for session in calendars.for_rendering(stored):
        halves = calendars.halved(session) if calendars.is_readable(session) else []
        if stored[session.pk] != {tuple(getattr(half, name) for name in COLUMNS) for half in halves}:
            renewed.append(session)
            written += halves
    rows.filter(session__in=[session.pk for session in renewed]).delete()
    ParticipantFragment.objects.bulk_create(written)
    return renewed
