"""`/embed/events/`: the list as a document that other sites show in a frame. No cookie, no form, no session.

It is the only page of ours that may stand in somebody else's.
"""

from hashlib import sha256
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from events.filters import FilterRefused
from events.models import Audience
from pages import structured
from pages.embeds import asking, framing, oembed
from pages.public import query, returning
from pages.public.listing import Listing, listing

# Seats are true when it is shown; whoever has it already asks whether it still is.
FRESH = "public, max-age=0, must-revalidate"


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest) -> HttpResponse:
    given = asking.tidy(request.GET)
    with translation.override(asking.language_of(given)):
        try:
            template, context, status = "pages/embed_frame.html", _shown(given), 200
        except FilterRefused as refusal:
            template, context, status = "pages/embed_refused.html", _refused(refusal), 400
        # Without the request: its session and messages are not even looked at.
        return _sent(request, render_to_string(template, context), status, framing.policy(given))


def _shown(given: Any) -> dict[str, Any]:
    asked = asking.asked(given)
    found = listing(asked.filters, now=timezone.now(), rows=asked.rows)
    rows = [row for day in found.days for row in day.rows]
    return {
        "listing": found,
        "rows": rows,
        "view": asked.view,
        "theme": asked.theme,
        "carried": returning.carried(asked.back),
        "structured": _structured(found),
        "oembed": oembed.discovered(query.address(asking.PATH, dict(given.items()))),
        "whole_list": query.address(reverse("event-list"), query.canonical(asked.filters)),
    }


def _structured(found: Listing) -> str:
    """The rows for search engines, with what the list itself does not show: two statements more."""
    rows = [row for day in found.days for row in day.rows]
    audiences = Prefetch("audiences", Audience.objects.order_by("position", "pk"))
    prefetch_related_objects([row.event for row in rows], audiences, "programme__organization")
    shown = [
        (row.event, sorted(row.event.matching, key=attrgetter("starts_at", "pk")), row.availability)  # type: ignore[attr-defined]
        for row in rows
    ]
    return structured.events(shown, language=get_language() or "ko")


def _refused(refusal: FilterRefused) -> dict[str, Any]:
    return {
        "theme": "auto",
        "errors": [(name, message) for name, messages in refusal.errors.items() for message in messages],
        "whole_list": reverse("event-list"),
    }


def _sent(request: HttpRequest, text: str, status: int, policy: str) -> HttpResponse:
    """The document, or a 304 for who has it; both with the whole policy, which a 304 replaces as well."""
    body = text.encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "Content-Security-Policy": policy, "Cache-Control": FRESH, "ETag": etag,
        "Content-Language": get_language() or "ko",
    }  # fmt: skip
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if status == 200 and etag in (tag.removeprefix("W/") for tag in known):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, status=status, headers=headers)
