"""Deltas in JSON: what a thing of the public lists is now, or that it is in them no longer."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from api.serializers import events, sessions
from events.models import ANONYMOUS, Event, Session

COLUMNS = ("pk", "version", "event_id", "session_id", "event__uid", "session__uid")


class KeptEventOutput(events.EventOutput):
    """An event as a copy keeps it: without its seat counts, which `availability/` tells."""

    seats_taken = None
    seats_left = None
    waitlist_length = None


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="KeptOutput",
        serializers=[KeptEventOutput, sessions.SessionOutput],
        resource_type_field_name=None,
    )
)
class KeptField(serializers.DictField):
    """What `type` of the delta says."""


class DeltaOutput(serializers.Serializer[Any]):
    """`uid` stays the same for as long as the thing exists: keep copies by it, for a slug may become another one."""

    version = serializers.IntegerField()
    type = serializers.ChoiceField(["event", "session"])
    action = serializers.ChoiceField(["changed", "removed"])
    uid = serializers.UUIDField()
    object = KeptField(allow_null=True, help_text="as in `events/` or `sessions/`; removed: null")


def shown(rows: Sequence[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The things of these rows as everybody sees them now, whoever asks: seven statements for a page of them."""
    found = _events([row["event_id"] for row in rows if row["event_id"]], language)
    blocks = _sessions([row["session_id"] for row in rows if row["session_id"]], language)
    return [
        _delta(row, "event", row["event__uid"], found.get(row["event_id"]))
        if row["event_id"]
        else _delta(row, "session", row["session__uid"], blocks.get(row["session_id"]))
        for row in rows
    ]


def _delta(row: dict[str, Any], kind: str, uid: Any, thing: dict[str, Any] | None) -> dict[str, Any]:
    action = "changed" if thing is not None else "removed"
    return {"version": row["version"], "type": kind, "action": action, "uid": str(uid), "object": thing}


def _events(ids: list[int], language: str) -> dict[int, dict[str, Any]]:
    rows = list(events.rows_of(Event.objects.public().filter(pk__in=ids))) if ids else []
    things = events.shown(rows, language, ANONYMOUS, with_seats=False) if rows else []
    return {row["pk"]: thing for row, thing in zip(rows, things, strict=True)}


def _sessions(ids: list[int], language: str) -> dict[int, dict[str, Any]]:
    rows = list(sessions.rows_of(Session.objects.public().filter(pk__in=ids))) if ids else []
    things = sessions.shown(rows, language, members_of=()) if rows else []
    return {row["pk"]: thing for row, thing in zip(rows, things, strict=True)}
