"""Registrations: who comes to which event."""

import base64
import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import Actor
from events.models.event import Audience, Event
from events.models.seats import SeatPool

LIVE = ("applied", "waitlisted", "offered", "confirmed")
HOLDING = ("offered", "confirmed")  # those of them that have a seat
# From what a registration may become what; "" is nothing yet. docs/seats.md says who does it.
TRANSITIONS = {
    "": frozenset({"confirmed"}),
    "applied": frozenset({"cancelled"}),
    "waitlisted": frozenset({"cancelled"}),
    "offered": frozenset({"cancelled"}),
    "confirmed": frozenset({"cancelled"}),
    "declined": frozenset[str](),
    "cancelled": frozenset[str](),
    "expired": frozenset[str](),
}


def new_code() -> str:
    """130 random bits in Base32, 26 letters (RULES 6)."""
    return base64.b32encode(secrets.token_bytes(17)).decode("ascii")[:26]


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def live(self) -> "RegistrationQuerySet":
        return self.filter(status__in=LIVE)

    def visible_to(self, actor: Actor) -> "RegistrationQuerySet":
        """Registrations of the organizations for which the actor may read attendees: owners and editors."""
        if actor.is_operator:
            return self
        return self.filter(event__programme__organization__in=actor.organizations(frozenset({"owner", "editor"})))


class Registration(models.Model):
    """One person's place in one event. `code` opens and cancels this one registration; the QR carries `ticket`."""

    class Status(models.TextChoices):
        APPLIED = "applied", _("applied")
        WAITLISTED = "waitlisted", _("on the waitlist")
        OFFERED = "offered", _("seat offered")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")

    code = models.CharField(max_length=26, unique=True, default=new_code, editable=False)
    ticket = models.CharField(max_length=26, unique=True, default=new_code, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="registrations")
    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, null=True, blank=True, related_name="registrations")
    status = models.CharField(max_length=10, choices=Status.choices)
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=254)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True)
    language = models.CharField(max_length=2, default="ko")
    answers = models.JSONField(default=dict, blank=True)
    ended_by = models.CharField(
        max_length=10, blank=True, choices=[("attendee", _("attendee")), ("organizer", _("organizer"))]
    )
    reason = models.CharField(max_length=500, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    token_generation = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event", "status", "created_at"], name="registration_by_event"),
            models.Index(fields=["email_key"], name="registration_by_person"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["event", "email_key"], condition=Q(status__in=LIVE), name="registration_live_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["applied", "waitlisted", "offered", "confirmed", "declined", "cancelled", "expired"]
                ),
                name="registration_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["offered", "confirmed"]) | Q(pool__isnull=False),
                name="registration_with_a_seat_names_its_pool",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.status}"
