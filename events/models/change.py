"""What changed: one row for every published or capacity-relevant change, and the version that orders publications."""

import json
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.key import ApiKey
from events.models.organization import Organization
from events.models.registration import Registration
from events.models.session import Session


class Change(models.Model):
    """Who changed what, when, from what to what. Holds no personal data, only registration ids (RULES 29)."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="changes")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="changes"
    )
    actor_kind = models.CharField(max_length=10)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(null=True, blank=True, help_text=_("schedule version, where published"))
    position = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("place among the changes of registrations, once committed")
    )
    place = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("place among all changes, once committed; 0: from before there were places")
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["version", "id"], name="change_in_published_order"),
            models.Index(fields=["event", "id"], name="change_by_event"),
            models.Index(
                fields=["organization", "position"],
                condition=models.Q(position__isnull=False),
                name="change_of_an_organization",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(position__isnull=True, registration__isnull=False),
                name="change_without_position",
            ),
            models.Index(fields=["id"], condition=models.Q(place__isnull=True), name="change_without_place"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["position"], condition=models.Q(position__isnull=False), name="change_position_once"
            ),
            models.UniqueConstraint(fields=["place"], condition=models.Q(place__gt=0), name="change_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class ScheduleVersion(models.Model):
    """One row, raised at the end of every transaction that publishes something; its order is that of commits."""

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="schedule_version_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Sequencer(models.Model):
    """One row: the last position that a change of a registration was given (RULES 28), and the last place of any."""

    last = models.PositiveBigIntegerField(default=0)
    last_place = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="sequencer_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.last)


class IdempotencyKey(models.Model):
    """A retried request and the answer it got; written in the transaction of what it guards (RULES 12)."""

    scope = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of credential, method, path and key"))
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    snapshot = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.scope[:8]} {self.status}"

    @property
    def answer(self) -> dict[str, Any]:
        """The body that was answered. It is kept as a text: jsonb would give its names back in another order."""
        return dict(json.loads(self.snapshot)) if self.snapshot else {}
