"""Register for an event, and cancel a registration. The seat is taken in the same transaction, or not at all."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError
from django.db.models import CharField, IntegerField
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import (
    ANONYMOUS,
    HOLDING,
    TRANSITIONS,
    Actor,
    Audience,
    Event,
    Programme,
    Registration,
    SeatPool,
    email_key,
)
from events.models.prepared import Prepared, Slot, insert
from events.operations import seating
from events.operations.committing import all_or_nothing, broke, joining

# A name goes into mails to others: it is no place for an advertisement (SAFETY 4.2).
LOOKS_LIKE_AN_ADDRESS = re.compile(r"://|www\.|[\w-]+\.(com|net|org|kr|io)\b", re.IGNORECASE)
JOINERS = str.maketrans("", "", "\u200c\u200d")  # invisible, and part of names in some scripts

ONCE_PER_PERSON = "registration_live_once_per_person"

# In the order of the models, which `from_db` reads them in.
EVENT = ("id", "slug", "programme_id", "status", "registration", "registration_opens_at", "registration_closes_at",
         "first_starts_at", "revision")  # fmt: skip
POOL = ("id", "kind", "seats", "taken", "is_unlimited")
PROGRAMME = ("id", "organization_id")
AUDIENCE = ("id", "slug")
DOOR = (
    *EVENT,
    *(f"pools__{name}" for name in POOL),
    *(f"programme__{name}" for name in PROGRAMME),
    *(f"audiences__{name}" for name in AUDIENCE),
)


class EventFull(DomainError):
    """No seat is left, and the event keeps no waitlist."""

    code = "event_full"


class RegistrationClosed(DomainError):
    """The event takes no registrations now: not yet, no longer, or never."""

    code = "registration_closed"


class EventCancelled(DomainError):
    """The event was called off."""

    code = "event_cancelled"


class AlreadyRegistered(DomainError):
    """That address has a live registration for the event. Says no more: the caller is unproven (RULES 11)."""

    code = "already_registered"


class NotEligible(DomainError):
    """The event is for other audiences."""

    code = "not_eligible"


class NotLive(DomainError):
    """The registration has ended already in another way."""

    code = "registration_not_live"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to come. `audience` is what they say they are; the address is compared by `email_key`."""

    name: str
    email: str
    language: str = "ko"
    audience: Audience | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Door:
    """An event as somebody who registers meets it. `audiences`: whom it is for; none: everybody."""

    event: Event
    pool: SeatPool
    audiences: Iterable[Audience]


def door(*, slug: str, actor: Actor) -> Door | None:
    """The door of the event with that slug, with what registering reads of it: one statement.

    Other columns are read when somebody asks for them. None where the actor may read no such event.
    """
    rows = _door.rows(slug=slug) if actor == ANONYMOUS else _doors(actor).filter(slug=slug).values_list(*DOOR)
    found = [_cut(row, EVENT, POOL, PROGRAMME, AUDIENCE) for row in rows]  # one row for each audience
    if not found:
        return None
    event = Event.from_db(DEFAULT_DB_ALIAS, EVENT, found[0][0])
    event.programme = Programme.from_db(DEFAULT_DB_ALIAS, PROGRAMME, found[0][2])
    audiences = [Audience.from_db(DEFAULT_DB_ALIAS, AUDIENCE, values) for *_others, values in found if values[0]]
    return Door(event, SeatPool.from_db(DEFAULT_DB_ALIAS, POOL, found[0][1]), audiences)


def _cut(row: Sequence[Any], *parts: Sequence[str]) -> list[Sequence[Any]]:
    """The row in pieces as long as these."""
    ends = list(accumulate(map(len, parts)))
    return [row[end - len(part) : end] for part, end in zip(parts, ends, strict=True)]


def _doors(actor: Actor) -> Any:
    return Event.objects.readable_by(actor).filter(pools__kind="open").order_by("pk")


_door = Prepared(lambda: _doors(ANONYMOUS).filter(slug=Slot("slug", CharField())).values_list(*DOOR))
_live = Prepared(
    lambda: (
        Registration.objects.live()
        .filter(event=Slot("event", IntegerField()), email_key=Slot("key", CharField()))
        .values_list("pk")
    )
)


def register(
    *, event: Event, applicant: Applicant, actor: Actor, now: datetime, door: Door | None = None
) -> Registration:
    """The applicant holds a seat: pool counter, ledger line, registration and Change commit together, or nothing does.

    Locks the event's pool row from its update to the commit. Raises EventFull, RegistrationClosed, EventCancelled,
    AlreadyRegistered, NotEligible or Invalid (the address). Reads `event.pools` and `event.audiences` if prefetched,
    neither where the event's `door` is given.
    """
    key = _key_of(applicant)
    door = door or _door_of(event)
    _refuse_early(door, applicant, key, now)
    return _take_a_seat(event=event, pool=door.pool, applicant=applicant, key=key, actor=actor, now=now)


@joining
def _take_a_seat(
    *, event: Event, pool: SeatPool, applicant: Applicant, key: str, actor: Actor, now: datetime
) -> Registration:
    if not seating.take(pool=pool, now=now):
        raise _why_not(event, key, now)
    try:
        registration = Registration(
            event=event,
            pool=pool,
            status="confirmed",
            name=applicant.name,
            email=applicant.email,
            email_key=key,
            audience=applicant.audience,
            language=applicant.language,
            answers=dict(applicant.answers),
            created_at=now,
            updated_at=now,
        )
        insert(registration)
    except IntegrityError as error:
        if not broke(error, model=Registration, constraint=ONCE_PER_PERSON):
            raise
        raise _already() from error
    seating.note(pool_id=pool.pk, registration=registration, delta=1, reason="registered", now=now)
    _record(registration, before=None, actor=actor, now=now)
    return registration


