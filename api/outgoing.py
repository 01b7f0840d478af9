"""What we send to webhooks, in the OpenAPI document: its section `webhooks` (OpenAPI 3.1), written from our kinds."""

from typing import Any

from django.utils import translation

from events.hooks.kinds import KINDS, TEST, label
from events.hooks.telling import TIME_AND_PLACE

NUMBER = {"type": "integer"}
TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
UID = {"type": ["string", "null"], "format": "uuid"}
PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "boolean"} if name == "online" else MAYBE_TEXT for name in TIME_AND_PLACE},
}
BODY = "WebhookBody"
SHAPES: dict[str, dict[str, Any]] = {
    "WebhookData": {
        "type": "object",
        "description": "What happened to what, and where whoever may reads what is so now. No names of people.",
        "properties": {
            "change": UID | {"description": "the same for all that are told of one change"},
            "seq": NUMBER | {"description": "counts what is meant for your address, without gaps"},
            "organization": TEXT,
            "programme": MAYBE_TEXT,
            "event": MAYBE_TEXT | {"description": "its slug; null where it left the lists"},
            "event_uid": UID | {"description": "as in `changes/`"},
            "session": UID,
            "version": NUMBER | {"description": "schedule version; none of seats and registrations"},
            "position": NUMBER | {"description": "of `registration.*` alone"},
            "level": {"type": "string", "description": "open, few or full; of seats alone"},
            "seats_left": {"type": ["integer", "null"]},
            "before": PLACE | {"description": "of `session.moved` alone"},
            "after": PLACE,
            "url": {"type": "string", "format": "uri"},
        },
        "required": ["change", "seq", "organization", "programme", "event", "event_uid", "session", "url"],
    },
    BODY: {
        "type": "object",
        "properties": {
            "type": TEXT,
            "timestamp": {"type": "string", "format": "date-time", "description": "when it happened"},
            "data": {"$ref": "#/components/schemas/WebhookData"},
        },
        "required": ["type", "timestamp", "data"],
    },
}
HEADERS = {
    "webhook-id": "The same in each attempt.",
    "webhook-timestamp": "Seconds since 1970, of this attempt.",
    "webhook-signature": "As Standard Webhooks has it; two with a space between while a secret is exchanged.",
}


def describe(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The same document, with what we send."""
    with translation.override("en"):
        result["webhooks"] = {kind: {"post": _operation(kind)} for kind in (*KINDS, TEST)}
    result["components"]["schemas"] = dict(sorted((result["components"]["schemas"] | SHAPES).items()))
    return result


def _operation(kind: str) -> dict[str, Any]:
    return {
        "operationId": f"told_{kind.replace('.', '_')}",
        "summary": label(kind),
        "tags": ["told"],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": TEXT, "description": text}
            for name, text in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{BODY}"}}},
        },
        "responses": {
            "2XX": {"description": "You have it."},
            "410": {"description": "You want nothing any more: the webhook is stopped."},
            "default": {"description": "It comes again, for three days."},
        },
    }
