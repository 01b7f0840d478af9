"""A person's calendar links, one for each device; for members whose calendar has an event, and how a room is used."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse

from api.attendee import AttendeeAuthentication
from api.idempotency import claim_of
from api.pagination import Order
from api.serializers import calendar_links as shapes
from api.serializers.events import NothingInput
from api.views.attendees import figured, private
from api.views.base import READING, Collection, View, answer, created
from events import policies
from events.agendas import rooms
from events.models import Attendee, CalendarLink, Member, Organization
from events.operations import repeating, subscribing
from events.reports import reach
from venues.models import Room


class OwnedByAttendee:
    """For whoever signed in by a link mailed to their address (RULES 11); no key and no member opens these."""

    authentication_classes = (AttendeeAuthentication,)
    open_to_all: frozenset[str] = frozenset()

    def owner(self: Any) -> Attendee:
        self.allow(self.actor.kind == "attendee")
        attendee: Attendee = self.request.user
        return attendee

    def link(self: Any, uid: UUID) -> CalendarLink:
        found: CalendarLink = self.found(self.owner().calendar_links.live(), uid=uid)
        return found


class CalendarLinks(OwnedByAttendee, Collection):
    """Your calendar links that are not revoked."""

    output = shapes.CalendarLinkOutput
    takes = shapes.CalendarLinkInput()
    post_status = 201
    orders = {"created_at": Order("created_at"), "name": Order("name")}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.owner()
        return private(super().get(request))

    def rows(self) -> QuerySet[CalendarLink]:
        return self.owner().calendar_links.live()

    def shown(self, rows: list[CalendarLink]) -> list[dict[str, Any]]:
        return [shapes.link(row) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Add a link for one device."""
        owner, values = self.owner(), self.body(self.takes)

        def make() -> repeating.Outcome:
            made = subscribing.add_link(attendee=owner, now=self.now, **values)
            return repeating.Outcome(201, {"uid": str(made.uid)})

        outcome = repeating.once(claim=claim_of(request, self.actor), act=make, now=self.now)
        # Its address is a secret and is not kept with the answer; it can be derived again (RULES 13).
        made = owner.calendar_links.get(uid=outcome.body["uid"])
        shown = repeating.Outcome(outcome.status, shapes.link(made), is_replay=outcome.is_replay)
        return private(created(request, shown))


class OneCalendarLink(OwnedByAttendee, View):
    """One of your calendar links."""

    output = shapes.CalendarLinkOutput
    changes = shapes.CalendarLinkChanges(partial=True)

    def get(self, request: Any, uid: UUID) -> HttpResponse:
        return self.one(shapes.link(self.link(uid)), is_private=True)

    def patch(self, request: Any, uid: UUID) -> HttpResponse:
        """Rename a link, or change what it shows; its address stays."""
        found = self.link(uid)
        changed = subscribing.amend_link(
            attendee=self.owner(), uid=uid, fields=self.body(self.changes), now=self.now,
            expected_revision=self.expected_revision(found.revision),
        )  # fmt: skip
        return self.one(shapes.link(changed), is_private=True)

    def delete(self, request: Any, uid: UUID) -> HttpResponse:
        """Revoke a link: it opens nothing any more, your others stay."""
        self.link(uid)
        self.refuse_unknown_parameters()
        subscribing.revoke(attendee=self.owner(), uid=uid, now=self.now)
        return HttpResponse(status=204)


class Rotation(OwnedByAttendee, View):
    """Gives a link a new address; the old one opens nothing any more."""

    output = shapes.CalendarLinkOutput
    takes = NothingInput()

    def post(self, request: Any, uid: UUID) -> HttpResponse:
        self.link(uid)
        self.body(self.takes)
        return self.one(shapes.link(subscribing.rotate(attendee=self.owner(), uid=uid, now=self.now)), is_private=True)


class RoomCalendar(View):
    """Your address of the calendar that shows all that a room is used for. For members in person."""

    output = shapes.RoomCalendarOutput
    open_to_all = frozenset()

    def get(self, request: Any, slug: str, room: str) -> HttpResponse:
        member = _member(self, slug)
        found = self.found(Room.objects.select_related("venue"), slug=room)
        if not rooms.may_see(member, found):
            self.missing()
        return self.one(shapes.room_calendar(member, found), is_private=True)


class RoomCalendarRenewal(View):
    """Gives every room's calendar a new address for you; the old ones open nothing any more."""

    output = shapes.RenewedOutput
    takes = NothingInput()
    open_to_all = frozenset()
    is_revised = False

    def post(self, request: Any, slug: str) -> HttpResponse:
        member = _member(self, slug)
        self.body(self.takes)
        subscribing.renew_room_calendars(member=member)
        return private(answer({"organization": slug}))


def _member(view: View, slug: str) -> Member:
    """The member who asks, in person."""
    organization = view.found(Organization.objects.all(), slug=slug)
    view.allow(view.actor.kind != "key" and policies.can_read_organization(view.actor, organization))
    found: Member = view.found(organization.members.select_related("organization"), person=view.actor.person_id)
    return found


class EventReach(View):
    """Whose calendar has the event as it is now, in three numbers. For owners and editors."""

    output = shapes.ReachOutput
    open_to_all = frozenset()
    scopes = READING

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = figured(self, slug)
        return self.one(shapes.reach(event, reach.of(event)), is_private=True)
