"""Remind people: of what begins soon, as long before as the event says; and of what they are registered for already."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from events import outbox, whereabouts
from events.models import Delivery, Event, Registration, email_key
from events.operations import guessing
from events.operations.committing import all_or_nothing, one_by_one

LONGEST = timedelta(days=30)
KIND = "reminder"
MOST_ASKED, MOST_LINKS = 3, 5  # times an hour; registrations in one answer


def remind_due(*, now: datetime) -> int:
    """Everybody who is confirmed in an event that begins soon has a reminder on its way; how many new ones."""
    soon = Event.objects.filter(status="published", first_starts_at__gt=now, first_starts_at__lte=now + LONGEST)
    events = [event for event in soon.order_by("pk") if is_time(event, now) and _left(event).exists()]
    return one_by_one(events, lambda event: _remind(event=event, now=now))


def mail_links(*, event: Event, email: str, now: datetime) -> bool:
    """Whoever registers with this address again has mail with the link of what stands in the way; whether any is due.

    For somebody who was refused as `already_registered` or for a `clash` and did not prove who they are (RULES 11).
    Three times an hour for an address, whoever asks.
    """
    key = email_key(email)
    same = Q(event=event) | Q(series_once__isnull=False, series_once=event.series_id)
    live = Registration.objects.live().filter(email_key=key).select_related("event__programme").order_by("pk")
    rows = live.filter(same) or live.filter(event__in=whereabouts.elsewhere(key=key, event=event))
    if not rows or not _may_mail(key, now):
        return False
    _order(rows[:MOST_LINKS], kind="link", lane="urgent", now=now)
    return True


@all_or_nothing
def _remind(*, event: Event, now: datetime) -> int:
    list(Event.objects.select_for_update(no_key=True).filter(pk=event.pk).values_list("pk"))  # one worker at a time
    rows = list(_left(event).select_related("event__programme").order_by("pk"))
    _order(rows, kind=KIND, lane="mail", now=now)
    return len(rows)


@all_or_nothing
def _order(rows: Iterable[Registration], *, kind: str, lane: str, now: datetime) -> None:
    outbox.order(
        Delivery(
            channel="mail", lane=lane, kind=kind, organization_id=row.event.programme.organization_id,
            registration=row, created_at=now,
        )
        for row in rows
    )  # fmt: skip


def _may_mail(key: str, now: datetime) -> bool:
    """Counted before it is asked: many at once send no more."""
    guessing.count(what="manage-mail", who=key, now=now)
    try:
        guessing.refuse_many(what="manage-mail", who=key, most=MOST_ASKED + 1, now=now)
    except guessing.TooManyGuesses:
        return False
    return True


def is_time(event: Event, now: datetime) -> bool:
    """Whether it begins so soon that people are reminded."""
    begins = event.first_starts_at
    return event.reminder_hours > 0 and begins is not None and _time(event) <= now < begins


def _left(event: Event) -> QuerySet[Registration]:
    """Who is still to be reminded: whoever came later than the reminder would have, has just read about it.

    What was ordered before that time was for another run, or for a start that has moved since.
    """
    reminded = Delivery.objects.filter(registration=OuterRef("pk"), kind=KIND, created_at__gte=_time(event))
    return Registration.objects.filter(~Exists(reminded), event=event, status="confirmed", created_at__lt=_time(event))


def _time(event: Event) -> datetime:
    assert event.first_starts_at is not None, "events without sessions are not asked"
    return event.first_starts_at - timedelta(hours=event.reminder_hours)
