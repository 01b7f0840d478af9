"""Messages of an event: who is told what, what became of it, and again what was given up."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import messages as shapes
from api.serializers.events import NothingInput
from api.views.attendees import figured
from api.views.base import READING, Collection, View
from api.views.events import editable
from events.models import Delivery
from events.operations import delivering
from events.reports import messages


class Messages(Collection):
    """The messages to the people of an event, for its owners and editors: the newest first, kept for 90 days."""

    output = shapes.MessageOutput
    open_to_all = frozenset()
    orders = {"created_at": Order("created_at")}
    usual = "-created_at"
    asks = {"status": "waiting, sent, superseded or dead (given up)."}

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = editable(self, slug)
        self.refuse_unknown_parameters()
        rows = messages.of(event)
        if "status" in request.GET:
            rows = rows.filter(status=self.one_of("status", Delivery.Status.values))
        return self.listing(rows)

    def fetch(self, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return loaded(rows)

    def shown(self, rows: list[Delivery]) -> list[dict[str, Any]]:
        return [shapes.message(row) for row in rows]


class Numbers(View):
    """How many of an event's messages wait, were sent, were superseded and were given up."""

    output = shapes.MessageNumbersOutput
    open_to_all = frozenset()
    scopes = READING

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(messages.numbers(figured(self, slug)), is_private=True)


class SendAgain(View):
    """Sends a message that was given up once more; 409 `not_given_up` for any other."""

    output = shapes.MessageOutput
    takes = NothingInput()
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        delivery = self.found(Delivery.objects.visible_to(self.actor), uid=uid)
        self.body(self.takes)
        delivering.send_again(delivery=delivery, actor=self.actor, now=self.now)
        return self.one(shapes.message(self.found(loaded(Delivery.objects.all()), uid=uid)), is_private=True)


def loaded(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """With all that `shapes.message` shows."""
    return rows.select_related("registration__event", "group__event")
