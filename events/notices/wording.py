"""What the mails to attendees say, in the language that is active: a subject in one line, and plain paragraphs.

No name of a person stands in them: anybody can register anybody, and would have us send their words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from events import calendars
from events.models import LIVE, Event, Group, Registration, Session, worded
from events.models.tokens import derive
from events.operations import noting, offering


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one mail. A paragraph that is one of our addresses becomes a link in HTML."""

    subject: str
    paragraphs: list[str]

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs) + "\n"

    @property
    def blocks(self) -> list[tuple[str, bool]]:
        """Each paragraph, and whether it is an address."""
        return [(text, text.startswith(f"{settings.CALLBOARD_URL}/") and "\n" not in text) for text in self.paragraphs]


def news(registration: Registration, *, position: int | None = None) -> Words:
    """What has become of the registration, and where to go from there."""
    if registration.status == "offered":
        return _offer(registration)
    event = registration.event
    about, sentence = _verdict(registration)
    said = [registration.reason] if registration.reason and registration.ended_by == "organizer" else []
    return Words(
        subject=f"{about}: {title_of(event)}",
        paragraphs=[
            _("Hello,"),
            sentence,
            when(event),
            *said,
            *place_in_line(position),
            *note(event),
            *links(registration),
        ],
    )


def reminder(registration: Registration) -> Words:
    """The event is about to begin."""
    event = registration.event
    return Words(
        subject=_("Reminder: %(event)s") % {"event": title_of(event)},
        paragraphs=[
            _("Hello,"),
            _("the event that you are registered for begins soon."),
            when(event),
            *note(event),
            _("If you cannot come, please cancel, so that somebody else can have your seat."),
            *links(registration),
        ],
    )


def link(registration: Registration) -> Words:
    """The link to a registration, for somebody who wanted to register once more."""
    asked = _("somebody, probably you, wanted to register this address. What it is registered for already:")
    open_offer = _answering(registration) if registration.status == "offered" else []
    return Words(
        subject=_("Your registration: %(event)s") % {"event": title_of(registration.event)},
        paragraphs=[_("Hello,"), asked, when(registration.event), *open_offer, *_manage(registration)],
    )


def group(booked: Group, *, people: int) -> Words:
    """What the booker of a group has: everybody named has a mail of their own."""
    event = booked.event
    number = ngettext(
        "you have registered %(count)d person. They have a mail of their own.",
        "you have registered %(count)d people. Each of them has a mail of their own.",
        people,
    ) % {"count": people}
    address = f"{settings.CALLBOARD_URL}/{get_language()}/my/groups/{booked.code}/"
    return Words(
        subject=_("Your group: %(event)s") % {"event": title_of(event)},
        paragraphs=[_("Hello,"), number, when(event), _("Your booking, with all of them, is on this page:"), address],
    )


def links(registration: Registration) -> list[str]:
    """Where to look, change and cancel, and the calendar of this one registration."""
    if registration.status not in LIVE:
        return _manage(registration)
    token = derive(kind="registration-calendar", row_id=registration.pk, generation=registration.token_generation)
    return [
        _("To see, change or cancel your registration:"),
        _page(registration),
        _("To have it in your calendar, with every change, subscribe to this address:"),
        f"{settings.CALLBOARD_URL}/calendars/registrations/{token}.ics",
    ]


def note(event: Event) -> list[str]:
    """What the organizer has to say in every mail of the event."""
    language = str(get_language())
    text = worded(event, "mail_note", language)
    if not text:
        return []
    first = _first(event)
    values = {
        "event": title_of(event),
        "programme": one_line(worded(event.programme, "title", language)),
        "organization": one_line(worded(event.programme.organization, "title", language)),
        "begins": start_of(first.starts_at, first.timezone, all_day=first.all_day) if first else "",
        "place": one_line(calendars.location_of(first, language)) if first else "",
    }
    return [noting.filled(text, values)]


def when(event: Event) -> str:
    """The event and, if it has a session, when and where it begins."""
    first = _first(event)
    if first is None:
        return title_of(event)
    place = one_line(calendars.location_of(first, str(get_language())))
    lines = [title_of(event), start_of(first.starts_at, first.timezone, all_day=first.all_day), place]
    return "\n".join(line for line in lines if line)


def title_of(event: Event) -> str:
    """In one line whatever was written: a header takes no second one."""
    return one_line(worded(event, "title", str(get_language())))


def one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def start_of(at: datetime, zone: str, *, all_day: bool = False) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return day(local) if all_day else moment(local)


def moment(local: datetime) -> str:
    name = local.tzname() or ""
    return f"{day(local)} {local:%H:%M} {name if name.isalpha() else f'UTC{local:%z}'}"


def day(local: datetime) -> str:
    return formatted(local, pgettext("format of a date", "l j F Y"))


def _verdict(registration: Registration) -> tuple[str, str]:
    """The subject's first words and the sentence for a status that is no offer."""
    has_left = registration.ended_by == "attendee"
    match registration.status:
        case "applied":
            return _("Received"), _("we have your application. You will have a mail when it is decided.")
        case "confirmed":
            return _("You have a seat"), _("your registration is confirmed: you have a seat.")
        case "waitlisted":
            return _("On the waitlist"), _("all seats are taken for now. You are on the waitlist.")
        case "declined" if has_left:
            return _("Seat given back"), _("you have given the seat back that was held for you.")
        case "declined":
            return _("No seat"), _("we are sorry: there is no seat for you in this event.")
        case "expired" if registration.offer_expires_at is not None:
            return _("Seat not taken"), _("the time to take the seat that was held for you has passed.")
        case "expired":
            return _("No seat"), _("the event has begun, and no seat has become free for you.")
        case _ if has_left:
            return _("Cancelled"), _("you have cancelled your registration.")
        case _ if registration.event.status == "cancelled":
            return _("Called off"), _("we are sorry: this event does not take place.")
        case _:
            return _("Cancelled"), _("the organizer has cancelled your registration.")


def place_in_line(position: int | None) -> Sequence[str]:
    """Where somebody who waits stands."""
    if position is None:
        return []
    return [_("Your place on the waitlist now: %(position)d.") % {"position": position}]


def _offer(registration: Registration) -> Words:
    event = title_of(registration.event)
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
        paragraphs=[_("Hello,"), sentence, when(registration.event), *_answering(registration), *last],
    )


def _answering(registration: Registration) -> list[str]:
    """Until when, and where: the page asks once more, opening it does nothing yet."""
    until = moment(_local(registration))
    address = f"{settings.CALLBOARD_URL}/{get_language()}/offers/{offering.token_of(registration)}/"
    return [_("Until %(until)s you can take the seat or give it back on this page:") % {"until": until}, address]


def _manage(registration: Registration) -> list[str]:
    return [_("Your registration is on this page:"), _page(registration)]


def _page(registration: Registration) -> str:
    return f"{settings.CALLBOARD_URL}/{get_language()}/my/registrations/{registration.code}/"


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
