"""Who registered: lists that members narrow and order, as JSON and as files, and lists of theirs that come in."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.parsers import MultiPartParser

from api import pagination
from api.bodies import dump
from api.idempotency import claim_of
from api.pagination import Order
from api.serializers import attendees as imported
from api.serializers import registrations as shapes
from api.views.base import CLOSED, OWN, Collection, View, answered
from api.views.imports import FORM_BYTES, CsvRenderer, XlsxRenderer
from events import filters, policies
from events.importers import guarding
from events.importers.unpacking import MAX_SENT
from events.models import Event, Registration
from events.operations import downloading, enrolling, registering, repeating
from events.reports import attendees

FILTERS = {
    "status": ", ".join(Registration.Status.values),
    "audience": "Slugs of audiences.",
    "partner": "Slugs of organizations that nominated them.",
    "group": "Codes of groups.",
    "q": "Words that all stand in the name or in the e-mail address.",
    "shortlisted": "true or false.",
}
ORDERS = {
    "created_at": Order("created_at"),
    "updated_at": Order("updated_at"),
    "name": Order("name"),
    "waits": Order(attendees.WAITS, is_nullable=True),
}


class Registrations(Collection):
    """Who is registered for the events of your organizations, for owners and editors; what a key with scopes made."""

    output = shapes.AttendeeOutput
    orders: Mapping[str, Order] = ORDERS
    open_to_all = frozenset()
    scopes = OWN
    asks: Mapping[str, str] = {"event": "Slug of an event.", **FILTERS}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(policies.can_read_some_attendees(self.actor))
        self.refuse_unknown_parameters()
        rows = self.narrowed(Registration.objects.visible_to(self.actor), "event", self.events())
        return private(self.listing(self.chosen(rows)))

    def events(self) -> QuerySet[Event]:
        return Event.objects.readable_by(self.actor)  # type: ignore[no-any-return]

    def chosen(self, rows: QuerySet[Registration]) -> QuerySet[Registration]:
        if "shortlisted" in self.request.GET:
            policies.refuse_without_scope(self.actor, ())  # what organizers think of those whom a key registered
        besides = {*pagination.PARAMETERS, "lang", "event"}
        return filters.attendees(queryset=rows, query=self.request.GET, besides=besides)

    def fetch(self, rows: QuerySet[Registration]) -> QuerySet[Registration]:
        return attendees.loaded(rows)

    def shown(self, rows: list[Registration]) -> list[dict[str, Any]]:
        places = attendees.positions(rows)
        if self.actor.grant is not None:
            return [shapes.made(row, position=places.get(row.pk)) for row in rows]
        return [shapes.attendee(row, position=places.get(row.pk)) for row in rows]


class EventAttendees(Registrations):
    """The registrations of one event."""

    asks = FILTERS
    scopes = CLOSED

    def get(self, request: Any, slug: str) -> HttpResponse:
        """Who is registered for an event. For owners and editors."""
        event = attended(self, slug)
        self.refuse_unknown_parameters()
        return private(self.listing(self.chosen(Registration.objects.visible_to(self.actor).filter(event=event))))


class CsvFile(View):
    """The attendee list of an event as CSV, for owners and editors. Each download is on record."""

    renderer_classes = (CsvRenderer,)
    output = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")
    open_to_all = frozenset()
    asks = {**FILTERS, "ordering": ", ".join(sign + name for name in ORDERS for sign in ("", "-"))}

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = attended(self, slug)
        self.refuse_unknown_parameters()
        asked = filters.given(request.GET, besides={"lang", "ordering"}, names=filters.ATTENDEE_NAMES)
        ordering = request.GET.get("ordering", "created_at")
        renderer = self.renderer_classes[0]
        data = downloading.download(
            event=event, rows=self._rows(event, ordering), format=renderer.format, language=self.language,
            filters={**asked, "ordering": ordering}, actor=self.actor, now=self.now,
        )  # fmt: skip
        name = f'attachment; filename="{event.slug}-attendees.{renderer.format}"'
        headers = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
        return private(HttpResponse(data, content_type=renderer.media_type, headers=headers))

    def _rows(self, event: Event, ordering: str) -> QuerySet[Registration]:
        rows = Registration.objects.visible_to(self.actor).filter(event=event)
        chosen = filters.attendees(queryset=rows, query=self.request.GET, besides={"lang", "ordering"})
        return pagination.ordered(chosen, ordering=ordering, orders=ORDERS)


class XlsxFile(CsvFile):
    """The attendee list of an event as a spreadsheet, for owners and editors. Each download is on record."""

    renderer_classes = (XlsxRenderer,)


class Import(View):
    """Enrols people."""

    takes = imported.AttendeeImportInput()
    output = imported.AttendeeImportOutput
    post_status = 200
    may_be_repeated = True
    open_to_all = frozenset()
    parser_classes = (MultiPartParser,)

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Enter the people of a table, CSV or XLSX; say `dry_run=false` to write it. Each line stands by itself."""
        event = attended(self, slug)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:20]) > MAX_SENT + FORM_BYTES:
            raise RequestDataTooBig
        values = self.body(self.takes)
        raw = values.pop("file").read()
        dry_run = values.get("dry_run", "true") == "true"
        table = guarding.read_table_guarded(raw)
        door = registering.door(slug=event.slug, actor=self.actor)
        assert door is not None

        def act() -> repeating.Outcome:
            done = enrolling.enrol(
                event=door.event, door=door, table=table, language=self.language, actor=self.actor, now=self.now,
                dry_run=dry_run,
            )  # fmt: skip
            return repeating.Outcome(200, imported.outcome(done, dry_run=dry_run))

        claim = claim_of(request, self.actor, body=dump(values) + hashlib.sha256(raw).digest())
        outcome = repeating.once(claim=claim, act=act, now=self.now)
        if not (dry_run or outcome.is_replay):
            self.registered = outcome.body["created"]
        return private(answered(request, outcome.body, status=outcome.status))


def attended(view: View, slug: str) -> Event:
    """The event, if the actor may read who comes to it: 404, then 401 or 403."""
    event: Event = view.found(Event.objects.readable_by(view.actor).select_related("programme"), slug=slug)
    view.allow(policies.can_read_attendees(view.actor, event))
    return event


def figured(view: View, slug: str) -> Event:
    """The event, if the actor may read numbers about who comes to it: 404, then 401 or 403."""
    event: Event = view.found(Event.objects.readable_by(view.actor).select_related("programme"), slug=slug)
    view.allow(policies.can_read_figures(view.actor, event))
    return event


def private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response
