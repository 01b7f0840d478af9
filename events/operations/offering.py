"""Offers: a seat is held until a deadline for who has to accept it, or to prove an address (RULES 11)."""

from datetime import datetime

from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import ANONYMOUS, SYSTEM, Actor, Event, Registration
from events.models.tokens import derive, opens, row_of
from events.operations import progressing, registering, waitlisting
from events.operations.committing import all_or_nothing, one_by_one

KIND = "offer"


class OfferEnded(DomainError):
    """The offer was accepted, declined, withdrawn, or has run out."""

    code = "offer_ended"


class ProofNeeded(DomainError):
    """The seat is kept by the link that was mailed: whoever opens it has the address."""

    code = "proof_needed"


def token_of(registration: Registration) -> str:
    """What is mailed to accept or decline this registration's offer, and nothing else (RULES 13)."""
    return derive(kind=KIND, row_id=registration.pk, generation=registration.token_generation)


def find(*, token: str) -> Registration | None:
    """The registration whose offer the token opens; None for anything else."""
    pk = row_of(token)
    row = Registration.objects.filter(pk=pk).select_related("event__programme", "audience").first() if pk else None
    if row is None or not opens(token, kind=KIND, row_id=row.pk, generation=row.token_generation):
        return None
    return row


@all_or_nothing
def accept(*, registration: Registration, by_link: bool, now: datetime, actor: Actor = ANONYMOUS) -> Registration:
    """The offered seat is confirmed; a mailed link proves the address too. Accepting twice changes nothing.

    Locks the registration alone: whoever expires it waits, or has been faster. Raises OfferEnded from the deadline on,
    and ProofNeeded where only the mailed link will do.
    """
    locked = _lock(registration)
    if locked.status == "confirmed":
        return locked
    if locked.status != "offered" or locked.offer_expires_at is None or now >= locked.offer_expires_at:
        raise _ended(locked)
    if not by_link and locked.event.needs_proof and locked.proved_at is None:
        raise ProofNeeded(_("Please open the link in the mail that we sent you."))
    proved_at = locked.proved_at or (now if by_link else None)
    progressing.move(
        registrations=[locked], to="confirmed", reason="accepted", actor=actor, now=now, offer_expires_at=None,
        proved_at=proved_at,
    )  # fmt: skip
    return locked


@all_or_nothing
def decline(*, registration: Registration, now: datetime, reason: str = "", actor: Actor = ANONYMOUS) -> Registration:
    """The offered seat is somebody else's, and this registration has ended. Declining twice changes nothing.

    Locks the pools of the event's runs, then the registration. Raises OfferEnded.
    """
    pools = waitlisting.lock(Event.objects.get(registrations=registration))
    locked = registering.lock_registration(registration, pools)
    if locked.status == "declined":
        return locked
    if locked.status != "offered":
        raise _ended(locked)
    registering.end(
        [locked], to="declined", pools=pools[locked.event_id], reason="declined", actor=actor, now=now,
        ended_by="attendee", text=reason,
    )  # fmt: skip
    waitlisting.refill(event_ids=pools, pools=pools, now=now)
    return locked


def expire_due(*, now: datetime) -> int:
    """Every offer whose deadline has come has run out, and its seat is the next one's; how many. Event by event."""
    due = Registration.objects.filter(status="offered", offer_expires_at__lte=now)
    events = Event.objects.filter(pk__in=due.values("event")).order_by("pk")
    return one_by_one(events, lambda event: _expire(event=event, now=now))


@all_or_nothing
def _expire(*, event: Event, now: datetime) -> int:
    pools = waitlisting.lock(event)
    due = list(
        Registration.objects.filter(event=event, status="offered", offer_expires_at__lte=now)
        .select_for_update(of=("self",), no_key=True)
        .select_related("event__programme")
        .order_by("pk")
    )
    registering.end(
        due, to="expired", pools=pools[event.pk], reason="offer_expired", actor=SYSTEM, now=now, ended_by=""
    )
    waitlisting.refill(event_ids=pools, pools=pools, now=now)
    return len(due)


def _lock(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",), no_key=True).select_related("event__programme")
    return rows.get(pk=registration.pk)


def _ended(registration: Registration) -> OfferEnded:
    return OfferEnded(_("This offer has ended."), state=registration.status)
