"""The pages of one programme and of one venue: what is coming up there, and its calendar."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events.models import Partner, Programme, worded
from pages import calendar_links, feed_links
from pages.embeds import oembed
from pages.public import changelog, finding, query
from pages.public.listing import listing
from venues.models import Venue


@require_safe
def programme_page(request: HttpRequest, slug: str) -> HttpResponse:
    programmes = Programme.objects.public()
    programme = programmes.filter(slug=slug).select_related("organization", "campaign").first()
    if programme is None:
        return finding.moved(request, kind="programme", among=programmes, slug=slug)
    partners = Partner.objects.filter(programme=programme).select_related("organization").order_by("position", "pk")
    context = {
        "programme": programme,
        "partners": partners,
        "has_changes": changelog.told(programme).exists(),
    } | _coming_up(request, "programme", slug)
    return render(request, "pages/programme.html", context)


@require_safe
def venue_page(request: HttpRequest, slug: str) -> HttpResponse:
    venue = Venue.objects.filter(slug=slug).first()
    if venue is None:
        return finding.moved(request, kind="venue", among=Venue.objects.all(), slug=slug)
    rooms = venue.rooms.order_by("position", "pk")
    context = {"venue": venue, "rooms": rooms, "maps": maps(venue)} | _coming_up(request, "venue", slug)
    return render(request, "pages/venue.html", context)


def maps(venue: Venue) -> list[tuple[str, str]]:
    """(name, address) of the maps that show the venue; nothing of theirs is loaded into our page."""
    language = get_language() or "ko"
    words = quote(worded(venue, "address", language) or worded(venue, "title", language), safe="")
    found = [
        ("Naver", f"https://map.naver.com/p/search/{words}"),
        ("Kakao", f"https://map.kakao.com/link/search/{words}"),
        ("Google", f"https://www.google.com/maps/search/?api=1&query={words}"),
    ]
    if venue.latitude is not None:
        point = f"mlat={venue.latitude}&mlon={venue.longitude}#map=17/{venue.latitude}/{venue.longitude}"
        found.append(("OpenStreetMap", f"https://www.openstreetmap.org/?{point}"))
    return found


def _coming_up(request: HttpRequest, kind: str, slug: str) -> dict[str, object]:
    language = get_language() or "ko"
    upcoming = {kind: slug, "when": "upcoming"}
    events = reverse("event-list")
    return {
        "listing": listing(QueryDict(query.encoded(upcoming)), now=timezone.now()),
        "whole_list": query.address(events, upcoming),
        "past_list": query.address(events, {kind: slug, "when": "past"}),
        "subscription": calendar_links.subscription(f"/calendars/{kind}s/{slug}.ics?lang={language}"),
        "feeds": feed_links.links(upcoming),
        "canonical_path": request.path,
        "oembed": oembed.discovered(request.path),
    }
