"""Registering, and what becomes of a registration. Registering is the busiest write: it takes the short way."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated

from api import afterwards, errors, throttling
from api.idempotency import claim_of
from api.serializers import registrations as shapes
from api.serializers.events import NothingInput, ReasonInput
from api.views import references
from api.views.attendees import EventAttendees, private
from api.views.base import MAKING, OWN, View, created
from events import policies, whereabouts
from events.models import ANONYMOUS, Actor, Audience, Event, Organization, Registration, email_key
from events.operations import guessing, offering, registering, reminding, repeating, waitlisting
from events.operations.clashing import Clash
from events.operations.inviting import CodeRequired
from events.operations.registering import AlreadyRegistered, Applicant, Door

__all__ = ["Accept", "Cancel", "Decline", "EventRegistrations", "OneRegistration", "private"]

MOST_WRONG_CODES, MOST_CLASHES = 20, 10  # an hour: of one address block, about one attendee


class EventRegistrations(EventAttendees):
    """The registrations of one event."""

    takes = shapes.RegistrationInput()
    made = shapes.ReceiptOutput
    post_status = 201
    is_registering = True
    open_to_all = frozenset({"POST"})
    scopes = MAKING

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Register somebody for an event. The seat is theirs at once, or the answer is a 409 that says why not."""
        door = door_of(self, slug)
        values = self.body(self.takes)
        is_staff = staff_entry(self, door, values)
        values |= {"audience": audience_of(door, values), "partner": partner_of(self, values)}
        if values.get("accepts"):  # building a queryset that nobody asks for takes a tenth of all this
            values["accepts"] = references.each(Event.objects.readable_by(self.actor), values["accepts"], "accepts")
        applicant = Applicant(**{"language": self.language, **values})
        claim = claim_of(self.request, self.actor)

        def act() -> repeating.Outcome:
            made = registering.register(
                event=door.event, door=door, applicant=applicant, actor=self.actor, now=self.now, is_staff=is_staff
            )
            self.registered = 1
            return repeating.Outcome(201, receipt(made, slug))

        def once() -> HttpResponse:
            # What is refused anyway needs no transaction, unless it was granted before to this very request.
            is_simple = not (is_staff or applicant.code or applicant.partner or applicant.accepts)
            if is_simple and registering.refusal(event=door.event, door=door, now=self.now) is not None:
                outcome = repeating.replay(claim=claim) or act()
            else:
                outcome = repeating.once(claim=claim, act=act, now=self.now)
            return private(created(self.request, outcome))

        return limited(self, door.event, [applicant], is_staff, once)


class OneRegistration(View):
    """One registration, for whoever holds its code."""

    output = shapes.OwnOutput
    is_secret = True
    scopes = OWN

    def get(self, request: Any, code: str) -> HttpResponse:
        return self.one(own(self, coded(self, code)), is_private=True)


class Step(View):
    """What the holder of the code does with their registration. May be repeated."""

    output = shapes.OwnOutput
    takes = NothingInput()
    is_revised = False
    open_to_all = frozenset({"POST"})
    act: Callable[..., Registration]

    def post(self, request: Any, code: str) -> HttpResponse:
        registration = coded(self, code)
        values = self.body(self.takes)
        type(self).act(registration=registration, actor=acting(self, registration), now=self.now, **values)
        return self.one(own(self, coded(self, code)), is_private=True)


class Cancel(Step):
    """Cancels a registration, for whoever holds its code; the seat is free again. May be repeated."""

    scopes = MAKING
    takes = ReasonInput()
    act = staticmethod(registering.cancel)


class Accept(Step):
    """Takes the seat that is offered; 409 `proof_needed` where only the mailed link does. May be repeated."""

    @staticmethod
    def act(**values: Any) -> Registration:
        return offering.accept(by_link=False, **values)


class Decline(Step):
    """Leaves the seat that is offered to somebody else. May be repeated."""

    takes = ReasonInput()
    act = staticmethod(offering.decline)


