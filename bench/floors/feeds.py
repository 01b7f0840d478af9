"""Feeds at the least cost: bytes that lie in memory, and stored entries joined in one statement."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.db import connection
from django.http import HttpRequest, HttpResponse

CALENDAR = "text/calendar; charset=utf-8"
FIRST, LAST = b"BEGIN:VEVENT", b"END:VCALENDAR"
STAMP = b"\r\nLAST-MODIFIED:"
FROM_ALL = "FROM events_fragment WHERE language = 'en' AND is_listed"
FROM_ONE = FROM_ALL + (
    " AND session_id IN (SELECT s.id FROM events_session s JOIN events_event e ON e.id = s.event_id"
    " JOIN events_programme p ON p.id = e.programme_id WHERE p.slug = 'workshops')"
)


def _read() -> dict[str, bytes]:
    """What ours answered before the measurements, by name."""
    folder = os.environ.get("BENCH_BODIES")
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()} if folder else {}


KEPT = _read()
ETAG = '"0123456789abcdef0123456789abcdef"'


def kept(request: HttpRequest, name: str) -> HttpResponse:
    """The bytes, or 304 for somebody who has them."""
    if request.META.get("HTTP_IF_NONE_MATCH") == ETAG:
        return HttpResponse(status=304, headers={"ETag": ETAG})
    return _calendar(KEPT[name], ETag=ETAG)


def joined(request: HttpRequest, name: str) -> HttpResponse:
    """One statement for the texts in order, joined here."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT body, stamp {_source(name)} ORDER BY starts_at, session_id")
        bodies, stamps = zip(*cursor.fetchall(), strict=True)
    return _framed(name, map(str.encode, bodies), max(stamps))


def joined_by_sql(request: HttpRequest, name: str) -> HttpResponse:
    """The database joins the texts itself."""
    glue = "string_agg(body, '' ORDER BY starts_at, session_id)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {glue}, max(stamp) {_source(name)}")
        texts, stamp = cursor.fetchone()
    return _framed(name, [texts.encode()], stamp)


def _source(name: str) -> str:
    """What is named "filtered-..." is narrowed to one programme, as ours is."""
    return FROM_ONE if name.startswith("filtered") else FROM_ALL


def _framed(name: str, texts: Iterable[bytes], stamp: str) -> HttpResponse:
    """Around the entries stands what ours answered before, with the newest time of change."""
    before = KEPT[name]
    head = before[: before.index(FIRST)]
    at = head.index(STAMP) + len(STAMP)
    end = head.index(b"\r\n", at)
    body = b"".join((head[:at], stamp.encode(), head[end:], *texts, before[before.rindex(LAST) :]))
    return _calendar(body)


def _calendar(body: bytes, **more: str) -> HttpResponse:
    """With its length, without which gunicorn would send it in chunks."""
    return HttpResponse(body, content_type=CALENDAR, headers={"Content-Length": str(len(body)), **more})
