"""oEmbed: what our addresses become in a content system, and what is nothing to embed."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM
from events.operations import planning
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
HOST = "https://callboard.test"


def asked(client: Client, path: str, **more: Any) -> Any:
    return client.get("/oembed/", {"url": f"{HOST}{path}", **more})


@pytest.fixture
def world(now: datetime) -> None:
    programme = factories.programme(now=now)
    venue = factories.venue(title_ko="영화의전당", now=now)
    factories.event("Colour", title_ko="색보정 <기초>", of=programme, room=factories.room(at=venue, now=now), now=now)
    factories.event("Unlisted", of=programme, visibility="unlisted", now=now)
    factories.draft("Draft", of=programme, now=now)


@pytest.mark.parametrize(
    ("path", "title", "frame"),
    [
        ("/en/events/?when=upcoming&kind=workshop&utm_source=x", "Schedule", "kind=workshop&when=upcoming&lang=en"),
        ("/ko/events/", "일정", "lang=ko"),
        ("/ko/events/colour/", "색보정 <기초>", "event=colour&lang=ko"),
        ("/en/events/colour/?return=https://x.example#register", "Colour", "event=colour&lang=en"),
        ("/en/programmes/biff-workshops/", "BIFF Workshops", "programme=biff-workshops&when=upcoming&lang=en"),
        ("/ko/venues/busan-cinema-center/", "영화의전당", "venue=busan-cinema-center&when=upcoming&lang=ko"),
        ("/embed/events/?lang=en&view=grid&kind=workshop", "Schedule", "kind=workshop&lang=en&view=grid"),
    ],
)
def test_an_address_of_ours_becomes_a_frame(client: Client, world: None, path: str, title: str, frame: str) -> None:
    response = asked(client, path)

    told = response.json()
    shown = one(client.get(f"/embed/events/?{frame}"), "html")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {name: told[name] for name in ("version", "type", "title", "provider_name", "width")} == {
        "version": "1.0", "type": "rich", "title": title, "provider_name": "Callboard", "width": 800,
    }  # fmt: skip
    response.content = told["html"].encode()
    [markup] = elements(response)
    assert (markup.tag, markup["src"], markup["title"]) == ("iframe", f"{HOST}/embed/events/?{frame}", title)
    assert (markup["width"], markup["height"]) == ("800", str(told["height"]))
    assert shown["lang"] == frame[frame.index("lang=") + 5 :][:2]


def test_nothing_is_larger_than_was_asked_for(client: Client, world: None) -> None:
    small = asked(client, "/ko/events/", maxwidth="320", maxheight="200").json()
    large = asked(client, "/ko/events/", maxwidth="9999", maxheight="9999").json()

    assert (small["width"], small["height"], large["width"], large["height"]) == (320, 200, 800, 640)
    assert 'width="320"' in small["html"]
    assert 'height="200"' in small["html"]


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/ko/events/", "http://callboard.test/ko/events/", "//callboard.test/ko/events/",
        "https://callboard.test:8443/ko/events/", "https://callboard.test@evil.example/ko/events/", "not an address",
        "https://[", f"{HOST}/", f"{HOST}/fr/events/", f"{HOST}/ko/events/unlisted/", f"{HOST}/ko/events/draft/",
        f"{HOST}/ko/events/nothing/", f"{HOST}/ko/events/?kind=party", f"{HOST}/ko/events/?view=grid",
        f"{HOST}/ko/events/?programme=nothing", f"{HOST}/embed/events/?view=wall", f"{HOST}/ko/my/",
        f"{HOST}/organize/", f"{HOST}/api/v1/events/", f"{HOST}/ko/programmes/nothing/", f"{HOST}/ko/venues/nothing/",
        f"{HOST}/ko/events/colour/register/",
    ],
)  # fmt: skip
def test_what_is_not_ours_private_or_not_there_is_a_404(client: Client, world: None, url: str) -> None:
    response = client.get("/oembed/", {"url": url})

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (404, "?url")
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ({"format": "xml"}, 501, "format"), ({"url": ""}, 400, "url"), ({"maxwidth": "wide"}, 400, "maxwidth"),
        ({"maxheight": "0"}, 400, "maxheight"), ({"callback": "x"}, 400, "callback"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_names_the_parameter(
    client: Client, query: dict[str, str], status: int, name: str
) -> None:
    response = client.get("/oembed/", {"url": f"{HOST}/ko/events/", **query})

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (status, f"?{name}")


def test_it_is_the_same_for_everybody_whatever_cookies_come_along(client: Client, world: None) -> None:
    client.cookies["sessionid"] = "x"  # of which the session middleware rids the browser
    client.cookies["csrftoken"] = "x"

    known, plain = asked(client, "/en/events/"), asked(Client(), "/en/events/")
    posted = Client(enforce_csrf_checks=True).post("/oembed/")

    assert known.content == plain.content
    assert "Set-Cookie" not in known.headers
    assert [known.headers.get(name) for name in ("Vary", "Cache-Control")] == [None, "public, max-age=3600"]
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD")


def test_a_refusal_speaks_the_language_of_who_asks(client: Client) -> None:
    korean, english = (client.get("/oembed/", headers={"Accept-Language": tag}).json() for tag in ("ko", "en-GB,ko"))

    assert english["detail"] == "Write the address of a page of ours."
    assert korean["detail"] != english["detail"]


def test_pages_lead_to_it_but_for_what_is_unlisted(client: Client, world: None) -> None:
    pages = ["/en/events/?kind=workshop", "/ko/events/colour/", "/ko/programmes/biff-workshops/",
             "/en/venues/busan-cinema-center/", "/embed/events/?lang=en&view=grid"]  # fmt: skip
    for path in pages:
        [link] = elements(client.get(path), "link", type="application/json+oembed")
        answer = client.get(link["href"].removeprefix(HOST))
        assert answer.status_code == 200
        assert "<iframe" in answer.json()["html"]

    assert elements(client.get("/ko/events/unlisted/"), "link", type="application/json+oembed") == []


def test_an_old_address_is_found_and_looking_costs_little(
    client: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    programme = factories.programme(now=now)
    factories.event("Colour", of=programme, now=now)
    planning.amend(thing=programme, fields={"slug": "busan"}, actor=SYSTEM, now=now)

    with django_assert_num_queries(1):
        told = asked(client, "/en/programmes/biff-workshops/").json()

    assert "programme=busan&amp;when=upcoming" in told["html"]
