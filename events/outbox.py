"""Changes are rows: everything that others must hear of starts here, in the transaction of what it tells."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Model
from django.utils.module_loading import import_string

from events.models import Actor, Change, Delivery, Event, Publication, Registration, ScheduleVersion, Session
from events.models.prepared import insert


def change(
    *, kind: str, actor: Actor, now: datetime, organization_id: int,
    event: Event | None = None, session: Session | None = None, registration: Registration | None = None,
    before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
    reason: str = "", version: int | None = None,
) -> Change:  # fmt: skip
    """One Change, not yet stored. `before` and `after` are JSON-ready and hold no personal data (RULES 29)."""
    return Change(
        kind=kind,
        organization_id=organization_id,
        event=event,
        session=session,
        registration=registration,
        actor_kind=actor.kind,
        person_id=actor.person_id,
        api_key_id=actor.key_id,
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        revision=event.revision if event is not None else 0,
        version=version,
        at=now,
    )


def record_change(**told: Any) -> Change:
    """One Change exists, as `change` takes it, and those whom it concerns will hear of it."""
    row = change(**told)
    record_changes([row])
    return row


def record_changes(rows: Sequence[Change]) -> None:
    """All of them exist, in one statement; a single one by the prepared one. Who is to hear of them has deliveries.

    What is published in one step belongs into one call: then each person has one message about it. Webhooks hear of
    every change: the worker looks after them whenever it is woken, so that they cost the step itself nothing.
    """
    _insert(rows)
    deliveries = [delivery for channel in _channels() for delivery in channel.targets(rows)]
    order(deliveries)
    if rows and not deliveries:
        wake(["hooks"])


def order(deliveries: Iterable[Delivery]) -> None:
    """These messages exist from the commit on, and the worker is woken after it.

    Where nobody can be woken they stand all the same: the worker looks for itself every minute.
    """
    rows = list(deliveries)
    if rows:
        _insert(rows)
        wake(sorted({row.lane for row in rows}))


def wake(lanes: Collection[str]) -> None:
    """After the commit the worker looks into these lanes."""
    transaction.on_commit(lambda: import_string(settings.OUTBOX_WAKE)(lanes), robust=True)


def _insert(rows: Sequence[Model]) -> None:
    if len(rows) == 1:
        insert(rows[0])
    elif rows:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=500)


@cache
def _channels() -> list[Any]:
    """Modules with `targets(changes)`, which says who is to hear of them, and a way to send it (ARCHITECTURE 7)."""
    return [import_module(name) for name in settings.OUTBOX_CHANNELS]


def lock_version() -> None:
    """From here to the commit nobody else renders or publishes, so what is rendered holds all that was committed.

    The last lock of a transaction (RULES 9): everything else that it waits for must be locked already.
    """
    list(ScheduleVersion.objects.select_for_update(no_key=True).values_list("id"))


def raise_version() -> int:
    """The next schedule version. Its row stays locked until the commit, so versions and commits have one order."""
    if not ScheduleVersion.objects.filter(id=1).update(number=F("number") + 1):
        ScheduleVersion.objects.create(id=1, number=1)  # an emptied database, as after `flush`
    return current_version()


def current_version() -> int:
    """The schedule version now: one statement.

    Written by hand, because every calendar asks it first: Django builds the query for longer than the database needs.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM events_scheduleversion WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def stamp_version(*, version: int, events: Iterable[Event] = (), sessions: Iterable[Session] = ()) -> None:
    """These rows were last published with this version, and whoever keeps a copy hears of them (RULES 28)."""
    event_ids, session_ids = [event.pk for event in events], [session.pk for session in sessions]
    Event.objects.filter(pk__in=event_ids).update(version=version)
    Session.objects.filter(pk__in=session_ids).update(version=version)
    Publication.objects.stamp(version=version, events=event_ids, sessions=session_ids)
