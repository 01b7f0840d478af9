"""Quotas: the seats that an event sets aside, for its organizers; a partner reads its own."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import quotas as shapes
from api.serializers.events import NothingInput
from api.views import references
from api.views.base import Collection, View
from events import policies
from events.models import Audience, Event, Organization, SeatPool
from events.operations import allotting

FIGURES = {"GET": ("read", "allotment")}


class Quotas(Collection):
    """The quotas of your organizations' events, and those that others set aside for your organizations."""

    output = shapes.QuotaOutput
    takes = shapes.QuotaInput()
    post_status = 201
    open_to_all = frozenset()
    scopes = FIGURES
    orders = {"releases_at": Order("releases_at", is_nullable=True)}
    asks = {"event": "Slug of an event."}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(policies.can_read_quotas(self.actor))
        return super().get(request, *args, **kwargs)

    def rows(self) -> QuerySet[SeatPool]:
        return self.narrowed(loaded(SeatPool.objects.visible_to(self.actor)), "event", readable(self))

    def shown(self, rows: list[SeatPool]) -> list[dict[str, Any]]:
        return [shapes.quota(row) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Set seats aside, or a ceiling, in an event that you edit. Who is in and belongs to it is counted first."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(self.takes)
        event = references.named(readable(self).select_related("programme"), values.pop("event"), "event")
        self.allow(policies.can_edit(self.actor, event))
        values = references.given(Audience.objects.all(), values, "audience")
        values = references.given(Organization.objects.all(), values, "partner")
        values |= shapes.released(values)
        return self.creating(
            lambda: shapes.quota(allotting.set_aside(event=event, actor=self.actor, now=self.now, **values))
        )


class OneQuota(View):
    """One quota."""

    output = shapes.QuotaOutput
    changes = shapes.QuotaChanges(partial=True)
    is_revised = False
    open_to_all = frozenset()
    scopes = FIGURES

    def get(self, request: Any, uid: Any) -> HttpResponse:
        return self.one(shapes.quota(self.found(loaded(SeatPool.objects.visible_to(self.actor)), uid=uid)))

    def patch(self, request: Any, uid: Any) -> HttpResponse:
        """Change how many seats it has, or when it is released; who waits for what became free is served."""
        pool = editable(self, uid)
        values = self.body(self.changes)
        values |= shapes.released(values)
        return self.one(shapes.quota(allotting.amend(pool=pool, actor=self.actor, now=self.now, **values)))


class Release(View):
    """Ends a quota: its unused seats are for all, and who is in stays in. May be repeated."""

    output = shapes.QuotaOutput
    takes = NothingInput()
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        pool = editable(self, uid)
        self.body(self.takes)
        allotting.release(pool=pool, actor=self.actor, now=self.now)
        return self.one(shapes.quota(self.found(loaded(SeatPool.objects.visible_to(self.actor)), uid=uid)))


def loaded(rows: QuerySet[SeatPool]) -> QuerySet[SeatPool]:
    """With all that `shapes.quota` shows and a policy asks."""
    return rows.select_related("event__programme", "audience", "partner")


def readable(view: View) -> QuerySet[Event]:
    return Event.objects.readable_by(view.actor)


def editable(view: View, uid: Any) -> SeatPool:
    """The quota, if the actor may change it: 404, then 401 or 403."""
    pool: SeatPool = view.found(loaded(SeatPool.objects.visible_to(view.actor)), uid=uid)
    view.allow(policies.can_edit(view.actor, pool.event))
    return pool
