"""Campaigns, their programmes, and who carries a programme."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import READING, Actor
from events.models.organization import Organization
from events.models.wording import has_title


class Campaign(models.Model):
    """A promise over years (Grow Creative) that holds programmes."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="campaigns")
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    summary_ko = models.CharField(max_length=500, blank=True)
    summary_en = models.CharField(max_length=500, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    url = models.URLField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="campaign_has_a_title"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="campaign_starts_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def public(self) -> "ProgrammeQuerySet":
        return self.filter(is_public=True)

    def visible_to(self, actor: Actor) -> "ProgrammeQuerySet":
        """What everybody sees, and all of the organizations in which the actor may read."""
        if actor.is_operator:
            return self
        return self.filter(Q(is_public=True) | Q(organization__in=actor.organizations(READING)))


class Programme(models.Model):
    """A run of events that one organization owns and others take part in.

    `clashes`: what happens when somebody registers who is elsewhere then; going from one venue to another takes
    `travel_minutes`.
    """

    class Clashes(models.TextChoices):
        WARN = "warn", _("told, and allowed")
        REFUSE = "refuse", _("refused")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="programmes")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="programmes")
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    summary_ko = models.CharField(max_length=500, blank=True)
    summary_en = models.CharField(max_length=500, blank=True)
    description_ko = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    timezone = models.CharField(max_length=64, default="Asia/Seoul")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    is_public = models.BooleanField(default=True)
    clashes = models.CharField(max_length=10, choices=Clashes.choices, default=Clashes.WARN, db_default="warn")
    travel_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="programme_has_a_title"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="programme_starts_before_it_ends",
            ),
            models.CheckConstraint(condition=Q(clashes__in=["warn", "refuse"]), name="programme_clashes_is_known"),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class Partner(models.Model):
    """One organization's part in somebody's programme."""

    class Role(models.TextChoices):
        HOST = "host", _("host")
        CO_ORGANIZER = "co_organizer", _("co-organizer")
        FUNDER = "funder", _("funder")
        PLACEMENT = "placement", _("placement")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="partners")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="partnerships")
    role = models.CharField(max_length=20, choices=Role.choices)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "organization", "role"], name="partner_once_per_role"),
            models.CheckConstraint(
                condition=Q(role__in=["host", "co_organizer", "funder", "placement"]), name="partner_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.role}"
