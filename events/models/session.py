"""Sessions: one block of time in one room or online; and the calendar text stored for each."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from events.models.actor import READING, Actor
from events.models.event import Event
from events.models.speaker import Speaker
from venues.models import Room


class SessionQuerySet(models.QuerySet["Session"]):
    def readable(self) -> "SessionQuerySet":
        """Sessions of readable events (RULES 2), drafts left out."""
        return self.filter(
            event__status__in=["published", "cancelled"],
            event__was_public=True,
            event__programme__is_public=True,
            was_public=True,
        ).exclude(status="draft")

    def public(self) -> "SessionQuerySet":
        """Sessions that everybody finds."""
        return self.readable().filter(event__visibility="public")

    def in_order(self, *, latest_first: bool = False) -> "SessionQuerySet":
        """As lists show those of one event, the first of which they show it by: live ones first, then by start."""
        is_off = Case(When(status="cancelled", then=1), default=0)
        return self.order_by(is_off, "-starts_at" if latest_first else "starts_at", "pk")

    def visible_to(self, actor: Actor) -> "SessionQuerySet":
        if actor.is_operator:
            return self
        own = Q(event__programme__organization__in=actor.organizations(READING))
        return self.public() if not actor.roles else self.filter(own | Q(pk__in=Session.objects.public().values("pk")))

    def readable_by(self, actor: Actor) -> "SessionQuerySet":
        if actor.is_operator:
            return self
        own = Q(event__programme__organization__in=actor.organizations(READING))
        if not actor.roles:
            return self.readable()
        return self.filter(own | Q(pk__in=Session.objects.readable().values("pk")))


class Session(models.Model):
    """One block of time of an event: [starts_at, ends_at) in UTC, and the local start that wall time is kept by.

    `starts_on`, `starts_local` and `fold` are what the organizer meant; `starts_at` follows from them and the zone
    (`manage.py retime` recomputes it after a zone-data update). All-day sessions cover local days, start included.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        TENTATIVE = "tentative", _("tentative")
        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="sessions")
    title_ko = models.CharField(max_length=300, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    starts_on = models.DateField()
    starts_local = models.TimeField()
    fold = models.PositiveSmallIntegerField(default=0)
    all_day = models.BooleanField(default=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    online = models.BooleanField(default=False)
    joining_url = models.URLField(blank=True, max_length=500, help_text=_("for registered people only"))
    speakers = models.ManyToManyField(Speaker, through="SessionSpeaker", related_name="sessions")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    sequence = models.PositiveIntegerField(default=0)
    was_public = models.BooleanField(default=False)
    source_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["starts_at", "id"], name="session_by_start"),
            models.Index(fields=["event", "starts_at"], name="session_by_event"),
            models.Index(fields=["starts_on"], name="session_by_day"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="session_starts_before_it_ends"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "tentative", "confirmed", "cancelled"]), name="session_status_is_known"
            ),
            models.CheckConstraint(condition=Q(fold__lte=1), name="session_fold_is_0_or_1"),
            models.UniqueConstraint(
                fields=["event", "source_id"], condition=~Q(source_id=""), name="session_source_once_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.starts_at}"


class SessionSpeaker(models.Model):
    """Who speaks in a session, in which order."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="billing")
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="billing")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "speaker"], name="speaker_once_per_session"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.speaker_id}"


class Fragment(models.Model):
    """One session's VEVENT text in one language, rendered when something changed (docs/decisions/0005).

    Exists while the session is readable by the public. `starts_at` and `is_listed` are copies, so that the plain feed
    reads one table; `base_url` is part of the key, because the text holds addresses.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="fragments")
    language = models.CharField(max_length=2)
    base_url = models.CharField(max_length=200)
    is_listed = models.BooleanField()
    starts_at = models.DateTimeField()
    zone = models.CharField(max_length=64, blank=True, help_text=_("the TZID it uses; empty: UTC or all-day"))
    stamp = models.CharField(max_length=16, help_text=_("LAST-MODIFIED as written"))
    body = models.TextField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["language", "starts_at", "session"], condition=Q(is_listed=True), name="fragment_in_feed_order"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "language", "base_url"], name="fragment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.language}"


class ParticipantFragment(models.Model):
    """The first half of a session's VEVENT in one language, for personal calendars (RULES 23, docs/decisions/0019).

    `seated` is what somebody with a seat sees: busy time and the joining link; `unseated` is for everybody else.
    SEQUENCE, STATUS, the times of revision and an alarm follow when it is sent. Exists while the `Fragment` does.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="participant_fragments")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=2)
    base_url = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    zone = models.CharField(max_length=64, blank=True, help_text=_("the TZID it uses; empty: UTC or all-day"))
    stamp = models.CharField(max_length=16, help_text=_("the session's LAST-MODIFIED as written"))
    sequence = models.PositiveIntegerField(help_text=_("the session's own"))
    status = models.CharField(max_length=10)
    seated = models.TextField()
    unseated = models.TextField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event", "language"], name="participant_fragment_by_event"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "language", "base_url"], name="participant_fragment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.language}"
