"""Object ETags `"r<revision>-<hash of body>"`; `If-Match` compares the revision only (RULES 20)."""

import hashlib
import re

from django.http import HttpRequest
from django.utils.http import parse_etags

REVISION = re.compile(r'(?:W/)?"r(\d{1,10})(?:-[0-9a-f]*)?"')
NO_REVISION = -1  # what nothing ever has: an If-Match that names no revision of ours is stale


def tag(revision: int, body: bytes) -> str:
    return f'"r{revision}-{hashlib.sha256(body).hexdigest()[:16]}"'


def expected_revision(request: HttpRequest, actual: int) -> int | None:
    """The revision that the caller saw, None where they do not say; the actual one when it is among several."""
    header = request.META.get("HTTP_IF_MATCH")
    if header is None or header.strip() == "*":
        return None
    seen = {int(found[1]) for found in map(REVISION.fullmatch, parse_etags(header)) if found}
    if actual in seen:
        return actual
    return min(seen, default=NO_REVISION)


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names this ETag, compared weakly (RFC 9110 13.1.2)."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if not header:
        return False
    return any(asked == "*" or asked.removeprefix("W/") == etag for asked in parse_etags(header))
