"""Events in JSON: plain dicts from plain rows, a constant number of statements for a page of them."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Value
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers import sessions
from api.serializers.fields import Choice, Input, Moment, Number, Slug, Text, YesNo
from api.serializers.sessions import SessionOutput
from api.serializers.shapes import RevisedOutput, SummarizedOutput
from events.models import Actor, Event, Registration, SeatPool, Session
from events.models.actor import READING

COLUMNS = (
    "pk", "slug", "programme__slug", "programme__organization_id", "series__slug", "kind", "title_ko", "title_en",
    "summary_ko", "summary_en", "description_ko", "description_en", "language", "status", "visibility", "registration",
    "capacity", "capacity_override", "registration_opens_at", "registration_closes_at", "cancel_reason", "revision",
    "updated_at",
)  # fmt: skip
TAG = r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*"
PLANNED = (Event.Registration.NONE, Event.Registration.OPEN)


class EventFields(Input):
    slug = Slug(required=False)
    series = Slug(required=False, allow_null=True)
    kind = Choice(Event.Kind.values, required=False)
    title_ko = Text(max_length=300, required=False, allow_blank=True)
    title_en = Text(max_length=300, required=False, allow_blank=True)
    summary_ko = Text(max_length=500, required=False, allow_blank=True)
    summary_en = Text(max_length=500, required=False, allow_blank=True)
    description_ko = Text(is_long=True, max_length=20_000, required=False, allow_blank=True)
    description_en = Text(is_long=True, max_length=20_000, required=False, allow_blank=True)
    topics = serializers.ListField(child=Slug(), required=False, max_length=100)
    audiences = serializers.ListField(child=Slug(), required=False, max_length=100)
    language = serializers.RegexField(rf"^{TAG}\Z", required=False, max_length=10, help_text="spoken language, BCP 47")
    visibility = Choice(Event.Visibility.values, required=False)
    registration = Choice(PLANNED, required=False)
    capacity = Number(required=False, allow_null=True, min_value=0, max_value=1_000_000, help_text="null: no limit")
    capacity_override = YesNo(required=False, help_text="more seats than the smallest room, on purpose")
    registration_opens_at = Moment(required=False, allow_null=True, needs_offset=True)
    registration_closes_at = Moment(required=False, allow_null=True, needs_offset=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A workshop",
            {
                "programme": "biff-workshops",
                "title_ko": "LED 월 조명",
                "title_en": "Lighting an LED wall",
                "kind": "workshop",
                "topics": ["virtual-production"],
                "audiences": ["student"],
                "capacity": 24,
            },
            request_only=True,
        )
    ]
)
class EventInput(EventFields):
    """A draft event of a programme. One of the titles is needed."""

    programme = Slug()


@extend_schema_serializer(examples=[OpenApiExample("More seats", {"capacity": 30}, request_only=True)])
class EventChanges(EventFields):
    over_commit = YesNo(required=False, help_text="cut the capacity below what is taken; nobody loses a seat")


@extend_schema_serializer(
    examples=[OpenApiExample("A reason", {"reason": "The LED wall is broken"}, request_only=True)]
)
class ReasonInput(Input):
    """Why, for those who are told."""

    reason = Text(max_length=500, required=False, allow_blank=True)


class NothingInput(Input):
    """An empty body, or none."""


class EventOutput(SummarizedOutput, RevisedOutput):
    slug = serializers.SlugField()
    programme = serializers.SlugField()
    series = serializers.SlugField(allow_null=True)
    kind = serializers.ChoiceField(Event.Kind.values)
    description = serializers.CharField(allow_blank=True)
    description_ko = serializers.CharField(allow_blank=True)
    description_en = serializers.CharField(allow_blank=True)
    topics = serializers.ListField(child=serializers.SlugField())
    audiences = serializers.ListField(child=serializers.SlugField())
    language = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(Event.Status.values)
    cancel_reason = serializers.CharField(allow_blank=True)
    visibility = serializers.ChoiceField(Event.Visibility.values)
    registration = serializers.ChoiceField(Event.Registration.values)
    capacity = serializers.IntegerField(allow_null=True)
    capacity_override = serializers.BooleanField(required=False, help_text="for members only")
    seats_taken = serializers.IntegerField()
    seats_left = serializers.IntegerField(allow_null=True)
    waitlist_length = serializers.IntegerField()
    registration_opens_at = serializers.DateTimeField(allow_null=True)
    registration_closes_at = serializers.DateTimeField(allow_null=True)
    sessions = SessionOutput(many=True)
    url = serializers.URLField()
    calendar_url = serializers.URLField()


def rows_of(queryset: QuerySet[Event]) -> QuerySet[Any]:
    """The columns that `shown` needs."""
    return queryset.values(*COLUMNS)


def shown(rows: Iterable[dict[str, Any]], language: str, actor: Actor) -> list[dict[str, Any]]:
    """The events of these rows with all that belongs to them, in five more statements, however many there are."""
    rows = list(rows)
    ids = [row["pk"] for row in rows]
    tags, seats, waiting = _tags(ids), _seats(ids), _waiting(ids)
    blocks = _sessions(ids, language, actor)
    own = actor.organizations(READING)
    return [
        _event(
            row, language, tags=tags.get(row["pk"], {}), seats=seats.get(row["pk"], (0, 0)),
            waiting=waiting.get(row["pk"], 0), blocks=blocks.get(row["pk"], []),
            is_member=actor.is_operator or row["programme__organization_id"] in own,
        )
        for row in rows
    ]  # fmt: skip


def _tags(ids: list[int]) -> dict[int, dict[str, list[str]]]:
    """Topics and audiences of each event, both in one statement."""
    topics = Event.topics.through.objects.filter(event__in=ids)
    audiences = Event.audiences.through.objects.filter(event__in=ids)
    found: dict[int, dict[str, list[str]]] = {}
    both = (
        topics.values_list("event_id", Value("topics"), "topic__position", "topic__slug")
        .union(audiences.values_list("event_id", Value("audiences"), "audience__position", "audience__slug"), all=True)
        .order_by("event_id", "topic__position", "topic__slug")
    )
    for event_id, kind, _position, slug in both:
        found.setdefault(event_id, {}).setdefault(kind, []).append(slug)
    return found


def _seats(ids: list[int]) -> dict[int, tuple[int, int | None]]:
    """(taken, left) of each event over its pools; left is None where one is unlimited, else the largest (RULES 7)."""
    found: dict[int, tuple[int, int | None]] = {}
    pools = SeatPool.objects.filter(event__in=ids).order_by("event_id", "pk")
    for event_id, seats, taken, is_unlimited in pools.values_list("event_id", "seats", "taken", "is_unlimited"):
        before, left = found.get(event_id, (0, 0))
        here = None if is_unlimited else max(seats - taken, 0)
        found[event_id] = before + taken, None if left is None or here is None else max(left, here)
    return found


def _waiting(ids: list[int]) -> dict[int, int]:
    waiting = Registration.objects.filter(event__in=ids, status="waitlisted").order_by().values_list("event_id")
    return dict(waiting.annotate(Count("pk")))


def _sessions(ids: list[int], language: str, actor: Actor) -> dict[int, list[dict[str, Any]]]:
    visible = Session.objects.readable_by(actor).filter(event__in=ids).order_by("starts_at", "pk")
    rows = list(sessions.rows_of(visible))
    found: dict[int, list[dict[str, Any]]] = {}
    blocks = sessions.shown(rows, language, members_of=actor.organizations(READING), is_operator=actor.is_operator)
    for row, block in zip(rows, blocks, strict=True):
        found.setdefault(row["event_id"], []).append(block)
    return found


def _event(
    row: dict[str, Any], language: str, *, tags: dict[str, list[str]], seats: tuple[int, int | None], waiting: int,
    blocks: list[dict[str, Any]], is_member: bool,
) -> dict[str, Any]:  # fmt: skip
    other = "en" if language == "ko" else "ko"
    slug, opens, closes = row["slug"], row["registration_opens_at"], row["registration_closes_at"]
    shown = {
        "slug": slug,
        "programme": row["programme__slug"],
        "series": row["series__slug"],
        "kind": row["kind"],
        "title": row[f"title_{language}"] or row[f"title_{other}"],
        "title_ko": row["title_ko"],
        "title_en": row["title_en"],
        "summary": row[f"summary_{language}"] or row[f"summary_{other}"],
        "summary_ko": row["summary_ko"],
        "summary_en": row["summary_en"],
        "description": row[f"description_{language}"] or row[f"description_{other}"],
        "description_ko": row["description_ko"],
        "description_en": row["description_en"],
        "topics": tags.get("topics", []),
        "audiences": tags.get("audiences", []),
        "language": row["language"],
        "status": row["status"],
        "cancel_reason": row["cancel_reason"],
        "visibility": row["visibility"],
        "registration": row["registration"],
        "capacity": row["capacity"],
        "seats_taken": seats[0],
        "seats_left": seats[1],
        "waitlist_length": waiting,
        "registration_opens_at": opens and opens.astimezone(UTC).isoformat(),
        "registration_closes_at": closes and closes.astimezone(UTC).isoformat(),
        "sessions": blocks,
        "url": f"{settings.CALLBOARD_URL}/{language}/events/{slug}/",
        "calendar_url": f"{settings.CALLBOARD_URL}/calendars/events/{slug}.ics",
        "revision": row["revision"],
        "updated_at": row["updated_at"].astimezone(UTC).isoformat(),
    }
    if is_member:
        shown["capacity_override"] = row["capacity_override"]
    return shown
