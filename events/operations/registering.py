"""Register for an event, and cancel a registration. The seat is taken in the same transaction, or not at all.

Where nothing but one row of seats decides (`SeatPool.is_plain`), that row is asked alone. Everybody else locks the
pools of the event and of all runs that share its waitlist: then quotas, codes, applications, proofs and those who wait
already are looked at in peace.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from events.capacity import Placing, Shortage, Who
from events.errors import DomainError
from events.models import HOLDING, TRANSITIONS, Actor, Event, Registration, SeatPool
from events.models.prepared import insert
from events.operations import clashing, inviting, progressing, seating, waitlisting
from events.operations.committing import Outgrown, all_or_nothing, broke, joining
from events.operations.entering import (
    AlreadyRegistered,
    Applicant,
    Door,
    Entering,
    EventCancelled,
    EventFull,
    NotEligible,
    RegistrationClosed,
    already,
    door,
    door_of,
    full,
    has_live,
    has_own_seats,
    is_a_name,
    lock_event,
    prepare,
    refusal,
    refuse_other_seats,
    use_code,
)
from events.policies import acts_for_attendee, refuse_unless

__all__ = [
    "AlreadyRegistered",
    "Applicant",
    "Door",
    "EventCancelled",
    "EventFull",
    "NotEligible",
    "NotLive",
    "RegistrationClosed",
    "apply",
    "cancel",
    "cancel_all",
    "door",
    "end",
    "is_a_name",
    "lock_registration",
    "refusal",
    "register",
    "seat",
    "wait",
    "write",
]

ONCE_PER_PERSON = ("registration_live_once_per_person", "registration_live_once_per_series")


class NotLive(DomainError):
    """The registration has ended already in another way."""

    code = "registration_not_live"


def register(
    *, event: Event, applicant: Applicant, actor: Actor, now: datetime, door: Door | None = None,
    is_staff: bool = False,
) -> Registration:  # fmt: skip
    """The applicant is confirmed, offered a seat until they prove their address, on the waitlist, or has applied.

    Pool counters, ledger lines, registration and Change commit together, or nothing does. `is_staff`: an organizer
    enters them, outside of windows, codes and approval, never beyond the seats.

    Locks a plain event's pool row, else the pools of all runs of its series, then the invitation and the person. Raises
    EventFull, RegistrationClosed, EventCancelled, AlreadyRegistered, NotEligible, Clash, CodeRequired, Forbidden or
    Invalid. Reads `event.pools`, `event.audiences` and `event.questions` if prefetched, none where `door` is given.
    """
    door = door or door_of(event)
    entering = prepare(
        event=event, door=door, applicant=applicant, actor=actor, now=now, is_staff=is_staff
    )  # fmt: skip
    is_simple = not (is_staff or applicant.partner or applicant.code or applicant.accepts)
    if is_simple and door.pool.is_plain and (door.pool.seats_left != 0 or event.waitlist == "off"):
        if door.pool.seats_left == 0:
            raise already() if has_live(event, entering.key) else full()
        made = _take_a_seat(entering, pool=door.pool)
        if made is not None:
            return made
    return _enter(entering)


@joining
def _take_a_seat(entering: Entering, *, pool: SeatPool) -> Registration | None:
    """A seat of a plain pool; None where its row alone could not give one."""
    if not seating.take(pool=pool, now=entering.now):
        return None
    clashing.refuse(key=entering.key, event=entering.event, is_proven=entering.is_proven, now=entering.now)
    registration = write(entering, status="confirmed", pool_id=pool.pk)
    seating.note(pool_id=pool.pk, registration=registration, delta=1, reason="registered", now=entering.now)
    return registration


@joining
def _enter(asked: Entering) -> Registration:
    """The careful way in, with the pools of all runs locked."""
    event, pools = lock_event(event=asked.event, is_staff=asked.is_staff, now=asked.now)
    if has_live(event, asked.key):
        raise already()
    entering = replace(asked, event=event)
    is_chosen = has_own_seats(entering, pools[event.pk])
    entering = replace(entering, invitation=use_code(entering, is_free=is_chosen))
    clashing.refuse(
        key=entering.key, event=event, is_proven=entering.is_proven, is_staff=entering.is_staff, now=entering.now
    )
    if entering.must_apply and not has_own_seats(entering, pools[event.pk]):  # an allotment's code says whose it is
        return apply(entering)
    placing = place(entering, pools[event.pk])
    if isinstance(placing, Shortage):  # nor is there a seat for those who wait, whom it would take time to ask
        return _in_line(entering, placing, pools)
    if not waitlisting.is_awaited(event):
        return _at_once(entering, placing, pools[event.pk])
    served = waitlisting.fill(event=event, pools=pools[event.pk], now=asked.now)
    left = Shortage("full") if served.held else place(entering, _pools_of(event))
    if served.held:
        refuse_other_seats(entering, left, ())
    if isinstance(left, Shortage):
        return _in_line(entering, left, pools)
    registration = seat(entering, left)
    waitlisting.pass_over(event=event, served=served, now=asked.now)
    return registration


def _at_once(entering: Entering, placing: Placing, pools: Sequence[SeatPool]) -> Registration:
    """The newcomer has this seat, and nobody waits: a plain event's row can be asked alone from now on."""
    registration = seat(entering, placing)
    has_quotas = any(pool.kind != "open" and pool.released_at is None for pool in pools)
    is_contested = not has_quotas and not any(pool.is_plain for pool in pools)
    if is_contested and seating.is_plain(entering.event):
        seating.follow(event=entering.event)
    return registration


