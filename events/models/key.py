"""API keys of organizations, what they may do, and how much they were used."""

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from types import MappingProxyType
from typing import ClassVar, Literal, cast
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import SCOPES, Actor, Grant, Role
from events.models.organization import Organization

State = Literal["active", "ending", "expired", "revoked"]


def written(scopes: Iterable[str]) -> str:
    """Scopes as the row has them: in their one order, so that equal ones are equal texts."""
    given = frozenset(scopes)
    return " ".join(scope for scope in SCOPES if scope in given)


EVERY_CHOICE = [written(some) for number in range(len(SCOPES) + 1) for some in combinations(SCOPES, number)]


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, *, now: datetime) -> "ApiKeyQuerySet":
        return self.filter(revoked_at__isnull=True).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


class ApiKey(models.Model):
    """A credential that acts as a member with one role. Only its SHA-256 is stored (RULES 13).

    `scopes` narrow it to a few doors; without any it is not narrowed (RULES 14). `line` is shared with the keys that
    follow it by rotation: what one of them made, the next ones made too.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    role = models.CharField(max_length=10, choices=[("owner", "owner"), ("editor", "editor"), ("viewer", "viewer")])
    scopes = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text=_("read, register, allotment; none: its role")
    )
    name = models.CharField(max_length=100, blank=True)
    lookup = models.CharField(max_length=8, unique=True, help_text=_("the readable first letters"))
    digest = models.CharField(max_length=64)
    line = models.UUIDField(default=uuid4, null=True, editable=False)
    replaces = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successor",
        help_text=_("the key that was rotated into this one"),
    )  # fmt: skip
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text=_("none: as every key"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(role__in=["owner", "editor", "viewer"]), name="api_key_role_is_known"),
            models.CheckConstraint(condition=Q(scopes__in=EVERY_CHOICE), name="api_key_scopes_are_known"),
            models.CheckConstraint(
                condition=Q(scopes="") | Q(line__isnull=False), name="api_key_with_scopes_has_a_line"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lookup}… {self.name}"

    def as_actor(self) -> Actor:
        """Who acts by this key. One with scopes holds no role beyond reading, whatever it was made with."""
        role, scopes = cast("Role", self.role), frozenset(self.scopes.split())
        if not scopes or self.line is None:
            return Actor(kind="key", key_id=self.pk, roles=MappingProxyType({self.organization_id: role}))
        reading: dict[int, Role] = {self.organization_id: "viewer"} if "read" in scopes else {}
        grant = Grant(organization_id=self.organization_id, role=role, scopes=scopes, line=self.line)
        return Actor(kind="key", key_id=self.pk, roles=MappingProxyType(reading), grant=grant)

    def state(self, *, now: datetime, is_followed: bool) -> State:
        """`is_followed`: another key was made to take its place."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "ending" if is_followed else "active"


class ApiKeyUsage(models.Model):
    """How much a key was used on one day of its organization. Behind by a minute, see `operations.metering`."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    requests = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0, help_text=_("of these, answered with 400 or above"))
    registrations = models.PositiveBigIntegerField(default=0, help_text=_("made through the key"))

    class Meta:
        verbose_name = _("use of an API key")
        verbose_name_plural = _("uses of API keys")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "day"], name="api_key_usage_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.requests}"
