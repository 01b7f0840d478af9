"""Institutions, the people who act for them, and their chances to sign in."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.wording import has_title


class Organization(models.Model):
    """An institution that owns programmes or partners in them."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    url = models.URLField(blank=True)
    email = models.EmailField(blank=True)
    timezone = models.CharField(max_length=64, default="Asia/Seoul")
    # The origins of its web sites: who may frame its list, and where people are led back to.
    sites = models.JSONField(default=list, db_default=[], blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=has_title(), name="organization_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class Member(models.Model):
    """One person's role in one organization."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        EDITOR = "editor", _("editor")
        VIEWER = "viewer", _("viewer")
        DOOR = "door", _("door staff")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    joined_at = models.DateTimeField()
    calendar_generation = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "person"], name="member_once_per_organization"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "editor", "viewer", "door"]), name="member_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} of {self.organization_id}"


class SignIn(models.Model):
    """One chance for an address to sign in at one door, usable once. Guesses are counted here.

    Code and link are derived from the row, so that a mail which is sent again says the same (RULES 13). There is a row
    for each address that is asked for, whether somebody has it or not: then both cost the same (docs/decisions/0025).
    """

    class Door(models.TextChoices):
        ORGANIZE = "organize", _("organizer console")
        MY = "my", _("my registrations")

    door = models.CharField(max_length=10, choices=Door.choices)
    email_key = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    guesses = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["email_key", "created_at"], name="sign_in_of_address"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(door__in=["organize", "my"]), name="sign_in_door_is_known"),
        ]

    def __str__(self) -> str:
        return f"sign-in {self.pk} until {self.expires_at}"
