"""Registering, and what becomes of a registration. Registering is the busiest write: it takes the short way."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.idempotency import claim_of
from api.pagination import Order
from api.serializers import registrations as shapes
from api.serializers.events import ReasonInput
from api.views import references
from api.views.base import Collection, View, created
from events import policies
from events.models import Audience, Event, Registration
from events.operations import registering, repeating
from events.operations.registering import Applicant

ORDERS = {"created_at": Order("created_at"), "updated_at": Order("updated_at")}


class Registrations(Collection):
    """Who is registered for the events of your organizations. For owners and editors."""

    output = shapes.AttendeeOutput
    orders = ORDERS
    open_to_all = frozenset()
    asks = {"event": "Slug of an event.", "status": ", ".join(Registration.Status.values)}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(policies.can_name_topics(self.actor))
        self.refuse_unknown_parameters()
        return private(self.listing(self.chosen(Registration.objects.visible_to(self.actor))))

    def chosen(self, rows: QuerySet[Registration]) -> QuerySet[Registration]:
        if "event" in self.request.GET:
            rows = rows.filter(event=self.asked("event", Event.objects.visible_to(self.actor)))
        if "status" in self.request.GET:
            rows = rows.filter(status=self.one_of("status", Registration.Status.values))
        return rows.select_related("event", "audience")

    def shown(self, rows: list[Registration]) -> list[dict[str, Any]]:
        return [shapes.attendee(row) for row in rows]


class EventRegistrations(Registrations):
    """The registrations of one event."""

    takes = shapes.RegistrationInput()
    made = shapes.ReceiptOutput
    post_status = 201
    is_registering = True
    open_to_all = frozenset({"POST"})
    asks = {"status": Registrations.asks["status"]}

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = self.found(Event.objects.readable_by(self.actor).select_related("programme"), slug=slug)
        self.allow(policies.can_read_attendees(self.actor, event))
        self.refuse_unknown_parameters()
        return private(self.listing(self.chosen(Registration.objects.visible_to(self.actor).filter(event=event))))

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Register somebody for an event. The seat is theirs at once, or the answer is a 409 that says why not."""
        door = registering.door(slug=slug, actor=self.actor)
        if door is None:
            self.missing()
        values = self.body(self.takes)
        audience = _audience(door, values.pop("audience", None))
        applicant = Applicant(audience=audience, **{"language": self.language, **values})
        claim = claim_of(self.request, self.actor)

        def act() -> repeating.Outcome:
            made = registering.register(
                event=door.event, door=door, applicant=applicant, actor=self.actor, now=self.now
            )
            return repeating.Outcome(201, shapes.receipt(made, slug))

        # What is refused anyway needs no transaction, unless it was granted before to this very request.
        if registering.refusal(event=door.event, door=door, now=self.now) is not None:
            outcome = repeating.replay(claim=claim) or act()
        else:
            outcome = repeating.once(claim=claim, act=act, now=self.now)
        return private(created(self.request, outcome))


class OneRegistration(View):
    """One registration, for whoever holds its code."""

    output = shapes.OwnOutput

    def get(self, request: Any, code: str) -> HttpResponse:
        return self.one(own(coded(self, code)), is_private=True)


class Cancel(View):
    """Cancels a registration, for whoever holds its code; the seat is free again. May be repeated."""

    output = shapes.OwnOutput
    takes = ReasonInput()
    open_to_all = frozenset({"POST"})

    def post(self, request: Any, code: str) -> HttpResponse:
        registration = coded(self, code)
        values = self.body(self.takes)
        registering.cancel(registration=registration, actor=self.actor, now=self.now, **values)
        return self.one(own(coded(self, code)), is_private=True)


def _audience(door: registering.Door, slug: str | None) -> Audience | None:
    """What the applicant says they are; the event's own audiences stand at its door."""
    if slug is None:
        return None
    own = (audience for audience in door.audiences if audience.slug == slug)
    return next(own, None) or references.named(Audience.objects.all(), slug, "audience")


def coded(view: View, code: str) -> Registration:
    """The registration with that code, whoever asks: 130 random bits are the permission (RULES 6)."""
    return view.found(Registration.objects.select_related("event", "audience"), code=code)  # type: ignore[no-any-return]


def own(row: Registration) -> dict[str, Any]:
    return shapes.attendee(row) | shapes.doors(row)


def private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response
