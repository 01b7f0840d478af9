"""Groups: one booker, several people, all of them or nobody; and the booker's code."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Group, Registration
from tests import factories
from tests.api.conftest import World, keyed
from tests.api.test_problems import refused

URL = "/api/v1/events/lighting/groups/"
BOOKER = {"name": "박서준", "email": "office@mail.example", "language": "en"}
KEY = "a key of a client"


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = False


def people(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "email": f"{name.lower()}@mail.example"} for name in names]


def book(client: APIClient, *names: str, url: str = URL, key: str = "", **change: Any) -> Any:
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post(url, {"booker": BOOKER, "people": people(*names)} | change, "json", **headers)


def test_everybody_has_a_registration_of_their_own_and_the_booker_the_code_of_all(
    client: APIClient, world: World
) -> None:
    answer = book(client, "Ara", "Bora")
    group, rows = Group.objects.get(), list(Registration.objects.order_by("pk"))
    body = answer.json()

    assert (answer.status_code, answer["Cache-Control"]) == (201, "private, no-store")
    assert body == {
        "code": group.code,
        "event": "lighting",
        "status": "confirmed",
        "registrations": [
            {
                "name": name,
                "code": row.code,
                "status": "confirmed",
                "position": None,
                "event": "lighting",
                "offer_expires_at": None,
                "manage_url": f"https://callboard.test/en/my/registrations/{row.code}/",
                "calendar_url": body["registrations"][number]["calendar_url"],
                "clash": False,
            }
            for number, (name, row) in enumerate(zip(("Ara", "Bora"), rows, strict=True))
        ],
    }
    without_clash = [{k: v for k, v in one.items() if k != "clash"} for one in body["registrations"]]
    assert client.get(f"/api/v1/groups/{group.code}/").json() == {**body, "registrations": without_clash}


def test_a_key_books_once(client: APIClient, world: World) -> None:
    first, again = book(client, "Ara", "Bora", key=KEY), book(client, "Ara", "Bora", key=KEY)
    other = book(client, "Ara", "Cara", key=KEY)

    assert (first.status_code, again.content, again["Idempotency-Replayed"]) == (201, first.content, "true")
    assert (other.status_code, Registration.objects.count()) == (422, 2)


def test_they_wait_as_one_and_the_booker_sees_their_places(client: APIClient, world: World) -> None:
    now = timezone.now()
    event = factories.event("Small", of=world.programme, capacity=2, waitlist="automatic", now=now)
    factories.register(event, 1, now=now)

    made = book(client, "Ara", "Bora", url="/api/v1/events/small/groups/").json()

    assert [(made["status"], one["status"], one["position"]) for one in made["registrations"]] == [
        ("waitlisted", "waitlisted", 1), ("waitlisted", "waitlisted", 2),
    ]  # fmt: skip


def test_the_booker_cancels_single_people_and_the_others_stay(client: APIClient, world: World) -> None:
    made = book(client, "Ara", "Bora").json()
    url = f"/api/v1/groups/{made['code']}/"

    for number, status in enumerate(["confirmed", "cancelled"]):
        client.post(f"/api/v1/registrations/{made['registrations'][number]['code']}/cancel/")
        assert client.get(url).json()["status"] == status


def test_one_who_cannot_come_keeps_all_away_and_is_named(client: APIClient, world: World) -> None:
    now = timezone.now()
    student, professional = factories.audience("student"), factories.audience("professional")
    factories.event("Students", of=world.programme, audiences=[student], now=now)
    factories.event("Two", of=world.programme, capacity=2, now=now)
    factories.register(world.event, 1, now=now, email="bora@mail.example")
    pro = [*people("Ara"), {**people("Bora")[0], "audience": professional.slug}]
    unknown = [*people("Ara"), {**people("Bora")[0], "audience": "nothing"}]

    def refusal(*names: str, slug: str = "lighting", **change: Any) -> tuple[int, str, list[str]]:
        status, code, errors = refused(book(client, *names, url=f"/api/v1/events/{slug}/groups/", **change))
        return status, code, [pointer for pointer, _code in errors]

    assert {
        "there already": refusal("Ara", "Bora"),
        "twice": refusal("Ara", "Cara", "ara"),
        "not for them": refusal(slug="students", people=pro),
        "unknown audience": refusal(people=unknown),
        "no seats": refusal("Ara", "Cara", "Dara", slug="two"),
        "too many": refusal(*(f"P{n}" for n in range(11))),
        "nobody": refusal(),
        "no address": refusal(people=[*people("Ara"), {"name": "Bora"}]),
        "wrong address": refusal(people=[*people("Ara"), {"name": "Bora", "email": "bora"}]),
        "wrong booker": refusal("Ara", booker={"name": "www.example.com", "email": "office@mail.example"}),
        "unknown field": refusal(people=[{**people("Ara")[0], "code": "X"}]),
        "wrong kind": refusal(people={"0": people("Ara")[0]}),
        "unknown event": refusal("Ara", slug="nothing"),
        "unasked answer": refusal("Ara", code="WRONG"),
    } == {
        "there already": (409, "already_registered", ["/people/1/email"]),
        "twice": (400, "invalid", ["/people/2/email"]),
        "not for them": (409, "not_eligible", ["/people/1/audience"]),
        "unknown audience": (400, "unknown_reference", ["/people/1/audience"]),
        "no seats": (409, "event_full", []),
        "too many": (400, "invalid", ["/people"]),
        "nobody": (400, "invalid", ["/people"]),
        "no address": (400, "invalid", ["/people/1/email"]),
        "wrong address": (400, "invalid", ["/people/1/email"]),
        "wrong booker": (400, "invalid", ["/booker/name"]),
        "unknown field": (400, "invalid", ["/people/0/code"]),
        "wrong kind": (400, "invalid", ["/people"]),
        "unknown event": (404, "not_found", []),
        "unasked answer": (409, "code_required", ["/code"]),
    }
    assert (Group.objects.count(), Registration.objects.count()) == (0, 1)


def test_an_organizer_books_for_them_too_and_nobody_else_does(client: APIClient, world: World) -> None:
    assert book(client, "Ara", by_organizer=True).status_code == 401
    assert book(keyed(world.theirs, "owner"), "Ara", by_organizer=True).status_code == 403
    assert book(keyed(world.ours), "Ara", by_organizer=True).status_code == 201


def test_an_unknown_code_is_nothing(client: APIClient, world: World) -> None:
    registration = factories.register(world.event, 1, now=timezone.now())

    assert [client.get(f"/api/v1/groups/{code}/").status_code for code in ("nothing", registration.code)] == [404, 404]
