"""Messages in JSON: who is told what, and what became of it. For owners and editors alone."""

from typing import Any

from rest_framework import serializers

from api.serializers.shapes import in_utc, in_utc_or_none
from events.models import Delivery
from events.reports import messages


class MessageOutput(serializers.Serializer[Any]):
    """`registration` is the code of whom it goes to; null for a group's booker. `reason`: why it did not leave yet."""

    uid = serializers.UUIDField()
    event = serializers.SlugField(allow_null=True)
    registration = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(help_text="what it tells, such as registration.confirmed or schedule.changed")
    status = serializers.ChoiceField(Delivery.Status.values, help_text="dead: given up")
    attempts = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class MessageNumbersOutput(serializers.Serializer[Any]):
    """How many there are of each status."""

    waiting = serializers.IntegerField()
    sent = serializers.IntegerField()
    superseded = serializers.IntegerField()
    dead = serializers.IntegerField()


def message(row: Delivery) -> dict[str, Any]:
    """`row` with its registration, its group and their event loaded."""
    who = row.registration or row.group
    return {
        "uid": str(row.uid),
        "event": who.event.slug if who is not None else None,
        "registration": row.registration.code if row.registration is not None else None,
        "name": messages.name_of(row),
        "kind": row.kind,
        "status": row.status,
        "attempts": row.attempts,
        "reason": messages.reason(row),
        "next_attempt_at": in_utc_or_none(row.not_before) if row.status == "waiting" else None,
        "created_at": in_utc(row.created_at),
        "ended_at": in_utc_or_none(row.ended_at),
    }
