"""Groups: one person books for several."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse

from api.idempotency import claim_of
from api.serializers import groups as shapes
from api.views.attendees import private
from api.views.base import MAKING, OWN, View, created
from api.views.registrations import audience_of, door_of, limited, partner_of, staff_entry
from events import whereabouts
from events.errors import DomainError
from events.models import Group
from events.operations import grouping, repeating
from events.operations.registering import Applicant, Door
from events.reports import attendees


class EventGroups(View):
    """The groups of one event."""

    takes = shapes.GroupInput()
    output = shapes.GroupOutput
    post_status = 201
    is_registering = True
    open_to_all = frozenset({"POST"})
    scopes = MAKING

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Register several people at once: all of them are in, or nobody is, and the refusal says because of whom."""
        door = door_of(self, slug)
        values = self.body(self.takes)
        is_staff = staff_entry(self, door, values)
        language = values["booker"].get("language", self.language)
        booker = Applicant(
            **{**values["booker"], "language": language}, code=values.get("code", ""), partner=partner_of(self, values)
        )
        people = [
            Applicant(**{**person, "audience": _audience(door, person, number), "language": language}, code=booker.code)
            for number, person in enumerate(values["people"])
        ]

        def act() -> repeating.Outcome:
            with _about_booker():
                booked = grouping.register(
                    event=door.event, door=door, booker=booker, people=people, actor=self.actor, now=self.now,
                    is_staff=is_staff,
                )  # fmt: skip
            rows = booked.registrations
            self.registered = len(rows)
            clashes = [row.pk for row in rows if whereabouts.is_warned(registration=row)]
            places = attendees.positions(rows)
            return repeating.Outcome(201, shapes.group(booked.group, rows, slug, positions=places, clashes=clashes))

        def once() -> HttpResponse:
            claim = claim_of(self.request, self.actor)
            return private(created(self.request, repeating.once(claim=claim, act=act, now=self.now)))

        return limited(self, door.event, people, is_staff, once)


class OneGroup(View):
    """One group, for whoever holds its code: the booker. The codes of its people cancel each of them by themselves."""

    output = shapes.GroupOutput
    is_secret = True
    scopes = OWN

    def get(self, request: Any, code: str) -> HttpResponse:
        group: Group = self.found(Group.objects.opened_by(code, self.actor).select_related("event"))
        rows = list(group.registrations.select_related("event").order_by("pk"))
        shown = shapes.group(group, rows, group.event.slug, positions=attendees.positions(rows))
        return self.one(shown, is_private=True)


@contextmanager
def _about_booker() -> Iterator[None]:
    """Where the domain names a field of no person, it is the booker's."""
    try:
        yield
    except DomainError as refusal:
        if refusal.field in shapes.BookerInput().fields:
            refusal.field = f"booker/{refusal.field}"
        raise


def _audience(door: Door, person: dict[str, Any], number: int) -> Any:
    return audience_of(door, person, field=f"people/{number}/audience")
