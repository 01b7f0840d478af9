"""Calendars and feeds as they are sent: bytes, ETag, headers; kept while something vouches for them (RULES 21, 25)."""

import gzip
import hashlib
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import parse_etags

KEPT_BYTES = 48 * 1024 * 1024
LONGEST_KEY = 2_000
LONGEST_ETAG = 32
SECRET = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
# Asked for, and not declined by a weight of zero (RFC 9110 12.5.3).
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@dataclass(slots=True)
class Answer:
    """One calendar or feed as it is sent. `version` vouches for it; None: it must be built anew each time.

    `until`: when the clock alone makes another of it, whatever the version is; None: never.
    """

    body: bytes
    etag: str
    headers: dict[str, str]
    version: Hashable = None
    until: datetime | None = None
    zipped: bytes | None = None

    def gzip(self) -> bytes:
        if self.zipped is None:
            self.zipped = gzip.compress(self.body, compresslevel=1, mtime=0)
        return self.zipped

    @property
    def weight(self) -> int:
        """Bytes in memory: the body, the zipped copy it may get, a quarter of it at most, and the longest address."""
        return len(self.body) + len(self.body) // 4 + LONGEST_KEY + 1_000


# The answers of this process, the least recently used dropped first. Nothing true lives only here.
shelf: LRUCache[str, Answer] = LRUCache(KEPT_BYTES, getsizeof=lambda answer: answer.weight)
shelf_lock = Lock()


def etag_of(body: bytes, *, mark: str = "") -> str:
    """The hash of the body, behind `mark`."""
    return f"{mark}{hashlib.sha256(body).hexdigest()}"[:LONGEST_ETAG]


def send(request: HttpRequest, answer: Answer) -> HttpResponse:
    """The answer, or a 304 for a client that has it."""
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
    """The answer of this process at this address, if the same version vouches for it, and the clock does too."""
    with shelf_lock:
        found = shelf.get(key)
    if found is None or found.version != version:
        return None
    return found if found.until is None or timezone.now() < found.until else None


def keep(key: str, answer: Answer) -> Answer:
    if answer.version is not None and len(key) <= LONGEST_KEY and answer.weight <= KEPT_BYTES:
        with shelf_lock:
            shelf[key] = answer
    return answer


def open_to_all(headers: dict[str, str]) -> dict[str, str]:
    """Public answers may be read by any site."""
    return headers | {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


def spoken(request: HttpRequest) -> str:
    """The language of a refusal: `lang`, else the first of Accept-Language, else Korean."""
    asked = request.GET.get("lang") or request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "en" if asked.lower().startswith("en") else "ko"
