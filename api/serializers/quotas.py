"""Quotas in JSON: seats that an event sets aside for an audience or a partner, and ceilings on these."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Input, Moment, Number, Slug, YesNo
from api.serializers.shapes import in_utc_or_none
from events.models import SeatPool
from events.operations.allotting import Release

KINDS = (SeatPool.Kind.FLOOR, SeatPool.Kind.CEILING, SeatPool.Kind.ALLOTMENT)
RELEASING = {"releases_at": "at", "releases_days_before": "days_before"}
LONGEST_BEFORE = 3_650


@extend_schema_serializer(
    examples=[OpenApiExample("Until a week before", {"seats": 10, "releases_days_before": 7}, request_only=True)]
)
class QuotaChanges(Input):
    """`releases_at` or `releases_days_before` (the first session), not both: when unused seats are for all."""

    seats = Number(min_value=0, max_value=1_000_000)
    releases_at = Moment(required=False, allow_null=True, needs_offset=True)
    releases_days_before = Number(required=False, allow_null=True, min_value=0, max_value=LONGEST_BEFORE)
    over_commit = YesNo(required=False, help_text="a ceiling below what is taken; nobody loses a seat")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Seats for students",
            {
                "event": "lighting-an-led-wall",
                "kind": "floor",
                "audience": "student",
                "seats": 15,
                "releases_days_before": 7,
            },
            request_only=True,
        ),
        OpenApiExample(
            "Seats that a partner fills",
            {"event": "lighting-an-led-wall", "kind": "allotment", "partner": "kofic", "seats": 5},
            request_only=True,
        ),
    ]
)
class QuotaInput(QuotaChanges):
    """A quota of an event, for one audience or for one partner: `floor`, `ceiling`, or a partner's `allotment`."""

    event = Slug()
    kind = Choice(KINDS)
    audience = Slug(required=False, allow_null=True)
    partner = Slug(required=False, allow_null=True)


class QuotaOutput(serializers.Serializer[Any]):
    uid = serializers.UUIDField()
    event = serializers.SlugField()
    kind = serializers.ChoiceField(KINDS)
    audience = serializers.SlugField(allow_null=True)
    partner = serializers.SlugField(allow_null=True)
    seats = serializers.IntegerField()
    taken = serializers.IntegerField()
    seats_left = serializers.IntegerField()
    releases_at = serializers.DateTimeField(allow_null=True)
    releases_days_before = serializers.IntegerField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    over_committed = serializers.BooleanField()


def quota(row: SeatPool) -> dict[str, Any]:
    """`row` with its event, audience and partner loaded."""
    return {
        "uid": str(row.uid),
        "event": row.event.slug,
        "kind": row.kind,
        "audience": row.audience.slug if row.audience else None,
        "partner": row.partner.slug if row.partner else None,
        "seats": row.seats,
        "taken": row.taken,
        "seats_left": row.seats_left,
        "releases_at": in_utc_or_none(row.releases_at),
        "releases_days_before": row.releases_days_before,
        "released_at": in_utc_or_none(row.released_at),
        "over_committed": row.over_committed,
    }


def released(values: dict[str, Any]) -> dict[str, Release]:
    """When the quota is released, taken out of the values of a body; nothing where these say nothing about it."""
    said = {name: values.pop(name) for name in list(RELEASING) if name in values}
    return {"release": Release(**{RELEASING[name]: value for name, value in said.items()})} if said else {}
