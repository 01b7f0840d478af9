"""A calendar with its headers, ready to be sent (RULES 21, 25)."""

from collections.abc import Hashable
from datetime import UTC, datetime

from django.utils.http import http_date

from api.answers import SECRET, Answer, etag_of, open_to_all
from api.calendar_addresses import Found


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
    return Answer(feed.body, etag_of(feed.body, mark=mark), headers, None if found.is_volatile else version)
