"""Render: all stored calendar texts anew, as after a change of the address or of Callboard itself."""

from collections.abc import Callable
from datetime import datetime

from events import calendars, outbox
from events.agendas import stored_halves
from events.models import Event, Session
from events.operations import publishing
from events.operations.committing import all_or_nothing


def render_all(*, clock: Callable[[], datetime]) -> int:
    """Every stored calendar text is what it should be; how many were not.

    One transaction for each batch, at its own time: nothing may look older than its commit (`reports.reach`).
    """
    ids = list(Session.objects.order_by("pk").values_list("pk", flat=True))
    batches = (ids[start : start + calendars.RENDER_BATCH] for start in range(0, len(ids), calendars.RENDER_BATCH))
    return sum(_render(ids=batch, now=clock()) for batch in batches)


@all_or_nothing
def _render(*, ids: list[int], now: datetime) -> int:
    publishing.lock_all(events=Event.objects.filter(pk__in=Session.objects.filter(pk__in=ids).values("event")))
    outbox.lock_version()
    refreshed = calendars.refresh(session_ids=ids, now=now)
    told = [*refreshed.changed, *refreshed.withdrawn]
    halved = [*refreshed.halved, *stored_halves.renew(session_ids=ids)]
    if told or halved:  # the version vouches for personal calendars too
        events = {session.event_id: session.event for session in told}
        outbox.stamp_version(version=outbox.raise_version(), events=events.values(), sessions=told)
    return len(told) + len(halved)
