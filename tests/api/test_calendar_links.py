"""A person's calendar links over the API: their own alone, each revocable, none of their addresses stored."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import CalendarLink, IdempotencyKey
from events.operations import subscribing
from events.operations.signing_in import BROWSER
from tests import factories
from tests.api.conftest import World

pytestmark = pytest.mark.django_db
LINKS = "/api/v1/calendar-links/"


def attendee(address: str, *, enforce_csrf_checks: bool = False, since: datetime | None = None) -> APIClient:
    """Somebody who opened the link in a mail to that address."""
    session, since = SessionStore(), since or timezone.now()
    session[BROWSER] = {"id": subscribing.attendee_of(key=address).pk, "since": since.isoformat()}
    session.create()
    client = APIClient(enforce_csrf_checks=enforce_csrf_checks, HTTP_ACCEPT_LANGUAGE="en")
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


@pytest.fixture
def mina(db: None) -> APIClient:
    return attendee("mina@mail.example")


def add(client: APIClient, **body: Any) -> Any:
    return client.post(LINKS, {"name": "Phone", **body}, format="json")


def test_a_link_is_added_followed_changed_rotated_and_revoked(mina: APIClient, world: World) -> None:
    made = add(mina, scope="confirmed", alarm_minutes=15, language="en")
    link = made.json()
    address = f"{LINKS}{link['uid']}/"

    assert (made.status_code, made["Location"]) == (201, f"{settings.CALLBOARD_URL}{address}")
    assert (link["name"], link["scope"], link["alarm_minutes"], link["language"]) == ("Phone", "confirmed", 15, "en")
    path = link["calendar_url"].removeprefix(settings.CALLBOARD_URL)
    assert Client().get(path, headers={"user-agent": "vdirsyncer/0.21"}).status_code == 200
    assert mina.get(address).json()["last_fetched_by"] == "vdirsyncer"

    changed = mina.patch(address, {"name": " My  phone ", "alarm_minutes": None}, format="json").json()
    assert (changed["name"], changed["alarm_minutes"], changed["scope"]) == ("My phone", None, "confirmed")
    assert (changed["calendar_url"], changed["revision"]) == (link["calendar_url"], 1)

    rotated = mina.post(f"{address}rotate/").json()
    assert rotated["calendar_url"] != link["calendar_url"]
    assert Client().get(path).status_code == 404

    assert [row["uid"] for row in mina.get(LINKS).json()["results"]] == [link["uid"]]
    assert mina.delete(address).status_code == 204
    assert Client().get(rotated["calendar_url"].removeprefix(settings.CALLBOARD_URL)).status_code == 404
    assert mina.get(LINKS).json()["results"] == []
    assert {mina.get(address).status_code, mina.delete(address).status_code} == {404}


def test_nobody_sees_or_changes_the_links_of_another_person(mina: APIClient) -> None:
    others = attendee("other@mail.example")
    uid = add(others).json()["uid"]
    before = CalendarLink.objects.values().get()

    answers = [
        mina.get(f"{LINKS}{uid}/"),
        mina.patch(f"{LINKS}{uid}/", {"name": "Mine"}, format="json"),
        mina.post(f"{LINKS}{uid}/rotate/"),
        mina.delete(f"{LINKS}{uid}/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.content for answer in answers} == {mina.get(f"{LINKS}{uuid4()}/").content}
    assert mina.get(LINKS).json()["results"] == []
    assert CalendarLink.objects.values().get() == before


def test_the_same_key_adds_one_link_and_its_address_is_not_stored(mina: APIClient) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "0123456789abcdef"}

    first, again = (mina.post(LINKS, {"name": "Phone"}, format="json", **key) for _ in range(2))

    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert CalendarLink.objects.count() == 1
    token = first.json()["calendar_url"].rpartition("/")[2].removesuffix(".ics")
    assert token not in str(IdempotencyKey.objects.get().snapshot)
    other = attendee("other@mail.example").post(LINKS, {"name": "Phone"}, format="json", **key)
    assert other.json()["uid"] != first.json()["uid"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 61}, "/name"),
        ({"name": "two\u202elines"}, "/name"),
        ({"scope": "everything"}, "/scope"),
        ({"alarm_minutes": -1}, "/alarm_minutes"),
        ({"alarm_minutes": 40_321}, "/alarm_minutes"),
        ({"alarm_minutes": "soon"}, "/alarm_minutes"),
        ({"language": "fr"}, "/language"),
        ({"attendee": 1}, "/attendee"),
    ],
)
def test_bad_input_names_the_field(mina: APIClient, body: dict[str, Any], pointer: str) -> None:
    answer = add(mina, **body)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not CalendarLink.objects.exists()


def test_a_stale_revision_is_refused_and_so_are_too_many_links(mina: APIClient) -> None:
    uid = add(mina).json()["uid"]
    mina.patch(f"{LINKS}{uid}/", {"name": "New"}, format="json")

    stale = mina.patch(f"{LINKS}{uid}/", {"name": "Old"}, format="json", HTTP_IF_MATCH='"r0-x"')
    for _each in range(subscribing.MOST_LINKS - 1):
        assert add(mina).status_code == 201
    too_many = add(mina)

    assert stale.status_code == 412
    assert (too_many.status_code, too_many.json()["code"]) == (409, "too_many_links")


def test_writing_with_the_session_needs_the_csrf_token(mina: APIClient) -> None:
    checked = attendee("mina@mail.example", enforce_csrf_checks=True)

    assert add(checked).status_code == 403
    assert checked.get(LINKS).status_code == 200
    assert APIClient().get(LINKS).status_code == 401
    assert attendee("mina@mail.example", since=timezone.now() - timedelta(days=15)).get(LINKS).status_code == 401
    assert not CalendarLink.objects.exists()


@pytest.mark.parametrize("number", [1, 5])
def test_the_list_takes_a_constant_number_of_statements(
    mina: APIClient, number: int, django_assert_num_queries: Any
) -> None:
    for _each in range(number):
        add(mina)

    with django_assert_num_queries(3):
        assert len(mina.get(LINKS).json()["results"]) == number


def test_an_editor_reads_the_reach_of_an_event(world: World, editor: APIClient) -> None:
    factories.register(world.event, 1)

    found = editor.get("/api/v1/events/lighting/reach/").json()

    version = found.pop("version")
    assert version > 0
    assert found == {"event": "lighting", "registrations": 1, "up_to_date": 0, "stale": 0, "without_link": 1}