def door_of(view: View, slug: str) -> Door:
    """The event as who registers meets it, if they may read it."""
    door = registering.door(slug=slug, actor=view.actor)
    if door is None:
        view.missing()
    return door


def staff_entry(view: View, door: Door, values: dict[str, Any]) -> bool:
    """Whether an organizer enters somebody; taken out of the values."""
    is_staff: bool = values.pop("by_organizer", False)
    if is_staff:
        policies.refuse_without_scope(view.actor, ())
        view.allow(policies.can_edit(view.actor, door.event))
    return is_staff


def audience_of(door: Door, values: dict[str, Any], field: str = "audience") -> Audience | None:
    """What the applicant says they are; the event's own audiences stand at its door."""
    slug = values.get("audience")
    if slug is None:
        return None
    own = (audience for audience in door.audiences if audience.slug == slug)
    return next(own, None) or references.named(Audience.objects.all(), slug, field)


def partner_of(view: View, values: dict[str, Any]) -> Organization | None:
    """Who nominates them; nobody does so unknown."""
    slug = values.get("partner")
    if slug is None:
        return None
    if view.actor.kind == "anonymous":
        raise NotAuthenticated(_("Send an API key, or sign in."))
    return references.named(Organization.objects.all(), slug, "partner")  # type: ignore[no-any-return]


def limited(
    view: View, event: Event, people: Sequence[Applicant], is_staff: bool, register: Callable[[], HttpResponse]
) -> HttpResponse:
    """What `register` answers, or a refusal. Wrong codes and clashes are limited; who is refused as being there already
    has the way to it mailed once the answer is sent, and the answer says no more than that (RULES 11).
    """
    if is_staff:
        return register()
    try:
        with _counting(view, event, people):
            return register()
    except (AlreadyRegistered, Clash) as refusal:
        email = _meant(people, refusal.field)
        return afterwards.then(
            errors.refused(refusal), lambda: reminding.mail_links(event=event, email=email, now=view.now)
        )  # fmt: skip


@contextmanager
def _counting(view: View, event: Event, people: Sequence[Applicant]) -> Iterator[None]:
    with ExitStack() as stack:
        if people[0].code:
            who = throttling.caller_of(view.request)
            stack.enter_context(
                guessing.limited(what="code", who=who, most=MOST_WRONG_CODES, now=view.now, wrong=CodeRequired)
            )
        if event.programme.clashes == "refuse":
            for key in sorted({email_key(person.email) for person in people}):
                stack.enter_context(
                    guessing.limited(what="clash", who=key, most=MOST_CLASHES, now=view.now, wrong=Clash)
                )
        yield


def _meant(people: Sequence[Applicant], field: str) -> str:
    """The address that a refusal is about: that of one person, or of the one whom it names in a group."""
    about = re.match(r"people/(\d+)", field)
    return people[int(about[1]) if about else 0].email


def receipt(row: Registration, slug: str) -> dict[str, Any]:
    """What somebody gets who registered just now; two more statements at most."""
    clash = whereabouts.is_warned(registration=row)
    return shapes.receipt(row, slug, position=waitlisting.position(row), clash=clash)


def coded(view: View, code: str) -> Registration:
    """The registration with that code, whoever asks: 130 random bits are the permission (RULES 6).

    A key with scopes finds those that it made, and no others: with another's code one asks without the key.
    """
    rows = Registration.objects.opened_by(code, view.actor).select_related("event__programme", "audience", "partner")
    return view.found(rows)  # type: ignore[no-any-return]


def acting(view: View, registration: Registration) -> Actor:
    """By the code alone somebody acts as the attendee, whoever they are elsewhere, but the key that made it."""
    is_known = view.actor.grant is not None or policies.can_edit(view.actor, registration.event)
    return view.actor if is_known else ANONYMOUS


def own(view: View, row: Registration) -> dict[str, Any]:
    is_member = policies.can_read_attendees(view.actor, row.event)
    return shapes.own(row, position=waitlisting.position(row), is_member=is_member)
