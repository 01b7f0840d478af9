"""Switch: somebody who is registered for one run of a series goes to another one, and is never without a place."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from events import outbox
from events.capacity import Placing, Shortage
from events.errors import DomainError, Invalid
from events.models import ANONYMOUS, HOLDING, Actor, Event, Registration, SeatPool
from events.operations import answering, clashing, entering, inviting, progressing, registering, seating, waitlisting
from events.operations.committing import all_or_nothing

SWITCHED = "seat.switched"
FROM = ("confirmed", "waitlisted")


class NotSwitchable(DomainError):
    """Who is registered like this, or wants a run like that, has to cancel and register."""

    code = "not_switchable"


@all_or_nothing
def switch(*, registration: Registration, run: Event, now: datetime, actor: Actor = ANONYMOUS) -> Registration:
    """The registration has a seat in `run`, and its place in the other run is somebody else's: both, or neither.

    It meets what everybody meets who registers for `run`: its window, its waitlist, its quotas, what else the person
    does at that time. The caller has proven whose address it is. Switching twice changes nothing.

    Locks the pools of all runs, then the registration, then the person. Raises EventFull, RegistrationClosed,
    EventCancelled, AlreadyRegistered, NotEligible, Clash, NotSwitchable or Invalid.
    """
    here = Event.objects.get(registrations=registration)
    if here.series_id is None or run.series_id != here.series_id:
        raise Invalid(_("These are no runs of the same series."), field="run")
    there, pools = entering.lock_event(event=run, is_staff=False, now=now)
    locked = registering.lock_registration(registration, pools)
    if locked.event_id == there.pk and locked.status in HOLDING:
        return locked
    _refuse(locked, there, pools[there.pk], now)
    answers = _answers(locked, there)
    placing = _placed(locked, there, pools[there.pk], now)
    if placing is None:  # they stood in line for this run, and were the next
        locked.refresh_from_db()
        return locked
    return _change(locked, there, placing, pools=pools, answers=answers, actor=actor, now=now)


def can_leave(registration: Registration, now: datetime) -> bool:
    """Whether a registration could go to another run: it waits or has a seat, and its own run has not begun."""
    begins = registration.event.first_starts_at
    has_begun = begins is not None and begins <= now
    return registration.event.series_id is not None and registration.status in FROM and not has_begun


def _refuse(locked: Registration, there: Event, pools: Sequence[SeatPool], now: datetime) -> None:
    if locked.status not in FROM:
        raise NotSwitchable(_("Only who has a seat, or waits for one, can go to another date."), state=locked.status)
    if not can_leave(locked, now):
        raise NotSwitchable(_("This date has begun already."))
    if Registration.objects.live().filter(event=there, email_key=locked.email_key).exclude(pk=locked.pk).exists():
        raise entering.already()
    is_chosen = _has_own_seat(locked, pools)
    if not is_chosen and there.registration == "approval":
        raise NotSwitchable(_("For that date the organizer chooses among applications. Please apply there."))
    if not is_chosen and there.needs_code:
        raise NotSwitchable(_("That date is by invitation. Please register there with its code."))
    audiences = set(there.audiences.values_list("pk", flat=True))
    if locked.audience_id is not None and audiences and locked.audience_id not in audiences:
        raise entering.NotEligible(_("This event is for other audiences."), field="audience")


def _has_own_seat(locked: Registration, pools: Sequence[SeatPool]) -> bool:
    """As `entering.has_own_seats`: the partner who nominated them has a seat there."""
    own = [pool for pool in pools if pool.is_reserved and pool.partner_id == locked.partner_id]
    return locked.partner_id is not None and any(pool.released_at is None and pool.taken < pool.seats for pool in own)


def _answers(locked: Registration, there: Event) -> dict[str, Any]:
    """What they answered, as far as it is asked there. NotSwitchable where that is not enough."""
    questions = list(there.questions.order_by("position", "pk"))
    if not questions:
        return dict(locked.answers)
    asked = {question.key for question in questions}
    given = {key: answer for key, answer in locked.answers.items() if key in asked}
    try:
        return answering.check(questions=questions, answers=given)
    except Invalid as missing:
        message = _("For that date more is asked than you have answered. Please register there.")
        raise NotSwitchable(message) from missing


def _placed(locked: Registration, there: Event, pools: Sequence[SeatPool], now: datetime) -> Placing | None:
    """A seat that nobody waits for. None where the person waited for it, and has it now. Raises EventFull."""
    who = seating.who(locked)
    placing = seating.hall(pools).place(who)
    if isinstance(placing, Shortage):
        raise entering.full(placing)
    if not waitlisting.waiting_in([there.pk]):
        return placing
    served = waitlisting.fill(event=there, pools=pools, now=now)
    if any(row.pk == locked.pk for row, _placing in served.placed):
        return None
    fresh = SeatPool.objects.filter(event=there).order_by("pk")
    placing = Shortage("full") if served.held else seating.hall(fresh).place(who)
    if isinstance(placing, Shortage):
        raise entering.full(placing)
    waitlisting.pass_over(event=there, served=served, now=now)
    return placing


def _change(
    locked: Registration, there: Event, placing: Placing, *, pools: dict[int, list[SeatPool]],
    answers: dict[str, Any], actor: Actor, now: datetime,
) -> Registration:  # fmt: skip
    left = copy(locked)
    columns: dict[str, Any] = {
        "event": there, "pool_id": placing.pool, "answers": answers, "invitation": None, "group": None,
        "proved_at": locked.proved_at or now,
    }  # fmt: skip
    seating.occupy(event_id=there.pk, placings=[placing], now=now)
    if left.status == "waitlisted":
        progressing.move(registrations=[locked], to="confirmed", reason="switched", actor=actor, now=now, **columns)
    else:
        _move(locked, left.event, columns, actor=actor, now=now)
    locked.accepts.clear()
    # As everywhere after the pools (RULES 9); now that the registration is there, what it left is no clash.
    clashing.refuse(key=locked.email_key, event=there, is_proven=True, now=now)
    seating.note_all(placed=[(locked, placing)], reason="switched", now=now)
    if left.status in HOLDING:
        seating.free(registrations=[left], pools=pools[left.event_id], reason="switched", now=now)
    if left.invitation_id is not None:
        inviting.give_back(ids={left.invitation_id: 1})
    waitlisting.refill(event_ids=pools, pools=pools, now=now)
    return locked


def _move(locked: Registration, here: Event, columns: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """The confirmed one stays confirmed: no step of the table of transitions, but news for whoever keeps a copy."""
    values = {"reason": "", "passed_for": "", "updated_at": now, **columns}
    Registration.objects.filter(pk=locked.pk).update(**values, sequence=F("sequence") + 1)
    locked.sequence += 1
    for name, value in values.items():
        setattr(locked, name, value)
    there = locked.event
    outbox.record_change(
        kind=SWITCHED, actor=actor, now=now, organization_id=there.programme.organization_id, event=there,
        registration=locked, before={"event": here.slug}, after={"event": there.slug}, reason="switched",
    )  # fmt: skip
