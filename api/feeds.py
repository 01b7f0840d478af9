"""Feeds of events over HTTP: `/feeds/events.json`, `.rss`, `.atom`, by the one filter language (docs/decisions/0030).

Like calendars they are answered ahead of session, authentication and locale middleware, and kept while one statement
vouches for them; seats included, so that a badge is true within one poll.
"""

import re
from collections.abc import Hashable
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from api import errors, feed_items
from api.answers import Answer, etag_of, keep, kept, open_to_all, send, spoken
from api.feed_formats import FORMATS, Feed, Format
from events import filters, outbox, vacancies
from events.errors import DomainError, NotFound
from events.models import LANGUAGES

PREFIX = "/feeds/"
ADDRESS = re.compile(r"/feeds/events\.(?P<format>json|rss|atom)")
ALLOWED = "GET, HEAD, OPTIONS"
PREFLIGHT = {
    "Allow": ALLOWED,
    "Access-Control-Allow-Methods": ALLOWED,
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def respond(request: HttpRequest) -> HttpResponse:
    """The feed at this address, a 304 for a client that has it, or a problem that says what is wrong."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=open_to_all(PREFLIGHT))
    with translation.override(spoken(request)):
        try:
            if request.method in ("GET", "HEAD"):
                return send(request, _answer(request))
        except DomainError as refusal:
            return errors.refused(refusal, headers=open_to_all({}))
        detail = _("Feeds are read only.")
        return errors.problem(405, "method_not_allowed", detail, headers=open_to_all({"Allow": ALLOWED}))


def _answer(request: HttpRequest) -> Answer:
    found = ADDRESS.fullmatch(request.path_info)
    if found is None:
        raise NotFound(_("There is no such feed."))
    written, query = FORMATS[found["format"]], request.GET
    key = f"{request.path_info}?{request.META.get('QUERY_STRING', '')}"
    # Read before the rows: what is kept is as new as what vouches for it, or newer.
    state = vacancies.mark() if written.has_seats or "has_seats" in query else outbox.current_version()
    return kept(key, state) or keep(key, _built(request.path_info, written, query, state))


def _built(path: str, written: Format, query: QueryDict, state: Hashable) -> Answer:
    language = query.get("lang", "ko")
    if language not in LANGUAGES:
        raise filters.FilterRefused({"lang": [_("Write ko or en.")]})
    asked = filters.given(query, besides=feed_items.BESIDES, lenient=True)
    found = feed_items.find(
        query, language=language, now=timezone.now(), usual=written.usual, with_seats=written.has_seats
    )
    own = {name: query[name] for name in ("ordering", "page_size") if name in query} | {"lang": language}
    feed = Feed(
        title=found.programme or "Callboard",
        language=language,
        page=_address(f"/{language}/events/", asked),
        address=_address(path, asked | own),
        next_address=found.next and _address(path, asked | own | {"cursor": found.next}),
        about=f"{settings.CALLBOARD_URL}/api/docs/",
        items=found.items,
    )
    # What is over becomes more by the clock alone, and nobody counts when.
    return _packed(written, feed, None if asked.get("when") == "past" else state, found.until)


def _packed(written: Format, feed: Feed, state: Hashable, until: datetime | None) -> Answer:
    body = written.write(feed)
    headers = {
        "Content-Type": written.content_type,
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=0, must-revalidate",
        "Access-Control-Expose-Headers": "ETag",
    }
    return Answer(body, etag_of(body), open_to_all(headers), state, until)


def _address(path: str, values: dict[str, str]) -> str:
    """An address of ours that people can read: commas and colons stay."""
    query = "&".join(f"{name}={quote(value, safe=',:')}" for name, value in sorted(values.items()))
    return f"{settings.CALLBOARD_URL}{path}{'?' if query else ''}{query}"
