"""What webhooks tell of: the words that stand in `type` of each message, and what they mean to people."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

TEST = "webhook.test"

# In the order in which they are offered. Those of registrations concern the organization whose event it is alone.
KINDS: Mapping[str, str | Promise] = {
    "registration.registered": gettext_lazy("Somebody registered, applied or joined the waitlist"),
    "registration.changed": gettext_lazy("A registration got another status or event"),
    "registration.cancelled": gettext_lazy("A registration ended"),
    "event.published": gettext_lazy("An event was published"),
    "event.changed": gettext_lazy("An event was changed"),
    "event.cancelled": gettext_lazy("An event was called off"),
    "event.removed": gettext_lazy("An event left the list"),
    "session.added": gettext_lazy("A session was added"),
    "session.moved": gettext_lazy("A session has another time or place"),
    "session.changed": gettext_lazy("A session was changed otherwise"),
    "session.cancelled": gettext_lazy("A session was cancelled"),
    "session.removed": gettext_lazy("A session left the list"),
    "availability.few_left": gettext_lazy("A few seats are left"),
    "availability.full": gettext_lazy("No seat is left"),
    "availability.open_again": gettext_lazy("Seats are free again"),
    "waitlist.opened": gettext_lazy("One can wait for a seat"),
}


def label(kind: str) -> str:
    return str(KINDS.get(kind, gettext_lazy("Test") if kind == TEST else kind))
