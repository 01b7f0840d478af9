"""The list of events, its filters as a form that needs no JavaScript, and the calendar of the same filters."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.filters import FilterRefused
from pages import calendar_links, feed_links
from pages.embeds import oembed
from pages.public import choices, query
from pages.public.listing import listing


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    tidy = query.tidied(request.GET)
    if tidy is not None:
        return HttpResponseRedirect(f"{request.path}?{tidy}" if tidy else request.path)
    try:
        found = listing(request.GET, now=timezone.now())
    except FilterRefused as refusal:
        return refused(request, refusal)
    asked = query.canonical(request.GET)
    offered = choices.fields(asked)
    names = {field.name for field in offered}
    in_form = names | {"q", "when", "starts_after", "starts_before"}
    canonical = query.address(request.path, _of_page(asked, found.page))
    context = {
        "listing": found,
        "asked": asked,
        "fields": [field for field in offered if field.choices],
        "chips": choices.chips(request.path, asked, offered),
        "kept": {name: value for name, value in asked.items() if name not in in_form},
        "when_choices": choices.when(asked),
        "subscription": subscription(asked),
        "builder": query.address(reverse("embed-builder"), asked or {"view": "list"}),
        "feeds": feed_links.links(asked),
        "canonical_path": canonical,
        "oembed": oembed.discovered(canonical),
        "previous": found.previous and query.address(request.path, _of_page(asked, found.previous)),
        "next": found.next and query.address(request.path, _of_page(asked, found.next)),
    }
    return render(request, "pages/event_list.html", context)


def subscription(asked: dict[str, str]) -> calendar_links.Subscription:
    """The calendar of the same filters. Without `when=upcoming`: what is over stays in a calendar (RULES 24)."""
    lasting = {name: value for name, value in asked.items() if (name, value) != ("when", "upcoming")}
    return calendar_links.subscription(
        query.address("/calendars/sessions.ics", lasting | {"lang": get_language() or "ko"})
    )


def refused(request: HttpRequest, refusal: FilterRefused) -> HttpResponse:
    """A page that names each filter that is wrong, and leads back to the list."""
    context = {
        "title": _("This list does not exist"),
        "errors": [(name, message) for name, messages in refusal.errors.items() for message in messages],
        "back": reverse("event-list"),
    }
    return render(request, "pages/refused.html", context, status=400)


def _of_page(asked: dict[str, str], page: int) -> dict[str, str]:
    return asked | ({query.PAGE: str(page)} if page > 1 else {})
