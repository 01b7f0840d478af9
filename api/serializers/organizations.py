"""Organizations and their members in JSON."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Email, Input, Slug, Text, Web, Zone
from api.serializers.shapes import RevisedOutput, TitledOutput, calendar_url, in_utc, list_url, words
from events.models import Member, Organization
from events.models.sites import LONGEST_SITE, MOST_SITES


class OrganizationChanges(Input):
    slug = Slug(required=False)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    website = Web(required=False, source="url")
    email = Email(required=False, allow_blank=True)
    timezone = Zone(required=False)
    sites = serializers.ListField(
        child=Text(max_length=LONGEST_SITE), required=False, max_length=MOST_SITES,
        help_text="origins such as https://www.example.org: who may frame its list, and where people are led back to",
    )  # fmt: skip


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An institution", {"title_en": "Korean Film Council", "owner_email": "owner@example.org"}, request_only=True
        )
    ]
)
class OrganizationInput(OrganizationChanges):
    """An organization with its first owner."""

    owner_email = Email()


class OrganizationOutput(TitledOutput, RevisedOutput):
    slug = serializers.SlugField()
    website = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True, required=False, help_text="for its members only")
    timezone = serializers.CharField()
    sites = serializers.ListField(child=serializers.CharField(), required=False, help_text="for its members only")
    url = serializers.URLField()
    calendar_url = serializers.URLField()


def organization(row: Organization, language: str, *, is_member: bool) -> dict[str, Any]:
    shown = {
        "slug": row.slug,
        **words(row, language, "title"),
        "website": row.url,
        "timezone": row.timezone,
        "url": list_url("organization", row.slug, language),
        "calendar_url": calendar_url("organizations", row.slug),
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }
    return shown | {"email": row.email, "sites": row.sites} if is_member else shown


@extend_schema_serializer(
    examples=[OpenApiExample("An editor", {"email": "editor@example.org", "role": "editor"}, request_only=True)]
)
class MemberInput(Input):
    """Gives a person a role, or another one."""

    email = Email()
    role = Choice(Member.Role.values)


class MemberRemoval(Input):
    email = Email()


class MemberOutput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(Member.Role.values)
    joined_at = serializers.DateTimeField()


def member(row: Member) -> dict[str, Any]:
    """`row` with its person loaded."""
    return {
        "email": row.person.email,
        "name": row.person.name,
        "role": row.role,
        "joined_at": in_utc(row.joined_at),
    }
