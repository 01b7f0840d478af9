"""Instructors."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.organization import Organization


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
