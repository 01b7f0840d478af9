"""Campaigns and programmes in JSON."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Day, Input, Number, Slug, Text, Web, YesNo, Zone
from api.serializers.shapes import (
    RevisedOutput,
    SummarizedOutput,
    calendar_url,
    day,
    in_utc,
    list_url,
    page_url,
    words,
)
from events.models import Campaign, Partner, Programme


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A campaign",
            {"organization": "grow-creative-office", "title_ko": "그로우 크리에이티브", "title_en": "Grow Creative"},
            request_only=True,
        )
    ]
)
class CampaignInput(Input):
    """A campaign. One of the titles is needed."""

    organization = Slug()
    slug = Slug(required=False)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    summary_ko = Text(max_length=500, required=False, allow_blank=True)
    summary_en = Text(max_length=500, required=False, allow_blank=True)
    starts_on = Day(required=False, allow_null=True)
    ends_on = Day(required=False, allow_null=True)
    website = Web(required=False, source="url")


class CampaignChanges(CampaignInput):
    organization = None


class CampaignOutput(SummarizedOutput, RevisedOutput):
    slug = serializers.SlugField()
    organization = serializers.SlugField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    website = serializers.CharField(allow_blank=True)
    url = serializers.URLField()
    calendar_url = serializers.URLField()


def campaign(row: Campaign, language: str) -> dict[str, Any]:
    """`row` with its organization loaded."""
    return {
        "slug": row.slug,
        "organization": row.organization.slug,
        **words(row, language, "title", "summary"),
        "starts_on": day(row.starts_on),
        "ends_on": day(row.ends_on),
        "website": row.url,
        "url": list_url("campaign", row.slug, language),
        "calendar_url": calendar_url("campaigns", row.slug),
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }


class PartnerInput(Input):
    """An organization's part in a programme."""

    organization = Slug()
    role = Choice(Partner.Role.values)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A programme",
            {
                "organization": "grow-creative-office",
                "campaign": "grow-creative",
                "title_en": "BIFF Workshops",
                "partners": [{"organization": "kofic", "role": "co_organizer"}],
            },
            request_only=True,
        )
    ]
)
class ProgrammeInput(Input):
    """A programme of an organization. One of the titles is needed."""

    organization = Slug()
    slug = Slug(required=False)
    campaign = Slug(required=False, allow_null=True)
    partners = PartnerInput(many=True, required=False, max_length=100)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    summary_ko = Text(max_length=500, required=False, allow_blank=True)
    summary_en = Text(max_length=500, required=False, allow_blank=True)
    description_ko = Text(is_long=True, max_length=20_000, required=False, allow_blank=True)
    description_en = Text(is_long=True, max_length=20_000, required=False, allow_blank=True)
    timezone = Zone(required=False)
    starts_on = Day(required=False, allow_null=True)
    ends_on = Day(required=False, allow_null=True)
    is_public = YesNo(required=False)
    clashes = Choice(
        Programme.Clashes.values, required=False, help_text="somebody registers who is elsewhere then: warn or refuse"
    )
    travel_minutes = Number(
        required=False, min_value=0, max_value=1_440, help_text="from one venue to another, for what is a clash"
    )


class ProgrammeChanges(ProgrammeInput):
    organization = None


class PartnerOutput(serializers.Serializer[Any]):
    organization = serializers.SlugField()
    role = serializers.ChoiceField(Partner.Role.values)


class ProgrammeOutput(SummarizedOutput, RevisedOutput):
    slug = serializers.SlugField()
    campaign = serializers.SlugField(allow_null=True)
    organization = serializers.SlugField()
    partners = PartnerOutput(many=True)
    description = serializers.CharField(allow_blank=True)
    description_ko = serializers.CharField(allow_blank=True)
    description_en = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    is_public = serializers.BooleanField()
    clashes = serializers.ChoiceField(Programme.Clashes.values)
    travel_minutes = serializers.IntegerField()
    url = serializers.URLField()
    calendar_url = serializers.URLField()


def programme(row: Programme, language: str) -> dict[str, Any]:
    """`row` with its organization, campaign and partners loaded."""
    return {
        "slug": row.slug,
        "campaign": row.campaign.slug if row.campaign else None,
        "organization": row.organization.slug,
        "partners": [{"organization": part.organization.slug, "role": part.role} for part in row.partners.all()],
        **words(row, language, "title", "summary", "description"),
        "timezone": row.timezone,
        "starts_on": day(row.starts_on),
        "ends_on": day(row.ends_on),
        "is_public": row.is_public,
        "clashes": row.clashes,
        "travel_minutes": row.travel_minutes,
        "url": page_url("programmes", row.slug, language),
        "calendar_url": calendar_url("programmes", row.slug),
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }
