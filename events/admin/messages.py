"""What goes out: mails and webhooks, their log, and buttons that send again."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.admin.reading import ReadOnly, actor_of
from events.models import Delivery, Webhook, WebhookMessage
from events.operations import delivering, hooking
from events.operations.delivering import NothingToSendAgain
from events.operations.hooking import NothingToResend, WebhookStopped


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Without the mail itself, whose links would let its reader act as the attendee."""

    exclude = ("message",)
    list_display = ("created_at", "kind", "status", "lane", "organization", "attempts", "error", "ended_at")
    list_select_related = ("organization",)
    list_filter = ("status", "lane", "kind", "organization")
    search_fields = ("uid", "registration__event__slug", "registration__email_key")
    ordering = ("-pk",)
    actions = ("send_again",)

    @admin.action(description=_("Send again what was given up"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        again = 0
        for delivery in queryset.order_by("pk"):
            with suppress(NothingToSendAgain):
                delivering.send_again(delivery=delivery, actor=actor_of(request), now=timezone.now())
                again += 1
        text = ngettext("%(number)d message is on its way again.", "%(number)d messages are on their way again.", again)
        self.message_user(request, text % {"number": again})


@admin.register(Webhook)
class WebhookAdmin(ReadOnly):
    """Where changes are sent, and which inner addresses the settings let through (RULES 33)."""

    list_display = ("organization", "name", "url", "stopped", "failures", "failing_since", "seq", "not_before")
    list_select_related = ("organization",)
    list_filter = ("stopped", "organization")
    search_fields = ("uid", "name", "url", "organization__slug")
    ordering = ("-pk",)
    actions = ("switch_off", "resend_given_up")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        pairs = ", ".join(settings.WEBHOOK_EXTRA_TARGETS) or "–"
        subtitle = {"subtitle": _("Inner addresses that are allowed: %(pairs)s") % {"pairs": pairs}}
        return super().changelist_view(request, subtitle | (extra_context or {}))

    @admin.action(description=_("Switch off"))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset.order_by("pk"):
            hooking.amend(
                webhook=webhook, fields={"is_active": False}, actor=actor_of(request), now=timezone.now()
            )  # fmt: skip

    @admin.action(description=_("Send again what was given up"))
    def resend_given_up(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        again = 0
        for webhook in queryset.order_by("pk"):
            with suppress(WebhookStopped):
                again += hooking.resend_given_up(webhook=webhook, actor=actor_of(request), now=timezone.now())
        text = ngettext("%(number)d message is sent again.", "%(number)d messages are sent again.", again)
        self.message_user(request, text % {"number": again})


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnly):
    list_display = (
        "created_at",
        "webhook",
        "seq",
        "kind",
        "status",
        "attempts",
        "status_code",
        "milliseconds",
        "error",
    )
    list_select_related = ("webhook",)
    list_filter = ("status", "kind")
    search_fields = ("uid", "webhook__uid", "change__uid")
    ordering = ("-pk",)
    actions = ("resend",)

    @admin.action(description=_("Send again"))
    def resend(self, request: HttpRequest, queryset: QuerySet[WebhookMessage]) -> None:
        again = 0
        for message in queryset.select_related("webhook").order_by("pk"):
            with suppress(NothingToResend, WebhookStopped):
                hooking.resend(message=message, actor=actor_of(request), now=timezone.now())
                again += 1
        text = ngettext("%(number)d message is sent again.", "%(number)d messages are sent again.", again)
        self.message_user(request, text % {"number": again})
