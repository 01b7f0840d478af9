"""Whether and how somebody can register now, in words and for machines; rule and figures are the domain's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import vacancies
from events.models import Event, SeatPool
from events.operations import registering, waitlisting
from events.vacancies import Vacancy
from pages import clock

Badge = Literal["open", "waitlist", "full", "closed", "cancelled", "none"]
Way = Literal["register", "waitlist", "apply"]


@dataclass(frozen=True, slots=True)
class Availability:
    """`badge` picks a style, `words` are short, `notes` are as short and stand below.

    `reason` stands instead of a form (empty: the form can be sent); `way` is what sending it means.
    """

    badge: Badge
    words: str
    reason: str
    percent_taken: int | None = None
    way: Way = "register"
    waiting: int = 0
    notes: tuple[str, ...] = ()


def of(events: Iterable[Event], *, now: datetime) -> dict[int, Availability]:
    """How each of these events stands, by id; programmes are loaded. A constant number of statements."""
    rows = {event.pk: event for event in events}
    in_series = [event.pk for event in rows.values() if event.series_id is not None]
    found = vacancies.of(event_ids=rows)
    waiting = vacancies.waiting(event_ids=rows, in_series=in_series)
    return {pk: stands(event, found[pk], waiting=waiting.get(pk, 0), now=now) for pk, event in rows.items()}


def stands(event: Event, vacancy: Vacancy, *, waiting: int, now: datetime) -> Availability:
    """How an event with these seats stands, while so many people wait for it: no statement."""
    refusal = registering.refusal(event=event, now=now, door=_seen(event, vacancy))
    percent = round(100 * min(vacancy.taken / vacancy.seats, 1)) if vacancy.seats else None
    if isinstance(refusal, registering.EventCancelled):
        return Availability("cancelled", _("Cancelled"), refusal.message)
    if isinstance(refusal, registering.RegistrationClosed):
        return _closed(event, refusal, now)
    notes = (_("Invitation only"),) if event.needs_code else ()
    if refusal is not None:
        return Availability("full", _full(vacancy), refusal.message, percent, notes=notes)
    if event.registration == "approval":
        notes += () if vacancy.seats is None else (_seats(vacancy.seats),)
        return Availability("open", _("By application"), "", way="apply", notes=notes)
    if vacancy.left != 0:
        notes += (_waitlist(waiting),) if waiting else ()
        return Availability("open", _left(vacancy), "", percent, waiting=waiting, notes=notes)
    if not waitlisting.is_kept(event, now):  # what is left is set aside for those whom a partner sends
        return Availability("full", _full(vacancy), "", percent, notes=(*notes, _("Reserved seats are left")))
    words = _("Full: join the waitlist") if not waiting else _("Full – %(waitlist)s") % {"waitlist": _waitlist(waiting)}
    return Availability("waitlist", words, "", percent, way="waitlist", waiting=waiting, notes=notes)


def _seen(event: Event, vacancy: Vacancy) -> registering.Door:
    """The event's door with all its seats as one pool: a seat that anybody could take is one that is not taken."""
    unlimited = vacancy.seats is None
    pool = SeatPool(seats=vacancy.seats or 0, taken=vacancy.taken, is_unlimited=unlimited, is_plain=True)
    return registering.Door(event, pool, audiences=(), asks=False)


def _left(vacancy: Vacancy) -> str:
    if vacancy.seats is not None:
        return _("%(left)d of %(seats)d left") % {"left": vacancy.left, "seats": vacancy.seats}
    if vacancy.left is not None:
        return ngettext("%(left)d seat left", "%(left)d seats left", vacancy.left) % {"left": vacancy.left}
    return _("No limit on seats")


def _full(vacancy: Vacancy) -> str:
    seats = vacancy.seats or 0
    return ngettext("Full, %(seats)d seat", "Full, %(seats)d seats", seats) % {"seats": seats}


def _seats(seats: int) -> str:
    return ngettext("%(seats)d seat", "%(seats)d seats", seats) % {"seats": seats}


def _waitlist(waiting: int) -> str:
    words = ngettext("waitlist: %(number)d person", "waitlist: %(number)d people", waiting)
    return words % {"number": waiting}


def _closed(event: Event, refusal: Exception, now: datetime) -> Availability:
    opens_at = event.registration_opens_at
    if event.registration == "none":
        return Availability("none", _("No registration here"), str(refusal))
    if opens_at is not None and opens_at > now:
        opens = clock.moment(opens_at, event.programme.timezone)
        return Availability("closed", _("Not open yet"), _("Registration opens on %(time)s.") % {"time": opens})
    return Availability("closed", _("Registration closed"), str(refusal))
