"""Calendars over HTTP: plain answers ahead of session, authentication and locale middleware (RULES 21, 25)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from api import errors, personal_calendars
from api.calendar_addresses import PREFIX, find
from api.calendar_answers import SECRET, Answer, keep, kept, open_to_all, packed, send, shelf
from events import outbox
from events.errors import DomainError

__all__ = ["CalendarsFirst", "respond", "shelf"]

ALLOWED = "GET, HEAD, OPTIONS"


class CalendarsFirst:
    """Middleware that answers `/calendars/` itself; it stands first in the list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            return respond(request)
        return self.get_response(request)


def respond(request: HttpRequest) -> HttpResponse:
    """The calendar at this address, a 304 for one that the client has, or a problem that says what is wrong."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=open_to_all({"Allow": ALLOWED}))
    with translation.override(_spoken(request)):
        return _attempt(request)


def _attempt(request: HttpRequest) -> HttpResponse:
    is_secret = request.path_info.startswith(personal_calendars.PREFIX)
    opened = SECRET if is_secret else open_to_all({})
    try:
        if request.method in ("GET", "HEAD"):
            return personal_calendars.respond(request) if is_secret else send(request, _answer(request))
    except DomainError as refusal:
        return errors.refused(refusal, headers=opened)
    return errors.problem(405, "method_not_allowed", _("Calendars are read only."), headers=opened | {"Allow": ALLOWED})


def _answer(request: HttpRequest) -> Answer:
    path, query = request.path_info, request.META.get("QUERY_STRING", "")
    key = f"{path}?{query}"
    version = outbox.current_version()
    return kept(key, version) or keep(key, packed(find(path, QueryDict(query)), version))


def _spoken(request: HttpRequest) -> str:
    """The language of a refusal: `lang`, else the first of Accept-Language, else Korean."""
    asked = request.GET.get("lang") or request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "en" if asked.lower().startswith("en") else "ko"
