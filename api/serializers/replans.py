"""Re-plans in JSON: what an organizer asks for, and what it would do."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers import releases
from api.serializers.fields import Choice, Day, Input, Moment, Number, Slug, Text, Uid, YesNo
from api.serializers.releases import LONGEST_NOTE, EditOutput, Places, override_field
from events.models.walltime import zone
from events.operations.carrying_out import Conflict
from events.operations.foreseeing import Preview
from events.operations.moving import MOST_MINUTES, MOST_SESSIONS

KINDS = ("room_gone", "later", "swap", "day")
# What each kind needs, and what else it may say.
NEEDED = {
    "room_gone": {"starts_at", "ends_at"},
    "later": {"minutes"},
    "swap": {"sessions"},
    "day": {"day", "to_day"},
}
POSSIBLE = {
    "room_gone": {"room", "venue", "to_room"},
    "later": {"day", "event", "venue", "sessions"},
    "swap": {"times", "rooms"},
    "day": {"venue"},
}
BESIDES = {"kind", "fingerprint", "override", "note_ko", "note_en"}
EXAMPLES = [
    OpenApiExample(
        "This room is gone",
        {
            "kind": "room_gone",
            "room": "studio-a",
            "starts_at": "2026-12-01T00:00:00",
            "ends_at": "2026-12-02T00:00:00",
            "to_room": "studio-b",
        },
        request_only=True,
    ),
    OpenApiExample("Start 30 minutes later", {"kind": "later", "minutes": 30, "day": "2026-12-01"}, request_only=True),
    OpenApiExample("Move the day", {"kind": "day", "day": "2026-12-01", "to_day": "2026-12-03"}, request_only=True),
]


@extend_schema_serializer(examples=EXAMPLES)
class ReplanPreviewInput(Input):
    """A move, by `kind`.

    `room_gone`: the sessions of `room` or `venue` from `starts_at` to `ends_at` go to `to_room`, or lose their room.
    `later`: so many `minutes` (fewer than 0: earlier) for a `day`, `event`, `venue` or these `sessions`; without any of
    them the whole programme. `swap`: two `sessions` swap `times` and `rooms`, both unless one is false. `day`: what
    begins on `day` (in `venue`) begins on `to_day`, at the same local time.
    """

    kind = Choice(KINDS)
    room = Slug(required=False)
    venue = Slug(required=False)
    starts_at = Moment(required=False)
    ends_at = Moment(required=False)
    to_room = Slug(required=False, allow_null=True)
    minutes = Number(required=False, min_value=-MOST_MINUTES, max_value=MOST_MINUTES)
    day = Day(required=False)
    to_day = Day(required=False)
    event = Slug(required=False)
    sessions = serializers.ListField(child=Uid(), required=False, min_length=1, max_length=MOST_SESSIONS)
    times = YesNo(required=False)
    rooms = YesNo(required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        kind = values["kind"]
        errors: dict[str, Any] = {
            name: [serializers.ErrorDetail(_("This field is required."), "required")]
            for name in sorted(NEEDED[kind] - values.keys())
        }
        for name in sorted(values.keys() - NEEDED[kind] - POSSIBLE[kind] - BESIDES):
            errors[name] = [serializers.ErrorDetail(_("“%(kind)s” has no such field.") % {"kind": kind}, "not_here")]
        if kind == "swap" and len(values.get("sessions", "12")) != 2:
            errors["sessions"] = [serializers.ErrorDetail(_("Choose two sessions."), "not_two")]
        if errors:
            raise serializers.ValidationError(errors)
        return values


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Start 30 minutes later",
            {
                "kind": "later",
                "minutes": 30,
                "day": "2026-12-01",
                "fingerprint": "…",
                "note_en": "The hall opens late.",
            },
            request_only=True,
        )
    ]
)
class ReplanInput(ReplanPreviewInput):
    """The same, with the `fingerprint` of its preview, and what the public changelog says about it."""

    fingerprint = Text(max_length=200)
    override = override_field()
    note_ko = Text(is_long=True, max_length=LONGEST_NOTE, required=False, allow_blank=True)
    note_en = Text(is_long=True, max_length=LONGEST_NOTE, required=False, allow_blank=True)


class TakenOutput(serializers.Serializer[Any]):
    """`by`: which session of yours; null: somebody else's."""

    session = serializers.UUIDField()
    room = serializers.SlugField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    by = serializers.UUIDField(allow_null=True)


