"""Calendars and feeds, answered ahead of session, authentication and locale middleware (RULES 21)."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from api import calendar_addresses, calendars, errors, feeds


class Early:
    """Middleware that answers `/calendars/` and `/feeds/` itself; it stands first in the list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(calendar_addresses.PREFIX):
            respond = calendars.respond
        elif request.path_info.startswith(feeds.PREFIX):
            respond = feeds.respond
        else:
            return self.get_response(request)
        try:
            return respond(request)
        except OperationalError as problem:
            return errors.busy(problem)
