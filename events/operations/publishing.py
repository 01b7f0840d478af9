"""Publish, unpublish and call off events; release what changed into calendars and versions."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from events import calendars, outbox
from events.errors import DomainError
from events.models import Actor, Change, Event, Registration, Session
from events.operations import registering
from venues import availability


class HasRegistrations(DomainError):
    """People are registered: an event cannot quietly disappear under them."""

    code = "has_registrations"


class StaleRevision(DomainError):
    """Somebody changed it since it was read (If-Match)."""

    code = "stale_revision"
    status = 412


def publish(*, event: Event, actor: Actor, now: datetime, expected_revision: int | None = None) -> Event:
    """The event and all its draft sessions are public. Repeating it changes nothing.

    Locks the event. Raises EventCancelled for one that was called off.
    """
    with transaction.atomic():
        locked = lock(event=event, expected_revision=expected_revision)
        if locked.status == "cancelled":
            raise registering.EventCancelled(_("This event was called off."))
        drafts = list(locked.sessions.filter(status="draft").order_by("id"))
        if locked.status == "published" and not drafts:
            return locked
        before = {"status": locked.status}
        locked.status, locked.was_public = "published", True
        touch(event=locked, now=now, fields=["status", "was_public"])
        locked.sessions.filter(status="draft").update(status="confirmed")
        ids = list(locked.sessions.order_by("id").values_list("pk", flat=True))
        release(event=locked, session_ids=ids, kind="event.published", actor=actor, now=now,
                before=before, after={"status": "published"})  # fmt: skip
    return locked


def unpublish(*, event: Event, actor: Actor, now: datetime, expected_revision: int | None = None) -> Event:
    """The event and its sessions are drafts again and leave every list and feed; UIDs and SEQUENCE are kept.

    Locks the event. Raises HasRegistrations while live registrations exist.
    """
    with transaction.atomic():
        locked = lock(event=event, expected_revision=expected_revision)
        if locked.status == "draft":
            return locked
        live = Registration.objects.live().filter(event=locked).count()
        if live:
            raise HasRegistrations(_("%(count)d people are registered.") % {"count": live}, count=live)
        before = {"status": locked.status}
        locked.status = "draft"
        touch(event=locked, now=now, fields=["status"])
        locked.sessions.filter(status__in=["confirmed", "tentative"]).update(status="draft")
        ids = list(locked.sessions.order_by("id").values_list("pk", flat=True))
        release(event=locked, session_ids=ids, kind="event.unpublished", actor=actor, now=now,
                before=before, after={"status": "draft"})  # fmt: skip
    return locked


def cancel(
    *, event: Event, actor: Actor, now: datetime, reason: str = "", expected_revision: int | None = None
) -> Event:
    """The event, its sessions and its live registrations are cancelled; rooms are free; calendars keep the entries.

    Locks the event. Repeating it changes nothing.
    """
    with transaction.atomic():
        locked = lock(event=event, expected_revision=expected_revision)
        if locked.status == "cancelled":
            return locked
        before = {"status": locked.status}
        locked.status, locked.cancel_reason = "cancelled", reason
        touch(event=locked, now=now, fields=["status", "cancel_reason"])
        sessions = list(locked.sessions.exclude(status="cancelled").order_by("id"))
        if locked.was_public:
            Session.objects.filter(pk__in=[s.pk for s in sessions]).exclude(status="draft").update(status="cancelled")
        availability.release(purposes=[session.uid for session in sessions])
        cancelled = registering.cancel_all(event=locked, actor=actor, now=now, reason=reason)
        release(event=locked, session_ids=[s.pk for s in sessions], kind="event.cancelled", actor=actor, now=now,
                before=before, after={"status": "cancelled", "registrations": cancelled}, reason=reason)  # fmt: skip
    return locked


def lock(*, event: Event, expected_revision: int | None = None) -> Event:
    """The event as it is now, its row locked until the commit; StaleRevision when it moved on since it was read."""
    locked = Event.objects.select_for_update(of=("self",)).select_related("programme__organization").get(pk=event.pk)
    check_revision(expected=expected_revision, actual=locked.revision)
    return locked


def check_revision(*, expected: int | None, actual: int) -> None:
    """StaleRevision unless the caller saw this revision, or did not say which one (RULES 20)."""
    if expected is not None and expected != actual:
        raise StaleRevision(_("It was changed meanwhile: revision %(actual)d.") % {"actual": actual}, revision=actual)


def touch(*, event: Event, now: datetime, fields: Collection[str] = ()) -> None:
    """Write these columns of a locked event as one revision more."""
    event.revision += 1
    event.updated_at = now
    event.save(update_fields=[*fields, "revision", "updated_at"])


def release(
    *, event: Event, session_ids: Collection[int], kind: str, actor: Actor, now: datetime,
    before: dict[str, object], after: dict[str, object], session: Session | None = None,
    reason: str = "", raised: Collection[int] = (),
) -> Change:  # fmt: skip
    """What changed is in the stored calendar texts, has a Change, and a schedule version if anybody could see it.

    The last step of a schedule operation, in its transaction, the event's row locked.
    """
    refreshed = calendars.refresh(session_ids=session_ids, now=now, raised=raised)
    version = None
    if event.was_public:
        version = outbox.raise_version()
        outbox.stamp_version(version=version, events=[event], sessions=[*refreshed.changed, *refreshed.withdrawn])
        event.version = version
    return outbox.record_change(
        kind=kind, actor=actor, now=now, organization_id=event.programme.organization_id, event=event,
        session=session, before=before, after=after, reason=reason, version=version,
    )  # fmt: skip
