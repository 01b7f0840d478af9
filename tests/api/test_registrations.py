"""Registering over the API: the answer, the refusals, once for each key, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import IdempotencyKey, Registration
from tests import factories
from tests.api.conftest import World, keyed, signed_in

URL = "/api/v1/events/lighting/registrations/"
PERSON = {"name": "김하늘", "email": "haneul@mail.example"}
KEY = "a key of a client"

REGISTERING = 5  # event with pool; pool, registration, ledger, change
WITH_A_KEY = 7  # and the key before and after
WITH_AN_AUDIENCE = 8  # and the event's audiences
SOLD_OUT = 2  # event with pool; is it the same person again?


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = False


def post(client: APIClient, url: str = URL, key: str = "", **change: Any) -> Any:
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post(url, PERSON | change, "json", **headers)


def test_registering_answers_with_what_opens_this_one_registration(client: APIClient, world: World) -> None:
    answer = post(client, language="en", answers={"Why?": "Light", "Years": 3})
    row = Registration.objects.get()
    body = answer.json()

    assert (answer.status_code, answer["Cache-Control"]) == (201, "private, no-store")
    assert body == {
        "code": row.code,
        "status": "confirmed",
        "position": None,
        "event": "lighting",
        "manage_url": f"https://callboard.test/en/my/registrations/{row.code}/",
        "calendar_url": body["calendar_url"],
    }
    assert client.get(body["calendar_url"].removeprefix("https://callboard.test")).status_code == 200
    assert client.get(f"/api/v1/registrations/{row.code}/").json() == {
        **{name: body[name] for name in ("code", "status", "position", "event", "manage_url", "calendar_url")},
        "name": "김하늘",
        "email": "haneul@mail.example",
        "audience": None,
        "language": "en",
        "answers": {"Why?": "Light", "Years": 3},
        "reason": "",
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def test_the_language_is_the_asked_one_unless_said(client: APIClient, world: World) -> None:
    assert "/ko/my/" in client.post(URL, PERSON, "json", HTTP_ACCEPT_LANGUAGE="ko").json()["manage_url"]


def test_refusals_are_409_with_their_code_and_nothing_more(client: APIClient, world: World) -> None:
    now = timezone.now()
    programme = world.programme
    student, professional = factories.audience("student"), factories.audience("professional")
    assert (student.slug, professional.slug) == ("student", "professional")
    factories.event("Full", of=programme, capacity=0, now=now)
    factories.event("Past", of=programme, now=now - timedelta(days=30))
    factories.event("Later", of=programme, registration_opens_at=now + timedelta(days=1), now=now)
    factories.event("None", of=programme, registration="none", now=now)
    factories.event("Students", of=programme, audiences=[student], now=now)
    factories.event("Off", of=programme, now=now)
    keyed(world.ours).post("/api/v1/events/off/cancel/")
    post(client)

    def refusal(slug: str, **change: Any) -> tuple[int, str]:
        answer = post(client, f"/api/v1/events/{slug}/registrations/", **change)
        return answer.status_code, answer.json()["code"]

    assert {
        "lighting": refusal("lighting", email="HANEUL@mail.EXAMPLE"),
        **{slug: refusal(slug) for slug in ("full", "past", "later", "none", "off")},
        "students": refusal("students", audience="professional"),
    } == {
        "lighting": (409, "already_registered"),
        "full": (409, "event_full"),
        "past": (409, "registration_closed"),
        "later": (409, "registration_closed"),
        "none": (409, "registration_closed"),
        "off": (409, "event_cancelled"),
        "students": (409, "not_eligible"),
    }
    assert set(post(client).json()) == {"type", "title", "status", "detail", "code", "errors"}


@pytest.mark.parametrize("capacity", [20, 1])
def test_a_key_registers_once_and_answers_the_same_again(client: APIClient, world: World, capacity: int) -> None:
    keyed(world.ours).patch("/api/v1/events/lighting/", {"capacity": capacity}, "json")

    first = post(client, key=KEY)
    again = post(client, key=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (first.has_header("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (False, "true")
    assert Registration.objects.count() == world.event.pools.get().taken == 1


def test_a_key_belongs_to_one_caller_one_address_and_one_body(client: APIClient, world: World) -> None:
    factories.event("Other", of=world.programme, now=timezone.now())
    post(client, key=KEY)

    other_body = post(client, key=KEY, name="Somebody else")
    other_address = post(client, "/api/v1/events/other/registrations/", key=KEY)
    other_caller = post(keyed(world.theirs), key=KEY, email="other@mail.example")

    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")
    assert (other_address.status_code, other_caller.status_code) == (201, 201)


def test_a_refusal_is_not_kept_under_its_key(client: APIClient, world: World) -> None:
    editor = keyed(world.ours)
    editor.patch("/api/v1/events/lighting/", {"capacity": 0}, "json")

    refused = post(client, key=KEY)
    editor.patch("/api/v1/events/lighting/", {"capacity": 1}, "json")
    accepted = post(client, key=KEY)

    assert (refused.json()["code"], accepted.status_code) == ("event_full", 201)
    assert IdempotencyKey.objects.count() == 1


def test_every_post_that_creates_honours_a_key(world: World) -> None:
    editor = keyed(world.ours)
    bodies: dict[str, dict[str, Any]] = {
        "campaigns": {"organization": "ours", "title_en": "New"},
        "programmes": {"organization": "ours", "title_en": "New"},
        "topics": {"title_en": "New"},
        "audiences": {"title_en": "New"},
        "speakers": {"organization": "ours", "name_en": "New"},
        "series": {"programme": "biff-workshops", "title_en": "New"},
        "venues": {"organization": "ours", "title_en": "New"},
        "rooms": {"venue": "new", "title_en": "New"},
        "venues/new/closures": {"starts_at": "2027-01-01T00:00", "ends_at": "2027-01-02T00:00"},
        "events": {"programme": "biff-workshops", "title_en": "New"},
        "sessions": {"event": "new", "starts_at": "2027-03-01T10:00", "ends_at": "2027-03-01T12:00"},
        "sessions/repeat": {
            "event": "new", "starts_at": "2027-04-01T10:00", "ends_at": "2027-04-01T12:00",
            "rule": "FREQ=DAILY;COUNT=2",
        },
    }  # fmt: skip
    for path, body in bodies.items():
        first = editor.post(f"/api/v1/{path}/", body, "json", HTTP_IDEMPOTENCY_KEY=KEY)
        again = editor.post(f"/api/v1/{path}/", body, "json", HTTP_IDEMPOTENCY_KEY=KEY)

        assert (path, first.status_code, again.content) == (path, 201, first.content)
        assert again["Idempotency-Replayed"] == "true"


def statements(client: APIClient, **change: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = post(client, **change)
    assert answer.status_code in (201, 409)
    return [query["sql"] for query in captured if query["sql"].split()[0] not in ("BEGIN", "COMMIT", "ROLLBACK")]


@pytest.mark.django_db(transaction=True)
def test_registering_takes_few_statements(client: APIClient, transactional_db: None, world: World) -> None:
    factories.audience("student")
    post(client, email="first@mail.example")  # writes what is prepared once for each process

    assert len(statements(client, email="second@mail.example")) == REGISTERING
    assert len(statements(client, email="third@mail.example", key=KEY)) == WITH_A_KEY
    with_an_audience = statements(client, email="fourth@mail.example", key=f"{KEY} 2", audience="student")
    assert len(with_an_audience) in (WITH_AN_AUDIENCE, WITH_AN_AUDIENCE + 1)


@pytest.mark.django_db(transaction=True)
def test_a_sold_out_answer_opens_no_transaction(client: APIClient, transactional_db: None, world: World) -> None:
    keyed(world.ours).patch("/api/v1/events/lighting/", {"capacity": 1}, "json")
    post(client, email="first@mail.example")

    with CaptureQueriesContext(connection) as captured:
        refused = post(client)
    with CaptureQueriesContext(connection) as with_a_key:
        post(client, key=KEY)

    assert refused.json()["code"] == "event_full"
    assert [query["sql"].split()[0] for query in captured] == ["SELECT"] * SOLD_OUT
    assert [query["sql"].split()[0] for query in with_a_key] == ["SELECT"] * (SOLD_OUT + 1)


def test_cancelling_frees_the_seat_and_may_be_repeated(client: APIClient, world: World) -> None:
    code = post(client).json()["code"]

    first = client.post(f"/api/v1/registrations/{code}/cancel/", {"reason": "Ill"}, "json").json()
    again = client.post(f"/api/v1/registrations/{code}/cancel/").json()

    assert (first["status"], first["reason"], again) == ("cancelled", "Ill", first)
    assert world.event.pools.get().taken == 0
    assert post(client).status_code == 201


def test_organizers_read_their_own_attendees_and_narrow_them(client: APIClient, world: World) -> None:
    now = timezone.now()
    other = factories.event("Theirs", of=factories.programme("Theirs", of=world.theirs, now=now), now=now)
    factories.register(other, 9, now=now)
    gone = post(client, email="gone@mail.example").json()["code"]
    client.post(f"/api/v1/registrations/{gone}/cancel/")
    post(client)
    editor = keyed(world.ours)

    def emails(query: str = "") -> list[str]:
        return [row["email"] for row in editor.get(f"/api/v1/registrations/{query}").json()["results"]]

    assert emails() == ["gone@mail.example", "haneul@mail.example"]
    assert emails("?status=confirmed") == ["haneul@mail.example"]
    assert emails("?event=lighting&ordering=-created_at") == ["haneul@mail.example", "gone@mail.example"]
    assert editor.get("/api/v1/registrations/?event=nothing").status_code == 400
    assert [row["email"] for row in editor.get(URL).json()["results"]] == emails()
    assert signed_in(world.ours, "viewer").get("/api/v1/registrations/").status_code == 403


def test_nobodys_name_or_address_ever_leaves_the_circle(world: World) -> None:
    """The canary: an attendee with unmistakable data, and everything that outsiders and viewers can read."""
    now = timezone.now()
    canary = {"name": "Kanarienvogel", "email": "canary@secret.example"}
    client = APIClient()
    code = client.post(URL, {**canary, "answers": {"q": "Singvogel"}}, "json").json()["code"]
    session = world.event.sessions.get()
    paths = [
        "", "campaigns/", "programmes/", "programmes/biff-workshops/", "organizations/", "organizations/ours/",
        "topics/", "audiences/", "venues/", "rooms/", "speakers/", "series/", "events/", "events/lighting/",
        "sessions/", f"sessions/{session.uid}/", "registrations/", "changes/", "events/lighting/registrations/",
        "events/lighting/changes/", "events/?q=Kanarienvogel", "registrations/?status=confirmed",
    ]  # fmt: skip
    outsiders = [client, keyed(world.theirs, "owner"), signed_in(world.theirs, "owner"), signed_in(world.ours, "door")]
    insiders = [signed_in(world.ours, "viewer"), keyed(world.ours, "viewer")]
    again = client.post(URL, canary, "json")

    read = (
        b"".join(who.get(f"/api/v1/{path}").content for who in outsiders + insiders for path in paths) + again.content
    )

    assert code.encode() in keyed(world.ours).get("/api/v1/registrations/").content  # it could leak: editors see it
    for secret in (b"Kanarienvogel", b"canary@secret", b"Singvogel", code.encode()):
        assert secret not in read
    assert now <= Registration.objects.get().created_at
