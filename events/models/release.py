"""Releases: schedule edits that take effect together, as one version of the schedule, and can be undone together."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models.actor import READING, Actor
from events.models.campaign import Programme
from events.models.event import Event
from events.models.key import ApiKey
from events.models.session import Session


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, actor: Actor) -> "ReleaseQuerySet":
        """Those of the organizations in which the actor may read: what is planned is nobody else's business."""
        if actor.is_operator:
            return self
        return self.filter(programme__organization__in=actor.organizations(READING))

    def public(self) -> "ReleaseQuerySet":
        """What the public changelog tells of: released, and with an edit that is told there."""
        told = Exists(ReleaseEdit.objects.public().filter(release=OuterRef("pk")))
        return self.filter(told, status="released", version__isnull=False, programme__is_public=True)


class Release(models.Model):
    """Schedule edits of one programme: open, and without any effect, until they are released all at once.

    A re-plan is one that is released the moment it is made; so is the undoing of another one. `asked` holds what an
    organizer chose for it, `note_ko` and `note_en` what the public changelog says about it.
    """

    class Kind(models.TextChoices):
        EDITS = "edits", _("collected edits")
        ROOM_GONE = "room_gone", _("a room is gone")
        LATER = "later", _("later or earlier")
        SWAP = "swap", _("two sessions swap")
        DAY = "day", _("another day")
        UNDO = "undo", _("undone")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a release", "open")
        RELEASED = "released", _("released")
        DISCARDED = "discarded", _("discarded")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.EDITS)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    title = models.CharField(max_length=200, blank=True, help_text=_("for the organizers"))
    note_ko = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    asked = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    version = models.PositiveBigIntegerField(null=True, blank=True, help_text=_("schedule version, where published"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["programme", "version"], name="release_by_version"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=["edits", "room_gone", "later", "swap", "day", "undo"]),
                name="release_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "released", "discarded"]), name="release_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="released", released_at__isnull=False)
                | Q(status__in=["open", "discarded"], released_at__isnull=True, version__isnull=True),
                name="release_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(kind="undo", undoes__isnull=False) | (~Q(kind="undo") & Q(undoes__isnull=True)),
                name="release_undo_names_what",
            ),
            models.CheckConstraint(
                condition=Q(undoes__isnull=True) | ~Q(undoes=F("id")), name="release_undoes_another_one"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.uid}"


class ReleaseEditQuerySet(models.QuerySet["ReleaseEdit"]):
    def told_of(self, sessions: models.QuerySet[Session]) -> "ReleaseEditQuerySet":
        """Those of these sessions that the public could see; what became a draft is nobody's business again."""
        return self.filter(was_told=True, session__in=sessions).exclude(after__status=Session.Status.DRAFT)

    def public(self) -> "ReleaseEditQuerySet":
        """What the public changelog tells."""
        return self.told_of(Session.objects.public())


class ReleaseEdit(models.Model):
    """What one session is to become, or became: everything that can be edited, `before` and `after`.

    `was_told`: the public could see the change.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="edits")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="edits")
    before = models.JSONField()
    after = models.JSONField()
    was_told = models.BooleanField(default=False)

    objects = ReleaseEditQuerySet.as_manager()

    class Meta:
        verbose_name = _("edit of a session")
        verbose_name_plural = _("edits of sessions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["release", "session"], name="session_once_per_release"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.session_id}"

    @property
    def seen_before(self) -> Mapping[str, Any] | None:
        """What the public saw before: of a draft nothing, whatever was planned there (RULES 29)."""
        return None if self.before["status"] == Session.Status.DRAFT else self.before


class ReleasedCapacity(models.Model):
    """The seats of an event that a release changed, because its rooms hold fewer, or more, people."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="capacities")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    before = models.PositiveIntegerField(null=True, blank=True)
    after = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("capacity that a release changed")
        verbose_name_plural = _("capacities that a release changed")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["release", "event"], name="event_once_per_release"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.event_id}"