def _in_line(entering: Entering, shortage: Shortage, pools: dict[int, list[SeatPool]]) -> Registration:
    """The newcomer waits for a seat. Raises EventFull where nobody may."""
    if not waitlisting.is_kept(entering.event, entering.now):
        raise full(shortage)
    return wait([entering], pools)[0]


def _pools_of(event: Event) -> list[SeatPool]:
    return list(SeatPool.objects.filter(event=event).order_by("pk"))


def place(entering: Entering, pools: Sequence[SeatPool]) -> Placing | Shortage:
    """A place among the pools; holders are only read where one of them may have to move."""
    who = Who(audience=entering.audience_id, partner=entering.partner_id)
    placing = seating.hall(pools, with_holders=False).place(who)
    if isinstance(placing, Shortage) and any(pool.is_reserved for pool in pools):
        placing = seating.hall(pools).place(who)
    refuse_other_seats(entering, placing, pools)
    return placing


def seat(entering: Entering, placing: Placing) -> Registration:
    """The placing is counted, and the registration with its seat exists."""
    seating.occupy(event_id=entering.event.pk, placings=[placing], now=entering.now)
    registration = write(
        entering, status="offered" if entering.must_prove else "confirmed", pool_id=placing.pool,
        offer_expires_at=proof_deadline(entering) if entering.must_prove else None,
    )  # fmt: skip
    seating.note_all(placed=[(registration, placing)], reason="registered", now=entering.now)
    return registration


def apply(entering: Entering) -> Registration:
    """They have applied. What decides about their place on a waitlist is kept until then."""
    registration = write(entering, status="applied")
    _name_runs(registration, entering)
    return registration


def wait(party: Sequence[Entering], pools: dict[int, list[SeatPool]]) -> list[Registration]:
    """They all stand at the end of the waitlist, as one party. `pools` of all runs, locked."""
    since = waitlisting.arrival(party[0].event, party[0].now)
    if any(pool.is_plain for own in pools.values() for pool in own):  # who is not the first found none
        seating.contest(event_ids=pools)
    rows = []
    for entering in party:
        row = write(entering, status="waitlisted", waits_since=since)
        _name_runs(row, entering)
        rows.append(row)
    return rows


def _name_runs(registration: Registration, entering: Entering) -> None:
    if entering.applicant.accepts:
        registration.accepts.set([*entering.applicant.accepts, entering.event])


