"""Addresses of the feeds of a list, for readers that look for them in a page's head."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language

from pages.public import query

FEEDS = (
    ("application/feed+json", "JSON Feed", "json"),
    ("application/atom+xml", "Atom", "atom"),
    ("application/rss+xml", "RSS", "rss"),
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """One feed: its media type, a name to choose by, and its whole address."""

    media_type: str
    title: str
    address: str


def links(filters: dict[str, str]) -> list[FeedLink]:
    """The feeds of the events that these filters select, in the language of the page."""
    asked = filters | {"lang": get_language() or "ko"}
    return [
        FeedLink(kind, f"Callboard, {name}", settings.CALLBOARD_URL + query.address(f"/feeds/events.{ending}", asked))
        for kind, name, ending in FEEDS
    ]
