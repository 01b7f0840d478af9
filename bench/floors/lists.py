"""The event list as a plain DRF ModelViewSet: nested ModelSerializers, django-filter, prefetched relations."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import django_filters
from django.core.signing import Signer
from django.db.models import Prefetch
from django.http import HttpRequest
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework import serializers, viewsets
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from config.settings import CALLBOARD_URL
from events.models import Event, Question, Registration, Session, SessionSpeaker

PAGE = 50


class Moment(serializers.DateTimeField):
    """DRF's own field, with +00:00 where DRF writes Z."""

    def to_representation(self, value: datetime | None) -> str | None:
        written = super().to_representation(value)
        return written.replace("Z", "+00:00") if written else written


class Serializer(serializers.ModelSerializer[Any]):
    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        **{kind: Moment for kind, field in serializers.ModelSerializer.serializer_field_mapping.items()
           if field is serializers.DateTimeField},
    }  # fmt: skip


class SessionSerializer(Serializer):
    event = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    title = serializers.SerializerMethodField()
    starts_at = serializers.SerializerMethodField()
    ends_at = serializers.SerializerMethodField()
    ends_on = serializers.SerializerMethodField()
    venue = serializers.CharField(source="room.venue.slug")
    room = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    speakers = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    calendar_url = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = (
            "uid", "event", "title", "title_ko", "title_en", "starts_at", "ends_at", "timezone", "all_day", "starts_on",
            "ends_on", "venue", "room", "online", "status", "sequence", "speakers", "url", "calendar_url", "revision",
            "updated_at",
        )  # fmt: skip

    def get_title(self, session: Session) -> str:
        return session.title_ko or session.title_en or session.event.title_ko or session.event.title_en

    def get_starts_at(self, session: Session) -> str:
        return session.starts_at.astimezone(ZoneInfo(session.timezone)).isoformat()

    def get_ends_at(self, session: Session) -> str:
        return session.ends_at.astimezone(ZoneInfo(session.timezone)).isoformat()

    def get_ends_on(self, session: Session) -> str:
        last = (session.ends_at.astimezone(ZoneInfo(session.timezone)) - timedelta(microseconds=1)).date()
        return max(last, session.starts_on).isoformat()

    def get_speakers(self, session: Session) -> list[str]:
        return [billing.speaker.slug for billing in session.billing.all()]

    def get_url(self, session: Session) -> str:
        return f"{CALLBOARD_URL}/ko/events/{session.event.slug}/"

    def get_calendar_url(self, session: Session) -> str:
        return f"{CALLBOARD_URL}/calendars/sessions/{session.uid}.ics"


class QuestionSerializer(Serializer):
    title = serializers.SerializerMethodField()
    help = serializers.SerializerMethodField()

    class Meta:
        model = Question
        fields = (
            "key", "kind", "title", "title_ko", "title_en", "help", "help_ko", "help_en", "is_required", "choices",
            "least", "most",
        )  # fmt: skip

    def get_title(self, question: Question) -> str:
        return question.title_ko or question.title_en

    def get_help(self, question: Question) -> str:
        return question.help_ko or question.help_en


class EventSerializer(Serializer):
    programme = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    series = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    questions = QuestionSerializer(many=True)
    topics = serializers.SlugRelatedField(slug_field="slug", read_only=True, many=True)
    audiences = serializers.SlugRelatedField(slug_field="slug", read_only=True, many=True)
    seats_taken = serializers.SerializerMethodField()
    seats_left = serializers.SerializerMethodField()
    waitlist_length = serializers.SerializerMethodField()
    sessions = SessionSerializer(many=True)
    url = serializers.SerializerMethodField()
    calendar_url = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = (
            "slug", "programme", "series", "kind", "title", "title_ko", "title_en", "summary", "summary_ko",
            "summary_en", "description", "description_ko", "description_en", "topics", "audiences", "language",
            "status", "cancel_reason", "visibility", "registration", "waitlist", "needs_code", "needs_proof",
            "most_in_group", "minimum", "decides_at", "decision", "questions", "capacity", "seats_taken", "seats_left",
            "waitlist_length", "registration_opens_at", "registration_closes_at", "sessions", "url", "calendar_url",
            "revision", "updated_at",
        )  # fmt: skip

    def get_title(self, event: Event) -> str:
        return event.title_ko or event.title_en

    def get_summary(self, event: Event) -> str:
        return event.summary_ko or event.summary_en

    def get_description(self, event: Event) -> str:
        return event.description_ko or event.description_en

    def get_seats_taken(self, event: Event) -> int:
        return sum(pool.taken for pool in event.pools.all())

    def get_seats_left(self, event: Event) -> int | None:
        return max(pool.seats_left or 0 for pool in event.pools.all())

    def get_waitlist_length(self, event: Any) -> int:
        return len(event.waiting)

    def get_url(self, event: Event) -> str:
        return f"{CALLBOARD_URL}/ko/events/{event.slug}/"

    def get_calendar_url(self, event: Event) -> str:
        return f"{CALLBOARD_URL}/calendars/events/{event.slug}.ics"


class Filters(FilterSet):
    """By subquery: two joins would give an event once for each of its sessions."""

    starts_after = django_filters.DateFilter(method="from_day")
    starts_before = django_filters.DateFilter(method="to_day")

    def from_day(self, queryset: Any, name: str, value: date) -> Any:
        return queryset.filter(pk__in=Session.objects.filter(starts_on__gte=value).values("event"))

    def to_day(self, queryset: Any, name: str, value: date) -> Any:
        return queryset.filter(pk__in=Session.objects.filter(starts_on__lte=value).values("event"))


class Pages(BasePagination):
    """The first page, and our signed cursor to the second, because the answers are compared byte by byte."""

    next: str | None = None

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Event]:
        rows = list(queryset[: PAGE + 1])
        if len(rows) > PAGE:
            self.next = _link(request, rows[PAGE - 1])
        return rows[:PAGE]

    def get_paginated_response(self, data: Any) -> Response:
        response = Response({"next": self.next, "previous": None, "results": data})
        response.add_post_render_callback(_with_length)
        return response


def _with_length(response: Any) -> None:
    """Without it gunicorn would send the body in chunks."""
    response.headers["Content-Length"] = str(len(response.content))


def _link(request: HttpRequest, last: Event) -> str:
    assert last.first_starts_at
    place = ["starts_at", "datetime", last.first_starts_at.isoformat(), last.pk, False]
    cursor = Signer(salt="callboard.cursor").sign_object(place)
    return request.build_absolute_uri(f"{request.path}?{urlencode({**request.GET.dict(), 'cursor': cursor})}")


class Events(viewsets.ModelViewSet[Event]):
    queryset = (
        Event.objects.public()
        .select_related("programme", "series")
        .prefetch_related(
            "topics",
            "audiences",
            "pools",
            Prefetch("questions", Question.objects.order_by("position", "pk")),
            Prefetch("registrations", Registration.objects.filter(status="waitlisted"), to_attr="waiting"),
            Prefetch(
                "sessions",
                Session.objects.readable()
                .select_related("event", "room__venue")
                .prefetch_related(
                    Prefetch("billing", SessionSpeaker.objects.select_related("speaker").order_by("position", "pk"))
                )
                .order_by("starts_at", "pk"),
            ),
        )
        .order_by("first_starts_at", "pk")
    )
    serializer_class = EventSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = Filters
    pagination_class = Pages
