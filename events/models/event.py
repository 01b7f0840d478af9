"""What people register for: events, their classification, and the seat pools that bound them."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import READING, Actor
from events.models.campaign import Programme
from events.models.wording import has_title


class Topic(models.Model):
    """What an event is about. A topic may stand under an area; asking for the area means all below it."""

    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="topic_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class Audience(models.Model):
    """Whom an event is for, and what a person says they are (student, professional, ...)."""

    slug = models.SlugField(max_length=80, unique=True)
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="audience_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class Series(models.Model):
    """Equal runs of one workshop, with one waitlist. A live seat bars another unless repeats are allowed."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="series")
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    allows_repeats = models.BooleanField(default=False, db_default=False)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="series_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class EventQuerySet(models.QuerySet["Event"]):
    def readable(self) -> "EventQuerySet":
        """What anybody who knows the slug may read: published or called off, unlisted included (RULES 2)."""
        return self.filter(status__in=["published", "cancelled"], was_public=True, programme__is_public=True)

    def public(self) -> "EventQuerySet":
        """What everybody finds: readable and listed."""
        return self.readable().filter(visibility="public")

    def visible_to(self, actor: Actor) -> "EventQuerySet":
        """For lists: what everybody finds, and all of the organizations in which the actor may read."""
        if actor.is_operator:
            return self
        own = Q(programme__organization__in=actor.organizations(READING))
        return self.public() if not actor.roles else self.filter(own | Q(pk__in=Event.objects.public().values("pk")))

    def readable_by(self, actor: Actor) -> "EventQuerySet":
        """For one object by its exact slug: unlisted ones too."""
        if actor.is_operator:
            return self
        own = Q(programme__organization__in=actor.organizations(READING))
        return (
            self.readable() if not actor.roles else self.filter(own | Q(pk__in=Event.objects.readable().values("pk")))
        )


class Event(models.Model):
    """What people register for. States: RULES 1-3. `first_starts_at` and `last_ends_at` mirror its live sessions.

    With a `minimum` its sessions stay tentative until `decides_at`: `decision` says whether it takes place.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        CANCELLED = "cancelled", _("cancelled")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("public")
        UNLISTED = "unlisted", _("unlisted")

    class Registration(models.TextChoices):
        NONE = "none", _("none")
        OPEN = "open", _("open")
        APPROVAL = "approval", _("by approval")

    class Waitlist(models.TextChoices):
        OFF = "off", _("off")
        AUTOMATIC = "automatic", _("automatic")
        OFFER = "offer", _("by offer")

    class Kind(models.TextChoices):
        WORKSHOP = "workshop", _("workshop")
        MASTERCLASS = "masterclass", _("masterclass")
        TALK = "talk", _("talk")
        COURSE = "course", _("course")
        COHORT = "cohort", _("cohort")
        OTHER = "other", _("other")

    class Decision(models.TextChoices):
        GO = "go", _("takes place")
        NO_GO = "no_go", _("called off")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="events")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.WORKSHOP)
    title_ko = models.CharField(max_length=300, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    summary_ko = models.CharField(max_length=500, blank=True)
    summary_en = models.CharField(max_length=500, blank=True)
    description_ko = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="events")
    audiences = models.ManyToManyField(Audience, blank=True, related_name="events")
    language = models.CharField(max_length=10, default="ko", help_text=_("spoken language, BCP 47"))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    registration = models.CharField(max_length=10, choices=Registration.choices, default=Registration.OPEN)
    waitlist = models.CharField(max_length=10, choices=Waitlist.choices, default=Waitlist.AUTOMATIC)
    offer_minutes = models.PositiveIntegerField(
        default=24 * 60, db_default=24 * 60, help_text=_("how long an offered seat is held")
    )
    passes_groups = models.BooleanField(
        default=False, db_default=False, help_text=_("seats too few for a waiting group go to those behind it")
    )
    needs_code = models.BooleanField(default=False, db_default=False, help_text=_("by invitation code only"))
    needs_proof = models.BooleanField(
        default=False, db_default=False, help_text=_("the seat is held until a mailed link is confirmed")
    )
    proof_minutes = models.PositiveIntegerField(default=30, db_default=30)
    most_in_group = models.PositiveSmallIntegerField(default=10, db_default=10)
    minimum = models.PositiveIntegerField(null=True, blank=True, help_text=_("fewer, and it does not take place"))
    decides_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default="", db_default="")
    capacity = models.PositiveIntegerField(null=True, blank=True)
    capacity_override = models.BooleanField(default=False, help_text=_("more seats than the smallest room, on purpose"))
    capacity_from_room = models.BooleanField(
        default=False, db_default=False, help_text=_("as many seats as the smallest room has")
    )
    mail_note_ko = models.TextField(max_length=2000, blank=True, default="", db_default="")
    mail_note_en = models.TextField(max_length=2000, blank=True, default="", db_default="")
    reminder_hours = models.PositiveSmallIntegerField(
        default=24, db_default=24, help_text=_("so long before its first session people are reminded; 0: never")
    )
    registration_opens_at = models.DateTimeField(null=True, blank=True)
    registration_closes_at = models.DateTimeField(null=True, blank=True)
    first_starts_at = models.DateTimeField(null=True, blank=True)
    last_ends_at = models.DateTimeField(null=True, blank=True)
    was_public = models.BooleanField(default=False)
    cancel_reason = models.CharField(max_length=500, blank=True)
    source_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(default=0, help_text=_("schedule version of the last published change"))
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["first_starts_at", "id"], name="event_by_start"),
            models.Index(fields=["programme", "status"], name="event_by_programme"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="event_has_a_title"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "cancelled"]), name="event_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=["public", "unlisted"]), name="event_visibility_is_known"
            ),
            models.CheckConstraint(
                condition=Q(registration__in=["none", "open", "approval"]), name="event_registration_is_known"
            ),
            models.CheckConstraint(
                condition=Q(waitlist__in=["off", "automatic", "offer"]), name="event_waitlist_is_known"
            ),
            models.CheckConstraint(
                condition=Q(registration_opens_at__isnull=True)
                | Q(registration_closes_at__isnull=True)
                | Q(registration_opens_at__lt=F("registration_closes_at")),
                name="event_registration_opens_before_it_closes",
            ),
            models.CheckConstraint(condition=Q(decision__in=["", "go", "no_go"]), name="event_decision_is_known"),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(decides_at__isnull=False), name="event_minimum_has_a_day"
            ),
            models.CheckConstraint(
                condition=Q(offer_minutes__gte=1, proof_minutes__gte=1, most_in_group__gte=1),
                name="event_limits_are_positive",
            ),
            models.UniqueConstraint(
                fields=["programme", "source_id"], condition=~Q(source_id=""), name="event_source_once_per_programme"
            ),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en

    @property
    def is_undecided(self) -> bool:
        """Whether it still waits for enough people."""
        return self.minimum is not None and not self.decision

    @property
    def closes_at(self) -> datetime | None:
        """When registration ends: as set, else at the first session's start."""
        return self.registration_closes_at or self.first_starts_at


class Alias(models.Model):
    """An address that something once had: 301 on pages, the same set in filters (RULES 6)."""

    kind = models.CharField(max_length=20, help_text="name of the model")
    slug = models.SlugField(max_length=80)
    target = models.UUIDField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "slug"], name="alias_once_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"
