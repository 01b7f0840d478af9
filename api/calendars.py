"""Calendars over HTTP: plain answers ahead of session, authentication and locale middleware (RULES 21, 25)."""

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.http import http_date, parse_etags
from django.utils.translation import gettext as _

from api import errors
from api.calendar_addresses import PREFIX, Found, find
from events import outbox
from events.errors import DomainError

KEPT_BYTES = 48 * 1024 * 1024
LONGEST_KEY = 2_000
ALLOWED = "GET, HEAD, OPTIONS"
# Asked for, and not declined by a weight of zero (RFC 9110 12.5.3).
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@dataclass(slots=True)
class Answer:
    """One calendar as it is sent. `version` vouches for it; None: it must be built anew each time."""

    body: bytes
    etag: str
    headers: dict[str, str]
    version: int | None = None
    zipped: bytes | None = None

    def gzip(self) -> bytes:
        if self.zipped is None:
            self.zipped = gzip.compress(self.body, compresslevel=1, mtime=0)
        return self.zipped

    @property
    def weight(self) -> int:
        """Bytes in memory: the body, and the zipped copy it may get, a quarter of it at most."""
        return len(self.body) + len(self.body) // 4 + 1_000


# The answers of this process, the least recently used dropped first. Nothing true lives only here.
shelf: LRUCache[str, Answer] = LRUCache(KEPT_BYTES, getsizeof=lambda answer: answer.weight)
shelf_lock = Lock()


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
        return HttpResponse(status=204, headers=_open({"Allow": ALLOWED}))
    with translation.override(_spoken(request)):
        return _attempt(request)


def _attempt(request: HttpRequest) -> HttpResponse:
    try:
        if request.method in ("GET", "HEAD"):
            return _send(request, _answer(request.path_info, request.META.get("QUERY_STRING", "")))
    except DomainError as refusal:
        return errors.refused(refusal, headers=_open({}))
    headers = _open({"Allow": ALLOWED})
    return errors.problem(405, "method_not_allowed", _("Calendars are read only."), headers=headers)


def _answer(path: str, query: str) -> Answer:
    key = f"{path}?{query}"
    with shelf_lock:
        kept = shelf.get(key)
    version = outbox.current_version()
    if kept is not None and kept.version == version:
        return kept
    answer = _packed(find(path, QueryDict(query)), version)
    if answer.version is not None and len(key) <= LONGEST_KEY and answer.weight <= KEPT_BYTES:
        with shelf_lock:
            shelf[key] = answer
    return answer


def _packed(found: Found, version: int) -> Answer:
    feed = found.feed
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'{found.disposition}; filename="{found.filename}.ics"',
        "Vary": "Accept-Encoding",
        "Last-Modified": http_date((feed.revised_at or datetime(1970, 1, 1, tzinfo=UTC)).timestamp()),
        "X-Content-Type-Options": "nosniff",
    }
    if found.is_secret:
        headers |= {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
    else:
        headers = _open(headers | {"Cache-Control": "public, max-age=60"})
    etag = hashlib.sha256(feed.body).hexdigest()[:32]
    return Answer(feed.body, etag, headers, None if found.is_volatile else version)


def _send(request: HttpRequest, answer: Answer) -> HttpResponse:
    zipped = settings.CALLBOARD_FEED_GZIP and GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None
    tags = (f'"{answer.etag}"', f'"{answer.etag}-gz"')
    headers = answer.headers | {"ETag": tags[zipped]}
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    if asked and _matches(asked, tags):
        return HttpResponse(status=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = answer.gzip() if zipped else answer.body
    headers["Content-Length"] = str(len(body))
    return HttpResponse(b"" if request.method == "HEAD" else body, headers=headers)


def _matches(asked: str, tags: tuple[str, str]) -> bool:
    """If-None-Match compares weakly (RFC 9110 13.1.2): the W/ that a proxy may have added does not matter."""
    return any(tag == "*" or tag.removeprefix("W/") in tags for tag in parse_etags(asked))


def _spoken(request: HttpRequest) -> str:
    """The language of a refusal: `lang`, else the first of Accept-Language, else Korean."""
    asked = request.GET.get("lang") or request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "en" if asked.lower().startswith("en") else "ko"


def _open(headers: dict[str, str]) -> dict[str, str]:
    """Public answers may be read by any site."""
    return headers | {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
