"""What the admin's pages share: rows to look at, and who presses their buttons."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Model, URLField
from django.http import HttpRequest

from events.models import Actor, Person


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


def actor_of(request: HttpRequest) -> Actor:
    """The operator who presses a button."""
    assert isinstance(request.user, Person), "nobody else reaches the admin"
    return request.user.as_actor()
