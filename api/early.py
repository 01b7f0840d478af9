"""Calendars and feeds, answered ahead of session, authentication and locale middleware (RULES 21)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api import calendar_addresses, calendars, feeds


class Early:
    """Middleware that answers `/calendars/` and `/feeds/` itself; it stands first in the list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(calendar_addresses.PREFIX):
            return calendars.respond(request)
        if request.path_info.startswith(feeds.PREFIX):
            return feeds.respond(request)
        return self.get_response(request)
