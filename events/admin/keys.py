"""API keys: which there are, how they are used, and a button that ends them."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Model, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.admin.reading import ReadOnly, actor_of
from events.models import ApiKey, ApiKeyUsage
from events.operations import keying
from events.reports.key_usage import SHOWN_DAYS


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
        now = timezone.now()
        ended = [key for key in queryset.order_by("pk") if key.revoked_at is None]
        for key in ended:
            keying.revoke(key=key, actor=actor_of(request), now=now)
        text = ngettext("%(number)d key is revoked.", "%(number)d keys are revoked.", len(ended))
        self.message_user(request, text % {"number": len(ended)})
