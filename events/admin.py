"""Django's admin for operators: every domain table to read, none to write (RULES 32). Signing in is our own page's."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet, Sum, URLField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.models import (
    Alias,
    ApiKey,
    ApiKeyUsage,
    Audience,
    Campaign,
    Change,
    Delivery,
    Event,
    Member,
    Organization,
    Partner,
    Person,
    Programme,
    Registration,
    Release,
    ScheduleVersion,
    SeatMovement,
    SeatPool,
    Series,
    Session,
    Speaker,
    Topic,
    Webhook,
    WebhookMessage,
)
from events.operations import delivering, hooking, keying
from events.operations.delivering import NothingToSendAgain
from events.operations.hooking import NothingToResend, WebhookStopped
from events.reports.key_usage import SHOWN_DAYS
from venues.models import Booking, Closure, OpeningHours, Room, Venue


def to_our_sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Operators sign in as everybody does, by mailed code; whoever is signed in without being one is refused."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/admin/"), settings.LOGIN_URL)


admin.site.login = to_our_sign_in  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Callboard"


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Rows to look at. What changes them are operations, which also tell calendars and people."""

    list_per_page = 50
    formfield_overrides: ClassVar = {URLField: {"assume_scheme": "https"}}  # Django 6's own default
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Organization, Campaign, Programme, Series, Topic, Audience, Venue, Room)
class Titled(ReadOnly):
    """Things with an address and a title in two languages."""

    list_display = ("slug", "title_ko", "title_en")
    search_fields = ("slug", "title_ko", "title_en")
    ordering = ("slug",)


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("slug", "title_ko", "title_en", "programme", "status", "visibility", "capacity", "first_starts_at")
    list_select_related = ("programme",)
    list_filter = ("status", "visibility", "registration")
    search_fields = ("slug", "title_ko", "title_en")
    ordering = ("-first_starts_at", "-pk")


@admin.register(Session)
class SessionAdmin(ReadOnly):
    list_display = ("uid", "event", "starts_at", "timezone", "room", "online", "status", "sequence")
    list_select_related = ("event", "room")
    list_filter = ("status", "online")
    search_fields = ("event__slug", "event__title_ko", "event__title_en")
    ordering = ("-starts_at", "-pk")


@admin.register(Registration)
class RegistrationAdmin(ReadOnly):
    """Without the code and the ticket: whoever reads them could act as the attendee."""

    exclude = ("code", "ticket")
    list_display = ("event", "name", "email", "status", "created_at")
    list_select_related = ("event",)
    list_filter = ("status",)
    search_fields = ("event__slug", "email_key", "name")
    ordering = ("-created_at", "-pk")


@admin.register(SeatPool)
class SeatPoolAdmin(ReadOnly):
    list_display = ("event", "kind", "seats", "taken", "is_unlimited", "over_committed")
    list_select_related = ("event",)
    search_fields = ("event__slug",)
    ordering = ("-pk",)


