"""The way in, and what search engines read."""

from datetime import datetime

import pytest
from django.test import Client

from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5,ko;q=0.9", "ko"),
        ("ja", "ko"),
        ("", "ko"),
    ],
)
def test_the_root_leads_to_the_language_of_the_browser(client: Client, accepted: str, language: str) -> None:
    response = client.get("/", headers={"accept-language": accepted})

    assert (response.status_code, response.headers["Location"]) == (302, f"/{language}/")
    assert {"Accept-Language", "Cookie"} <= set(response.headers["Vary"].split(", "))
    onward = client.get(f"/{language}/")
    assert (onward.status_code, onward.headers["Location"]) == (302, f"/{language}/events/?when=upcoming")


def test_an_address_without_a_language_is_given_one(client: Client) -> None:
    response = client.get("/events/?topic=mixing", headers={"accept-language": "en"})

    assert (response.status_code, response.headers["Location"]) == (302, "/en/events/?topic=mixing")


def test_robots_may_read_calendars_and_not_what_is_private(client: Client) -> None:
    response = client.get("/robots.txt")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /ko/my/",
        "Disallow: /en/my/",
        "Disallow: /ko/offers/",
        "Disallow: /en/offers/",
        "Disallow: /organize/",
        "Disallow: /admin/",
        "Sitemap: https://callboard.test/sitemap.xml",
    ]


def test_the_sitemap_names_every_public_page_in_both_languages(client: Client, now: datetime) -> None:
    organization = factories.organization(now=now)
    programme = factories.programme("Public", of=organization, now=now)
    used, unused = (factories.venue(title, of=organization, now=now) for title in ("Used", "Unused"))
    factories.event("Listed", of=programme, room=factories.room(at=used, now=now), now=now)
    factories.event("Unlisted", of=programme, visibility="unlisted", now=now)
    factories.draft("Draft", of=programme, now=now)
    factories.programme("Hidden", of=organization, is_public=False, now=now)

    body = client.get("/sitemap.xml").content.decode()

    places = {part.partition("</loc>")[0] for part in body.split("<loc>")[1:]}
    assert unused.slug == "unused"
    assert places == {
        f"https://callboard.test/{language}/{path}/"
        for language in ("ko", "en")
        for path in ("events/listed", "programmes/public", "venues/used")
    }
    assert 'hreflang="en" href="https://callboard.test/en/events/listed/"' in body


@pytest.mark.parametrize(("language", "words"), [("ko", "페이지를 찾을 수 없습니다"), ("en", "There is no such page")])
def test_what_is_not_there_is_said_in_the_language_of_the_address(client: Client, language: str, words: str) -> None:
    response = client.get(f"/{language}/nothing/")

    assert response.status_code == 404
    assert (one(response, "h1").text, one(response, "html")["lang"]) == (words, language)


def test_a_failure_of_ours_is_said_in_both_languages(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("pages.public.event_list.listing", fail)
    client = Client(raise_request_exception=False)

    response = client.get("/ko/events/")

    assert response.status_code == 500
    assert [(e.text, e["lang"]) for e in elements(response, "h1")] == [
        ("문제가 발생했습니다", ""),
        ("Something went wrong here", "en"),
    ]
    assert b"broken on purpose" not in response.content


def test_a_host_that_is_not_ours_is_refused_in_words(client: Client) -> None:
    response = client.get("/ko/events/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert one(response, "h1").text == "요청을 읽을 수 없습니다"
