"""Availability: how many seats are left, for whoever follows it without asking for the events again."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers

from api import pagination
from api.pagination import Order
from api.serializers import events as shapes
from api.views.following import Following, StartAgain
from events import vacancies
from events.filters import FilterRefused
from events.models import Event
from events.vacancies import Mark

MARK = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)
WRITTEN = {"type": "string", "pattern": f"^{MARK.pattern}$"}  # for the schema: elsewhere `since` is a number


class AvailabilityOutput(serializers.Serializer[Any]):
    event = serializers.SlugField()
    uid = serializers.UUIDField(help_text="as in `changes/`")
    seats_taken = serializers.IntegerField()
    seats_left = serializers.IntegerField(allow_null=True)
    waitlist_length = serializers.IntegerField()


class Availability(Following):
    """The seats of all listed events, or of those where they may have changed since a `mark` that you have.

    True in the moment of the answer, whatever the worker does. An event may come again although nothing changed.
    """

    output = AvailabilityOutput
    asks: ClassVar[Mapping[str, str]] = {
        "since": "Only events whose seats may be others than at this mark; none: all of them.",
        "until": "As `next` has it.",
    }
    forms: ClassVar[Mapping[str, Any]] = dict.fromkeys(("since", "until"), WRITTEN)
    besides: ClassVar[Mapping[str, Any]] = {
        "since": serializers.CharField(allow_null=True),
        "mark": serializers.CharField(allow_null=True, help_text="what you have now; on the last page only"),
    }

    def get(self, request: Any) -> HttpResponse:
        self.refuse_unknown_parameters()
        mark = vacancies.mark()
        rows = Event.objects.public()
        since = self._mark("since")
        if since is not None:
            if since[0] > mark.version or since[1] > mark.position:
                message = _("We are at %(last)s, before what you have: begin again without since.")
                raise StartAgain(message % {"last": _written(mark)}, field="?since", mark=_written(mark))
            rows = rows.filter(vacancies.moved_since(version=since[0], position=since[1]))
        return self.unless_known(_named(mark), lambda: self._page(rows, mark))

    def state(self) -> str:
        return _named(vacancies.mark())

    def _page(self, rows: QuerySet[Event], mark: Mark) -> dict[str, Any]:
        """What the first page knew is the mark of the last: what happens meanwhile is after it."""
        page = pagination.page(
            request=self.request, queryset=rows, orders={"slug": Order("slug")}, usual="slug",
            fetch=lambda chosen: chosen.values("pk", "slug", "uid", "series__slug", "sort_value"),
        )  # fmt: skip
        counts = shapes.seat_counts(page.rows)
        until = self.request.GET["until"] if self._mark("until") is not None else _written(mark)
        further = f"&until={until}" if "until" not in self.request.GET else ""
        return {
            "since": self.request.GET.get("since"),
            "mark": until if page.next is None else None,
            "next": page.next and page.next + further,
            "previous": page.previous and page.previous + further,
            "results": [{"event": row["slug"], "uid": str(row["uid"]), **counts[row["pk"]]} for row in page.rows],
        }

    def _mark(self, name: str) -> tuple[int, int] | None:
        if name not in self.request.GET:
            return None
        found = MARK.fullmatch(self.request.GET[name])
        if found is None:
            raise FilterRefused({name: [_("Write a mark, as an earlier answer gave it.")]})
        return int(found[1]), int(found[2])


def _written(mark: Mark) -> str:
    return f"{mark.version}.{mark.position}"


def _named(mark: Mark) -> str:
    return f"v{mark.version}-p{mark.position}-n{mark.unplaced}"
