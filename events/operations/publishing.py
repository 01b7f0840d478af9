"""Publish, unpublish and call off events; release what changed into calendars and versions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from events import calendars, outbox
from events.errors import DomainError, Invalid
from events.models import Actor, Change, Event, Registration, Session
from events.operations import registering, seating, waitlisting
from events.operations.committing import Outgrown, all_or_nothing
from venues import availability


class HasRegistrations(DomainError):
    """People are registered: an event cannot quietly disappear under them."""

    code = "has_registrations"


class StaleRevision(DomainError):
    """Somebody changed it since it was read (If-Match)."""

    code = "stale_revision"
    status = 412


@all_or_nothing
def publish(*, event: Event, actor: Actor, now: datetime, expected_revision: int | None = None) -> Event:
    """The event and all its draft sessions are public. Repeating it changes nothing.

    Locks the event, the pools of its series. Raises EventCancelled for one that was called off, StaleRevision.
    """
    locked = lock(event=event, expected_revision=expected_revision)
    if locked.status == "cancelled":
        raise registering.EventCancelled(_("This event was called off."))
    if locked.status == "draft" and locked.is_undecided and locked.decides_at is not None and locked.decides_at <= now:
        raise Invalid(_("The day that decides about this event is over: choose another one."), field="decides_at")
    drafts = locked.sessions.filter(status="draft")
    if locked.status == "published" and not drafts.exists():
        return locked
    waitlisting.lock(locked)
    status = "tentative" if locked.is_undecided else "confirmed"
    before: dict[str, object] = {"status": locked.status}
    after: dict[str, object] = {"status": "published"}
    if locked.status == "published":  # people may be registered: they hear of the sessions that come in addition
        uids = [str(uid) for uid in drafts.order_by("starts_at", "pk").values_list("uid", flat=True)]
        before["sessions"] = [{"uid": uid, "status": "draft"} for uid in uids]
        after["sessions"] = [{"uid": uid, "status": status} for uid in uids]
    drafts.update(status=status)
    locked.status = "published"
    locked.was_public = locked.was_public or locked.programme.is_public  # behind a closed programme nobody saw it
    touch(event=locked, now=now, fields=["status", "was_public"])
    # Who waits for a later run of the series: that they do so is what `touch` has just written into the pools.
    waitlisting.refill(event_ids=[locked.pk], pools=seating.lock(event_ids=[locked.pk]), now=now)
    release(event=locked, session_ids=_sessions_of(locked), kind="event.published", actor=actor, now=now,
            before=before, after=after, is_news=is_seen(locked))  # fmt: skip
    return locked


@all_or_nothing
def unpublish(*, event: Event, actor: Actor, now: datetime, expected_revision: int | None = None) -> Event:
    """The event and its sessions are drafts again and leave every list and feed; UIDs and SEQUENCE are kept.

    Locks the event, its pools. Raises HasRegistrations while live registrations exist, EventCancelled for one that was
    called off: that stays as it was told to people.
    """
    locked = lock(event=event, expected_revision=expected_revision)
    if locked.status == "cancelled":
        raise registering.EventCancelled(_("This event was called off."))
    if locked.status == "draft":
        return locked
    seating.lock(event_ids=[locked.pk])  # before counting: a seat being taken now is counted or refused
    live = Registration.objects.live().filter(event=locked).count()
    if live:
        raise HasRegistrations(_("%(count)d people are registered.") % {"count": live}, count=live)
    was_seen = is_seen(locked)
    before = {"status": locked.status}
    locked.status = "draft"
    locked.sessions.filter(status__in=["confirmed", "tentative"]).update(status="draft")
    touch(event=locked, now=now, fields=["status"])
    release(event=locked, session_ids=_sessions_of(locked), kind="event.unpublished", actor=actor, now=now,
            before=before, after={"status": "draft"}, is_news=was_seen)  # fmt: skip
    return locked


@all_or_nothing
def cancel(
    *, event: Event, actor: Actor, now: datetime, reason: str = "", expected_revision: int | None = None
) -> Event:
    """The event, its sessions and its live registrations are cancelled; rooms are free; calendars keep the entries.

    Locks the event, its pools, its registrations. Repeating it changes nothing. Whoever could once see a session sees
    it cancelled, also after it had been unpublished; one that was never public stays unseen.
    """
    locked = lock(event=event, expected_revision=expected_revision)
    if locked.status == "cancelled":
        return locked
    waitlisting.lock(locked)  # before reading who is in: a seat being taken now is seen or refused
    before = {"status": locked.status}
    sessions = list(locked.sessions.exclude(status="cancelled").order_by("id"))
    Session.objects.filter(pk__in=[session.pk for session in sessions]).update(status="cancelled")
    locked.status, locked.cancel_reason = "cancelled", reason
    touch(event=locked, now=now, fields=["status", "cancel_reason"])
    availability.release(purposes=[session.uid for session in sessions])
    cancelled = registering.cancel_all(event=locked, actor=actor, now=now, reason=reason)
    release(event=locked, session_ids=_sessions_of(locked), kind="event.cancelled", actor=actor, now=now,
            before=before, after={"status": "cancelled", "registrations": cancelled}, reason=reason,
            is_news=is_seen(locked))  # fmt: skip
    return locked


def lock(*, event: Event, expected_revision: int | None = None) -> Event:
    """The event as it is now, its row locked until the commit; StaleRevision when it moved on since it was read.

    Everywhere `no_key`: a full lock would stand in the way of those who only insert a row that names this one, such as
    registrations, which hold the pool already.
    """
    locked = (
        Event.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__organization")
        .get(pk=event.pk)
    )
    check_revision(expected=expected_revision, actual=locked.revision)
    return locked


def lock_all(*, events: QuerySet[Event]) -> frozenset[int]:
    """These events, by id, before the thing that they show is locked (RULES 9); their ids."""
    return frozenset(events.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def check_revision(*, expected: int | None, actual: int) -> None:
    """StaleRevision unless the caller saw this revision, or did not say which one (RULES 20)."""
    if expected is not None and expected != actual:
        raise StaleRevision(_("It was changed meanwhile: revision %(actual)d.") % {"actual": actual}, revision=actual)


def touch(*, event: Event, now: datetime, fields: Collection[str] = ()) -> None:
    """Write these columns of a locked event as one revision more, and all that follows from its state and sessions."""
    event.first_starts_at, event.last_ends_at = span(event)
    event.revision += 1
    event.updated_at = now
    event.save(update_fields={*fields, "first_starts_at", "last_ends_at", "revision", "updated_at"})
    seating.follow(event=event)


def span(event: Event) -> tuple[datetime | None, datetime | None]:
    """When the event begins and ends: by its live sessions (published: not its drafts), else by cancelled ones."""
    hidden = ["cancelled", "draft"] if event.status == "published" else ["cancelled"]
    for sessions in (event.sessions.exclude(status__in=hidden), event.sessions.filter(status="cancelled")):
        found = sessions.aggregate(first=Min("starts_at"), last=Max("ends_at"))
        if found["first"] is not None:
            return found["first"], found["last"]
    return None, None


def is_seen(event: Event) -> bool:
    """The loaded twin of `EventQuerySet.readable`."""
    return event.status in ("published", "cancelled") and event.was_public and event.programme.is_public


def release(
    *, event: Event, session_ids: Collection[int], kind: str, actor: Actor, now: datetime,
    before: Mapping[str, object], after: Mapping[str, object], session: Session | None = None,
    reason: str = "", raised: Collection[int] = (), is_news: bool = False,
) -> Change:  # fmt: skip
    """What changed is in the stored calendar texts and has a Change; with a schedule version if the public can tell.

    That is so when a session's public entry changed, or the caller says that the event itself `is_news`: what happens
    among drafts stays among drafts. Whoever keeps a copy of a seen event has its new revision all the same. The last
    step of a schedule operation, in its transaction, the event's row locked.
    """
    version = None
    if event.was_public:
        outbox.lock_version()
        refreshed = calendars.refresh(session_ids=session_ids, now=now, raised=raised)
        told = [*refreshed.changed, *refreshed.withdrawn]
        is_news = is_news or bool(told)
        if is_news or is_seen(event):
            event.version = outbox.raise_version()
            written = [session] if session is not None and session.was_public else []
            outbox.stamp_version(version=event.version, events=[event], sessions=[*told, *written])
            version = event.version if is_news else None
    return outbox.record_change(
        kind=kind, actor=actor, now=now, organization_id=event.programme.organization_id, event=event,
        session=session, before=before, after=after, reason=reason, version=version,
    )  # fmt: skip


class Part(NamedTuple):
    """What changed of one event, among others that change with it."""

    event: Event
    session_ids: Collection[int]
    before: Mapping[str, object]
    after: Mapping[str, object]


class Released(NamedTuple):
    """The version that all of it has, None where nobody outside can tell; and the sessions that they can tell it of."""

    version: int | None
    told: frozenset[int]


def release_all(
    *, parts: Sequence[Part], kind: str, actor: Actor, now: datetime, raised: Collection[int] = (), reason: str = ""
) -> Released:
    """As `release`, for several events at once: one Change for each, and one schedule version for all of them.

    SEQUENCE rises once for each session whose public entry changed. The rows of the events are locked.
    """
    version, told = None, []
    ids = {pk for part in parts if part.event.was_public for pk in part.session_ids}
    if ids:
        outbox.lock_version()
        refreshed = calendars.refresh(session_ids=ids, now=now, raised=raised)
        told = [*refreshed.changed, *refreshed.withdrawn]
    public = {session.event_id for session in told}
    if seen := [part.event for part in parts if part.event.pk in public or is_seen(part.event)]:
        number = outbox.raise_version()
        version = number if told else None
        written = Session.objects.filter(pk__in=ids, was_public=True).only("pk")
        outbox.stamp_version(version=number, events=seen, sessions=written)
        for event in seen:
            event.version = number
    outbox.record_changes(
        [
            outbox.change(
                kind=kind, actor=actor, now=now, organization_id=part.event.programme.organization_id,
                event=part.event, before=part.before, after=part.after, reason=reason,
                version=version if part.event.pk in public else None,
            )
            for part in parts
        ]
    )  # fmt: skip
    return Released(version, frozenset(session.pk for session in told))


def release_showing(
    *, sessions: QuerySet[Session], locked: frozenset[int], kind: str, organization_id: int | None, actor: Actor,
    now: datetime, before: Mapping[str, object], after: Mapping[str, object], is_news: bool,
    also: Collection[Event] = (), events: QuerySet[Event] | None = None, is_named_anew: bool = False,
) -> None:  # fmt: skip
    """As `release`, for a thing that many sessions show: a venue, a speaker, a topic, a programme.

    `locked` are the events locked before the thing was. Under the version's lock nobody else renders, so a session that
    came to show the thing meanwhile is found here, or one of the `events` that show it themselves; its event has to be
    locked first, so the operation starts again. `is_named_anew`: by another slug, which no calendar text shows.
    """
    outbox.lock_version()
    shown = dict(sessions.values_list("pk", "event_id"))
    showing = {*shown.values(), *(events.values_list("pk", flat=True) if events is not None else ())}
    if not locked.issuperset(showing):
        raise Outgrown
    refreshed = calendars.refresh(session_ids=shown.keys(), now=now)
    told = [*refreshed.changed, *refreshed.withdrawn]
    version = None
    if told or also or is_news:
        version = outbox.raise_version()
        changed = {*(session.event_id for session in told), *(event.pk for event in also)}
        outbox.stamp_version(
            version=version,
            events=Event.objects.filter(pk__in=showing if is_named_anew else changed).only("pk"),
            sessions=Session.objects.filter(pk__in=shown).only("pk") if is_named_anew else told,
        )
    if organization_id is not None:
        outbox.record_change(
            kind=kind, actor=actor, now=now, organization_id=organization_id, before=before, after=after,
            version=version,
        )  # fmt: skip


def _sessions_of(event: Event) -> list[int]:
    return list(event.sessions.order_by("id").values_list("pk", flat=True))
