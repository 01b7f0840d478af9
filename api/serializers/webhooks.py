"""Webhooks in JSON, and what was sent to each. The secret is in the answers to making and rotating alone."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Input, Slug, Text, YesNo
from api.serializers.shapes import in_utc, in_utc_or_none
from events.hooks.addresses import LONGEST
from events.hooks.kinds import KINDS, TEST
from events.models import Webhook, WebhookMessage
from events.notices.calling import message_id


class WebhookChanges(Input):
    url = Text(
        max_length=LONGEST,
        required=False,
        help_text="https, port 443; what its name leads to is judged when it is used",
    )
    name = Text(max_length=100, required=False, allow_blank=True, help_text="what it is for")
    kinds = serializers.ListField(
        child=Choice(tuple(KINDS)), required=False, max_length=len(KINDS),
        help_text="what it hears of; an empty list: everything, later kinds too",
    )  # fmt: skip
    programme = Slug(required=False, allow_null=True, help_text="only its events; null: all that concern you")
    is_active = YesNo(required=False, help_text="false: nothing is sent or kept; true: wakes one that was stopped")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A partner's site",
            {
                "organization": "korean-film-council",
                "url": "https://www.example.org/callboard",
                "name": "Our site",
                "kinds": ["session.moved", "session.cancelled", "availability.full", "availability.open_again"],
            },
            request_only=True,
        )
    ]
)
class WebhookInput(Input):
    """A new webhook of an organization that you own."""

    organization = Slug()
    url = Text(max_length=LONGEST, help_text="https, port 443; what its name leads to is judged when it is used")
    name = Text(max_length=100, required=False, allow_blank=True, help_text="what it is for")
    kinds = serializers.ListField(
        child=Choice(tuple(KINDS)), required=False, max_length=len(KINDS),
        help_text="what it hears of; an empty list: everything, later kinds too",
    )  # fmt: skip
    programme = Slug(required=False, allow_null=True, help_text="only its events; null: all that concern you")


class WebhookOutput(serializers.Serializer[Any]):
    """`seq`: the number of its newest message. `stopped`: why nothing is sent, null where it is."""

    uid = serializers.UUIDField()
    organization = serializers.SlugField()
    programme = serializers.SlugField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(tuple(KINDS)))
    is_active = serializers.BooleanField()
    stopped = serializers.ChoiceField(
        Webhook.Stop.values, allow_null=True, help_text="paused; gone: it answered 410; failing: for five days"
    )
    stopped_at = serializers.DateTimeField(allow_null=True)
    seq = serializers.IntegerField()
    failures = serializers.IntegerField(help_text="attempts in a row")
    failing_since = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True, help_text="the end of the pause after a failure")
    previous_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="so long the secret before the newest one signs too"
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class NewWebhookOutput(WebhookOutput):
    """A webhook with its secret, which is never shown again; null where the request was repeated."""

    secret = serializers.CharField(allow_null=True)


class WebhookMessageOutput(serializers.Serializer[Any]):
    """One message, the newest attempt with it. Kept for a month after it was sent or given up (dead)."""

    uid = serializers.UUIDField()
    id = serializers.CharField(help_text="the `webhook-id` of each attempt")
    seq = serializers.IntegerField()
    kind = serializers.ChoiceField((*KINDS, TEST))
    change = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(WebhookMessage.Status.values)
    attempts = serializers.IntegerField()
    status_code = serializers.IntegerField(allow_null=True)
    milliseconds = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True, help_text="why there was no answer")
    body = serializers.CharField(help_text="as it is sent")
    created_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ResentOutput(serializers.Serializer[Any]):
    messages = serializers.IntegerField(help_text="how many are sent again")


def webhook(row: Webhook) -> dict[str, Any]:
    """`row` with its organization and programme loaded."""
    return {
        "uid": str(row.uid),
        "organization": row.organization.slug,
        "programme": row.programme.slug if row.programme is not None else None,
        "name": row.name,
        "url": row.url,
        "kinds": row.kinds,
        "is_active": row.is_active,
        "stopped": row.stopped or None,
        "stopped_at": in_utc_or_none(row.stopped_at),
        "seq": row.seq,
        "failures": row.failures,
        "failing_since": in_utc_or_none(row.failing_since),
        "next_attempt_at": in_utc_or_none(row.not_before),
        "previous_secret_until": in_utc_or_none(row.previous_until),
        "created_at": in_utc(row.created_at),
        "updated_at": in_utc(row.updated_at),
    }


def message(row: WebhookMessage) -> dict[str, Any]:
    """`row` with its change loaded."""
    return {
        "uid": str(row.uid),
        "id": message_id(row),
        "seq": row.seq,
        "kind": row.kind,
        "change": str(row.change.uid) if row.change is not None else None,
        "status": row.status,
        "attempts": row.attempts,
        "status_code": row.status_code,
        "milliseconds": row.milliseconds,
        "error": row.error,
        "body": row.body,
        "created_at": in_utc(row.created_at),
        "tried_at": in_utc_or_none(row.tried_at),
        "next_attempt_at": in_utc_or_none(row.not_before) if row.status == "waiting" else None,
        "ended_at": in_utc_or_none(row.ended_at),
    }
