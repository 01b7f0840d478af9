"""How a registration stands, in words: its state, and what its person can do or wait for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event, Registration
from pages import clock

Tone = Literal["good", "wait", "wrong"]


@dataclass(frozen=True, slots=True)
class State:
    """`sentence` says how it stands, `more` what that means; `tone` picks a style."""

    tone: Tone
    sentence: str
    more: tuple[str, ...] = ()


def of(
    registration: Registration, *, now: datetime, place: int | None = None, waiting: int | None = None,
    is_proven: bool = False,
) -> State:  # fmt: skip
    """The state in words. Of somebody who waits: `place` of `waiting`. Event and programme are loaded, and sessions.

    `is_proven`: who reads it has shown that the address is theirs.
    """
    said = (registration.reason,) if registration.reason else ()
    match registration.status:
        case "confirmed":
            return State("good", _("You are registered. Your seat is confirmed."), said)
        case "applied":
            return State("wait", _("Your application has arrived and waits for the organizer."), said)
        case "waitlisted":
            return _waits(registration, place, waiting)
        case "offered":
            return _offered(registration, now, is_proven)
        case "declined" if registration.ended_by == "attendee":
            return State("wrong", _("You gave the offered seat back."), said)
        case "declined":
            return State("wrong", _("There is no seat for you in this event."), said)
        case "expired":
            return _expired(registration)
        case _:
            return State("wrong", _("This registration is cancelled."), said)


def is_open(registration: Registration, now: datetime) -> bool:
    """Whether there is an offer to answer now."""
    until = registration.offer_expires_at
    return registration.status == "offered" and until is not None and now < until


def must_prove(registration: Registration) -> bool:
    """Whether only the mailed link accepts the offer."""
    return registration.event.needs_proof and registration.proved_at is None


def may_come_back(registration: Registration) -> bool:
    """Whether it is of use to register again: nobody refused them, and the event takes place."""
    is_over = registration.status in ("cancelled", "declined", "expired")
    return is_over and registration.ended_by != "organizer" and registration.event.status == "published"


def deadline(registration: Registration) -> str:
    """Until when the offered seat is held, on the clocks of the event's place."""
    assert registration.offer_expires_at is not None, "an offer has a deadline"
    return clock.moment(registration.offer_expires_at, zone_of(registration.event))


def zone_of(event: Event) -> str:
    """Where its first session is, from all that were loaded with it."""
    first = next(iter(event.sessions.all()), None)
    return first.timezone if first else event.programme.timezone


def _waits(registration: Registration, place: int | None, waiting: int | None) -> State:
    values = {"place": place, "waiting": waiting}
    sentence = _("You are number %(place)d of %(waiting)d on the waitlist.") % values
    why = PASSED.get(registration.passed_for)
    is_offer = registration.event.waitlist == "offer"
    length = {"length": clock.length(registration.event.offer_minutes)}
    next_step = (
        _("When a seat becomes free for you, we hold it for %(length)s and ask you by mail.") % length
        if is_offer
        else _("When a seat becomes free for you, it is yours at once, and we tell you by mail.")
    )
    return State("wait", sentence, (str(why), next_step) if why else (next_step,))


def _offered(registration: Registration, now: datetime, is_proven: bool) -> State:
    until = {"time": deadline(registration)}
    if not is_open(registration, now):
        return State("wrong", _("The offer of a seat ran out on %(time)s.") % until)
    sentence = _("A seat is held for you until %(time)s.") % until
    if must_prove(registration) and not is_proven:
        return State(
            "wait", sentence, (_("Please open the link in the mail that we sent you: then the seat is yours."),)
        )
    return State("wait", sentence, (_("Accept it, or give it back for the next person."),))


def _expired(registration: Registration) -> State:
    if registration.offer_expires_at is None:
        return State("wrong", _("The event has begun, and no seat has become free for you."))
    return State("wrong", _("The offer of a seat ran out on %(time)s.") % {"time": deadline(registration)})


# Why somebody behind was served first (SAFETY W2).
PASSED = {
    "full": gettext_lazy("Somebody behind you was served first: for you, all seats were taken."),
    "reserved": gettext_lazy("Somebody behind you was served first: that seat was reserved for others."),
    "ceiling": gettext_lazy("Somebody behind you was served first: no more people like you may come at the moment."),
    "over_committed": gettext_lazy("Somebody behind you was served first: for you, all seats were taken."),
    "clash": gettext_lazy("Somebody behind you was served first: you have a seat elsewhere at that time."),
    "group": gettext_lazy("Somebody behind you was served first: the free seats were too few for your group."),
}
