"""What a mail says to somebody who goes to another run of a series, or waits for another one: the new date, and that
the old one is gone.
"""

from copy import copy

from django.utils.translation import gettext as _

from events import calendars
from events.agendas.steps import Taken
from events.models import Delivery, Registration, Session
from events.notices import invitations, wording
from events.notices.invitations import Invitation
from events.notices.wording import Words


def is_so(delivery: Delivery) -> bool:
    """Whether they still go where this message says."""
    registration, change = delivery.registration, delivery.change
    assert registration is not None
    assert change is not None
    return registration.status == "confirmed" and change.after.get("event") == registration.event.slug


def waits_on(delivery: Delivery) -> bool:
    """Whether they still wait where this message says."""
    registration, change = delivery.registration, delivery.change
    assert registration is not None
    assert change is not None
    return registration.status == "waitlisted" and change.after.get("event") == registration.event.slug


def words(registration: Registration) -> Words:
    event = registration.event
    return Words(
        subject=_("Another date: %(event)s") % {"event": wording.title_of(event)},
        paragraphs=[
            _("Hello,"),
            _("you have a seat on another date. Your earlier one is free for somebody else."),
            wording.when(event),
            *wording.note(event),
            *wording.links(registration),
        ],
    )


def waiting(registration: Registration, position: int | None) -> Words:
    event = registration.event
    return Words(
        subject=_("You wait for another date: %(event)s") % {"event": wording.title_of(event)},
        paragraphs=[
            _("Hello,"),
            _("the date that you waited for is over or called off. You keep your place and wait for this one now."),
            wording.when(event),
            *wording.place_in_line(position),
            *wording.note(event),
            *wording.links(registration),
        ],
    )


def withdrawn(delivery: Delivery, taken: Taken) -> list[Invitation]:
    """What takes the run that they have left out of their calendar; nothing where they are in it, again or still."""
    run = delivery.change.before.get("event") if delivery.change is not None else None
    if run is None or delivery.registration is None:
        return []
    left = copy(delivery.registration)
    left.status = "cancelled"
    ids = Session.objects.filter(event__slug=run).exclude(event__in=taken.live).values_list("pk", flat=True)
    return invitations.of(left, list(calendars.for_rendering(ids)), sequence=taken.sequence, was="confirmed")
