"""Names for the closed sets of words in the OpenAPI document: a generated client has one type for one thing."""

from collections.abc import Iterator
from typing import Any

from events.hooks.kinds import KINDS, TEST
from events.models import (
    LANGUAGES,
    SCOPES,
    CalendarLink,
    Delivery,
    Event,
    Member,
    Partner,
    Programme,
    Question,
    Registration,
    Release,
    SeatPool,
    Session,
    Webhook,
    WebhookMessage,
)

# Whatever the names, no two sets are equal: the words alone say which is meant.
NAMES: dict[str, tuple[str, ...]] = {
    "Lang": tuple(LANGUAGES),
    "When": ("upcoming", "past"),
    "Cancelled": ("hide",),
    "EventKind": tuple(Event.Kind.values),
    "EventStatus": tuple(Event.Status.values),
    "Visibility": tuple(Event.Visibility.values),
    "RegistrationMode": tuple(Event.Registration.values),
    "WaitlistMode": tuple(Event.Waitlist.values),
    "Decision": tuple(Event.Decision.values),
    "SessionStatus": tuple(Session.Status.values),
    "RegistrationStatus": tuple(Registration.Status.values),
    "PassedFor": ("full", "reserved", "ceiling", "over_committed", "clash", "group"),
    "WhyNoSeat": ("full", "reserved", "ceiling", "over_committed", "clash"),
    "MessageStatus": tuple(Delivery.Status.values),
    "WebhookKind": tuple(KINDS),
    "WebhookMessageKind": (*KINDS, TEST),
    "WebhookMessageStatus": tuple(WebhookMessage.Status.values),
    "WebhookStop": tuple(Webhook.Stop.values),
    "QuestionKind": tuple(Question.Kind.values),
    "QuotaKind": ("floor", "ceiling", "allotment"),
    "PoolKind": tuple(SeatPool.Kind.values),
    "ClashRule": tuple(Programme.Clashes.values),
    "PartnerRole": tuple(Partner.Role.values),
    "MemberRole": tuple(Member.Role.values),
    "KeyRole": ("owner", "editor", "viewer"),
    "KeyScope": tuple(SCOPES),
    "KeyState": ("active", "ending", "expired", "revoked"),
    "ReleaseKind": tuple(Release.Kind.values),
    "ReleaseStatus": tuple(Release.Status.values),
    "ReplanKind": ("room_gone", "later", "swap", "day"),
    "CalendarScope": tuple(CalendarLink.Scope.values),
    "Override": ("room_closed", "speaker_clash"),
    "ChangeOverride": ("room_closed", "speaker_clash", "capacity"),
}
BY_WORDS = {frozenset(words): name for name, words in NAMES.items()}


def name_words(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The same document; sets of words that have a name are components, and what has none stays where it is."""
    used = set()
    for shape in list(_enumerations(result)):
        shape.pop("x-spec-enum-id", None)
        words = shape["enum"]
        name = BY_WORDS.get(frozenset(words) - {"", None})
        if name is not None:
            used.add(name)
            _refer(shape, name, [word for word in ("", None) if word in words])
    named = {name: {"type": "string", "enum": list(words)} for name, words in NAMES.items() if name in used}
    schemas = result["components"]["schemas"]
    result["components"]["schemas"] = dict(sorted((schemas | named).items()))
    return result


def _refer(shape: dict[str, Any], name: str, besides: list[str | None]) -> None:
    """Puts the name where the words are; a blank or null that may stand instead of them stands beside it."""
    for key in ("enum", "type"):
        shape.pop(key, None)
    reference = {"$ref": f"#/components/schemas/{name}"}
    if besides:
        blanks = [{"type": "null"} if word is None else {"type": "string", "const": ""} for word in besides]
        shape["oneOf"] = [reference, *blanks]
    else:
        shape |= reference


def _enumerations(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield part
        for value in part.values():
            yield from _enumerations(value)
    elif isinstance(part, list):
        for value in part:
            yield from _enumerations(value)
