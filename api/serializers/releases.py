"""Releases in JSON: what is collected or was re-planned, for members; and the changelog, for everybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Input, Slug, Text
from api.serializers.sessions import OVERRIDES_OF_CHANGES
from api.serializers.shapes import in_utc, in_utc_or_none, words
from events.models import Release, Session, Speaker, worded
from events.models.walltime import zone
from venues.models import Room

PUBLIC = ("starts_at", "ends_at", "timezone", "venue", "room", "online", "title_ko", "title_en", "status", "speakers")
LONGEST_NOTE = 2_000


class Notes(Input):
    """What the public changelog says of it."""

    note_ko = Text(is_long=True, max_length=LONGEST_NOTE, required=False, allow_blank=True)
    note_en = Text(is_long=True, max_length=LONGEST_NOTE, required=False, allow_blank=True)


class ReleaseChanges(Notes):
    """A release. `title` is for the organizers."""

    title = Text(max_length=200, required=False, allow_blank=True)


@extend_schema_serializer(
    examples=[OpenApiExample("A draft", {"programme": "biff-workshops", "title": "Week 2"}, request_only=True)]
)
class ReleaseInput(ReleaseChanges):
    """An open release, for edits of the sessions of one programme."""

    programme = Slug()


def override_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(OVERRIDES_OF_CHANGES), required=False, max_length=len(OVERRIDES_OF_CHANGES),
        help_text="refusals to pass on purpose; capacity: fewer seats than promised or taken, nobody loses theirs",
    )  # fmt: skip


class CarryOutInput(Input):
    """Done as it was previewed: with `fingerprint`, a 409 `stale_preview` says what is no longer so."""

    fingerprint = Text(max_length=200, required=False)
    override = override_field()


class UndoInput(CarryOutInput, Notes):
    """The way back, which has notes of its own."""


class EditOutput(serializers.Serializer[Any]):
    """One session: `changed` names what differs, `before` and `after` hold the same names.

    In the public changelog `before` is empty where the session is new to the public.
    """

    session = serializers.UUIDField()
    event = serializers.SlugField()
    title = serializers.CharField()
    changed = serializers.ListField(child=serializers.CharField())
    before = serializers.DictField()
    after = serializers.DictField()


class CapacityOutput(serializers.Serializer[Any]):
    event = serializers.SlugField()
    before = serializers.IntegerField(allow_null=True)
    after = serializers.IntegerField(allow_null=True)


class LogOutput(serializers.Serializer[Any]):
    """One release as the public reads it. `undoes` and `undone_by` name another one."""

    uid = serializers.UUIDField()
    kind = serializers.ChoiceField(Release.Kind.values)
    note = serializers.CharField(allow_blank=True)
    note_ko = serializers.CharField(allow_blank=True)
    note_en = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    undoes = serializers.UUIDField(allow_null=True)
    undone_by = serializers.UUIDField(allow_null=True)
    edits = EditOutput(many=True)


class ReleaseOutput(LogOutput):
    programme = serializers.SlugField()
    status = serializers.ChoiceField(Release.Status.values)
    title = serializers.CharField(allow_blank=True)
    asked = serializers.DictField(help_text="what a re-plan was asked for")
    capacities = CapacityOutput(many=True)
    revision = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class Places:
    """The rooms and speakers that stored states name, loaded in two statements."""

    def __init__(self, states: Iterable[Mapping[str, Any]]) -> None:
        states = list(states)
        rooms = {state["room"] for state in states} - {None}
        speakers = {pk for state in states for pk in state["speakers"]}
        self.rooms = {room.pk: room for room in Room.objects.filter(pk__in=rooms).select_related("venue")}
        self.speakers = dict(Speaker.objects.filter(pk__in=speakers).values_list("pk", "slug"))

    def told(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """A state as answers tell it: times in its zone, things by their slugs."""
        room, local = self.rooms.get(state["room"]), zone(state["timezone"])
        times = {
            name: datetime.fromisoformat(state[name]).astimezone(local).isoformat() for name in ("starts_at", "ends_at")
        }
        return {
            **times,
            "timezone": state["timezone"],
            "venue": room.venue.slug if room else None,
            "room": room.slug if room else None,
            "online": state["online"],
            "title_ko": state["title_ko"],
            "title_en": state["title_en"],
            "status": state["status"],
            "speakers": [self.speakers[pk] for pk in state["speakers"] if pk in self.speakers],
            "joining_url": state["joining_url"],
        }


def edit(
    session: Session, before: Mapping[str, Any] | None, after: Mapping[str, Any], places: Places, language: str,
    *, told: Sequence[str] = (*PUBLIC, "joining_url"),
) -> dict[str, Any]:  # fmt: skip
    """One session with its event loaded, in two states, and what differs of what is `told`; place and time always.

    Before None: nobody saw it, so all of it differs.
    """
    was, becomes = places.told(before) if before is not None else {}, places.told(after)
    changed = [name for name in told if before is None or was[name] != becomes[name]]
    shown = [name for name in told if name in changed or name in PUBLIC[:6]]
    title, own = worded(session.event, "title", language), worded(session, "title", language)
    return {
        "session": str(session.uid),
        "event": session.event.slug,
        "title": f"{title}: {own}" if own and own != title else title,
        "changed": changed,
        "before": {name: was[name] for name in shown if name in was},
        "after": {name: becomes[name] for name in shown},
    }


def log(row: Release, language: str, places: Places) -> dict[str, Any]:
    """What the public may know; `row` with no edits but those that it may see."""
    edits = [edit(one.session, one.seen_before, one.after, places, language, told=PUBLIC) for one in row.edits.all()]
    return _shared(row, language) | {"edits": edits}


def release(row: Release, language: str, places: Places) -> dict[str, Any]:
    """`row` with its programme, edits with their sessions and events, and capacities with their events loaded."""
    edits = [edit(one.session, one.before, one.after, places, language) for one in row.edits.all()]
    return _shared(row, language) | {
        "edits": edits,
        "programme": row.programme.slug,
        "status": row.status,
        "title": row.title,
        "asked": row.asked,
        "capacities": [
            {"event": one.event.slug, "before": one.before, "after": one.after} for one in row.capacities.all()
        ],
        "revision": row.revision,
        "created_at": in_utc(row.created_at),
        "updated_at": in_utc(row.updated_at),
    }


def _shared(row: Release, language: str) -> dict[str, Any]:
    undone_by = getattr(row, "undone_by", None)
    return {
        "uid": str(row.uid),
        "kind": row.kind,
        **words(row, language, "note"),
        "version": row.version,
        "released_at": in_utc_or_none(row.released_at),
        "undoes": str(row.undoes.uid) if row.undoes else None,
        "undone_by": str(undone_by.uid) if undone_by else None,
    }
