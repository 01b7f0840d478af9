"""What a mail says to somebody who goes to another run of a series, or waits for another one: the new date, and that
the old one is gone.
"""

from copy import copy

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from events import calendars
from events.agendas.steps import Taken
from events.models import Change, Delivery, Registration, Session
from events.notices import invitations, wording
from events.notices.invitations import Invitation
from events.notices.wording import Words


def is_so(delivery: Delivery, *, status: str) -> bool:
    """Whether they still stand so in the run that this message names."""
    registration, change = delivery.registration, delivery.change
    assert registration is not None
    assert change is not None
    return registration.status == status and change.after.get("event") == registration.event.slug


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
    """What takes the runs that they have left out of their calendar; nothing of those that they are in, again or still.

    Also those of earlier messages that were overtaken by this one before they were sent.
    """
    registration, change = delivery.registration, delivery.change
    if registration is None or change is None or registration.event.series_id is None:
        return []
    left = copy(registration)
    left.status = "cancelled"
    read = Delivery.objects.filter(change=OuterRef("pk"), status="sent")
    runs = Change.objects.filter(~Exists(read), registration=registration, pk__lte=change.pk).values("before__event")
    slugs = [run["before__event"] for run in runs if run["before__event"]]
    away = Session.objects.filter(event__slug__in=slugs).exclude(event__in={*taken.live, registration.event_id})
    ids = away.values_list("pk", flat=True)
    return invitations.of(left, list(calendars.for_rendering(ids)), sequence=taken.sequence, was="confirmed")
