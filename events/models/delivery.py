"""Deliveries: who is to hear of what, one row for each message, written together with what it tells."""

from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import EDITING, Actor
from events.models.change import Change
from events.models.organization import Organization, SignIn
from events.models.registration import Group, Registration
from events.models.webhook import Webhook

KEPT = timedelta(days=90)  # so long what has ended can be looked up
LANES = ("urgent", "mail")  # somebody waits for it now; everything else


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self, lane: str) -> "DeliveryQuerySet":
        return self.filter(status="waiting", lane=lane)

    def visible_to(self, actor: Actor) -> "DeliveryQuerySet":
        """Those of the organizations whose attendees the actor reads: owners and editors."""
        return self if actor.is_operator else self.filter(organization__in=actor.organizations(EDITING))


class Delivery(models.Model):
    """One message to one person. The row is the order and the record; the worker sends it (docs/decisions/0018).

    To whom it goes and what it says follows from what it names: a registration, a group's booker, somebody who signs
    in, or an owner (`person`) whose webhook was stopped. `lease` rises with each claim, and only who holds the newest
    one may say what became of it (SAFETY O4).
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        SUPERSEDED = "superseded", _("superseded")
        DEAD = "dead", _("given up")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False, help_text=_("also its Message-ID"))
    channel = models.CharField(max_length=10)
    lane = models.CharField(max_length=10)
    kind = models.CharField(max_length=40, help_text=_("what it tells"))
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True, related_name="deliveries")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, null=True, related_name="deliveries")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, null=True, related_name="deliveries")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="deliveries")
    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, null=True, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, related_name="deliveries")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="deliveries")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, help_text=_("a claim's end or the next attempt, by the database"))
    message = models.BinaryField(null=True, help_text=_("as it was or may have been handed over; gone once sent"))
    error = models.CharField(max_length=100, blank=True, help_text=_("why the last attempt failed, without addresses"))
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["lane", "id"], condition=Q(status="waiting"), name="delivery_waiting"),
            models.Index(fields=["organization", "-id"], name="delivery_by_organization"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["channel", "change", "registration"], condition=Q(change__isnull=False),
                name="delivery_once_per_change",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "sent", "superseded", "dead"]), name="delivery_status_is_known"
            ),
            models.CheckConstraint(condition=Q(lane__in=LANES), name="delivery_lane_is_known"),
            models.CheckConstraint(
                condition=Q(registration__isnull=False)
                | Q(group__isnull=False)
                | Q(sign_in__isnull=False)
                | Q(webhook__isnull=False, person__isnull=False),
                name="delivery_goes_to_somebody",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
