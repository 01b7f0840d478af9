"""Registrations: who comes to which event."""

import base64
import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import MAKING, Actor
from events.models.admission import Invitation
from events.models.event import Audience, Event, Series
from events.models.key import ApiKey
from events.models.organization import Organization
from events.models.seats import SeatPool

LIVE = ("applied", "waitlisted", "offered", "confirmed")
HOLDING = ("offered", "confirmed")  # those of them that have a seat
ERASED = "erased.invalid"  # the domain of addresses that were erased (RFC 2606: nobody's)
# From what a registration may become what; "" is nothing yet. docs/seats.md says who does it.
TRANSITIONS = {
    "": frozenset({"applied", "waitlisted", "offered", "confirmed"}),
    "applied": frozenset({"waitlisted", "offered", "confirmed", "declined", "cancelled"}),
    "waitlisted": frozenset({"offered", "confirmed", "declined", "cancelled", "expired"}),
    "offered": frozenset({"confirmed", "declined", "cancelled", "expired"}),
    "confirmed": frozenset({"cancelled"}),
    "declined": frozenset[str](),
    "cancelled": frozenset[str](),
    "expired": frozenset[str](),
}


def new_code() -> str:
    """130 random bits in Base32, 26 letters (RULES 6)."""
    return base64.b32encode(secrets.token_bytes(17)).decode("ascii")[:26]


def is_erased(key: str) -> bool:
    """Whether an address is what stands in the place of one that was erased."""
    return key.endswith(f"@{ERASED}")


class Attendee(models.Model):
    """Somebody who registers, known by address alone. Who asks where they are at a time locks this row first."""

    email_key = models.CharField(max_length=254, unique=True)

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")

    def __str__(self) -> str:
        return f"attendee {self.pk}"


class GroupQuerySet(models.QuerySet["Group"]):
    def opened_by(self, code: str, actor: Actor) -> "GroupQuerySet":
        """The one with that code, whoever asks. A key with scopes finds those that it made itself alone."""
        found = self.filter(code=code)
        if actor.grant is None:
            return found
        return found.filter(Exists(Registration.objects.visible_to(actor).filter(group=OuterRef("pk"))))


class Group(models.Model):
    """One booking for several named people, each with a registration of their own. `code` is the booker's (RULES 5)."""

    code = models.CharField(max_length=26, unique=True, default=new_code, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=254)
    language = models.CharField(max_length=2, default="ko")
    created_at = models.DateTimeField()

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return f"group {self.pk} of {self.event_id}"


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def live(self) -> "RegistrationQuerySet":
        return self.filter(status__in=LIVE)

    def in_order(self) -> "RegistrationQuerySet":
        """Waiting people in the order in which they are served: priority, then time."""
        return self.filter(status="waitlisted").order_by("-priority", "waits_since", "pk")

    def accepting(self, event: Event) -> "RegistrationQuerySet":
        """Waiting people who take a seat in this run: their own, one that they named, or any later one (RULES 10)."""
        if event.series_id is None:
            return self.filter(event=event)
        named = Registration.accepts.through.objects.filter(registration=OuterRef("pk"))
        is_later = Q(event__first_starts_at__isnull=False, event__first_starts_at__lte=event.first_starts_at)
        later = ~Exists(named) & is_later if event.first_starts_at is not None else Q(pk__in=[])
        return self.filter(event__series=event.series_id).filter(
            Q(event=event) | Exists(named.filter(event=event)) | later
        )

    def visible_to(self, actor: Actor) -> "RegistrationQuerySet":
        """Registrations of the organizations for which the actor may read attendees: owners and editors.

        A key with scopes sees those that it made itself, or a key before it in its line.
        """
        if actor.is_operator:
            return self
        if actor.grant is not None:
            mine = self.filter(made_through__line=actor.grant.line)
            return mine if actor.grant.scopes & MAKING else mine.none()
        return self.filter(event__programme__organization__in=actor.organizations(frozenset({"owner", "editor"})))

    def opened_by(self, code: str, actor: Actor) -> "RegistrationQuerySet":
        """The one with that code, whoever asks (RULES 6). A key with scopes finds those that it made itself alone."""
        found = self.filter(code=code)
        return found if actor.grant is None else found.visible_to(actor)


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
    partner = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="nominations",
        help_text=_("who nominated them"),
    )  # fmt: skip
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, null=True, blank=True, related_name="registrations"
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="registrations")
    made_through = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="registrations", db_index=False,
        help_text=_("the API key that made it"),
    )  # fmt: skip
    series_once = models.ForeignKey(
        Series, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("the series in which this person may be live once"),
    )  # fmt: skip
    accepts = models.ManyToManyField(Event, blank=True, related_name="+")
    waits_since = models.DateTimeField(null=True, blank=True)
    priority = models.IntegerField(default=0, db_default=0)
    passed_for = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text=_("why somebody behind was served first")
    )
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True, help_text=_("when the address was proven"))
    is_shortlisted = models.BooleanField(default=False, db_default=False)
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
            models.Index(
                fields=["made_through", "id"],
                condition=Q(made_through__isnull=False),
                name="registration_made_through_key",
            ),
            models.Index(
                fields=["event", "-priority", "waits_since", "id"],
                condition=Q(status="waitlisted"),
                name="registration_waiting_in_order",
            ),
            models.Index(
                fields=["offer_expires_at"], condition=Q(status="offered"), name="registration_offer_to_expire"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["event", "email_key"], condition=Q(status__in=LIVE), name="registration_live_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["series_once", "email_key"],
                condition=Q(status__in=LIVE, series_once__isnull=False),
                name="registration_live_once_per_series",
            ),
            models.CheckConstraint(
                condition=~Q(status="offered") | Q(offer_expires_at__isnull=False),
                name="registration_offer_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(status="waitlisted") | Q(waits_since__isnull=False),
                name="registration_waits_since_a_time",
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

    @property
    def is_erased(self) -> bool:
        """Whether nobody is left who could be written to."""
        return is_erased(self.email_key)
