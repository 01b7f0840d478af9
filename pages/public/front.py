"""The way in: by language to the list, and what search engines may read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

UPCOMING = "?when=upcoming"


@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def by_language(request: HttpRequest) -> HttpResponse:
    """To the language that the browser asks for, Korean unless it can be told."""
    return HttpResponseRedirect(f"/{get_language() or 'ko'}/")


@require_safe
def to_list(request: HttpRequest) -> HttpResponse:
    """What is coming up; the condition stands in the address, where it can be seen and taken away (RULES 17)."""
    return HttpResponseRedirect(reverse("event-list") + UPCOMING)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Calendars stay open: Google obeys this file when it is asked to subscribe (CALENDAR 1.4)."""
    lines = [
        "User-agent: *",
        "Disallow: /ko/my/",
        "Disallow: /en/my/",
        "Disallow: /ko/offers/",
        "Disallow: /en/offers/",
        "Disallow: /organize/",
        "Disallow: /admin/",
        f"Sitemap: {settings.CALLBOARD_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
