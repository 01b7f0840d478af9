"""Offers in JSON: who holds the link learns what it opens, and nothing about the person."""

from typing import Any

from rest_framework import serializers

from api.serializers.shapes import in_utc_or_none
from events.models import Registration


class OfferOutput(serializers.Serializer[Any]):
    """A seat that is held until a deadline. `status` is `offered` while it stands."""

    status = serializers.ChoiceField(Registration.Status.values)
    event = serializers.SlugField()
    offer_expires_at = serializers.DateTimeField(allow_null=True)
    initial = serializers.CharField(help_text="the first letter of the name: is it you?")


def offer(row: Registration) -> dict[str, Any]:
    """`row` with its event loaded."""
    return {
        "status": row.status,
        "event": row.event.slug,
        "offer_expires_at": in_utc_or_none(row.offer_expires_at) if row.status == "offered" else None,
        "initial": row.name[:1],
    }
