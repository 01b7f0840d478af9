"""Who is let in, and what they are asked: questions, invitation codes, draws."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import EDITING, Actor
from events.models.event import Audience, Event
from events.models.seats import SeatPool


class Question(models.Model):
    """What an event asks people who register. `choices` is a list of {value, title_ko, title_en}.

    `least` and `most` bound a number, or the length of a text.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        CHOICE = "choice", _("choice")
        NUMBER = "number", _("number")
        CONSENT = "consent", _("consent")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title_ko = models.CharField(max_length=300, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    help_ko = models.CharField(max_length=500, blank=True)
    help_en = models.CharField(max_length=500, blank=True)
    is_required = models.BooleanField(default=False)
    choices = models.JSONField(default=list, blank=True)
    least = models.BigIntegerField(null=True, blank=True)
    most = models.BigIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "key"], name="question_once_per_event"),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "choice", "number", "consent"]), name="question_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(title_ko="") | ~Q(title_en=""), name="question_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> "InvitationQuerySet":
        """Those of the organizations for which the actor may let people in: owners and editors."""
        if actor.is_operator:
            return self
        return self.filter(event__programme__organization__in=actor.organizations(EDITING))


class Invitation(models.Model):
    """A code that lets people in, `uses` times (null: as often as wanted), counted in `used` like seats.

    `pool`: the allotment that it opens; `audience`: what its holders are; `priority`: theirs on the waitlist.
    """

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="invitations")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=100, blank=True)
    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.IntegerField(default=0)
    uses = models.PositiveIntegerField(null=True, blank=True)
    used = models.IntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation code")
        verbose_name_plural = _("invitation codes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "code"], name="invitation_code_once_per_event"),
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(uses__isnull=True) | Q(used__lte=F("uses"))),
                name="invitation_never_overused",
            ),
        ]

    def __str__(self) -> str:
        return self.label or str(self.uid)


class Draw(models.Model):
    """A lottery among an event's applications. `seed_digest` is published before, `seed` and `results` after.

    `results` lists [entry, rank, outcome]; an entry is the SHA-256 of a registration's code, so that everybody finds
    themselves and nobody else (docs/decisions/0015).
    """

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="draw")
    seed = models.CharField(max_length=200)
    seed_digest = models.CharField(max_length=64)
    results = models.JSONField(default=list)
    announced_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")

    def __str__(self) -> str:
        return f"draw of {self.event_id}"


class Guess(models.Model):
    """How often somebody was wrong about a secret in one stretch of time (RULES 15): counted here, never in a cache."""

    scope = models.CharField(max_length=64, help_text=_("SHA-256 of what was guessed, by whom"))
    window = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scope", "window"], name="guess_once_per_window"),
        ]

    def __str__(self) -> str:
        return f"{self.scope[:8]} {self.count}"
