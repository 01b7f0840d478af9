"""oEmbed: what stands at one of our addresses, as markup that a content system puts into its own page (oembed.com 1.0).

WordPress, Notion and others find it by the link in the head of our pages.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.filters import FilterRefused
from events.models import LANGUAGES, Alias, Event, Programme, worded
from pages.embeds import asking
from pages.public import query
from pages.public.listing import in_order
from venues.models import Venue

NAMES = {"url", "format", "maxwidth", "maxheight"}
WIDTH, HEIGHT, HEIGHT_OF_ONE = 800, 640, 260  # pixels, where nobody says less
FRESH = "public, max-age=3600"
# The pages that have something to show, and of whom the title is.
KINDS: dict[str, Any] = {
    "event": lambda: Event.objects.public(),
    "programme": lambda: Programme.objects.public(),
    "venue": lambda: Venue.objects.all(),
}


class Wrong(Exception):
    """The request cannot be answered; `name` is the parameter that is wrong."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the markup shows."""

    title: str
    frame: str
    height: int


def discovered(path: str) -> str:
    """The address at which a content system asks for the page of this path."""
    return f"{settings.CALLBOARD_URL}/oembed/?{urlencode({'url': settings.CALLBOARD_URL + path, 'format': 'json'})}"


@require_safe
def oembed(request: HttpRequest) -> JsonResponse:
    with translation.override(translation.get_language_from_request(request)):  # of refusals; addresses have their own
        try:
            shown = _answer(request.GET)
        except Wrong as wrong:
            response = JsonResponse(_problem(wrong), status=wrong.status, content_type="application/problem+json")
            response.headers["Cache-Control"] = "no-store"
        else:
            response = JsonResponse(shown, headers={"Cache-Control": FRESH})
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _problem(wrong: Wrong) -> dict[str, Any]:
    """As the API writes them."""
    code = {404: "not_found", 501: "not_implemented"}.get(wrong.status, "invalid")
    return {
        "type": "about:blank",
        "title": HTTPStatus(wrong.status).phrase,
        "status": wrong.status,
        "detail": wrong.message,
        "code": code,
        "errors": [{"pointer": f"?{wrong.name}", "code": code, "detail": wrong.message}],
    }


def _answer(given: QueryDict) -> dict[str, Any]:
    for name in given:
        if name not in NAMES:
            raise Wrong(400, name, _("There is no such parameter."))
    if given.get("format", "json") != "json":
        raise Wrong(501, "format", _("There is JSON only."))
    most = {name: _pixels(given, name) for name in ("maxwidth", "maxheight")}
    if not given.get("url"):
        raise Wrong(400, "url", _("Write the address of a page of ours."))
    try:
        shown = _found(given["url"])
    except (Http404, FilterRefused, ValueError) as error:
        raise Wrong(404, "url", _("There is nothing to embed at this address.")) from error
    width, height = min(WIDTH, most["maxwidth"]), min(shown.height, most["maxheight"])
    sized = {"src": settings.CALLBOARD_URL + shown.frame, "title": shown.title, "width": width, "height": height}
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Callboard",
        "provider_url": settings.CALLBOARD_URL,
        "title": shown.title,
        "html": render_to_string("pages/parts/embed_iframe.html", sized).strip(),
        "width": width,
        "height": height,
        "cache_age": 3600,
    }


def _pixels(given: QueryDict, name: str) -> int:
    """At most so many; without a limit more than we would ever take."""
    written = given.get(name, str(WIDTH))
    if not re.fullmatch(r"[0-9]{1,6}", written) or int(written) < 1:
        raise Wrong(400, name, _("Write a number of pixels."))
    return int(written)


def _found(url: str) -> Embedded:
    """What stands at an address of ours. Raises for what is another's, private, or not there."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != settings.CALLBOARD_URL:
        raise Http404
    given = asking.tidy(QueryDict(parts.query))
    is_frame = parts.path == asking.PATH
    language = asking.language_of(given) if is_frame else parts.path[1:3]
    if language not in LANGUAGES:
        raise Http404
    with translation.override(language):
        if is_frame:
            asked = asking.asked(given)
            return _list(asked.filters, {name: given[name] for name in asking.OWN if name in given})
        try:
            found = resolve(parts.path)
        except Resolver404 as error:
            raise Http404 from error
        if found.url_name == "event-list":
            return _list(given, {})  # whose page knows none of a frame's own words
        return _thing(str(found.url_name), str(found.kwargs.get("slug", "")), language)


def _list(filters: QueryDict, own: dict[str, str]) -> Embedded:
    """The list of these filters, which exist; FilterRefused otherwise."""
    in_order(filters, now=timezone.now())
    return Embedded(_("Schedule"), asking.address(query.canonical(filters) | own), HEIGHT)


def _thing(kind: str, slug: str, language: str) -> Embedded:
    """An event; what is coming up in a programme or at a venue, as their own pages show it."""
    if kind not in KINDS:
        raise Http404
    once = Alias.objects.filter(kind=kind, slug=slug).values("target")
    thing = KINDS[kind]().filter(Q(slug=slug) | Q(uid__in=once)).first()
    if thing is None:
        raise Http404
    filters = {kind: thing.slug} if kind == "event" else {kind: thing.slug, "when": "upcoming"}
    height = HEIGHT_OF_ONE if kind == "event" else HEIGHT
    return Embedded(worded(thing, "title", language), asking.address(filters), height)