def write(entering: Entering, *, status: str, **columns: Any) -> Registration:
    """The registration exists, with its Change. Raises AlreadyRegistered where a faster one is live."""
    event, applicant, now = entering.event, entering.applicant, entering.now
    series = event.series
    registration = Registration(
        event=event,
        status=status,
        name=applicant.name,
        email=applicant.email,
        email_key=entering.key,
        audience_id=entering.audience_id,
        language=applicant.language,
        answers=dict(entering.answers),
        partner_id=entering.partner_id,
        invitation=entering.invitation,
        priority=entering.invitation.priority if entering.invitation else 0,
        group=entering.group,
        made_through_id=entering.actor.key_id,
        series_once=series if series is not None and not series.allows_repeats else None,
        proved_at=now if entering.is_proven else None,
        created_at=now,
        updated_at=now,
        **columns,
    )
    try:
        insert(registration)
    except IntegrityError as error:
        if not any(broke(error, model=Registration, constraint=name) for name in ONCE_PER_PERSON):
            raise
        raise already() from error
    reason = "entered" if entering.is_staff else "registered"
    progressing.begun(registration=registration, reason=reason, actor=entering.actor, now=now)
    return registration


def proof_deadline(entering: Entering) -> datetime:
    return entering.now + timedelta(minutes=entering.event.proof_minutes)


@all_or_nothing
def cancel(*, registration: Registration, actor: Actor, now: datetime, reason: str = "") -> Registration:
    """The registration is cancelled and its seat free, or somebody's who waited. Cancelling twice changes nothing.

    An anonymous actor holds the registration's code: the attendee, and so does the key with scopes that made it, unless
    it nominated them. Anybody else acts for the organizer.

    Locks the pools of the event's runs, then the registration. Raises NotLive when it ended as declined or expired;
    Forbidden for a key with scopes that did not make it.
    """
    if actor.grant is not None:
        refuse_unless(Registration.objects.visible_to(actor).filter(pk=registration.pk).exists())
    pools = waitlisting.lock(Event.objects.get(registrations=registration))
    locked = lock_registration(registration, pools)
    if locked.status == "cancelled":
        return locked
    if "cancelled" not in TRANSITIONS[locked.status]:
        raise NotLive(_("This registration has ended already."), state=locked.status)
    end([locked], to="cancelled", pools=pools[locked.event_id], reason="cancelled", actor=actor, now=now,
        ended_by="attendee" if acts_for_attendee(actor, locked) else "organizer", text=reason)  # fmt: skip
    waitlisting.refill(event_ids=pools, pools=pools, now=now)
    return locked


def lock_registration(registration: Registration, pools: Collection[int]) -> Registration:
    """The row as it is now, after the pools; Outgrown where it went to a run whose pools are not locked."""
    locked = (
        Registration.objects.select_for_update(of=("self",), no_key=True)
        .select_related("event__programme")
        .get(pk=registration.pk)
    )
    if locked.event_id not in pools:
        raise Outgrown
    return locked


def end(
    registrations: Sequence[Registration], *, to: str, pools: Sequence[SeatPool], reason: str, actor: Actor,
    now: datetime, ended_by: str, text: str = "",
) -> None:  # fmt: skip
    """These registrations of one event have ended; the seats and uses of codes that they held are free.

    `reason` is a code for the history, `text` what somebody wrote. The pools are locked; nobody is served yet.
    """
    holding = [row for row in registrations if row.status in HOLDING]
    progressing.move(
        registrations=registrations, to=to, reason=reason, actor=actor, now=now, ended_by=ended_by, text=text
    )
    if holding:
        seating.free(registrations=holding, pools=pools, reason=reason, now=now)
    used = Counter(row.invitation_id for row in registrations if row.invitation_id is not None)
    if used:
        inviting.give_back(ids=used)


def cancel_all(*, event: Event, actor: Actor, now: datetime, reason: str) -> int:
    """Every live registration of a called-off event is cancelled once, each with its Change; how many.

    Who only waits, and takes another run that is to come, goes on waiting there. Called in the transaction that cancels
    the event, whose row and the pools of whose runs are locked.
    """
    waitlisting.leave_run(event=event, reason="called_off", actor=actor, now=now)
    live = list(Registration.objects.live().select_for_update(no_key=True).filter(event=event).order_by("id"))
    for registration in live:
        registration.event = event
    pools = _pools_of(event)
    for status in sorted({row.status for row in live}):
        rows = [row for row in live if row.status == status]
        end(
            rows,
            to="cancelled",
            pools=pools,
            reason="called_off",
            actor=actor,
            now=now,
            ended_by="organizer",
            text=reason,
        )
    return len(live)
