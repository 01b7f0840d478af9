"""Topics, audiences, speakers and series in JSON."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Input, Number, Slug, Text, Web, YesNo
from api.serializers.shapes import RevisedOutput, TitledOutput, in_utc, list_url, words
from events.models import Audience, Series, Speaker, Topic


class AudienceInput(Input):
    """Whom events are for. Shared by all organizations. One of the titles is needed."""

    slug = Slug(required=False)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    position = Number(required=False, min_value=0, max_value=100_000)


class AudienceOutput(TitledOutput):
    slug = serializers.SlugField()
    position = serializers.IntegerField()


def audience(row: Audience, language: str) -> dict[str, Any]:
    return {"slug": row.slug, **words(row, language, "title"), "position": row.position}


@extend_schema_serializer(
    examples=[
        OpenApiExample("A topic", {"title_ko": "가상 프로덕션", "title_en": "Virtual production"}, request_only=True)
    ]
)
class TopicInput(AudienceInput):
    """What events are about. Shared by all organizations. One of the titles is needed."""

    parent = Slug(required=False, allow_null=True)


class TopicOutput(TitledOutput, RevisedOutput):
    slug = serializers.SlugField()
    parent = serializers.SlugField(allow_null=True)
    position = serializers.IntegerField()


def topic(row: Topic, language: str) -> dict[str, Any]:
    """`row` with its parent loaded."""
    return {
        "slug": row.slug,
        "parent": row.parent.slug if row.parent else None,
        **words(row, language, "title"),
        "position": row.position,
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An instructor",
            {"organization": "grow-creative-office", "name_ko": "윤하린", "name_en": "Yoon Harin"},
            request_only=True,
        )
    ]
)
class SpeakerInput(Input):
    """An instructor of an organization. One of the names is needed."""

    organization = Slug()
    slug = Slug(required=False)
    name_ko = Text(max_length=200, required=False, allow_blank=True)
    name_en = Text(max_length=200, required=False, allow_blank=True)
    bio_ko = Text(is_long=True, max_length=5_000, required=False, allow_blank=True)
    bio_en = Text(is_long=True, max_length=5_000, required=False, allow_blank=True)
    website = Web(required=False, source="url")


class SpeakerChanges(SpeakerInput):
    organization = None


class SpeakerOutput(RevisedOutput):
    slug = serializers.SlugField()
    organization = serializers.SlugField()
    name = serializers.CharField()
    name_ko = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    bio = serializers.CharField(allow_blank=True)
    bio_ko = serializers.CharField(allow_blank=True)
    bio_en = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    url = serializers.URLField()


def speaker(row: Speaker, language: str) -> dict[str, Any]:
    """`row` with its organization loaded."""
    return {
        "slug": row.slug,
        "organization": row.organization.slug,
        **words(row, language, "name", "bio"),
        "website": row.url,
        "url": list_url("speaker", row.slug, language),
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }


@extend_schema_serializer(
    examples=[
        OpenApiExample("A series", {"programme": "biff-workshops", "title_en": "Lighting, all runs"}, request_only=True)
    ]
)
class SeriesInput(Input):
    """Equal runs of one workshop, in one programme. One of the titles is needed."""

    programme = Slug()
    slug = Slug(required=False)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    allows_repeats = YesNo(required=False, help_text="one person may be in several runs")


class SeriesChanges(SeriesInput):
    programme = None


class SeriesOutput(TitledOutput, RevisedOutput):
    slug = serializers.SlugField()
    programme = serializers.SlugField()
    allows_repeats = serializers.BooleanField()
    url = serializers.URLField()


def series(row: Series, language: str) -> dict[str, Any]:
    """`row` with its programme loaded."""
    return {
        "slug": row.slug,
        "programme": row.programme.slug,
        **words(row, language, "title"),
        "allows_repeats": row.allows_repeats,
        "url": list_url("series", row.slug, language),
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }
