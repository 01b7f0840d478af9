"""Instructors."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import READING, Actor
from events.models.organization import Organization


class SpeakerQuerySet(models.QuerySet["Speaker"]):
    def readable(self) -> "SpeakerQuerySet":
        """Instructors of sessions that were ever public; a planned one is nobody's business yet."""
        once_public = Q(
            billing__session__was_public=True,
            billing__session__event__was_public=True,
            billing__session__event__programme__is_public=True,
        )
        return self.filter(pk__in=Speaker.objects.filter(once_public).values("pk"))

    def public(self) -> "SpeakerQuerySet":
        """Those of them that somebody finds without knowing an unlisted event."""
        listed = Q(
            billing__session__was_public=True,
            billing__session__event__was_public=True,
            billing__session__event__programme__is_public=True,
            billing__session__event__visibility="public",
        )
        return self.filter(pk__in=Speaker.objects.filter(listed).values("pk"))

    def visible_to(self, actor: Actor) -> "SpeakerQuerySet":
        """For lists: the public ones, and all of the organizations in which the actor may read."""
        if actor.is_operator:
            return self
        own = Q(organization__in=actor.organizations(READING))
        return self.public() if not actor.roles else self.filter(own | Q(pk__in=Speaker.objects.public().values("pk")))

    def readable_by(self, actor: Actor) -> "SpeakerQuerySet":
        """For one by its exact slug."""
        if actor.is_operator:
            return self
        own = Q(organization__in=actor.organizations(READING))
        return (
            self.readable() if not actor.roles else self.filter(own | Q(pk__in=Speaker.objects.readable().values("pk")))
        )


class Speaker(models.Model):
    """Somebody who teaches or speaks; known to one organization."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="speakers")
    name_ko = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    bio_ko = models.TextField(blank=True)
    bio_en = models.TextField(blank=True)
    url = models.URLField(blank=True)
    source_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    objects = SpeakerQuerySet.as_manager()

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(name_ko="") | ~Q(name_en=""), name="speaker_has_a_name"),
            models.UniqueConstraint(
                fields=["organization", "source_id"],
                condition=~Q(source_id=""),
                name="speaker_source_once_per_organization",
            ),
        ]

    def __str__(self) -> str:
        return self.name_ko or self.name_en
