"""The framed list: who may frame it, what it never touches, and that it shows what the list shows."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Organization
from events.operations import organizing
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
FRAME = "/embed/events/"
DAY = timedelta(days=1)
CLOSED = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors "
)


def of_partner(now: datetime, *sites: str, slug: str = "kofic") -> Organization:
    return factories.organization(slug.upper(), slug=slug, sites=list(sites), owner=f"{slug}@demo.example", now=now)


@pytest.mark.parametrize("view", ["list", "agenda", "grid"])
def test_it_shows_what_the_list_shows_and_every_link_opens_beside_the_page(
    client: Client, now: datetime, view: str
) -> None:
    programme = factories.programme(now=now)
    factories.event("Colour", title_ko="색보정", of=programme, capacity=20, now=now)
    factories.event("Sound", title_ko="음향", of=programme, kind="lecture", now=now)
    factories.event("Unlisted", of=programme, visibility="unlisted", now=now)
    factories.draft("Draft", of=programme, now=now)

    response = client.get(f"{FRAME}?kind=workshop&when=upcoming&lang=en&view={view}&theme=dark&page_size=7&utm_id=x")

    assert [element.text for element in elements(response, class_="name")] == ["Colour"]
    assert one(response, class_="seats").text == "20 of 20 left"
    assert one(response, "html").attributes == {"lang": "en", "data-theme": "dark"}
    links = [(link["href"], link["target"], link["rel"]) for link in elements(response, "a")]
    assert links == [
        ("/en/events/colour/", "_blank", "noopener"),
        ("/en/events/?kind=workshop&when=upcoming", "_blank", "noopener"),
    ]
    assert elements(response, "form") == []


def test_no_cookie_is_set_and_none_matters(client: Client, now: datetime) -> None:
    factories.event(now=now)
    client.cookies["django_language"] = "en"
    client.cookies["sessionid"] = "x" * 32
    client.cookies["csrftoken"] = "y" * 32

    known, wrong = client.get(FRAME), client.get(f"{FRAME}?kind=nothing")
    plain = Client().get(FRAME)

    assert known.content == plain.content
    assert one(known, "html")["lang"] == "ko"
    for response in (known, wrong, plain):
        assert response.cookies == {}
        assert "Set-Cookie" not in response.headers
        assert "Vary" not in response.headers


def test_anybody_may_frame_it_and_it_alone(client: Client, now: datetime) -> None:
    event = factories.event(now=now)

    response = client.get(FRAME)

    assert response.headers["Content-Security-Policy"] == CLOSED + "*"
    assert "X-Frame-Options" not in response.headers
    for address in ("/en/events/", f"/en/events/{event.slug}/", "/", "/api/v1/", "/nowhere/", "/embed/nowhere/"):
        other = client.get(address)
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]
        assert other.headers["X-Frame-Options"] == "DENY"


def test_the_list_of_a_partner_with_sites_is_framed_by_these_alone(client: Client, now: datetime) -> None:
    kofic = of_partner(now, "https://www.kofic.or.kr", "https://kofic.example:8443")
    kafa = of_partner(now, "https://kafa.example", slug="kafa")
    rapa = of_partner(now, slug="rapa")
    factories.programme(of=kofic, partners=[(kafa, "host"), (rapa, "host")], now=now)
    organizing.amend(organization=kofic, fields={"slug": "film-council"}, now=now)

    def framed_by(query: str) -> str:
        return client.get(FRAME + query).headers["Content-Security-Policy"].removeprefix(CLOSED)

    mine = "'self' https://kofic.example:8443 https://www.kofic.or.kr"
    assert framed_by("?organization=film-council") == mine
    assert framed_by("?organization=kofic") == mine
    assert framed_by("?organization=rapa") == "*"
    assert framed_by("?organization=kofic&organization=kafa,rapa") == (
        "'self' https://kafa.example https://kofic.example:8443 https://www.kofic.or.kr"
    )
    assert framed_by("?organization=kofic&kind=nothing") == mine
    assert framed_by("?organization=x%00;script-src%20*") == "*"


def test_a_wrong_address_answers_a_page_that_names_what_is_wrong(client: Client) -> None:
    response = client.get(f"{FRAME}?kind=party&view=wall&lang=fr&theme=pink&page_size=201&colour=red")
    filters = client.get(f"{FRAME}?kind=party&colour=red&lang=en")

    assert response.status_code == filters.status_code == 400
    assert [e.text for e in elements(response, "dt")] == ["lang", "view", "theme", "page_size"]
    assert [e.text for e in elements(filters, "dt")] == ["colour"]
    assert one(filters, "dd").text == "There is no such filter."
    assert response.headers["Content-Security-Policy"] == CLOSED + "*"
    assert "X-Frame-Options" not in response.headers
    assert one(filters, "a").attributes == {"href": "/en/events/", "target": "_blank", "rel": "noopener"}


@pytest.mark.parametrize("size", ["0", "", "-1", "1e2", "٣", "1.5"])
def test_a_page_size_is_a_number_or_nothing(client: Client, size: str) -> None:
    assert client.get(FRAME, {"page_size": size}).status_code == (400 if size else 200)


def test_empty_fields_of_a_form_are_as_left_out(client: Client, now: datetime) -> None:
    factories.event(now=now)

    assert client.get(f"{FRAME}?kind=&topic=&view=&q=").content == client.get(FRAME).content


def test_more_than_fits_is_told_and_led_to(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    for number in range(3):
        factories.event(f"Event {number}", of=programme, now=now)

    response = client.get(f"{FRAME}?page_size=2&lang=en&programme={programme.slug}")
    next_page = client.get(f"{FRAME}?page_size=2&lang=en&programme={programme.slug}&page=2")

    assert [element.text for element in elements(response, class_="name")] == ["Event 0", "Event 1"]
    assert [element.text for element in elements(next_page, class_="name")] == ["Event 2"]
    more = elements(response, "a")[-1]
    assert (more.text, more["href"]) == ("All 3 events", f"/en/events/?programme={programme.slug}")


def test_search_engines_read_each_event_with_its_seats(client: Client, now: datetime) -> None:
    organization = factories.organization(now=now)
    event = factories.draft("</script><b>Colour", of=factories.programme(of=organization, now=now), capacity=1, now=now)
    for days in (3, 1, 2):
        factories.session(event, starts=now + days * DAY, now=now)
    factories.publish(event, now=now)
    factories.register(event, now=now)

    for when in ("", "&when=upcoming"):
        [told] = json.loads(
            one(client.get(f"{FRAME}?lang=en{when}"), "script", type="application/ld+json").words[0]
        )["@graph"]  # fmt: skip
        assert told["name"] == "</script><b>Colour"
        assert told["url"] == f"https://callboard.test/en/events/{event.slug}/"
        assert told["offers"]["availability"] == "https://schema.org/SoldOut"
        assert told["organizer"]["name"] == "Grow Creative Office"
        assert len(told["subEvent"]) == 3
        assert told["startDate"] < told["endDate"]


def test_who_has_it_is_told_so_with_the_same_policy(client: Client, now: datetime) -> None:
    event = factories.event(capacity=5, now=now)
    first = client.get(FRAME)

    again = client.get(FRAME, headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    factories.register(event, now=now)
    changed = client.get(FRAME, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    for name in ("Content-Security-Policy", "ETag", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert "X-Frame-Options" not in again.headers
    assert changed.status_code == 200


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_whatever_stands_in_it(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    student, kofic = factories.audience("student"), of_partner(now, "https://kofic.example")
    for index in range(number):
        organization = factories.organization(f"Office {index}", owner=f"owner{index}@demo.example", now=now)
        programme = factories.programme(f"Programme {index}", of=organization, partners=[(kofic, "host")], now=now)
        room = factories.room(f"Room {index}", at=factories.venue(of=organization, now=now), now=now)
        speaker = factories.speaker(f"Speaker {index}", of=organization, now=now)
        factories.event(of=programme, sessions=3, room=room, speakers=[speaker], audiences=[student], now=now)

    with django_assert_num_queries(8):
        response = client.get(f"{FRAME}?when=upcoming")
    with django_assert_num_queries(10):
        named = client.get(f"{FRAME}?when=upcoming&organization=kofic")

    assert len(elements(response, class_="name")) == len(elements(named, class_="name")) == number
