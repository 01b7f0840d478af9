"""Registering over the API: the answer, the refusals, once for each key, and what it costs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from api import errors
from events.errors import Invalid
from events.models import SYSTEM, IdempotencyKey, Registration
from events.operations import questioning
from tests import factories
from tests.api.conftest import World, keyed, signed_in

URL = "/api/v1/events/lighting/registrations/"
PERSON = {"name": "김하늘", "email": "haneul@mail.example"}
KEY = "a key of a client"

REGISTERING = 7  # event with pool; pool, registration, ledger, change, message; is the person elsewhere then?
WITH_A_KEY = 9  # and the key before and after
WITH_AN_AUDIENCE = 9  # and the event's audiences
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
        "offer_expires_at": None,
        "clash": False,
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
        "partner": None,
        "answers": {"Why?": "Light", "Years": 3},
        "reason": "",
        "passed_for": "",
        "offer_expires_at": None,
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
        "events/lighting/registrations/?q=Kanarienvogel", "events/lighting/attendees.csv",
        "events/lighting/attendees.xlsx", f"groups/{code}/", f"offers/{code}/",
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


def waitlisted(world: World, **fields: Any) -> Any:
    return factories.event("Full", of=world.programme, capacity=0, waitlist="automatic", now=timezone.now(), **fields)


def test_who_waits_hears_their_place_at_once_and_later(client: APIClient, world: World) -> None:
    waitlisted(world)
    url = "/api/v1/events/full/registrations/"

    answers = [post(client, url, email=f"{n}@mail.example").json() for n in range(3)]
    client.post(f"/api/v1/registrations/{answers[0]['code']}/cancel/")
    own = [client.get(f"/api/v1/registrations/{answer['code']}/").json() for answer in answers]

    assert [(one["status"], one["position"]) for one in answers] == [
        ("waitlisted", 1),
        ("waitlisted", 2),
        ("waitlisted", 3),
    ]
    assert [(one["status"], one["position"]) for one in own] == [
        ("cancelled", None),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]


def test_a_place_that_was_told_is_told_again_to_the_same_request(client: APIClient, world: World) -> None:
    waitlisted(world)
    url = "/api/v1/events/full/registrations/"
    first = post(client, url, key=KEY)
    post(client, url, email="other@mail.example")
    factories.enter(world.event, 9, now=timezone.now())

    again = post(client, url, key=KEY)

    assert (first.json()["position"], again.content) == (1, first.content)


def test_whoever_is_elsewhere_is_told_so_where_it_is_allowed(client: APIClient, world: World) -> None:
    factories.event("Same time", of=world.programme, now=timezone.now())
    post(client)

    answer = post(client, "/api/v1/events/same-time/registrations/")

    assert (answer.status_code, answer.json()["status"], answer.json()["clash"]) == (201, "confirmed", True)
    assert post(client, "/api/v1/events/same-time/registrations/", email="b@mail.example").json()["clash"] is False


def refusing(world: World) -> None:
    strict = factories.programme("Strict", of=world.ours, clashes="refuse", now=timezone.now())
    factories.event("Strict one", of=strict, now=timezone.now())


def test_where_it_is_refused_a_stranger_hears_nothing_more_and_not_too_often(client: APIClient, world: World) -> None:
    refusing(world)
    post(client)
    url = "/api/v1/events/strict-one/registrations/"

    refusals = [post(client, url) for _time in range(11)]

    assert [answer.status_code for answer in refusals] == [409] * 10 + [429]
    assert [answer.json()["code"] for answer in refusals] == ["clash"] * 10 + ["too_many_guesses"]
    assert set(refusals[0].json()) == {"type", "title", "status", "detail", "code", "errors", "suggestions"}
    assert refusals[10]["Retry-After"] == "3600"
    assert post(client, url, email="b@mail.example").status_code == 201


def test_whoever_is_there_already_has_the_way_to_it_mailed_and_not_shown(client: APIClient, world: World) -> None:
    code = post(client).json()["code"]

    again, other = post(client), post(client, email="other@mail.example")

    assert (again.json()["code"], other.status_code) == ("already_registered", 201)
    assert code not in again.content.decode()
    assert factories.ordered("link") == ["haneul@mail.example"]


def test_a_code_lets_in_and_wrong_ones_are_counted(client: APIClient, world: World) -> None:
    event = factories.event("Invited", of=world.programme, needs_code=True, now=timezone.now())
    factories.code(event, "OPEN-SESAME", now=timezone.now())
    url = "/api/v1/events/invited/registrations/"

    without = post(client, url)
    right = post(client, url, code=" open sesame ")
    wrong = [post(client, url, code=f"WRONG-{n}", email=f"{n}@mail.example").json()["code"] for n in range(21)]
    late = post(client, url, code="OPEN-SESAME", email="late@mail.example")

    assert (without.json()["code"], without.json()["errors"][0]["pointer"]) == ("code_required", "/code")
    assert (right.status_code, right.json()["status"]) == (201, "confirmed")
    assert wrong == ["code_required"] * 20 + ["too_many_guesses"]
    assert (late.status_code, late.json()["code"]) == (429, "too_many_guesses")
    assert post(APIClient(REMOTE_ADDR="192.0.2.9"), url, code="OPEN-SESAME", email="far@mail.example").json()[
        "code"
    ] == (
        "code_required"  # used once already, by somebody else
    )


def test_an_organizer_enters_people_beyond_windows_and_never_beyond_seats(client: APIClient, world: World) -> None:
    now = timezone.now()
    factories.event("Later", of=world.programme, registration_opens_at=now + timedelta(days=1), capacity=1, now=now)
    url, editor = "/api/v1/events/later/registrations/", keyed(world.ours)

    assert post(client, url, by_organizer=True).status_code == 401
    assert post(keyed(world.theirs, "owner"), url, by_organizer=True).status_code == 403
    assert post(signed_in(world.ours, "viewer"), url, by_organizer=True).status_code == 403
    assert post(editor, url).json()["code"] == "registration_closed"
    assert post(editor, url, by_organizer=True).json()["status"] == "confirmed"
    assert post(editor, url, by_organizer=True).json()["code"] == "already_registered"
    assert post(editor, url, by_organizer=True, email="b@mail.example").json()["code"] == "event_full"
    assert post(editor, url, by_organizer="yes").status_code == 400


def test_a_partner_nominates_its_own_people(client: APIClient, world: World) -> None:
    url = "/api/v1/events/lighting/registrations/"
    without_seats = post(keyed(world.theirs), url, partner="theirs")
    factories.quota(world.event, 2, "allotment", partner=world.theirs, now=timezone.now())

    made = post(keyed(world.theirs), url, partner="theirs")

    assert (without_seats.status_code, made.status_code) == (403, 201)
    assert keyed(world.ours).get(url).json()["results"][0]["partner"] == "theirs"
    assert post(client, url, partner="theirs", email="b@mail.example").status_code == 401
    assert post(keyed(world.theirs), url, partner="ours", email="b@mail.example").status_code == 403
    unknown = post(keyed(world.ours), url, partner="nobody", email="b@mail.example").json()
    assert (unknown["code"], unknown["errors"][0]["pointer"]) == ("unknown_reference", "/partner")


def test_runs_that_somebody_takes_instead_are_named_by_slug(client: APIClient, world: World) -> None:
    first, second = factories.runs(2, now=timezone.now(), capacity=0)
    url = f"/api/v1/events/{second.slug}/registrations/"

    made = post(client, url, accepts=[first.slug])
    foreign = post(client, url, email="b@mail.example", accepts=["lighting"])
    unknown = post(client, url, email="b@mail.example", accepts=[first.slug, "nothing"])

    assert made.json()["status"] == "waitlisted"
    assert sorted(Registration.objects.get().accepts.values_list("pk", flat=True)) == [first.pk, second.pk]
    assert [(one.status_code, one.json()["errors"][0]["pointer"]) for one in (foreign, unknown)] == [
        (400, "/accepts"), (400, "/accepts/1"),
    ]  # fmt: skip


def test_an_answer_that_does_not_fit_is_named_by_its_key(client: APIClient, world: World) -> None:
    questioning.set_questions(
        event=world.event, actor=SYSTEM, now=timezone.now(),
        questions=[{"key": "years", "kind": "number", "title_en": "Years", "is_required": True, "least": 0}],
    )  # fmt: skip

    def pointer(**answers: Any) -> str:
        [error] = post(client, answers=answers).json()["errors"]
        return str(error["pointer"])

    assert [pointer(), pointer(years=-1), pointer(years=1, Why="?"), pointer(**{"a/b~C": 1})] == [
        "/answers/years", "/answers/years", "/answers/Why", "/answers/a~1b~0C",
    ]  # fmt: skip
    assert post(client, answers={"years": 3}).status_code == 201


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("name", "/name"), ("people/1/email", "/people/1/email"), ("people/1/answers/A/b", "/people/1/answers/A~1b"),
        ("questions/0/title_en", "/questions/0/title_en"), ("Why", "/Why"), ("answers/~", "/answers/~0"),
        ("answers/two\nlines", "/answers/two\nlines"), ("?status", "?status"), ("/already", "/already"),
        ("Idempotency-Key", "Idempotency-Key"), ("If-Match", "If-Match"),
    ],
)  # fmt: skip
def test_a_field_becomes_a_json_pointer_whatever_letters_it_has(field: str, pointer: str) -> None:
    answer = json.loads(errors.refused(Invalid("Wrong.", field=field)).content)

    assert answer["errors"] == [{"pointer": pointer, "code": "invalid", "detail": "Wrong."}]


def test_the_holder_of_the_code_takes_or_leaves_an_offered_seat(client: APIClient, world: World) -> None:
    now = timezone.now()
    event = factories.event("By offer", of=world.programme, capacity=0, waitlist="offer", now=now)
    url = "/api/v1/events/by-offer/registrations/"
    first, second, third = [post(client, url, email=f"{n}@mail.example").json()["code"] for n in range(3)]
    keyed(world.ours).patch("/api/v1/events/by-offer/", {"capacity": 2}, "json")

    before = client.get(f"/api/v1/registrations/{first}/").json()
    taken = client.post(f"/api/v1/registrations/{first}/accept/").json()
    again = client.post(f"/api/v1/registrations/{first}/accept/").json()
    left = client.post(f"/api/v1/registrations/{second}/decline/", {"reason": "Ill"}, "json").json()
    too_late = client.post(f"/api/v1/registrations/{second}/accept/")
    too_early = client.post(f"/api/v1/registrations/{first}/decline/")

    assert (before["status"], before["offer_expires_at"] > now.isoformat()) == ("offered", True)
    assert (taken["status"], taken["offer_expires_at"], again) == ("confirmed", None, taken)
    assert (left["status"], left["reason"]) == ("declined", "Ill")
    assert [(one.status_code, one.json()["code"]) for one in (too_late, too_early)] == [(409, "offer_ended")] * 2
    assert client.get(f"/api/v1/registrations/{third}/").json()["status"] == "offered"
    assert set(Registration.objects.filter(event=event).values_list("ended_by", flat=True)) == {"", "attendee"}


def test_who_must_prove_an_address_keeps_the_seat_by_the_mailed_link_alone(client: APIClient, world: World) -> None:
    factories.event("Proof", of=world.programme, needs_proof=True, now=timezone.now())

    made = post(client, "/api/v1/events/proof/registrations/").json()
    refused = client.post(f"/api/v1/registrations/{made['code']}/accept/")

    assert (made["status"], made["offer_expires_at"] is not None) == ("offered", True)
    assert (refused.status_code, refused.json()["code"]) == (409, "proof_needed")


def test_by_the_code_alone_a_foreign_member_is_the_attendee(client: APIClient, world: World) -> None:
    codes = [post(client, email=f"{n}@mail.example").json()["code"] for n in range(2)]

    keyed(world.theirs, "owner").post(f"/api/v1/registrations/{codes[0]}/cancel/")
    keyed(world.ours).post(f"/api/v1/registrations/{codes[1]}/cancel/")

    assert list(Registration.objects.order_by("pk").values_list("ended_by", flat=True)) == ["attendee", "organizer"]


def test_only_members_see_the_shortlist(client: APIClient, world: World) -> None:
    code = post(client).json()["code"]
    url = f"/api/v1/registrations/{code}/"

    assert "is_shortlisted" not in client.get(url).json()
    assert "is_shortlisted" not in keyed(world.theirs, "owner").get(url).json()
    assert keyed(world.ours).get(url).json()["is_shortlisted"] is False
