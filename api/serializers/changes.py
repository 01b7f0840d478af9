"""Changes in JSON: for everybody the published fields, for members all of it (RULES 29)."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from rest_framework import serializers

from api.serializers.shapes import in_utc
from events.models import Change

TOLD = frozenset({
    "title_ko", "title_en", "starts_at", "ends_at", "timezone", "room", "online", "status", "speakers",
})  # fmt: skip


class ChangeOutput(serializers.Serializer[Any]):
    """`changed` names what did; `before` and `after` hold what of it is public.

    `sessions.replanned` is about several sessions of the event: each of them with its `uid` in a list `sessions`.
    """

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
        "changed": [name for name in _changed(row) if name in TOLD or not is_session],
        "before": {} if was_draft else {name: value for name, value in row.before.items() if name in told},
        "after": {name: value for name, value in row.after.items() if name in told},
    }


def replan(row: Change, uids: Collection[str]) -> dict[str, Any]:
    """As `change`, of one that is about several sessions: those with these `uids` stand in `sessions`."""
    befores = {told["uid"]: told for told in row.before["sessions"] if told["status"] != "draft"}
    after = [told for told in row.after["sessions"] if told["uid"] in uids]
    before = [befores[told["uid"]] for told in after if told["uid"] in befores]
    changed = {name for told in after for name in TOLD if befores.get(told["uid"], {}).get(name) != told[name]}
    return change(row) | {
        "changed": sorted(changed), "before": {"sessions": _shown(before)}, "after": {"sessions": _shown(after)}
    }  # fmt: skip


def _shown(sessions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in told.items() if name in {"uid", *TOLD}} for told in sessions]


def history(row: Change, *, with_attendees: bool) -> dict[str, Any]:
    """What members may know; `row` with its event, session and registration loaded."""
    return change(row) | {
        "changed": _changed(row),
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
