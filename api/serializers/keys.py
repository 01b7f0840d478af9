"""API keys in JSON: what they may do, how long they live, how much they are used. The secret is in one answer alone."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Day, Input, Number, Text
from api.serializers.shapes import in_utc, in_utc_or_none
from events.models import SCOPES, ApiKey, ApiKeyUsage
from events.operations.keying import MOST_REQUESTS
from events.reports.key_usage import SHOWN_DAYS, Used

ROLES = ("owner", "editor", "viewer")
STATES = ("active", "ending", "expired", "revoked")


class ScopeList(serializers.ListField):
    """Each scope once; none is no list."""

    child = Choice(SCOPES)

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=1, max_length=len(SCOPES), **options)

    def to_internal_value(self, data: Any) -> list[str]:
        found: list[str] = super().to_internal_value(data)
        if len(set(found)) != len(found):
            raise serializers.ValidationError(_("Write each scope once."), code="repeated")
        return found


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A booking page of a partner",
            {"name": "Booking page", "role": "editor", "scopes": ["register", "allotment"], "expires_on": "2027-06-30"},
            request_only=True,
        )
    ]
)
class KeyInput(Input):
    """A new key. Without `scopes` it may all that its role may but manage people, without `expires_on` for a year."""

    name = Text(max_length=100, help_text="what it is for")
    role = Choice(ROLES)
    scopes = ScopeList(required=False, allow_null=True)
    expires_on = Day(required=False, allow_null=True, help_text="the last day on which it is good; at most a year away")
    requests_per_minute = Number(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_REQUESTS,
        help_text="null: as every key; more than that only operators give",
    )


class RotationInput(Input):
    overlap_hours = Number(
        required=False, min_value=0, max_value=24, help_text="how long the old key lives on beside the new one; 24"
    )


class UsedOutput(serializers.Serializer[Any]):
    """`refused`: those of the requests that were answered with 400 or above."""

    requests = serializers.IntegerField()
    refused = serializers.IntegerField()
    registrations = serializers.IntegerField()


class KeyUsageOutput(UsedOutput):
    day = serializers.DateField(help_text="in the organization's zone")


class KeyOutput(serializers.Serializer[Any]):
    """An API key without its secret; `lookup` is how it begins, behind `cbk_`."""

    lookup = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(ROLES)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(SCOPES), allow_null=True, help_text="null: all that the role may"
    )
    state = serializers.ChoiceField(STATES, help_text="ending: another key takes its place")
    requests_per_minute = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    replaces = serializers.CharField(allow_null=True, help_text="lookup of the key that was rotated into this one")
    replaced_by = serializers.CharField(allow_null=True, help_text="lookup of the key that takes its place")
    usage = UsedOutput(help_text=f"of the last {SHOWN_DAYS} days; behind by a minute or so")


class NewKeyOutput(KeyOutput):
    """A key with its secret, which is never shown again; null where the request was repeated."""

    secret = serializers.CharField(allow_null=True)


def key(row: ApiKey, used: Used, *, now: datetime) -> dict[str, Any]:
    """`row` with the keys before and after it loaded."""
    successor = getattr(row, "successor", None)
    return {
        "lookup": row.lookup,
        "name": row.name,
        "role": row.role,
        "scopes": row.scopes.split() or None,
        "state": row.state(now=now, is_followed=successor is not None),
        "requests_per_minute": row.requests_per_minute,
        "created_at": in_utc(row.created_at),
        "expires_at": in_utc_or_none(row.expires_at),
        "last_used_at": in_utc_or_none(row.last_used_at),
        "revoked_at": in_utc_or_none(row.revoked_at),
        "replaces": row.replaces.lookup if row.replaces else None,
        "replaced_by": successor.lookup if successor is not None else None,
        "usage": _used(used),
    }


def usage(row: ApiKeyUsage) -> dict[str, Any]:
    return {"day": row.day.isoformat(), **_used(row)}


def _used(counts: Used | ApiKeyUsage) -> dict[str, int]:
    return {"requests": counts.requests, "refused": counts.refused, "registrations": counts.registrations}