class ClosedOutput(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    room = serializers.SlugField()
    detail = serializers.CharField()


class SeatsOutput(serializers.Serializer[Any]):
    """`becomes` is the capacity that the rooms allow; `over` of the `taken` would have no seat in them."""

    event = serializers.SlugField()
    capacity = serializers.IntegerField(allow_null=True)
    becomes = serializers.IntegerField(allow_null=True)
    room_seats = serializers.IntegerField(allow_null=True)
    taken = serializers.IntegerField()
    over = serializers.IntegerField()


class CrossingOutput(serializers.Serializer[Any]):
    """`with`: another event of yours, or the event itself; null: those of others."""

    event = serializers.SlugField()
    people = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"with": serializers.SlugField(allow_null=True)}


class CrossingsOutput(serializers.Serializer[Any]):
    people = serializers.IntegerField()
    events = CrossingOutput(many=True)


class DoubleOutput(serializers.Serializer[Any]):
    speaker = serializers.SlugField()
    session = serializers.UUIDField()
    other = serializers.UUIDField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class MessagesOutput(serializers.Serializer[Any]):
    """`people`: each is sent one message; about so many live `registrations`."""

    registrations = serializers.IntegerField()
    people = serializers.IntegerField()


class ConflictOutput(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    fields_changed = serializers.ListField(child=serializers.CharField())


class PreviewOutput(serializers.Serializer[Any]):
    """What would happen. `blocked_by` names refusals that cannot be passed, `needs_override` those that can."""

    fingerprint = serializers.CharField()
    blocked_by = serializers.ListField(child=serializers.CharField())
    needs_override = serializers.ListField(child=serializers.CharField())
    sessions = EditOutput(many=True)
    rooms_taken = TakenOutput(many=True)
    rooms_closed = ClosedOutput(many=True)
    capacity = SeatsOutput(many=True)
    attendee_clashes = CrossingsOutput()
    instructor_clashes = DoubleOutput(many=True)
    messages = MessagesOutput()
    changed_since = ConflictOutput(many=True, help_text="of a release: sessions changed since they were edited in it")


def preview(found: Preview, language: str, *, conflicts: list[Conflict] = ()) -> dict[str, Any]:  # type: ignore[assignment]
    impact, states = found.impact, found.states
    places = Places(state for pair in states.values() for state in pair)
    return {
        "fingerprint": found.fingerprint,
        "blocked_by": impact.blocked_by,
        "needs_override": impact.overrides,
        "sessions": [
            releases.edit(step.before, *states[step.before.pk], places, language) for step in impact.steps
        ],
        "rooms_taken": [
            {"session": str(row.session.uid), "room": row.session.room.slug, **_times(row), "by": _name(row.by)}
            for row in impact.taken
        ],
        "rooms_closed": [
            {"session": str(row.session.uid), "room": row.session.room.slug, "detail": row.why}
            for row in impact.closed
        ],
        "capacity": [
            {
                "event": row.event.slug,
                "capacity": row.event.capacity,
                "becomes": row.becomes,
                "room_seats": row.room_seats,
                "taken": row.taken,
                "over": row.over,
            }
            for row in impact.seats
        ],
        "attendee_clashes": {
            "people": impact.crossings.people,
            "events": [
                {"event": row.event.slug, "with": row.other.slug if row.other else None, "people": row.people}
                for row in impact.crossings.rows
            ],
        },
        "instructor_clashes": [
            {
                "speaker": row.speaker.slug,
                "session": str(row.session.uid),
                "other": _name(row.other),
                **_times(row),
            }
            for row in impact.doubles
        ],
        "messages": {"registrations": impact.messages.registrations, "people": impact.messages.people},
        "changed_since": [{"session": str(one.session.uid), "fields_changed": one.fields} for one in conflicts],
    }  # fmt: skip


def _times(row: Any) -> Mapping[str, str]:
    """When somebody else is there, on the clocks of the session."""
    local = zone(row.session.timezone)
    return {name: getattr(row, name).astimezone(local).isoformat() for name in ("starts_at", "ends_at")}


def _name(uid: Any) -> str | None:
    return None if uid is None else str(uid)
