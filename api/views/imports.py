"""Somebody's schedule comes into a programme: a dry run first, then the same file again for good."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer

from api.bodies import dump
from api.idempotency import claim_of
from api.serializers import imports as shapes
from api.views import references
from api.views.base import View, answered
from events import policies
from events.importers import guarding, template
from events.importers.unpacking import MAX_SENT
from events.models import Organization, Programme
from events.operations import importing, repeating
from events.operations.drafting import Draft
from venues.models import Venue

FORM_BYTES = 64 * 1024  # what the other fields of the form may add


class Imports(View):
    """Imports."""

    takes = shapes.ImportInput()
    output = shapes.ImportOutput
    post_status = 200
    may_be_repeated = True
    parser_classes = (MultiPartParser,)

    def post(self, request: Any) -> HttpResponse:
        """Read a schedule into a programme that you edit; say `dry_run=false` to write it. Again is an update."""
        self.allow(policies.can_name_topics(self.actor))
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:20]) > MAX_SENT + FORM_BYTES:
            raise RequestDataTooBig
        values = self.body(self.takes)
        seen = Programme.objects.visible_to(self.actor).select_related("organization")
        programme = references.named(seen, values["programme"], "programme")
        self.allow(policies.can_edit_programme(self.actor, programme))
        venues = _venues(values.get("venue"), programme.organization)
        file = values.pop("file")
        raw = file.read()
        draft = guarding.read_guarded(
            raw, filename=file.name, format=values.get("format", "auto"), timezone=values.get("timezone")
        )
        dry_run = values.get("dry_run", "true") == "true"

        def act() -> repeating.Outcome:
            done = self._done(draft, programme, values, venues, dry_run)
            return repeating.Outcome(200, shapes.outcome(done, dry_run=dry_run))

        asked = dump(values) + hashlib.sha256(raw).digest()
        outcome = repeating.once(claim=claim_of(request, self.actor, body=asked), act=act, now=self.now)
        return answered(request, outcome.body, status=outcome.status)

    def _done(
        self, draft: Draft, programme: Programme, values: dict[str, Any], venues: Sequence[Venue], dry_run: bool
    ) -> importing.Outcome:
        if values.get("kind") == "closures":
            return importing.close(draft=draft, venues=venues, actor=self.actor, now=self.now, dry_run=dry_run)
        publish = values.get("publish") == "true"
        if dry_run:
            return importing.preview(draft=draft, programme=programme, publish=publish)
        return importing.take(draft=draft, programme=programme, actor=self.actor, clock=timezone.now, publish=publish)


def _venues(slugs: str | None, organization: Organization) -> list[Venue]:
    """The organization's venues with these slugs; all of them where none is named."""
    own = Venue.objects.filter(owner=organization.uid).order_by("slug")
    return list(own) if slugs is None else references.each(own, slugs.split(","), "venue")


class CsvRenderer(BaseRenderer):
    media_type, format = "text/csv", "csv"


class XlsxRenderer(BaseRenderer):
    media_type, format = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"


class CsvTemplate(View):
    """A table to fill in, with an example, as CSV."""

    renderer_classes = (CsvRenderer,)
    write: Callable[[], bytes] = staticmethod(template.template_csv)
    output = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")

    def get(self, request: Any) -> HttpResponse:
        self.refuse_unknown_parameters()
        renderer = self.renderer_classes[0]
        name = f'attachment; filename="callboard-template.{renderer.format}"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(type(self).write(), content_type=renderer.media_type, headers=headers)


class XlsxTemplate(CsvTemplate):
    """A table to fill in, with an example, as a spreadsheet."""

    renderer_classes = (XlsxRenderer,)
    write: Callable[[], bytes] = staticmethod(template.template_xlsx)
