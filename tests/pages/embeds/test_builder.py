"""The page that writes the markup: what it offers, what it writes, and that it needs no JavaScript."""

from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.pages.html import Element, elements, one

pytestmark = pytest.mark.django_db
HOST = "https://callboard.test"


def written(response: HttpResponse) -> list[Element]:
    """The elements of the markup to copy, as a browser would read them."""
    return elements(HttpResponse("".join(one(response, "textarea").words)))


def test_it_begins_with_what_is_coming_up(client: Client) -> None:
    response = client.get("/ko/embed/")

    assert (response.status_code, response.headers["Location"]) == (302, "/ko/embed/?when=upcoming")


def test_pages_lead_to_it_with_their_filters(client: Client, now: datetime) -> None:
    filtered = client.get("/en/events/?kind=workshop&when=upcoming")
    whole = client.get("/en/events/")

    assert [e["href"] for e in elements(filtered, "a") if e["href"].startswith("/en/embed/")] == [
        "/en/embed/?kind=workshop&when=upcoming", "/en/embed/?when=upcoming",
    ]  # fmt: skip
    assert "/en/embed/?view=list" in [e["href"] for e in elements(whole, "a")]


def test_the_script_s_markup_says_what_was_chosen(client: Client, now: datetime) -> None:
    factories.event("Colour", now=now)

    response = client.get('/en/embed/?q="><b>&when=upcoming&view=grid&theme=dark&page_size=5&lang=ko')

    script, element, _ul, _li, schedule, _li, calendar = written(response)
    address = f"{HOST}/ko/events/?q=%22%3E%3Cb%3E&when=upcoming"
    assert (script["src"], script["type"]) == (f"{HOST}/embed/v1.js", "module")
    assert element.tag == "callboard-events"
    assert element.attributes == {"src": address, "lang": "ko", "view": "grid", "limit": "5", "theme": "dark"}
    assert (schedule["href"], schedule.text) == (address, "전체 일정으로 가기")
    assert calendar["href"] == f"{HOST}/calendars/sessions.ics?q=%22%3E%3Cb%3E&lang=ko"
    preview = one(response, "callboard-events")
    assert preview["src"] == address.removeprefix(HOST)
    assert one(response, "pre").text == f"script-src {HOST}; connect-src {HOST}"


def test_the_frame_s_markup_and_its_address_are_the_preview(client: Client, now: datetime) -> None:
    factories.event("Colour", now=now)

    response = client.get("/ko/embed/?way=frame&when=upcoming&view=agenda&return=https://www.kofic.or.kr/")

    frame, script = written(response)
    address = f"{HOST}/embed/events/?when=upcoming&lang=ko&view=agenda&return=https:%2F%2Fwww.kofic.or.kr%2F"
    assert (frame.tag, frame["src"], script["src"]) == ("iframe", address, f"{HOST}/embed/v1-frame.js")
    assert "style" not in frame.attributes
    assert [one(response, id=f"made-{name}")["value"] for name in ("wordpress", "notion")] == [address] * 2
    shown = one(response, "iframe")
    assert shown["src"] == address.removeprefix(HOST)
    inside = client.get(shown["src"])
    assert one(inside, "ol", class_="agenda")
    assert elements(inside, "a")[0]["href"] == "/ko/events/colour/?return=https%3A%2F%2Fwww.kofic.or.kr%2F"
    assert client.get("/oembed/", {"url": address}).status_code == 200


def test_usual_looks_are_left_out(client: Client) -> None:
    response = client.get("/en/embed/?when=&view=list&theme=auto&page_size=50&way=frame&lang=en&topic=")
    followed = client.get(response.headers["Location"])

    assert written(followed)[0]["src"] == f"{HOST}/embed/events/?lang=en"


def test_it_is_a_form_with_every_choice_as_it_was_made(client: Client, now: datetime) -> None:
    factories.event("Colour", now=now)

    response = client.get("/en/embed/?way=frame&kind=workshop&when=past&view=grid&theme=light&lang=ko&page_size=7")

    checked = {e["name"]: e["value"] for e in elements(response, "input") if "checked" in e.attributes}
    assert checked == {
        "way": "frame", "kind": "workshop", "when": "past", "view": "grid", "theme": "light", "lang": "ko",
    }  # fmt: skip
    assert one(response, "input", name="page_size")["value"] == "7"
    assert one(response, "form", class_="builder")["method"] == "get"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("way=popup", "way"), ("view=wall", "view"), ("kind=party", "kind"), ("colour=red", "colour"),
        ("page=2", "page"), ("page_size=1000", "page_size"), ("lang=fr", "lang"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(client: Client, query: str, name: str) -> None:
    response = client.get(f"/en/embed/?{query}")

    assert response.status_code == 400
    assert [e.text for e in elements(response, "dt")] == [name]


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_whatever_it_offers(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        room = factories.room(f"Room {index}", at=factories.venue(f"Venue {index}", now=now), now=now)
        factories.event(f"Event {index}", room=room, topics=[factories.topic(f"T {index}", now=now)], now=now)

    with django_assert_num_queries(9):
        response = client.get("/ko/embed/?when=upcoming")

    assert response.status_code == 200
