"""What the mails about a registration say, in the language that is active: a subject in one line, and plain paragraphs.

No name of a person stands in them: anybody can register anybody, and would have us send their words.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from events.models import Event, Registration, Session, worded
from events.operations import offering


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one mail."""

    subject: str
    paragraphs: list[str]

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs) + "\n"


def news(registration: Registration) -> Words:
    """What has become of the registration, and where to go from there."""
    if registration.status == "offered":
        return _offer(registration)
    event = _title(registration.event)
    about, sentence = _verdict(registration)
    said = [registration.reason] if registration.reason else []
    return Words(
        subject=f"{about}: {event}",
        paragraphs=[_("Hello,"), sentence, _when(registration.event), *said, *_manage(registration)],
    )


def reminder(registration: Registration) -> Words:
    """The link to a registration, for somebody who wanted to register once more."""
    asked = _("somebody, probably you, wanted to register this address. What it is registered for already:")
    open_offer = _answering(registration) if registration.status == "offered" else []
    return Words(
        subject=_("Your registration: %(event)s") % {"event": _title(registration.event)},
        paragraphs=[_("Hello,"), asked, _when(registration.event), *open_offer, *_manage(registration)],
    )


def _offer(registration: Registration) -> Words:
    event = _title(registration.event)
    if registration.proved_at is None and registration.event.needs_proof:
        time = f"{_local(registration):%H:%M}"
        subject = _("Confirm your seat until %(time)s: %(event)s") % {"time": time, "event": event}
        sentence = _("a seat is held for you. Please confirm that this address is yours.")
        last = [_("If you did not register, you need not do anything.")]
    else:
        subject = _("A seat is free for you: %(event)s") % {"event": event}
        sentence = _("a seat has become free, and it is held for you.")
        last = []
    return Words(
        subject=subject,
        paragraphs=[_("Hello,"), sentence, _when(registration.event), *_answering(registration), *last],
    )


def _answering(registration: Registration) -> list[str]:
    """Until when, and where: the page asks once more, opening it does nothing yet."""
    until = _moment(_local(registration))
    address = f"{settings.CALLBOARD_URL}/{get_language()}/offers/{offering.token_of(registration)}/"
    return [_("Until %(until)s you can take the seat or give it back on this page:") % {"until": until}, address]


def _manage(registration: Registration) -> list[str]:
    address = f"{settings.CALLBOARD_URL}/{get_language()}/my/registrations/{registration.code}/"
    return [_("Your registration is on this page:"), address]


def _verdict(registration: Registration) -> tuple[str, str]:
    """The subject's first words and the sentence for a status that is no offer."""
    match registration.status:
        case "confirmed":
            return _("You have a seat"), _("your registration is confirmed: you have a seat.")
        case "waitlisted":
            return _("On the waitlist"), _("all seats are taken for now. You are on the waitlist.")
        case "declined":
            return _("No seat"), _("we are sorry: there is no seat for you in this event.")
        case "expired" if registration.offer_expires_at is not None:
            return _("Seat not taken"), _("the time to take the seat that was held for you has passed.")
        case "expired":
            return _("No seat"), _("the event has begun, and no seat has become free for you.")
        case _ if registration.event.status == "cancelled":
            return _("Called off"), _("we are sorry: this event does not take place.")
        case _:
            return _("Cancelled"), _("the organizer has cancelled your registration.")


def _when(event: Event) -> str:
    """The event and, if it has a time, when it begins."""
    first = _first(event)
    if first is None:
        return _title(event)
    local = first.starts_at.astimezone(ZoneInfo(first.timezone))
    return f"{_title(event)}\n{_day(local) if first.all_day else _moment(local)}"


def _local(registration: Registration) -> datetime:
    """The offer's deadline on the clocks of the event's place."""
    assert registration.offer_expires_at is not None, "an offer has a deadline"
    first = _first(registration.event)
    zone = first.timezone if first is not None else registration.event.programme.timezone
    return registration.offer_expires_at.astimezone(ZoneInfo(zone))


def _first(event: Event) -> Session | None:
    """Its first session, from all that were loaded with it; a cancelled one where the whole event is."""
    gone = ("draft",) if event.status == "cancelled" else ("draft", "cancelled")
    shown = [session for session in event.sessions.all() if session.status not in gone]
    return min(shown, key=lambda session: (session.starts_at, session.pk), default=None)


def _title(event: Event) -> str:
    """In one line whatever was written: a header takes no second one."""
    return " ".join("".join(c if c.isprintable() else " " for c in worded(event, "title", str(get_language()))).split())


def _moment(local: datetime) -> str:
    name = local.tzname() or ""
    return f"{_day(local)} {local:%H:%M} {name if name.isalpha() else f'UTC{local:%z}'}"


def _day(local: datetime) -> str:
    return formatted(local, pgettext("format of a date", "l j F Y"))
