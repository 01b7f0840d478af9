"""Django's admin for operators: every domain table to read, none to write (RULES 32). Signing in is our own page's."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from events.admin import keys, messages, records

__all__ = ["keys", "messages", "records"]


def to_our_sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Operators sign in as everybody does, by mailed code; whoever is signed in without being one is refused."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/admin/"), settings.LOGIN_URL)


admin.site.login = to_our_sign_in  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Callboard"
