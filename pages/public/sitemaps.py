"""Every public page in both languages, for search engines. Unlisted events are absent (RULES 2)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from events.models import Event, Programme, Session
from venues.models import Venue


class _Pages(Sitemap):
    """Pages of one kind, each with its other language beside it."""

    i18n = True
    alternates = True
    route = ""

    def location(self, item: Any) -> str:
        return reverse(self.route, args=[item.slug])

    def lastmod(self, item: Any) -> datetime:
        updated_at: datetime = item.updated_at
        return updated_at

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.CALLBOARD_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.CALLBOARD_URL).scheme


class Events(_Pages):
    route = "event"

    def items(self) -> QuerySet[Event]:
        return Event.objects.public().order_by("pk")


class Programmes(_Pages):
    route = "programme"

    def items(self) -> QuerySet[Programme]:
        return Programme.objects.public().order_by("pk")


class Venues(_Pages):
    route = "venue"

    def items(self) -> QuerySet[Venue]:
        """Those in which something public happens."""
        used = Session.objects.public().filter(room__isnull=False).values("room__venue")
        return Venue.objects.filter(pk__in=used).order_by("pk")


SITEMAPS = {"events": Events, "programmes": Programmes, "venues": Venues}
