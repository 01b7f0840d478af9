"""Venues, rooms and closures."""

from datetime import UTC
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import places as shapes
from api.views import references
from api.views.base import Collection, View
from events import policies
from events.models import Organization
from events.operations import placing, scheduling
from venues.models import Closure, OpeningHours, Room, Venue

EQUIPPED = (
    Prefetch("rooms", Room.objects.order_by("position", "pk")),
    Prefetch("opening_hours", OpeningHours.objects.order_by("weekday", "opens_at", "pk")),
)


class Venues(Collection):
    """All venues."""

    output = shapes.VenueOutput
    takes = shapes.VenueInput()
    post_status = 201
    orders = {"slug": Order("slug"), "updated_at": Order("updated_at")}
    asks = {"organization": "Slug of the owner."}

    def rows(self) -> QuerySet[Venue]:
        rows = Venue.objects.prefetch_related(*EQUIPPED)
        if "organization" in self.request.GET:
            rows = rows.filter(owner=self.asked("organization", Organization.objects.all()).uid)
        return rows

    def shown(self, rows: list[Venue]) -> list[dict[str, Any]]:
        owners = _owners(rows)
        return [shapes.venue(row, self.language, owner=owners.get(row.owner)) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Open a venue of an organization that you plan for."""
        values = self.planning_body(self.takes)
        organization = values.pop("organization")
        hours = _hours(values)

        def make() -> dict[str, Any]:
            made = placing.open_venue(
                organization=organization, fields=values, opening_hours=hours, actor=self.actor, now=self.now
            )
            return shapes.venue(made, self.language, owner=organization.slug)

        return self.creating(make)


class OneVenue(View):
    """One venue."""

    output = shapes.VenueOutput
    changes = shapes.VenueChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(self._shown(self.found(Venue.objects.prefetch_related(*EQUIPPED), slug=slug)))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change a venue; `opening_hours` replaces them all. Calendars follow."""
        venue = self.found(Venue.objects.all(), slug=slug)
        owner = _owner(self, venue)
        values = self.body(self.changes)
        placing.amend_venue(
            venue=venue, organization=owner, fields=values, opening_hours=_hours(values), actor=self.actor,
            now=self.now, expected_revision=self.expected_revision(venue.revision),
        )  # fmt: skip
        return self.one(self._shown(self.found(Venue.objects.prefetch_related(*EQUIPPED), pk=venue.pk)))

    def _shown(self, venue: Venue) -> dict[str, Any]:
        return shapes.venue(venue, self.language, owner=_owners([venue]).get(venue.owner))


class Rooms(Collection):
    """All rooms."""

    output = shapes.RoomOutput
    takes = shapes.RoomInput()
    post_status = 201
    orders = {"slug": Order("slug"), "position": Order("position"), "updated_at": Order("updated_at")}
    asks = {"venue": "Slug of a venue."}

    def rows(self) -> QuerySet[Room]:
        return self.narrowed(Room.objects.select_related("venue"), "venue", Venue.objects.all())

    def shown(self, rows: list[Room]) -> list[dict[str, Any]]:
        return [shapes.room(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Open a room of a venue that your organization owns."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(self.takes)
        venue = references.named(Venue.objects.all(), values.pop("venue"), "venue")
        _owner(self, venue)
        return self.creating(
            lambda: shapes.room(
                placing.open_room(venue=venue, fields=values, actor=self.actor, now=self.now), self.language
            )
        )


class OneRoom(View):
    """One room."""

    output = shapes.RoomOutput
    changes = shapes.RoomChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.room(self._room(slug), self.language))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change a room. Calendars follow."""
        room = self._room(slug)
        owner = _owner(self, room.venue)
        values = self.body(self.changes)
        changed = placing.amend_room(
            room=room, organization=owner, over_commit=values.pop("over_commit", False), fields=values,
            actor=self.actor, now=self.now, expected_revision=self.expected_revision(room.revision),
        )  # fmt: skip
        return self.one(shapes.room(changed, self.language))

    def _room(self, slug: str) -> Room:
        return self.found(Room.objects.select_related("venue"), slug=slug)


class Closures(Collection):
    """When a venue, or one room of it, cannot be used."""

    output = shapes.ClosureOutput
    takes = shapes.ClosureInput()
    post_status = 201
    orders = {"starts_at": Order("starts_at")}

    def get(self, request: Any, slug: str) -> HttpResponse:
        venue = self.found(Venue.objects.all(), slug=slug)
        self.refuse_unknown_parameters()
        return self.listing(Closure.objects.filter(venue=venue).select_related("venue", "room"))

    def shown(self, rows: list[Closure]) -> list[dict[str, Any]]:
        return [shapes.closure(row, self.language) for row in rows]

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Close a venue or a room for a time. What is booked stays booked."""
        venue = self.found(Venue.objects.all(), slug=slug)
        _owner(self, venue)
        values = references.given(venue.rooms.all(), self.body(self.takes), "room")
        moment = scheduling.block(starts=values["starts_at"], ends=values["ends_at"], timezone=venue.timezone)
        values |= {"room": values.get("room"), "starts_at": moment.starts_at.astimezone(UTC), "ends_at": moment.ends_at}
        return self.creating(lambda: shapes.closure(placing.close(venue=venue, **values), self.language))


class OneClosure(View):
    """One closure."""

    output = shapes.ClosureOutput

    def get(self, request: Any, slug: str, uid: Any) -> HttpResponse:
        return self.one(shapes.closure(self._closure(slug, uid), self.language))

    def delete(self, request: Any, slug: str, uid: Any) -> HttpResponse:
        """Open again: the closure is gone."""
        closure = self._closure(slug, uid)
        _owner(self, closure.venue)
        self.refuse_unknown_parameters()
        placing.reopen(closure=closure)
        return HttpResponse(status=204)

    def _closure(self, slug: str, uid: Any) -> Closure:
        return self.found(Closure.objects.select_related("venue", "room"), venue__slug=slug, uid=uid)


def _hours(values: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    """Opening hours leave the other values, as rows."""
    if "opening_hours" not in values:
        return None
    return [(row["weekday"], row["opens_at"], row["closes_at"]) for row in values.pop("opening_hours")]


def _owner(view: View, venue: Venue) -> Organization:
    """The organization that owns the venue, if the actor plans for it; what nobody owns is nobody's to change."""
    owner = Organization.objects.filter(uid=venue.owner).first() if venue.owner else None
    view.allow(owner is not None and policies.can_plan_for(view.actor, owner))
    assert owner is not None
    return owner


def _owners(venues: list[Venue]) -> dict[Any, str]:
    return dict(Organization.objects.filter(uid__in=[venue.owner for venue in venues]).values_list("uid", "slug"))
