"""Pages of lists name the feeds of the same filters, and these answer."""

from datetime import datetime

import feedparser
import pytest
from django.test import Client

from tests import factories
from tests.pages.html import elements

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("/en/events/?utm_source=mail&kind=workshop,talk&q=led+wall", "kind=workshop,talk&q=led+wall&lang=en"),
        ("/ko/programmes/biff-workshops/", "programme=biff-workshops&when=upcoming&lang=ko"),
        ("/ko/venues/centre/", "venue=centre&when=upcoming&lang=ko"),
    ],
)
def test_a_page_of_a_list_leads_to_the_feeds_of_the_same_list(
    client: Client, now: datetime, page: str, query: str
) -> None:
    factories.event(room=factories.room(at=factories.venue("Centre", now=now), now=now), now=now)

    found = [link for link in elements(client.get(page), "link", rel="alternate") if "title" in link.attributes]

    assert [(link["type"], link["title"], link["href"]) for link in found] == [
        (kind, f"Callboard, {name}", f"https://callboard.test/feeds/events.{ending}?{query}")
        for kind, name, ending in [
            ("application/feed+json", "JSON Feed", "json"),
            ("application/atom+xml", "Atom", "atom"),
            ("application/rss+xml", "RSS", "rss"),
        ]
    ]
    answers = [client.get(link["href"].removeprefix("https://callboard.test")) for link in found]
    assert len(answers[0].json()["items"]) == 1
    assert [len(feedparser.parse(answer.content).entries) for answer in answers[1:]] == [1, 1]
