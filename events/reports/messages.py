"""What became of the messages about an event: how many wait, left or were given up, which, and why, in words."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Delivery, Event, Group, Registration

KINDS: Mapping[str, str | Promise] = {
    "registration.applied": gettext_lazy("Application received"),
    "registration.confirmed": gettext_lazy("Seat confirmed"),
    "registration.waitlisted": gettext_lazy("On the waitlist"),
    "registration.offered": gettext_lazy("Seat offered"),
    "registration.declined": gettext_lazy("No seat"),
    "registration.cancelled": gettext_lazy("Registration cancelled"),
    "registration.expired": gettext_lazy("Offer or waiting over"),
    "schedule.changed": gettext_lazy("Schedule changed"),
    "reminder": gettext_lazy("Reminder"),
    "link": gettext_lazy("Link to the registration"),
    "group.booked": gettext_lazy("Group booked"),
}
GIVEN_UP_FIRST = Case(When(status="dead", then=Value(0)), default=Value(1))


def of(event: Event) -> QuerySet[Delivery]:
    """Those to the event's people, with whom they go to. `event` with its programme loaded.

    A mail about several events belongs to the first of them that its reader is registered for.
    """
    people = Q(registration__in=Registration.objects.filter(event=event).order_by())
    bookers = Q(group__in=Group.objects.filter(event=event).order_by())
    rows = Delivery.objects.filter(people | bookers, organization=event.programme.organization_id)
    return rows.select_related("registration", "group")


def numbers(event: Event) -> dict[str, int]:
    """How many there are of each status, in one statement."""
    rows = of(event).select_related(None).order_by().values_list("status").annotate(number=Count("pk"))
    return dict.fromkeys(Delivery.Status.values, 0) | dict(rows)


def name_of(delivery: Delivery) -> str:
    """Who has it; "" of somebody who was erased."""
    who: Any = delivery.registration or delivery.group
    return who.name if who is not None else ""


def kind(delivery: Delivery) -> str:
    return str(KINDS.get(delivery.kind, delivery.kind))


def reason(delivery: Delivery) -> str:
    """Why the last attempt failed, as far as an organizer can do something about it; "" where none did."""
    error, _space, code = delivery.error.partition(" ")
    if not error:
        return ""
    if delivery.error == "address cannot be mailed":
        return _("No mail can be sent to this address.")
    if error == "SMTPRecipientsRefused":
        return _("The mail server does not accept the address (%(code)s).") % {"code": code or "–"}
    if error in ("SMTPDataError", "SMTPSenderRefused", "SMTPResponseException"):
        return _("The mail server does not accept the mail (%(code)s).") % {"code": code or "–"}
    if error.startswith("SMTP") or error in NO_ANSWER:
        return _("The mail server did not answer.")
    return _("The mail could not be written; the operator finds the reason in the log.")


NO_ANSWER = frozenset({
    "TimeoutError", "OSError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "BrokenPipeError",
    "ConnectionAbortedError", "gaierror", "SSLError", "SSLCertVerificationError",
})  # fmt: skip
