"""The scripts that stand on other people's pages: the same bytes for everybody, read and zipped once."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

FOLDER = Path(__file__).resolve().parent.parent / "static" / "embed"
# Asked for, and not declined by a weight of zero (RFC 9110 12.5.3).
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": "public, max-age=3600",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}


@require_safe
def script(request: HttpRequest, *, name: str) -> HttpResponseBase | None:
    """The file of this name, or a 304 for a browser that has it; whoever asks, no session is looked at."""
    zips = GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
    body, etag = _file(name, zips=zips)
    headers = HEADERS | {"ETag": etag} | ({"Content-Encoding": "gzip"} if zips else {})
    return get_conditional_response(request, etag=etag, response=HttpResponse(body, headers=headers))


@cache
def _file(name: str, *, zips: bool) -> tuple[bytes, str]:
    """The bytes as they are sent, and their strong ETag."""
    body = (FOLDER / name).read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:32]
    return (gzip.compress(body, compresslevel=9, mtime=0), f'"{digest}-gz"') if zips else (body, f'"{digest}"')