def refusal(*, event: Event, now: datetime, door: Door | None = None) -> DomainError | None:
    """What stands in the way of registering now, told before somebody fills in a form; None: nothing does.

    Reads `event.pools` if prefetched, unless the event's `door` is given.
    """
    try:
        _refuse_by_state(event, now)
    except DomainError as reason:
        return reason
    return _full() if (door or _door_of(event)).pool.seats_left == 0 else None


@all_or_nothing
def cancel(*, registration: Registration, actor: Actor, now: datetime, reason: str = "") -> Registration:
    """The registration is cancelled and its seat free. Cancelling twice is no error and changes nothing.

    An anonymous actor holds the registration's code: the attendee. Anybody else acts for the organizer.

    Locks the event's pools, then the registration. Raises NotLive when it ended as declined or expired.
    """
    seating.lock_pools(event_id=registration.event_id)
    locked = (
        Registration.objects.select_for_update(of=("self",), no_key=True)
        .select_related("event__programme")
        .get(pk=registration.pk)
    )
    if locked.status == "cancelled":
        return locked
    before = locked.status
    if "cancelled" not in TRANSITIONS[before]:
        raise NotLive(_("This registration has ended already."), state=before)
    _end(locked, by="attendee" if actor.kind == "anonymous" else "organizer", reason=reason, now=now)
    if before in HOLDING:
        seating.free(registration=locked, reason="cancelled", now=now)
    _record(locked, before=before, actor=actor, now=now)
    return locked


def cancel_all(*, event: Event, actor: Actor, now: datetime, reason: str) -> int:
    """Every live registration of a called-off event is cancelled once, each with its Change; how many.

    Called in the transaction that cancels the event, whose row and pools are locked.
    """
    live = list(Registration.objects.live().select_for_update(no_key=True).filter(event=event).order_by("id"))
    for registration in live:
        registration.event = event
        before = registration.status
        _end(registration, by="organizer", reason=reason, now=now)
        if before in HOLDING:
            seating.free(registration=registration, reason="called_off", now=now)
        _record(registration, before=before, actor=actor, now=now)
    return len(live)


def _end(registration: Registration, *, by: str, reason: str, now: datetime) -> None:
    registration.status = "cancelled"
    registration.ended_by = by
    registration.reason = reason
    registration.sequence += 1
    registration.updated_at = now
    registration.save(update_fields=["status", "ended_by", "reason", "sequence", "updated_at"])


def _record(registration: Registration, *, before: str | None, actor: Actor, now: datetime) -> None:
    """Without the reason: people write about themselves in it, and it stands on the registration (RULES 29)."""
    outbox.record_change(
        kind=f"registration.{registration.status}",
        actor=actor,
        now=now,
        organization_id=registration.event.programme.organization_id,
        event=registration.event,
        registration=registration,
        before={"status": before} if before else {},
        after={"status": registration.status},
    )


def _door_of(event: Event) -> Door:
    pool = next(pool for pool in event.pools.all() if pool.kind == "open")
    return Door(event, pool, event.audiences.all())


def is_a_name(text: str) -> bool:
    """Whether it can be somebody's name: one line, nothing invisible that changes how it reads, no address."""
    return bool(text.strip()) and text.translate(JOINERS).isprintable() and not LOOKS_LIKE_AN_ADDRESS.search(text)


def _key_of(applicant: Applicant) -> str:
    if not is_a_name(applicant.name):
        raise Invalid(_("Write a name only, without addresses or line breaks."), field="name")
    try:
        return email_key(applicant.email)
    except ValueError as error:
        raise Invalid(_("This is not an e-mail address."), field="email") from error


def _refuse_early(door: Door, applicant: Applicant, key: str, now: datetime) -> None:
    """Refusals that need no lock, read from the loaded event; the conditional update decides again."""
    _refuse_by_state(door.event, now)
    if applicant.audience is not None:
        audiences = list(door.audiences)
        if audiences and applicant.audience not in audiences:
            raise NotEligible(_("This event is for other audiences."), field="audience")
    if door.pool.seats_left == 0:
        raise _already() if _has_live(door.event, key) else _full()


def _refuse_by_state(event: Event, now: datetime) -> None:
    if event.status == "cancelled":
        raise EventCancelled(_("This event was called off."))
    if event.status != "published" or event.registration != "open":
        raise RegistrationClosed(_("This event takes no registrations."))
    if event.registration_opens_at is not None and now < event.registration_opens_at:
        opens_at = event.registration_opens_at.isoformat()
        raise RegistrationClosed(_("Registration has not opened yet."), opens_at=opens_at)
    if event.closes_at is not None and now >= event.closes_at:
        raise RegistrationClosed(_("Registration has closed."), closed_at=event.closes_at.isoformat())


def _why_not(event: Event, key: str, now: datetime) -> DomainError:
    """Why the conditional update took no seat: read again, because the loaded event was out of date."""
    fresh = Event.objects.get(pk=event.pk)
    try:
        _refuse_by_state(fresh, now)
    except DomainError as refusal:
        return refusal
    return _already() if _has_live(event, key) else _full()


def _has_live(event: Event, key: str) -> bool:
    return _live.first(event=event.pk, key=key) is not None


def _already() -> AlreadyRegistered:
    return AlreadyRegistered(_("This address is registered for the event already."), field="email")


def _full() -> EventFull:
    return EventFull(_("All seats are taken."))
