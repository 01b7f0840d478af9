"""Sessions in JSON: plain dicts from plain rows, because lists of them are long."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Day, Input, Moment, Slug, Text, Uid, Web, YesNo, Zone
from api.serializers.shapes import RevisedOutput, TitledOutput, calendar_url
from events.models import Session, SessionSpeaker
from events.models.walltime import zone

OVERRIDES = ("room_closed", "speaker_clash")
OVERRIDES_OF_CHANGES = (*OVERRIDES, "capacity")
COLUMNS = (
    "pk", "uid", "title_ko", "title_en", "starts_at", "ends_at", "timezone", "starts_on", "all_day", "online",
    "joining_url", "status", "sequence", "revision", "updated_at", "event_id", "event__slug", "event__title_ko",
    "event__title_en", "event__programme__organization_id", "room__slug", "room__venue__slug",
)  # fmt: skip


@extend_schema_serializer(
    examples=[OpenApiExample("A move", {"starts_at": "2026-12-02T10:00:00+09:00"}, request_only=True)]
)
class SessionChanges(Input):
    """A session. Give times with an offset or in `timezone`; whole days by `all_day` with `starts_on` and `ends_on`."""

    title_ko = Text(max_length=300, required=False, allow_blank=True)
    title_en = Text(max_length=300, required=False, allow_blank=True)
    starts_at = Moment(required=False)
    ends_at = Moment(required=False)
    timezone = Zone(required=False)
    all_day = YesNo(required=False)
    starts_on = Day(required=False)
    ends_on = Day(required=False)
    room = Slug(required=False, allow_null=True)
    online = YesNo(required=False)
    joining_url = Web(required=False, max_length=500)
    speakers = serializers.ListField(child=Slug(), required=False, max_length=100)
    status = Choice([Session.Status.TENTATIVE, Session.Status.CONFIRMED], required=False)
    release = Uid(required=False, help_text="an open release: the change waits there until that is released")
    override = serializers.ListField(
        child=Choice(OVERRIDES_OF_CHANGES), required=False, max_length=len(OVERRIDES_OF_CHANGES),
        help_text="refusals to pass on purpose; capacity: a smaller room than people have seats, nobody loses theirs",
    )  # fmt: skip


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Local time",
            {
                "event": "lighting-an-led-wall",
                "starts_at": "2026-12-01T10:00:00",
                "ends_at": "2026-12-01T12:00:00",
                "timezone": "Asia/Seoul",
                "speakers": [],
            },
            request_only=True,
        )
    ]
)
class SessionInput(SessionChanges):
    event = Slug()
    status = None
    release = None
    override = serializers.ListField(
        child=Choice(OVERRIDES), required=False, max_length=len(OVERRIDES), help_text="refusals to pass on purpose"
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Every Tuesday",
            {
                "event": "lighting-an-led-wall",
                "starts_at": "2026-12-01T19:00:00+09:00",
                "ends_at": "2026-12-01T21:00:00+09:00",
                "rule": "FREQ=WEEKLY;COUNT=8",
            },
            request_only=True,
        )
    ]
)
class RepeatInput(SessionInput):
    rule = Text(max_length=500, help_text="An RRULE by RFC 5545, daily or coarser, with COUNT or UNTIL.")


class SessionOutput(TitledOutput, RevisedOutput):
    uid = serializers.UUIDField()
    event = serializers.SlugField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    timezone = serializers.CharField()
    all_day = serializers.BooleanField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    venue = serializers.SlugField(allow_null=True)
    room = serializers.SlugField(allow_null=True)
    online = serializers.BooleanField()
    joining_url = serializers.CharField(allow_blank=True, required=False, help_text="for members only")
    status = serializers.ChoiceField(Session.Status.values)
    sequence = serializers.IntegerField()
    speakers = serializers.ListField(child=serializers.SlugField())
    release = serializers.UUIDField(required=False, help_text="in which a change of this session waits now")
    url = serializers.URLField()
    calendar_url = serializers.URLField()


class RepeatOutput(serializers.Serializer[Any]):
    sessions = SessionOutput(many=True)


def rows_of(queryset: QuerySet[Session]) -> QuerySet[Any]:
    """The columns that `shown` needs."""
    return queryset.values(*COLUMNS)


def shown(
    rows: Iterable[dict[str, Any]], language: str, *, members_of: Collection[int], is_operator: bool = False
) -> list[dict[str, Any]]:
    """The sessions of these rows, with their speakers: one more query. `members_of`: whose joining links are told."""
    rows = list(rows)
    speakers = speakers_of([row["pk"] for row in rows])
    return [
        session(row, language, speakers.get(row["pk"], []), is_operator or _organization(row) in members_of)
        for row in rows
    ]


def speakers_of(sessions: list[int]) -> dict[int, list[str]]:
    """The slugs of each session's speakers, in their order."""
    found: dict[int, list[str]] = {}
    billing = SessionSpeaker.objects.filter(session__in=sessions).order_by("session", "position", "pk")
    for session_id, slug in billing.values_list("session", "speaker__slug"):
        found.setdefault(session_id, []).append(slug)
    return found


def session(row: dict[str, Any], language: str, speakers: list[str], is_member: bool) -> dict[str, Any]:
    other = "en" if language == "ko" else "ko"
    local = zone(row["timezone"])
    ends_at: datetime = row["ends_at"].astimezone(local)
    uid, slug = str(row["uid"]), row["event__slug"]
    shown = {
        "uid": uid,
        "event": slug,
        "title": (
            row[f"title_{language}"] or row[f"title_{other}"]
            or row[f"event__title_{language}"] or row[f"event__title_{other}"]
        ),
        "title_ko": row["title_ko"],
        "title_en": row["title_en"],
        "starts_at": row["starts_at"].astimezone(local).isoformat(),
        "ends_at": ends_at.isoformat(),
        "timezone": row["timezone"],
        "all_day": row["all_day"],
        "starts_on": row["starts_on"].isoformat(),
        "ends_on": max((ends_at - MOMENT).date(), row["starts_on"]).isoformat(),
        "venue": row["room__venue__slug"],
        "room": row["room__slug"],
        "online": row["online"],
        "status": row["status"],
        "sequence": row["sequence"],
        "speakers": speakers,
        "url": f"{settings.CALLBOARD_URL}/{language}/events/{slug}/",
        "calendar_url": calendar_url("sessions", uid),
        "revision": row["revision"],
        "updated_at": row["updated_at"].astimezone(UTC).isoformat(),
    }  # fmt: skip
    if is_member:
        shown["joining_url"] = row["joining_url"]
    return shown


MOMENT = timedelta(microseconds=1)  # a block that ends at midnight ends on the day before


def _organization(row: dict[str, Any]) -> int:
    return int(row["event__programme__organization_id"])
