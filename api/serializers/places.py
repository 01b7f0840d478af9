"""Venues, their rooms, opening hours and closures in JSON."""

from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_time
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Degrees, Input, Moment, Number, Slug, Text, Web, YesNo, Zone
from api.serializers.shapes import RevisedOutput, TitledOutput, calendar_url, in_utc, page_url, words
from venues.models import Closure, Room, Venue


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["09:00"]})
class Clock(serializers.Field[Any, Any, Any, Any]):
    """A local time of day, to the minute."""

    default_error_messages = {"invalid": _("Write a time like 09:00.")}

    def to_internal_value(self, data: Any) -> Any:
        try:
            found = parse_time(data) if isinstance(data, str) and len(data) == 5 and data.isascii() else None
        except ValueError:
            found = None
        if found is None:
            self.fail("invalid")
        return found


class OpeningHoursInput(Input):
    """Open on a weekday (0 is Monday), local time; closing at or before opening means the next day."""

    weekday = Number(min_value=0, max_value=6)
    opens_at = Clock()
    closes_at = Clock()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A venue",
            {
                "organization": "grow-creative-office",
                "title_en": "Busan Cinema Center",
                "timezone": "Asia/Seoul",
                "opening_hours": [{"weekday": 0, "opens_at": "09:00", "closes_at": "18:00"}],
            },
            request_only=True,
        )
    ]
)
class VenueInput(Input):
    """A venue of an organization. One of the titles is needed."""

    organization = Slug()
    slug = Slug(required=False)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    address_ko = Text(max_length=300, required=False, allow_blank=True)
    address_en = Text(max_length=300, required=False, allow_blank=True)
    directions_ko = Text(is_long=True, max_length=5_000, required=False, allow_blank=True)
    directions_en = Text(is_long=True, max_length=5_000, required=False, allow_blank=True)
    timezone = Zone(required=False)
    latitude = Degrees(required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = Degrees(required=False, allow_null=True, min_value=-180, max_value=180)
    website = Web(required=False, source="url")
    is_shared = YesNo(required=False)
    opening_hours = OpeningHoursInput(many=True, required=False, max_length=100)


class VenueChanges(VenueInput):
    organization = None


class OpeningHoursOutput(serializers.Serializer[Any]):
    weekday = serializers.IntegerField()
    opens_at = serializers.CharField()
    closes_at = serializers.CharField()


class VenueOutput(TitledOutput, RevisedOutput):
    slug = serializers.SlugField()
    organization = serializers.SlugField(allow_null=True)
    address = serializers.CharField(allow_blank=True)
    address_ko = serializers.CharField(allow_blank=True)
    address_en = serializers.CharField(allow_blank=True)
    directions = serializers.CharField(allow_blank=True)
    directions_ko = serializers.CharField(allow_blank=True)
    directions_en = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    website = serializers.CharField(allow_blank=True)
    is_shared = serializers.BooleanField()
    rooms = serializers.ListField(child=serializers.SlugField())
    opening_hours = OpeningHoursOutput(many=True)
    url = serializers.URLField()
    calendar_url = serializers.URLField()


def venue(row: Venue, language: str, *, owner: str | None) -> dict[str, Any]:
    """`row` with its rooms and opening hours loaded, in their order; `owner` is the organization's slug."""
    return {
        "slug": row.slug,
        "organization": owner,
        **words(row, language, "title", "address", "directions"),
        "timezone": row.timezone,
        "latitude": _degrees(row.latitude),
        "longitude": _degrees(row.longitude),
        "website": row.url,
        "is_shared": row.is_shared,
        "rooms": [room.slug for room in row.rooms.all()],
        "opening_hours": [
            {"weekday": hours.weekday, "opens_at": f"{hours.opens_at:%H:%M}", "closes_at": f"{hours.closes_at:%H:%M}"}
            for hours in row.opening_hours.all()
        ],
        "url": page_url("venues", row.slug, language),
        "calendar_url": calendar_url("venues", row.slug),
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }


def _degrees(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A room", {"venue": "busan-cinema-center", "title_en": "Room 201", "seats": 40}, request_only=True
        )
    ]
)
class RoomInput(Input):
    """A room of a venue. `seats` null: nobody has counted them. One of the titles is needed."""

    venue = Slug()
    slug = Slug(required=False)
    title_ko = Text(max_length=200, required=False, allow_blank=True)
    title_en = Text(max_length=200, required=False, allow_blank=True)
    seats = Number(required=False, allow_null=True, min_value=0, max_value=1_000_000)
    position = Number(required=False, min_value=0, max_value=100_000)


class RoomChanges(RoomInput):
    venue = None
    over_commit = YesNo(
        required=False, help_text="fewer seats than people in an event as large as the room; nobody loses a seat"
    )


class RoomOutput(TitledOutput, RevisedOutput):
    slug = serializers.SlugField()
    venue = serializers.SlugField()
    seats = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField()


def room(row: Room, language: str) -> dict[str, Any]:
    """`row` with its venue loaded."""
    return {
        "slug": row.slug,
        "venue": row.venue.slug,
        **words(row, language, "title"),
        "seats": row.seats,
        "position": row.position,
        "revision": row.revision,
        "updated_at": in_utc(row.updated_at),
    }


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A holiday",
            {"starts_at": "2027-01-01T00:00:00", "ends_at": "2027-01-02T00:00:00", "reason_en": "New Year"},
            request_only=True,
        )
    ]
)
class ClosureInput(Input):
    """Closes the venue, or one room of it. Local times are meant in the venue's zone."""

    room = Slug(required=False, allow_null=True)
    starts_at = Moment()
    ends_at = Moment()
    reason_ko = Text(max_length=200, required=False, allow_blank=True)
    reason_en = Text(max_length=200, required=False, allow_blank=True)


class ClosureOutput(serializers.Serializer[Any]):
    uid = serializers.UUIDField()
    venue = serializers.SlugField()
    room = serializers.SlugField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    reason_ko = serializers.CharField(allow_blank=True)
    reason_en = serializers.CharField(allow_blank=True)


def closure(row: Closure, language: str) -> dict[str, Any]:
    """`row` with its venue and room loaded."""
    return {
        "uid": str(row.uid),
        "venue": row.venue.slug,
        "room": row.room.slug if row.room else None,
        "starts_at": in_utc(row.starts_at),
        "ends_at": in_utc(row.ends_at),
        **words(row, language, "reason"),
    }
