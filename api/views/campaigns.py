"""Campaigns and programmes."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import campaigns as shapes
from api.views import references
from api.views.base import Collection, View
from events import policies
from events.models import Campaign, Organization, Partner, Programme
from events.operations import planning

ORDERS = {"slug": Order("slug"), "starts_on": Order("starts_on", is_nullable=True), "updated_at": Order("updated_at")}
PARTNERS = Prefetch("partners", Partner.objects.select_related("organization").order_by("position", "pk"))


class Campaigns(Collection):
    """All campaigns."""

    output = shapes.CampaignOutput
    takes = shapes.CampaignInput()
    post_status = 201
    orders = ORDERS

    def rows(self) -> QuerySet[Campaign]:
        return Campaign.objects.select_related("organization")

    def shown(self, rows: list[Campaign]) -> list[dict[str, Any]]:
        return [shapes.campaign(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Make a campaign of an organization that you plan for."""
        values = self.planning_body(self.takes)
        organization = values.pop("organization")
        return self.creating(
            lambda: shapes.campaign(
                planning.create_campaign(organization=organization, fields=values, actor=self.actor, now=self.now),
                self.language,
            )
        )


class OneCampaign(View):
    """One campaign."""

    output = shapes.CampaignOutput
    changes = shapes.CampaignChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.campaign(self._campaign(slug), self.language))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change a campaign."""
        campaign = self._campaign(slug)
        self.allow(policies.can_plan_for(self.actor, campaign.organization))
        changed = planning.amend(
            thing=campaign, fields=self.body(self.changes), actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(campaign.revision),
        )  # fmt: skip
        return self.one(shapes.campaign(changed, self.language))

    def _campaign(self, slug: str) -> Campaign:
        return self.found(Campaign.objects.select_related("organization"), slug=slug)


class Programmes(Collection):
    """The programmes that you may see."""

    output = shapes.ProgrammeOutput
    takes = shapes.ProgrammeInput()
    post_status = 201
    orders = ORDERS
    asks = {"campaign": "Slug of a campaign.", "organization": "Slug of the owner."}

    def rows(self) -> QuerySet[Programme]:
        rows = Programme.objects.visible_to(self.actor)
        rows = self.narrowed(rows, "campaign", Campaign.objects.all())
        rows = self.narrowed(rows, "organization", Organization.objects.all())
        return rows.select_related("campaign", "organization").prefetch_related(PARTNERS)

    def shown(self, rows: list[Programme]) -> list[dict[str, Any]]:
        return [shapes.programme(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Make a programme of an organization that you plan for."""
        values = references.given(Campaign.objects.all(), self.planning_body(self.takes), "campaign")
        organization = values.pop("organization")
        partners = references.partners(values.pop("partners", []))

        def make() -> dict[str, Any]:
            made = planning.create_programme(
                organization=organization, fields=values, partners=partners, actor=self.actor, now=self.now
            )
            return shapes.programme(made, self.language)

        return self.creating(make)


class OneProgramme(View):
    """One programme."""

    output = shapes.ProgrammeOutput
    changes = shapes.ProgrammeChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.programme(self._programme(slug), self.language))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change a programme; `partners` replaces them all."""
        programme = self._programme(slug)
        self.allow(policies.can_edit_programme(self.actor, programme))
        values = references.given(Campaign.objects.all(), self.body(self.changes), "campaign")
        partners = references.partners(values.pop("partners")) if "partners" in values else None
        planning.amend(
            thing=programme, fields=values, partners=partners, actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(programme.revision),
        )  # fmt: skip
        return self.one(shapes.programme(self._programme(values.get("slug", slug)), self.language))

    def _programme(self, slug: str) -> Programme:
        rows = Programme.objects.visible_to(self.actor).select_related("campaign", "organization")
        return self.found(rows.prefetch_related(PARTNERS), slug=slug)
