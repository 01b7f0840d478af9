"""Where members start: their own organizations and events, and nobody else's."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Organization, Person, Role
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


def sign_in(client: Client, organization: Organization, role: Role = "editor") -> None:
    actor = factories.member(organization, role)
    client.force_login(Person.objects.get(pk=actor.person_id))


def titles(client: Client) -> list[str]:
    return [element.text for element in elements(client.get("/organize/"), "th", scope="row")]


def test_it_shows_roles_events_and_how_their_seats_stand(client: Client, now: datetime) -> None:
    organization = factories.organization(now=now)
    programme = factories.programme(of=organization, title_ko="부산 워크숍", now=now)
    event = factories.event("Full of people", of=programme, sessions=2, capacity=5, now=now)
    for number in range(3):
        factories.register(event, number, now=now)
    factories.draft("Being planned", of=programme, now=now)
    sign_in(client, organization, "viewer")

    response = client.get("/organize/")

    assert one(response, "dl").text == "그로우 크리에이티브 사무국 grow-creative-office 열람자 · 캘린더"
    assert one(response, "h2", class_="day").text == "부산 워크숍 공개 페이지 캘린더"
    rows = [element.text for element in elements(response, "tr")][1:]
    assert [row.partition(" 20")[0] for row in rows] == ["Full of people", "Being planned – 0 초안 0 0"]
    assert rows[0].endswith(" KST 2 공개 3 / 5 0")
    assert [e["href"] for e in elements(response, "a") if e.text == "Full of people"] == [
        f"/organize/events/{event.slug}/"
    ]


def test_seats_are_counted_once_whatever_quotas_count_them_too(client: Client, now: datetime) -> None:
    organization, student = factories.organization(now=now), factories.audience("student")
    programme = factories.programme(of=organization, now=now)
    event = factories.event(of=programme, capacity=3, waitlist="automatic", audiences=[student], now=now)
    factories.quota(event, 2, "ceiling", audience=student, now=now)
    factories.crowd(event, range(3), audience=student, now=now)
    sign_in(client, organization)

    response = client.get("/organize/")

    assert [element.text for element in elements(response, "td", class_="number")] == ["1", "2 / 3", "1"]


def test_nobody_sees_what_belongs_to_others(client: Client, now: datetime) -> None:
    own, other = factories.organization("Own", now=now), factories.organization("Other", now=now)
    factories.draft("Mine", of=factories.programme(of=own, now=now), now=now)
    factories.draft("Theirs", of=factories.programme(of=other, now=now), now=now)
    sign_in(client, own)

    response = client.get("/organize/")

    assert [element.text for element in elements(response, "th", scope="row")] == ["Mine"]
    assert "Other" not in one(response, "main").text


def test_door_staff_see_their_role_and_no_events(client: Client, now: datetime) -> None:
    organization = factories.organization(now=now)
    factories.draft("Mine", of=factories.programme(of=organization, now=now), now=now)
    sign_in(client, organization, "door")

    assert titles(client) == []


def test_somebody_without_an_organization_is_told_who_can_help(client: Client, now: datetime) -> None:
    factories.draft(now=now)
    client.force_login(factories.person())

    response = client.get("/organize/")

    assert elements(response, "table") == []
    assert "아직 어느 기관에도 속해 있지 않습니다." in one(response, "main").text


def test_operators_see_everything(client: Client, now: datetime) -> None:
    factories.draft("Theirs", now=now)
    client.force_login(Person.objects.create_superuser("operator@demo.example"))

    assert titles(client) == ["Theirs"]


def test_the_console_speaks_the_language_that_was_chosen(client: Client, now: datetime) -> None:
    client.force_login(factories.person())

    chosen = client.post("/language/", {"language": "en", "next": "/organize/"})

    assert chosen.headers["Location"] == "/organize/"
    assert one(client.get("/organize/"), "h1").text == "Your board"


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_whatever_there_is(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organization = factories.organization(now=now)
    for index in range(number):
        programme = factories.programme(f"Programme {index}", of=organization, now=now)
        factories.event(of=programme, sessions=2, now=now + timedelta(hours=index))
    sign_in(client, organization)

    with django_assert_num_queries(9):
        response = client.get("/organize/")

    assert len(elements(response, "th", scope="row")) == number