@admin.register(SeatMovement)
class SeatMovementAdmin(ReadOnly):
    list_display = ("at", "pool", "delta", "seats_delta", "reason")
    list_select_related = ("pool",)
    raw_id_fields = ("registration",)
    ordering = ("-pk",)


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    list_display = ("at", "kind", "organization", "event", "actor_kind", "version")
    list_select_related = ("organization", "event")
    search_fields = ("kind", "event__slug")
    ordering = ("-pk",)


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    list_display = ("created_at", "programme", "kind", "status", "title", "released_at", "version")
    list_select_related = ("programme",)
    ordering = ("-pk",)


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
        again, person = 0, request.user
        assert isinstance(person, Person), "nobody else reaches the admin"
        for delivery in queryset.order_by("pk"):
            with suppress(NothingToSendAgain):
                delivering.send_again(delivery=delivery, actor=person.as_actor(), now=timezone.now())
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
        person = request.user
        assert isinstance(person, Person), "nobody else reaches the admin"
        for webhook in queryset.order_by("pk"):
            hooking.amend(
                webhook=webhook, fields={"is_active": False}, actor=person.as_actor(), now=timezone.now()
            )  # fmt: skip

    @admin.action(description=_("Send again what was given up"))
    def resend_given_up(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        again, person = 0, request.user
        assert isinstance(person, Person), "nobody else reaches the admin"
        for webhook in queryset.order_by("pk"):
            with suppress(WebhookStopped):
                again += hooking.resend_given_up(webhook=webhook, actor=person.as_actor(), now=timezone.now())
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
        again, person = 0, request.user
        assert isinstance(person, Person), "nobody else reaches the admin"
        for message in queryset.select_related("webhook").order_by("pk"):
            with suppress(NothingToResend, WebhookStopped):
                hooking.resend(message=message, actor=person.as_actor(), now=timezone.now())
                again += 1
        text = ngettext("%(number)d message is sent again.", "%(number)d messages are sent again.", again)
        self.message_user(request, text % {"number": again})


@admin.register(Person)
class PersonAdmin(ReadOnly):
    fields = ("email", "name", "language", "is_active", "is_staff", "is_superuser", "last_login", "joined_at")
    list_display = ("email", "name", "language", "is_active", "is_staff", "last_login")
    search_fields = ("email_key", "name")
    ordering = ("email_key",)


@admin.register(Member)
class MemberAdmin(ReadOnly):
    list_display = ("organization", "person", "role", "joined_at")
    list_select_related = ("organization", "person")
    ordering = ("organization", "pk")


class UsageInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """The days on which a key was used, the newest first."""

    model = ApiKeyUsage
    ordering = ("-day",)
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKeyUsage]:
        return super().get_queryset(request).filter(day__gte=timezone.localdate() - timedelta(days=SHOWN_DAYS))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly):
    exclude = ("digest",)
    list_display = (
        "lookup", "organization", "name", "role", "scopes", "state", "requests", "refused", "registrations",
        "last_used_at", "expires_at",
    )  # fmt: skip
    list_select_related = ("organization", "successor")
    search_fields = ("lookup", "name", "organization__slug")
    ordering = ("-pk",)
    inlines = (UsageInline,)
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        lately = Q(usage__day__gte=timezone.localdate() - timedelta(days=SHOWN_DAYS))
        sums = {name: Sum(f"usage__{name}", filter=lately) for name in ("requests", "refused", "registrations")}
        rows: QuerySet[ApiKey] = super().get_queryset(request)
        return rows.annotate(**{f"{name}_lately": sums[name] for name in sums})

    @admin.display(description=_("state"))
    def state(self, key: ApiKey) -> str:
        return key.state(now=timezone.now(), is_followed=getattr(key, "successor", None) is not None)

    @admin.display(description=_("requests, 30 days"))
    def requests(self, key: ApiKey) -> int:
        return key.requests_lately or 0  # type: ignore[attr-defined]

    @admin.display(description=_("refused, 30 days"))
    def refused(self, key: ApiKey) -> int:
        return key.refused_lately or 0  # type: ignore[attr-defined]

    @admin.display(description=_("registrations, 30 days"))
    def registrations(self, key: ApiKey) -> int:
        return key.registrations_lately or 0  # type: ignore[attr-defined]

    @admin.action(description=_("Revoke: dead from the next request on"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        person, now = request.user, timezone.now()
        assert isinstance(person, Person), "nobody else reaches the admin"
        ended = [key for key in queryset.order_by("pk") if key.revoked_at is None]
        for key in ended:
            keying.revoke(key=key, actor=person.as_actor(), now=now)
        text = ngettext("%(number)d key is revoked.", "%(number)d keys are revoked.", len(ended))
        self.message_user(request, text % {"number": len(ended)})


@admin.register(Speaker)
class SpeakerAdmin(ReadOnly):
    list_display = ("slug", "name_ko", "name_en", "organization")
    list_select_related = ("organization",)
    search_fields = ("slug", "name_ko", "name_en")
    ordering = ("slug",)


@admin.register(Partner)
class PartnerAdmin(ReadOnly):
    list_display = ("programme", "organization", "role")
    list_select_related = ("programme", "organization")
    ordering = ("programme", "position", "pk")


@admin.register(Booking)
class BookingAdmin(ReadOnly):
    list_display = ("room", "starts_at", "ends_at", "is_live", "purpose", "holder")
    list_select_related = ("room",)
    ordering = ("-starts_at", "-pk")


@admin.register(Closure, OpeningHours)
class VenueTimeAdmin(ReadOnly):
    list_display = ("__str__", "venue")
    list_select_related = ("venue",)
    ordering = ("-pk",)


@admin.register(Alias, ScheduleVersion)
class PlainAdmin(ReadOnly):
    ordering = ("-pk",)
