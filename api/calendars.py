"""Calendars over HTTP: plain answers ahead of session, authentication and locale middleware (RULES 21, 25)."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from api import errors, personal_calendars
from api.answers import SECRET, Answer, keep, kept, open_to_all, send, shelf, spoken
from api.calendar_addresses import find
from api.calendar_answers import packed
from events import outbox
from events.errors import DomainError

__all__ = ["respond", "shelf"]

ALLOWED = "GET, HEAD, OPTIONS"


def respond(request: HttpRequest) -> HttpResponse:
    """The calendar at this address, a 304 for one that the client has, or a problem that says what is wrong."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=open_to_all({"Allow": ALLOWED}))
    with translation.override(spoken(request)):
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
