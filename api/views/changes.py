"""What changed: deltas of the public lists, what was published in words, registrations for members, and histories."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from api.pagination import Order
from api.serializers import changes as shapes
from api.serializers import deltas
from api.views.base import READING, Collection
from api.views.following import Following, whole_number
from events import outbox, policies
from events.models import Change, Event, Organization, Publication, ReleaseEdit, Session
from events.operations import sequencing
from events.operations.carrying_out import KIND as REPLANNED

PUBLISHED = ("event.published", "event.unpublished", "event.amended", "event.cancelled")
MOVED = ("session.amended", "session.cancelled")


class Changes(Following):
    """Deltas of the public lists of events and sessions, by schedule version: apply them to any old copy.

    Each says what a thing is now, or that it left the lists. `version` is what you have when the page is applied.
    """

    output = deltas.DeltaOutput
    number = "version"
    besides = {"since": serializers.IntegerField(), "version": serializers.IntegerField()}

    def get(self, request: Any) -> HttpResponse:
        self.refuse_unknown_parameters()
        version = outbox.current_version()
        return self.followed(Publication.objects.all(), last=version, state=_named(version))

    def state(self) -> str:
        return _named(outbox.current_version())

    def fetch(self, rows: QuerySet[Publication]) -> QuerySet[Any]:
        return rows.values(*deltas.COLUMNS, "sort_value")

    def shown(self, rows: list[Any]) -> list[dict[str, Any]]:
        return deltas.shown(rows, self.language)


class Changelog(Collection):
    """What was published about the events that you may see, by schedule version: what it was before, and after."""

    output = shapes.ChangeOutput
    orders = {"version": Order("version")}
    asks = {"since": "Only later schedule versions than this number.", "event": "Slug of an event."}

    def rows(self) -> QuerySet[Change]:
        events = Event.objects.visible_to(self.actor)
        sessions = Session.objects.visible_to(self.actor)
        of_sessions = Q(kind__in=MOVED, session__in=sessions) & ~Q(after__status="draft")
        told = self._edits().filter(session__event=OuterRef("event"), release__version=OuterRef("version"))
        kinds = Q(kind__in=PUBLISHED) | of_sessions | Q(Exists(told), kind=REPLANNED)
        rows = Change.objects.filter(kinds, version__isnull=False, event__in=events)
        if "since" in self.request.GET:
            rows = rows.filter(version__gt=whole_number(self.request.GET["since"], "since"))
        return self.narrowed(rows, "event", events).select_related("event", "session")

    def shown(self, rows: list[Change]) -> list[dict[str, Any]]:
        versions = {row.version for row in rows if row.kind == REPLANNED}
        edits = self._edits().filter(release__version__in=versions).order_by()
        told = set(edits.values_list("release__version", "session__uid")) if versions else set()
        return [
            shapes.replan(row, {str(uid) for version, uid in told if version == row.version})
            if row.kind == REPLANNED
            else shapes.change(row)
            for row in rows
        ]

    def _edits(self) -> QuerySet[ReleaseEdit]:
        return ReleaseEdit.objects.told_of(Session.objects.visible_to(self.actor))


class RegistrationChanges(Following):
    """What happened to the registrations of an organization's events, in order, for its owners and editors.

    A change has its place once it is committed, within a minute, and none is ever put before one that you have.
    """

    output = shapes.RegistrationChangeOutput
    number = "position"
    open_to_all = frozenset()
    besides = {"since": serializers.IntegerField(), "position": serializers.IntegerField()}

    def get(self, request: Any, slug: str) -> HttpResponse:
        organization = self.found(Organization.objects.all(), slug=slug)
        self.allow(policies.can_plan_for(self.actor, organization))
        self.refuse_unknown_parameters()
        position = sequencing.last()
        rows = Change.objects.filter(organization=organization, position__isnull=False)
        answer = self.followed(rows, last=position, state=f"p{position}")
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer

    def state(self) -> str:
        return f"p{sequencing.last()}"

    def fetch(self, rows: QuerySet[Change]) -> QuerySet[Change]:
        return rows.select_related("event", "registration")

    def shown(self, rows: list[Change]) -> list[dict[str, Any]]:
        return [shapes.registration_change(row) for row in rows]


class History(Collection):
    """Everything that happened to one event, for its members; with its registrations for owners and editors."""

    output = shapes.HistoryOutput
    open_to_all = frozenset()
    scopes = READING
    orders = {"at": Order("at")}

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = self.found(Event.objects.readable_by(self.actor).select_related("programme__organization"), slug=slug)
        self.allow(policies.can_read_organization(self.actor, event.programme.organization))
        self.refuse_unknown_parameters()
        self.with_attendees = policies.can_read_attendees(self.actor, event)
        rows = Change.objects.filter(event=event).select_related("event", "session", "registration")
        return self.listing(rows if self.with_attendees else rows.filter(registration__isnull=True))

    def shown(self, rows: list[Change]) -> list[dict[str, Any]]:
        return [shapes.history(row, with_attendees=self.with_attendees) for row in rows]


def _named(version: int) -> str:
    return f"v{version}"
