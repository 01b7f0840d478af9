"""Events: lists by the one filter language, drafts, changes, publication."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api import pagination
from api.pagination import Order
from api.serializers import events as shapes
from api.views import references
from api.views.base import Collection, View
from api.views.filtering import FILTERS
from events import filters, policies
from events.models import Audience, Event, Programme, Series, Topic
from events.models.wording import titled
from events.operations import deciding, planning, publishing


class Events(Collection):
    """The events that match: those that one of their sessions matches, with all filters at once."""

    output = shapes.EventOutput
    takes = shapes.EventInput()
    post_status = 201
    asks = FILTERS

    @classmethod
    def documented_orders(cls) -> list[str]:
        return list(cls.orders) + ["title"]

    orders = {"starts_at": Order("first_starts_at", is_nullable=True), "updated_at": Order("updated_at")}

    def orderings(self) -> Mapping[str, Order]:
        return self.orders | {"title": Order(titled(self.language))}

    def rows(self) -> QuerySet[Event]:
        return filters.events(  # type: ignore[no-any-return]
            queryset=Event.objects.visible_to(self.actor), query=self.request.GET, actor=self.actor, now=self.now,
            besides=pagination.PARAMETERS | {"lang"},
        )  # fmt: skip

    def fetch(self, rows: QuerySet[Event]) -> QuerySet[Any]:
        return rows.values(*shapes.COLUMNS, "sort_value")

    def shown(self, rows: list[Any]) -> list[dict[str, Any]]:
        return shapes.shown(rows, self.language, self.actor, audiences=filters.audiences(self.request.GET))

    def post(self, request: Any) -> HttpResponse:
        """Draft an event of a programme that you edit."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(self.takes)
        programme = references.named(Programme.objects.visible_to(self.actor), values.pop("programme"), "programme")
        self.allow(policies.can_edit_programme(self.actor, programme))
        values, tags = _resolved(values, programme)

        def make() -> dict[str, Any]:
            made = planning.create_event(programme=programme, fields=values, actor=self.actor, now=self.now, **tags)
            return event(self, made)

        return self.creating(make)


class OneEvent(View):
    """One event; an unlisted one by its exact slug."""

    output = shapes.EventOutput
    changes = shapes.EventChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        rows = list(shapes.rows_of(Event.objects.readable_by(self.actor).filter(slug=slug)))
        if not rows:
            self.missing()
        return self.one(shapes.shown(rows, self.language, self.actor)[0])

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change an event. A published one changes at once, calendars included."""
        found = editable(self, slug)
        values, tags = _resolved(self.body(self.changes), found.programme)
        changed = planning.amend_event(
            event=found, over_commit=values.pop("over_commit", False), fields=values, actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(found.revision), **tags,
        )  # fmt: skip
        return self.one(event(self, changed))


class Action(View):
    """One step in the life of an event."""

    output = shapes.EventOutput
    takes = shapes.NothingInput()
    act: Callable[..., Event]

    def post(self, request: Any, slug: str) -> HttpResponse:
        found = editable(self, slug)
        values = self.body(self.takes)
        changed = type(self).act(
            event=found, actor=self.actor, now=self.now, expected_revision=self.expected_revision(found.revision),
            **values,
        )  # fmt: skip
        return self.one(event(self, changed))


class Publish(Action):
    """Publishes an event and all its draft sessions. May be repeated."""

    act = staticmethod(publishing.publish)


class Unpublish(Action):
    """Makes an event a draft again; 409 `has_registrations` while people are registered."""

    act = staticmethod(publishing.unpublish)


class Cancel(Action):
    """Calls an event off with its sessions and registrations; calendars keep it and mark it."""

    takes = shapes.ReasonInput()
    act = staticmethod(publishing.cancel)


class Decide(Action):
    """Decides whether an event with a minimum takes place: its sessions are confirmed, or all of it is called off."""

    takes = shapes.DecisionInput()
    act = staticmethod(deciding.decide)


def editable(view: View, slug: str) -> Event:
    """The event, if the actor may change it: 404, then 401 or 403."""
    rows = Event.objects.readable_by(view.actor).select_related("programme__organization")
    found: Event = view.found(rows, slug=slug)
    view.allow(policies.can_edit(view.actor, found))
    return found


def event(view: View, thing: Event) -> dict[str, Any]:
    """The event as its editor sees it now."""
    rows = shapes.rows_of(Event.objects.readable_by(view.actor).filter(pk=thing.pk))
    return shapes.shown(rows, view.language, view.actor)[0]


def _resolved(values: dict[str, Any], programme: Programme) -> tuple[dict[str, Any], dict[str, Any]]:
    """(columns, topics and audiences) with things in place of slugs."""
    tags: dict[str, Any] = {}
    for name, model in (("topics", Topic), ("audiences", Audience)):
        if name in values:
            tags[name] = references.each(model.objects.all(), values.pop(name), name)
    return references.given(Series.objects.filter(programme=programme), values, "series"), tags
