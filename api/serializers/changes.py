"""Changes in JSON: for everybody the published fields, for members all of it (RULES 29)."""

from typing import Any

from rest_framework import serializers

from api.serializers.shapes import in_utc
from events.models import Change

TOLD = frozenset({
    "title_ko", "title_en", "starts_at", "ends_at", "timezone", "room", "online", "status", "speakers",
})  # fmt: skip


class ChangeOutput(serializers.Serializer[Any]):
    """`changed` names what did; `before` and `after` hold what of it is public."""

    uid = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    event = serializers.SlugField(allow_null=True)
    session = serializers.UUIDField(allow_null=True)
    changed = serializers.ListField(child=serializers.CharField())
    before = serializers.DictField()
    after = serializers.DictField()


class HistoryOutput(ChangeOutput):
    registration = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField()


class RegistrationChangeOutput(serializers.Serializer[Any]):
    """No names and no addresses: `registration` is the code by which owners and editors read them."""

    position = serializers.IntegerField()
    uid = serializers.UUIDField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    event = serializers.SlugField(allow_null=True)
    registration = serializers.CharField()
    changed = serializers.ListField(child=serializers.CharField())
    before = serializers.DictField()
    after = serializers.DictField()
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField()


def change(row: Change) -> dict[str, Any]:
    """What anybody may know; `row` with its event and session loaded."""
    is_session = row.session_id is not None
    told = TOLD if is_session else {"status"}
    # What a draft was before it was published is nobody's business.
    was_draft = row.before.get("status") == "draft"
    return {
        "uid": str(row.uid),
        "version": row.version,
        "kind": row.kind,
        "at": in_utc(row.at),
        "event": row.event.slug if row.event else None,
        "session": str(row.session.uid) if row.session else None,
        "changed": _changed(row),
        "before": {} if was_draft else {name: value for name, value in row.before.items() if name in told},
        "after": {name: value for name, value in row.after.items() if name in told},
    }


def history(row: Change, *, with_attendees: bool) -> dict[str, Any]:
    """What members may know; `row` with its event, session and registration loaded."""
    return change(row) | {
        "before": row.before,
        "after": row.after,
        "registration": row.registration.code if with_attendees and row.registration else None,
        "reason": row.reason,
        "by": row.actor_kind,
    }


def registration_change(row: Change) -> dict[str, Any]:
    """What owners and editors may know; `row` with its event and registration loaded."""
    assert row.registration is not None  # only such changes have a position
    return {
        "position": row.position,
        "uid": str(row.uid),
        "kind": row.kind,
        "at": in_utc(row.at),
        "event": row.event.slug if row.event else None,
        "registration": row.registration.code,
        "changed": _changed(row),
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
        "by": row.actor_kind,
    }


def _changed(row: Change) -> list[str]:
    names = sorted(row.before.keys() | row.after.keys())
    return [name for name in names if name != "uid" and row.before.get(name) != row.after.get(name)]
