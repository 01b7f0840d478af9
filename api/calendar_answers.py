"""A calendar as it is sent: bytes, ETag and headers; kept in memory while something vouches for it (RULES 21, 25)."""

import gzip
import hashlib
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date, parse_etags

from api.calendar_addresses import Found

KEPT_BYTES = 48 * 1024 * 1024
LONGEST_KEY = 2_000
LONGEST_ETAG = 32
SECRET = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
# Asked for, and not declined by a weight of zero (RFC 9110 12.5.3).
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@dataclass(slots=True)
class Answer:
    """One calendar as it is sent. `version` vouches for it; None: it must be built anew each time."""

    body: bytes
    etag: str
    headers: dict[str, str]
    version: Hashable = None
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


def packed(found: Found, version: Hashable, *, mark: str = "") -> Answer:
    """The calendar with its ETag, which begins with `mark`.

    `version` is what vouches for it, unless it depends on the clock or on seats.
    """
    feed = found.feed
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'{found.disposition}; filename="{found.filename}.ics"',
        "Vary": "Accept-Encoding",
        "Last-Modified": http_date((feed.revised_at or datetime(1970, 1, 1, tzinfo=UTC)).timestamp()),
        "X-Content-Type-Options": "nosniff",
    }
    if found.is_secret:
        headers |= SECRET
    else:
        headers = open_to_all(headers | {"Cache-Control": "public, max-age=60"})
    etag = f"{mark}{hashlib.sha256(feed.body).hexdigest()}"[:LONGEST_ETAG]
    return Answer(feed.body, etag, headers, None if found.is_volatile else version)


def send(request: HttpRequest, answer: Answer) -> HttpResponse:
    """The calendar, or a 304 for a client that has it."""
    zipped = _is_zipped(request)
    headers = answer.headers | {"ETag": _tags(answer.etag)[zipped]}
    if has(request, answer.etag):
        return HttpResponse(status=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = answer.gzip() if zipped else answer.body
    headers["Content-Length"] = str(len(body))
    return HttpResponse(b"" if request.method == "HEAD" else body, headers=headers)


def not_modified(request: HttpRequest, etag: str) -> HttpResponse:
    """The 304 of a calendar behind a secret address that was not built, because the client has it."""
    headers = {"ETag": _tags(etag)[_is_zipped(request)], "Vary": "Accept-Encoding"}
    return HttpResponse(status=304, headers=headers | SECRET)


def _is_zipped(request: HttpRequest) -> bool:
    """Whether the client takes gzip, and we give it."""
    return settings.CALLBOARD_FEED_GZIP and GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None


def has(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names this answer, zipped or not.

    It compares weakly (RFC 9110 13.1.2): the W/ that a proxy may have added does not matter.
    """
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    return bool(asked) and any(tag == "*" or tag.removeprefix("W/") in _tags(etag) for tag in parse_etags(asked))


def _tags(etag: str) -> tuple[str, str]:
    return f'"{etag}"', f'"{etag}-gz"'


def kept(key: str, version: Hashable) -> Answer | None:
    """The answer of this process at this address, if the same version vouches for it."""
    with shelf_lock:
        found = shelf.get(key)
    return found if found is not None and found.version == version else None


def keep(key: str, answer: Answer) -> Answer:
    if answer.version is not None and len(key) <= LONGEST_KEY and answer.weight <= KEPT_BYTES:
        with shelf_lock:
            shelf[key] = answer
    return answer


def open_to_all(headers: dict[str, str]) -> dict[str, str]:
    """Public answers may be read by any site."""
    return headers | {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
