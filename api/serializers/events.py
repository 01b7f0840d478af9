"""Events in JSON: plain dicts from plain rows, a constant number of statements for a page of them."""

from collections.abc import Collection, Iterable
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Value
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers import admission, sessions
from api.serializers.admission import QuestionOutput
from api.serializers.fields import Choice, Input, Moment, Number, Slug, Text, YesNo
from api.serializers.sessions import SessionOutput
from api.serializers.shapes import RevisedOutput, SummarizedOutput, in_utc_or_none
from events import vacancies
from events.models import Actor, Event, Session
from events.models.actor import READING
from events.operations import noting, reminding

COLUMNS = (
    "pk", "slug", "programme__slug", "programme__organization_id", "series__slug", "kind", "title_ko", "title_en",
    "summary_ko", "summary_en", "description_ko", "description_en", "language", "status", "visibility", "registration",
    "capacity", "capacity_override", "registration_opens_at", "registration_closes_at", "cancel_reason", "revision",
    "updated_at", "waitlist", "offer_minutes", "passes_groups", "needs_code", "needs_proof", "proof_minutes",
    "most_in_group", "minimum", "decides_at", "decision", "capacity_from_room", "mail_note_ko", "mail_note_en",
    "reminder_hours",
)  # fmt: skip
FOR_MEMBERS = (
    "capacity_override", "capacity_from_room", "offer_minutes", "passes_groups", "proof_minutes", "mail_note_ko",
    "mail_note_en", "reminder_hours",
)  # fmt: skip
TAG = r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*"
LONGEST_MINUTES = 525_600  # a year
LONGEST_REMINDER = int(reminding.LONGEST.total_seconds() // 3600)
NOTE = "stands in each mail; may name {{ event }}, {{ programme }}, {{ organization }}, {{ begins }}, {{ place }}"


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
    registration = Choice(Event.Registration.values, required=False)
    waitlist = Choice(Event.Waitlist.values, required=False, help_text="automatic unless said; offer: to be accepted")
    offer_minutes = Number(
        required=False, min_value=1, max_value=LONGEST_MINUTES, help_text="how long an offered seat is held"
    )
    passes_groups = YesNo(required=False, help_text="seats too few for a waiting group go to those behind it")
    needs_code = YesNo(required=False, help_text="by invitation code only")
    needs_proof = YesNo(required=False, help_text="the seat is held until a mailed link is confirmed")
    proof_minutes = Number(required=False, min_value=1, max_value=LONGEST_MINUTES)
    most_in_group = Number(required=False, min_value=1, max_value=100)
    minimum = Number(
        required=False, allow_null=True, min_value=1, max_value=1_000_000,
        help_text="fewer, and it does not take place; needs decides_at",
    )  # fmt: skip
    decides_at = Moment(required=False, allow_null=True, needs_offset=True)
    capacity = Number(required=False, allow_null=True, min_value=0, max_value=1_000_000, help_text="null: no limit")
    capacity_override = YesNo(required=False, help_text="more seats than the smallest room, on purpose")
    capacity_from_room = YesNo(required=False, help_text="as many seats as the smallest room has")
    registration_opens_at = Moment(required=False, allow_null=True, needs_offset=True)
    registration_closes_at = Moment(required=False, allow_null=True, needs_offset=True)
    mail_note_ko = Text(is_long=True, max_length=noting.LONGEST, required=False, allow_blank=True, help_text=NOTE)
    mail_note_en = Text(is_long=True, max_length=noting.LONGEST, required=False, allow_blank=True, help_text=NOTE)
    reminder_hours = Number(
        required=False, min_value=0, max_value=LONGEST_REMINDER, help_text="before the first session; 0: no reminder"
    )


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


@extend_schema_serializer(examples=[OpenApiExample("It takes place", {"takes_place": True}, request_only=True)])
class DecisionInput(ReasonInput):
    """Whether an event with a minimum takes place. `reason`: for those who are told that it does not."""

    takes_place = YesNo()


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
    waitlist = serializers.ChoiceField(Event.Waitlist.values)
    offer_minutes = serializers.IntegerField(required=False, help_text="for members only")
    passes_groups = serializers.BooleanField(required=False, help_text="for members only")
    needs_code = serializers.BooleanField()
    needs_proof = serializers.BooleanField()
    proof_minutes = serializers.IntegerField(required=False, help_text="for members only")
    most_in_group = serializers.IntegerField()
    minimum = serializers.IntegerField(allow_null=True)
    decides_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.ChoiceField(Event.Decision.values, allow_blank=True, help_text="blank: not yet, or no need")
    questions = QuestionOutput(many=True)
    capacity = serializers.IntegerField(allow_null=True)
    capacity_override = serializers.BooleanField(required=False, help_text="for members only")
    capacity_from_room = serializers.BooleanField(required=False, help_text="for members only")
    mail_note_ko = serializers.CharField(required=False, allow_blank=True, help_text="for members only")
    mail_note_en = serializers.CharField(required=False, allow_blank=True, help_text="for members only")
    reminder_hours = serializers.IntegerField(required=False, help_text="for members only")
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


def shown(
    rows: Iterable[dict[str, Any]], language: str, actor: Actor, *, audiences: Collection[int] = (),
    with_seats: bool = True,
) -> list[dict[str, Any]]:  # fmt: skip
    """The events of these rows with all that belongs to them, in as many more statements however many there are.

    `audiences`: for whom `seats_left` is said; none: whoever finds most (RULES 7). `with_seats`: with the counts that
    change while the event stays the same.
    """
    rows = list(rows)
    ids = [row["pk"] for row in rows]
    tags, counts = _tags(ids), seat_counts(rows, audiences) if with_seats else {}
    blocks, questions = _sessions(ids, language, actor), admission.questions_of(ids, language)
    own = actor.organizations(READING)
    return [
        _event(
            row, language, tags=tags.get(row["pk"], {}), counts=counts.get(row["pk"], {}),
            blocks=blocks.get(row["pk"], []),
            questions=questions.get(row["pk"], []),
            is_member=actor.is_operator or row["programme__organization_id"] in own,
        )
        for row in rows
    ]  # fmt: skip


def seat_counts(rows: Iterable[dict[str, Any]], audiences: Collection[int] = ()) -> dict[int, dict[str, int | None]]:
    """How full the events of these rows are (`pk` and `series__slug`), and how many people wait."""
    rows = list(rows)
    seats = vacancies.of(event_ids=[row["pk"] for row in rows], audiences=audiences)
    contested = [row for row in rows if seats[row["pk"]].may_wait]
    waiting = vacancies.waiting(
        event_ids=[row["pk"] for row in contested], in_series=[row["pk"] for row in contested if row["series__slug"]]
    )
    return {
        pk: {"seats_taken": one.taken, "seats_left": one.left, "waitlist_length": waiting.get(pk, 0)}
        for pk, one in seats.items()
    }


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


def _sessions(ids: list[int], language: str, actor: Actor) -> dict[int, list[dict[str, Any]]]:
    visible = Session.objects.readable_by(actor).filter(event__in=ids).order_by("starts_at", "pk")
    rows = list(sessions.rows_of(visible))
    found: dict[int, list[dict[str, Any]]] = {}
    blocks = sessions.shown(rows, language, members_of=actor.organizations(READING), is_operator=actor.is_operator)
    for row, block in zip(rows, blocks, strict=True):
        found.setdefault(row["event_id"], []).append(block)
    return found


def _event(
    row: dict[str, Any], language: str, *, tags: dict[str, list[str]], counts: dict[str, int | None],
    blocks: list[dict[str, Any]], questions: list[dict[str, Any]], is_member: bool,
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
        "waitlist": row["waitlist"],
        "needs_code": row["needs_code"],
        "needs_proof": row["needs_proof"],
        "most_in_group": row["most_in_group"],
        "minimum": row["minimum"],
        "decides_at": in_utc_or_none(row["decides_at"]),
        "decision": row["decision"],
        "questions": questions,
        "capacity": row["capacity"],
        **counts,
        "registration_opens_at": opens and opens.astimezone(UTC).isoformat(),
        "registration_closes_at": closes and closes.astimezone(UTC).isoformat(),
        "sessions": blocks,
        "url": f"{settings.CALLBOARD_URL}/{language}/events/{slug}/",
        "calendar_url": f"{settings.CALLBOARD_URL}/calendars/events/{slug}.ics",
        "revision": row["revision"],
        "updated_at": row["updated_at"].astimezone(UTC).isoformat(),
    }
    return shown | {name: row[name] for name in FOR_MEMBERS} if is_member else shown
