"""The pages of a programme and of a venue."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM
from events.operations import placing, planning
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


def test_a_programme_shows_who_carries_it_and_what_is_coming(client: Client, now: datetime) -> None:
    office, film_council = factories.organization(now=now), factories.organization("KOFIC", title_ko="", now=now)
    programme = factories.programme(
        of=office, partners=[(film_council, "host")], campaign=factories.campaign(of=office, now=now), now=now
    )
    factories.event("Coming", of=programme, now=now)
    factories.event("Over", of=programme, now=now - timedelta(days=30))
    factories.event("Elsewhere", of=factories.programme("Other", of=office, now=now), now=now)

    response = client.get(f"/en/programmes/{programme.slug}/")

    assert one(response, "h1").text == "BIFF Workshops"
    assert one(response, "dl", class_="facts").text == "Organizer Grow Creative Office host KOFIC"
    assert [element.text for element in elements(response, "h3")] == ["Coming"]
    assert one(response, id="calendar-address")["value"] == (
        f"https://callboard.test/calendars/programmes/{programme.slug}.ics?lang=en"
    )
    assert one(response, "link", rel="canonical")["href"] == f"https://callboard.test/en/programmes/{programme.slug}/"


def test_a_venue_shows_the_way_its_rooms_and_what_is_coming(client: Client, now: datetime) -> None:
    venue = factories.venue(
        address_ko="부산 120", directions_ko="**2호선** 센텀시티역", latitude="35.1711",
        longitude="129.1273", now=now,
    )  # fmt: skip
    room = factories.room(at=venue, seats=40, now=now)
    factories.room("Attic", at=venue, seats=None, now=now)
    factories.event("Here", room=room, now=now)
    factories.event("Elsewhere", now=now)

    response = client.get(f"/ko/venues/{venue.slug}/")

    assert one(response, "p", class_="summary").text == "부산 120"
    assert one(response, "dl", class_="facts").text == "Room 201 40석 Attic –"
    assert [element.text for element in elements(response, "h3")] == ["Here"]
    maps = {e.text: e["href"] for e in elements(response, "a") if e.text.endswith("지도")}
    assert maps == {
        "Naver 지도": "https://map.naver.com/p/search/%EB%B6%80%EC%82%B0%20120",
        "Kakao 지도": "https://map.kakao.com/link/search/%EB%B6%80%EC%82%B0%20120",
        "Google 지도": "https://www.google.com/maps/search/?api=1&query=%EB%B6%80%EC%82%B0%20120",
        "OpenStreetMap 지도": "https://www.openstreetmap.org/?mlat=35.171100&mlon=129.127300#map=17/35.171100/129.127300",
    }


def test_a_hidden_programme_is_not_there(client: Client, now: datetime) -> None:
    programme = factories.programme(is_public=False, now=now)

    assert client.get(f"/en/programmes/{programme.slug}/").status_code == 404


def test_old_addresses_of_programmes_and_venues_lead_on(client: Client, now: datetime) -> None:
    programme, venue = factories.programme(now=now), factories.venue(now=now)
    office = programme.organization
    planning.amend(thing=programme, fields={"slug": "renamed"}, actor=SYSTEM, now=now)
    placing.amend_venue(venue=venue, organization=office, fields={"slug": "moved"}, actor=SYSTEM, now=now)

    answers = [client.get("/ko/programmes/biff-workshops/"), client.get("/ko/venues/busan-cinema-center/")]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (301, "/ko/programmes/renamed/"),
        (301, "/ko/venues/moved/"),
    ]


@pytest.mark.parametrize("number", [1, 5])
def test_both_pages_cost_the_same_whatever_is_coming(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    programme = factories.programme(now=now)
    venue = factories.venue(of=programme.organization, now=now)
    for index in range(number):
        factories.event(of=programme, room=factories.room(f"Room {index}", at=venue, now=now), now=now)

    with django_assert_num_queries(10):
        by_programme = client.get(f"/ko/programmes/{programme.slug}/")
    with django_assert_num_queries(10):
        by_venue = client.get(f"/ko/venues/{venue.slug}/")

    assert len(elements(by_programme, "h3")) == len(elements(by_venue, "h3")) == number
