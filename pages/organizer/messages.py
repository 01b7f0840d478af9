"""What an event's people are told: how many messages wait, left or were given up, and again what was given up."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Delivery
from events.operations import delivering
from events.operations.delivering import NothingToSendAgain
from events.reports import messages
from pages.organizer.desk import Desk, action, for_members

PAGE = "organize-messages"
ROWS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `name` is "" for who may not read attendees; `when` says when it left, or leaves next."""

    delivery: Delivery
    kind: str
    name: str
    ordered: str
    when: str
    reason: str


@for_members
def messages_page(desk: Desk) -> HttpResponse:
    return page(desk)


@action(back=PAGE)
def send_again(desk: Desk, uid: UUID) -> HttpResponse:
    delivery = messages.of(desk.event).filter(uid=uid).first()
    if delivery is None:
        raise Http404
    try:
        delivering.send_again(delivery=delivery, actor=desk.actor, now=desk.now)
    except NothingToSendAgain as refusal:
        return page(desk, problem=refusal.message, status=refusal.status)
    return desk.done(PAGE, _("The message is on its way again."))


@action(back=PAGE)
def send_all_again(desk: Desk) -> HttpResponse:
    rows = messages.of(desk.event)
    number = delivering.send_all_again(deliveries=rows, event=desk.event, actor=desk.actor, now=desk.now)
    said = ngettext("%(number)d message is on its way again.", "%(number)d messages are on their way again.", number)
    return desk.done(PAGE, said % {"number": number})


def page(desk: Desk, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Those that were given up first, then the newest; `status` in the address narrows them."""
    wanted = desk.request.GET.get("status", "")
    rows = messages.of(desk.event).order_by(messages.GIVEN_UP_FIRST, "-created_at", "-pk")
    if wanted in Delivery.Status.values:
        rows = rows.filter(status=wanted)
    shown = Paginator(rows, ROWS).get_page(desk.request.GET.get("page"))
    numbers = messages.numbers(desk.event)
    context = {
        "tab": "messages",
        "numbers": [(value, label, numbers[value]) for value, label in Delivery.Status.choices],
        "given_up": numbers["dead"],
        "wanted": wanted,
        "page": shown,
        "rows": [_line(desk, delivery) for delivery in shown],
        "elsewhere": f"status={wanted}" if wanted in Delivery.Status.values else "",
        "problem": problem,
    }
    return desk.page("pages/organize_messages.html", context, status=status)


def _line(desk: Desk, delivery: Delivery) -> Line:
    at: Any = delivery.not_before if delivery.status == "waiting" else delivery.ended_at
    return Line(
        delivery=delivery,
        kind=messages.kind(delivery),
        name=messages.name_of(delivery) if desk.may_edit else "",
        ordered=desk.moment(delivery.created_at),
        when=desk.moment(at),
        reason=messages.reason(delivery),
    )
