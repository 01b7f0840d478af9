"""The way back to a partner's site: kept from page to page, for sites that somebody named, and never followed by us."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Event, Programme, Registration
from pages.public import returning
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
HOME = "https://www.kofic.or.kr/workshops/?page=2&lang=ko"


def back(response: Any) -> tuple[str, str]:
    link = one(response, "p", class_="back")
    [anchor] = [e for e in elements(response, "a") if e.text == link.text]
    return link.text, anchor["href"]


@pytest.fixture
def programme(now: datetime) -> Programme:
    """Of an office with a site of its own, together with KOFIC, which has one too."""
    office = factories.organization(sites=["https://office.example"], now=now)
    kofic = factories.organization("KOFIC", sites=["https://www.kofic.or.kr"], now=now)
    factories.organization("Stranger", sites=["https://stranger.example"], now=now)
    return factories.programme(of=office, partners=[(kofic, "host")], now=now)


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    return factories.event("Colour", of=programme, most_in_group=3, now=now)


def test_it_is_kept_from_the_event_through_the_form_to_the_registration(client: Client, event: Event) -> None:
    shown = client.get("/en/events/colour/", {"return": HOME})
    form = {e["name"]: e["value"] for e in elements(shown, "input") if e["type"] == "hidden"}
    words = form | {"name": "", "email": "haneul@mail.example"}

    refused = client.post("/en/events/colour/register/", words)
    again = {e["name"]: e["value"] for e in elements(refused, "input") if e["type"] == "hidden"}
    sent = client.post("/en/events/colour/register/", again | {"name": "김하늘", "email": "haneul@mail.example"})
    page = client.get(sent.headers["Location"])

    code = Registration.objects.get().code
    assert sent.headers["Location"] == f"/en/my/registrations/{code}/?return={quote(HOME, safe='')}"
    assert [back(response) for response in (shown, refused, page)] == [("← Back to www.kofic.or.kr", HOME)] * 3
    assert one(page, id="own-address")["value"] == f"https://callboard.test/en/my/registrations/{code}/"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert one(shown, "link", rel="canonical")["href"] == "https://callboard.test/en/events/colour/"


def test_a_group_keeps_it_too(client: Client, event: Event) -> None:
    shown = client.get("/en/events/colour/", {"return": HOME})
    [to_group] = [e["href"] for e in elements(shown, "a") if e["href"].startswith("/en/events/colour/group/")]
    form = client.get(to_group)
    words = {e["name"]: e["value"] for e in elements(form, "input") if e["type"] == "hidden"}
    person = {"name": "김하늘", "email": "haneul@mail.example"}

    sent = client.post("/en/events/colour/group/", words | person | {f"people-0-{k}": v for k, v in person.items()})

    assert back(client.get(sent.headers["Location"])) == back(form) == ("← Back to www.kofic.or.kr", HOME)


def test_whoever_opens_the_form_s_address_comes_to_the_page_with_it(client: Client, event: Event) -> None:
    response = client.get("/en/events/colour/register/", {"return": "https://office.example/"})

    assert response.headers["Location"] == "/en/events/colour/?return=https%3A%2F%2Foffice.example%2F#register"


@pytest.mark.parametrize(
    "url",
    [
        "https://stranger.example/", "http://www.kofic.or.kr/", "https://www.kofic.or.kr:8443/",
        "https://www.kofic.or.kr.evil.example/", "https://www.kofic.or.kr@evil.example/", "//www.kofic.or.kr/",
        "https:www.kofic.or.kr/", "https://www.kofic.or.kr\\@evil.example/", "https://evil.example#www.kofic.or.kr",
        "javascript:alert(1)//https://www.kofic.or.kr", "data:text/html,<script>", "/en/events/", "", "\x00",
        "https://www.kofic.or.kr/\x00", "https://www.kofic.or.kr/" + "a" * 2_000, "https://kofic.or.kr/", "https://[",
    ],
)  # fmt: skip
def test_anything_else_is_as_if_nobody_had_said_it(client: Client, event: Event, url: str) -> None:
    key = {e["name"]: e["value"] for e in elements(client.get("/ko/events/colour/"), "input") if e["type"] == "hidden"}
    shown = client.get("/ko/events/colour/", {"return": url})
    sent = client.post(
        "/ko/events/colour/register/", key | {"name": "김하늘", "email": "haneul@mail.example", "return": url}
    )

    code = Registration.objects.get().code
    assert elements(shown, class_="back") == elements(shown, "input", name="return") == []
    assert sent.headers["Location"] == f"/ko/my/registrations/{code}/"
    assert elements(client.get(sent.headers["Location"], {"return": url}), class_="back") == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (HOME, HOME),
        (" https://WWW.Kofic.or.kr ", "https://www.kofic.or.kr"),
        ("https://www.kofic.or.kr:443//evil.example/?a#b", "https://www.kofic.or.kr//evil.example/?a#b"),
        ("https://영화.한국/교육?쪽=2", "https://xn--vj5bo21a.xn--3e0b707e/%EA%B5%90%EC%9C%A1?%EC%AA%BD=2"),
        ("https://www.kofic.or.kr/교육/", "https://www.kofic.or.kr/%EA%B5%90%EC%9C%A1/"),
        ('https://www.kofic.or.kr/"><script>', "https://www.kofic.or.kr/%22%3E%3Cscript%3E"),
    ],
)
def test_an_address_is_kept_as_browsers_send_it(written: str, kept: str) -> None:
    assert returning.written(written) == kept


def test_looking_costs_one_statement_where_there_is_something_to_look_for(
    client: Client, event: Event, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        client.get("/en/events/colour/")
    with django_assert_num_queries(9):
        client.get("/en/events/colour/", {"return": HOME})
