"""What was published, in the order of commits; and an event's own history for its members."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from api.pagination import Order
from api.serializers import changes as shapes
from api.views.base import Collection
from events import policies
from events.filters import FilterRefused
from events.models import Change, Event, Session

PUBLISHED = ("event.published", "event.unpublished", "event.amended", "event.cancelled")
MOVED = ("session.amended", "session.cancelled")


class Changes(Collection):
    """What was published about the events that you may see, by schedule version."""

    output = shapes.ChangeOutput
    orders = {"version": Order("version")}
    asks = {"since": "Only later schedule versions than this number.", "event": "Slug of an event."}

    def rows(self) -> QuerySet[Change]:
        events = Event.objects.visible_to(self.actor)
        sessions = Session.objects.visible_to(self.actor)
        of_sessions = Q(kind__in=MOVED, session__in=sessions) & ~Q(after__status="draft")
        rows = Change.objects.filter(Q(kind__in=PUBLISHED) | of_sessions, version__isnull=False, event__in=events)
        if "since" in self.request.GET:
            rows = rows.filter(version__gt=_version(self.request.GET["since"]))
        return self.narrowed(rows, "event", events).select_related("event", "session")

    def shown(self, rows: list[Change]) -> list[dict[str, Any]]:
        return [shapes.change(row) for row in rows]


class History(Collection):
    """Everything that happened to one event, for its members; with its registrations for owners and editors."""

    output = shapes.HistoryOutput
    open_to_all = frozenset()
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


def _version(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    raise FilterRefused({"since": [_("Write a schedule version, a whole number.")]})
