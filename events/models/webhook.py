"""Webhooks: addresses that hear of changes, what is sent to each, and what of an event was told last."""

from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import Actor
from events.models.campaign import Programme
from events.models.change import Change
from events.models.event import Event
from events.models.organization import Organization

LOGGED = timedelta(days=30)  # so long what has ended can be looked up


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, actor: Actor) -> "WebhookQuerySet":
        """Those of the organizations that a person owns; a key sees none (SAFETY 4.1): an address may hold a secret."""
        if actor.kind == "key":
            return self.none()
        owned = actor.organizations(frozenset({"owner"}))
        return self if actor.is_operator else self.filter(organization__in=owned)


class Webhook(models.Model):
    """An address of an organization to which changes are sent, one after the other (docs/decisions/0032).

    `seq` is the number of the newest message for it. Whoever sends holds its `lease` until `claimed_until`; after a
    failure nothing is sent before `not_before`. The secret is derived from the row and `generation`; until
    `previous_until` the one before it signs too.
    """

    class Stop(models.TextChoices):
        PAUSED = "paused", _("paused")
        GONE = "gone", _("answered that it is gone")
        FAILING = "failing", _("failed for five days")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="webhooks")
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks",
        help_text=_("only its events; empty: all that concern the organization"),
    )  # fmt: skip
    name = models.CharField(max_length=100, blank=True)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list, blank=True, help_text=_("what it hears of; empty: everything"))
    stopped = models.CharField(max_length=10, choices=Stop.choices, blank=True, default="")
    stopped_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=0)
    previous_until = models.DateTimeField(null=True, blank=True)
    seq = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text=_("in a row"))
    failing_since = models.DateTimeField(null=True, blank=True)
    is_quick = models.BooleanField(default=False, help_text=_("its last answer was a good one, within a second"))
    lease = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True, help_text=_("by the database's clock"))
    not_before = models.DateTimeField(null=True, blank=True, help_text=_("the end of a pause, by the database"))
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(stopped="", stopped_at__isnull=True)
                | Q(stopped__in=["paused", "gone", "failing"], stopped_at__isnull=False),
                name="webhook_stop_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.url

    @property
    def is_active(self) -> bool:
        return not self.stopped


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def visible_to(self, actor: Actor) -> "WebhookMessageQuerySet":
        return self if actor.is_operator else self.filter(webhook__in=Webhook.objects.visible_to(actor))


class WebhookMessage(models.Model):
    """One message to one address, whose bytes are fixed from the start: each attempt has the same id and body.

    `subject` is what the change is about where it is about several: an event, a session.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False, help_text=_("also its webhook-id"))
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="messages")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, null=True, related_name="webhook_messages")
    kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    body = models.TextField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    gives_up_at = models.DateTimeField(help_text=_("so long it is tried"))
    not_before = models.DateTimeField(null=True, help_text=_("the next attempt, by the database; empty: at once"))
    status_code = models.PositiveSmallIntegerField(null=True, help_text=_("the last answer"))
    milliseconds = models.PositiveIntegerField(null=True, help_text=_("how long the last attempt took"))
    error = models.CharField(max_length=100, blank=True, help_text=_("why there was no answer"))
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["webhook", "seq"], condition=Q(status="waiting"), name="webhook_message_waiting"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="webhook_message_ended"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "seq"], name="webhook_message_seq_once"),
            models.UniqueConstraint(
                fields=["change", "webhook", "kind", "subject"], condition=Q(change__isnull=False),
                name="webhook_message_once_per_change",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True)
                | Q(status__in=["sent", "dead"], ended_at__isnull=False),
                name="webhook_message_ends_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.status}"


class LastTold(models.Model):
    """What webhooks were told of an event last, so that they hear when it turns. Only the worker writes it.

    `shown`: in the public lists, only by its exact slug, or not at all. `level` is a word of `vacancies`; empty while
    nobody could take a seat anyway. `waits`: it is full, and one can wait.
    """

    class Shown(models.TextChoices):
        HIDDEN = "", _("hidden")
        UNLISTED = "unlisted", _("unlisted")
        LISTED = "listed", _("listed")

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="last_told")
    shown = models.CharField(max_length=10, choices=Shown.choices, blank=True, default="")
    level = models.CharField(max_length=10, blank=True, default="")
    waits = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(shown__in=["", "unlisted", "listed"]), name="last_told_shown_is_known"),
            models.CheckConstraint(condition=Q(level__in=["", "open", "few", "full"]), name="last_told_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.shown} {self.level}"
