"""A partner's key at work: it registers people, fills the seats that a host set aside for it, and finds them again."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import SYSTEM, ApiKey, Change, Event, Group, Organization, Registration, SeatPool
from events.operations import allotting, keying
from tests import factories
from tests.api.conftest import World, keyed, signed_in

ONE = "/api/v1/events/lighting/registrations/"
MANY = "/api/v1/events/lighting/groups/"


def client_of(organization: Organization, *scopes: str, role: Any = "editor") -> APIClient:
    secret = factories.key(organization, role, scopes=scopes, now=timezone.now())
    return APIClient(HTTP_ACCEPT_LANGUAGE="en", HTTP_AUTHORIZATION=f"Bearer {secret}")


def person(number: int, **more: Any) -> dict[str, Any]:
    return {"name": f"Person {number}", "email": f"person{number}@mail.example", **more}


def party(*numbers: int, **more: Any) -> dict[str, Any]:
    return {"booker": person(0), "people": [person(number) for number in numbers], **more}


@pytest.fixture
def allotment(world: World) -> SeatPool:
    """Two of the twenty seats of our event are theirs to fill."""
    return factories.quota(world.event, 2, "allotment", partner=world.theirs, now=timezone.now())


def taken(pool: SeatPool) -> tuple[int, int]:
    """Of the allotment, of the open pool."""
    pool.refresh_from_db()
    return pool.taken, SeatPool.objects.get(event=pool.event, kind="open").taken


def snapshot() -> tuple[Any, ...]:
    return (
        list(Registration.objects.order_by("pk").values()),
        list(SeatPool.objects.order_by("pk").values()),
        Group.objects.count(),
        Change.objects.count(),
    )


def test_a_partner_fills_its_own_seats_at_the_hosts_event(world: World, allotment: SeatPool) -> None:
    Event.objects.filter(pk=world.event.pk).update(needs_code=True, registration="approval")
    partner = client_of(world.theirs, "allotment")

    answers = [partner.post(ONE, person(number, partner="theirs"), "json") for number in range(3)]
    figures = partner.get("/api/v1/quotas/").json()["results"]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert [answer.json()["status"] for answer in answers[:2]] == ["confirmed", "confirmed"]
    assert (answers[2].json()["code"], answers[2].json()["why"]) == ("event_full", "reserved")
    assert taken(allotment) == (2, 0)
    assert [(row["partner"], row["seats"], row["taken"]) for row in figures] == [("theirs", 2, 2)]
    made = Registration.objects.order_by("pk").first()
    assert made is not None
    assert (made.partner, made.made_through) == (world.theirs, ApiKey.objects.get())


def test_beyond_its_seats_it_needs_to_register_as_everybody_does(world: World, allotment: SeatPool) -> None:
    both = client_of(world.theirs, "register", "allotment")

    answers = [both.post(ONE, person(number, partner="theirs"), "json").status_code for number in range(3)]

    assert (answers, taken(allotment)) == ([201, 201, 201], (2, 1))


def test_a_group_sits_together_in_the_partners_seats_or_nobody_does(world: World, allotment: SeatPool) -> None:
    partner = client_of(world.theirs, "allotment")

    refused = partner.post(MANY, party(1, 2, 3, partner="theirs"), "json")
    nobody = taken(allotment), Group.objects.count()
    booked = partner.post(MANY, party(1, 2, partner="theirs"), "json")

    assert (refused.status_code, refused.json()["why"], nobody) == (409, "reserved", ((0, 0), 0))
    assert (booked.status_code, taken(allotment)) == (201, (2, 0))
    assert partner.get(f"/api/v1/groups/{booked.json()['code']}/").status_code == 200
    assert client_of(world.theirs, "allotment").get(f"/api/v1/groups/{booked.json()['code']}/").status_code == 404


def test_released_seats_are_no_longer_the_partners(world: World, allotment: SeatPool) -> None:
    allotting.release(pool=allotment, actor=SYSTEM, now=timezone.now())
    partner = client_of(world.theirs, "allotment")
    before = snapshot()

    answer = partner.post(ONE, person(1, partner="theirs"), "json")

    assert (answer.status_code, answer.json()["code"], snapshot()) == (409, "event_full", before)


@pytest.mark.parametrize(
    ("scopes", "more", "code", "scope"),
    [
        (["read"], {}, "scope_missing", "register"),
        (["read"], {"partner": "theirs"}, "scope_missing", "register"),
        (["register"], {"partner": "theirs"}, "scope_missing", "allotment"),
        (["allotment"], {}, "scope_missing", "register"),
        (["register", "allotment"], {"by_organizer": True}, "scope_missing", None),
        (["register", "allotment"], {"partner": "ours"}, "forbidden", None),
        (["register", "allotment"], {"partner": "third"}, "forbidden", None),
    ],
)
def test_without_the_scope_nothing_is_written(
    world: World, allotment: SeatPool, scopes: list[str], more: dict[str, Any], code: str, scope: str | None
) -> None:
    third = factories.organization("Third", owner="third@demo.example", now=timezone.now())
    factories.quota(world.event, 2, "allotment", partner=third, now=timezone.now())
    client = client_of(world.theirs, *scopes)
    before = snapshot()

    answers = [client.post(ONE, person(1, **more), "json"), client.post(MANY, party(1, **more), "json")]

    said = [(answer.status_code, answer.json()["code"], answer.json().get("scope")) for answer in answers]
    assert said == [(403, code, scope)] * 2
    assert snapshot() == before


def test_the_hosts_own_key_with_scopes_does_not_nominate_for_others(world: World, allotment: SeatPool) -> None:
    answer = client_of(world.ours, "allotment", "register").post(ONE, person(1, partner="theirs"), "json")
    by_role = keyed(world.ours).post(ONE, person(1, partner="theirs"), "json")

    assert (answer.status_code, by_role.status_code) == (403, 201)


def test_a_key_lists_reads_and_cancels_what_it_made_and_nothing_else(world: World) -> None:
    mine, neighbour = client_of(world.theirs, "register"), client_of(world.theirs, "register")
    code = mine.post(ONE, person(1), "json").json()["code"]
    neighbour.post(ONE, person(2), "json")
    foreign = factories.register(world.event, 3, now=timezone.now())

    listed = mine.get("/api/v1/registrations/").json()["results"]
    read = [mine.get(f"/api/v1/registrations/{one}/").status_code for one in (code, foreign.code)]
    others = [
        client.post(f"/api/v1/registrations/{one}/cancel/", {}, "json").status_code
        for client, one in ((neighbour, code), (mine, foreign.code))
    ]
    cancelled = mine.post(f"/api/v1/registrations/{code}/cancel/", {"reason": "ill"}, "json")

    assert [(row["code"], row["email"]) for row in listed] == [(code, "person1@mail.example")]
    assert {"priority", "is_shortlisted", "invitation", "seat"}.isdisjoint(listed[0])
    assert (read, others) == ([200, 404], [404, 404])
    row = Registration.objects.get(code=code)
    assert (cancelled.json()["status"], row.ended_by) == ("cancelled", "attendee")
    change = Change.objects.get(kind="registration.cancelled")
    assert (change.actor_kind, change.api_key) == ("key", row.made_through)
    assert Registration.objects.live().count() == 2


def test_a_filter_does_not_tell_a_key_what_its_rows_do_not(world: World) -> None:
    mine = client_of(world.theirs, "register")
    mine.post(ONE, person(1), "json")
    Registration.objects.update(is_shortlisted=True)

    answers = [mine.get(f"/api/v1/registrations/?shortlisted={word}") for word in ("true", "false")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "scope_missing")] * 2
    assert len(keyed(world.ours).get("/api/v1/registrations/?shortlisted=true").json()["results"]) == 1


def test_what_it_made_at_an_unlisted_event_is_found_by_its_address(world: World) -> None:
    Event.objects.filter(pk=world.event.pk).update(visibility="unlisted")
    mine = client_of(world.theirs, "register")
    code = mine.post(ONE, person(1), "json").json()["code"]

    found = mine.get("/api/v1/registrations/?event=lighting").json()["results"]
    unknown = mine.get("/api/v1/registrations/?event=nothing")

    assert ([row["code"] for row in found], unknown.status_code) == ([code], 400)


def test_whom_a_partner_withdraws_did_not_leave(world: World, allotment: SeatPool) -> None:
    partner = client_of(world.theirs, "allotment")
    code = partner.post(ONE, person(1, partner="theirs"), "json").json()["code"]

    partner.post(f"/api/v1/registrations/{code}/cancel/", {}, "json")

    assert (Registration.objects.get().ended_by, taken(allotment)) == ("organizer", (0, 0))


def test_what_a_key_made_its_successor_finds(world: World) -> None:
    now = timezone.now()
    old, secret = factories.issued(world.theirs, scopes=["register"], now=now)
    first = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    code = first.post(ONE, person(1), "json").json()["code"]

    _new, secret = keying.rotate(key=old, actor=SYSTEM, now=now)
    second = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert [row["code"] for row in second.get("/api/v1/registrations/").json()["results"]] == [code]
    assert second.post(f"/api/v1/registrations/{code}/cancel/", {}, "json").status_code == 200


def test_a_reader_may_not_nominate_whatever_its_scopes(world: World, allotment: SeatPool) -> None:
    owner = signed_in(world.theirs, "owner")
    wrong = {"name": "Page", "role": "viewer", "scopes": ["allotment"]}

    answer = owner.post("/api/v1/organizations/theirs/keys/", wrong, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/scopes")


def test_an_answer_is_repeated_to_the_same_key_alone(world: World) -> None:
    now = timezone.now()
    row, secret = factories.issued(world.theirs, scopes=["register"], now=now)
    claim = {"HTTP_IDEMPOTENCY_KEY": "0123456789abcdef", "format": "json"}
    first = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    made, again = (first.post(ONE, person(1), **claim) for _time in range(2))

    successor = APIClient(HTTP_AUTHORIZATION=f"Bearer {keying.rotate(key=row, actor=SYSTEM, now=now)[1]}")
    keying.revoke(key=row, actor=SYSTEM, now=now)
    others = [successor, client_of(world.theirs, "register"), keyed(world.ours), APIClient()]

    assert (made.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    answers = [client.post(ONE, person(1), **claim) for client in others]
    assert [answer.status_code for answer in answers] == [409] * 4
    assert not any(made.json()["code"] in answer.content.decode() for answer in answers)
    assert first.post(ONE, person(1), **claim).status_code == 401


def test_scopes_cost_registering_no_statement(world: World) -> None:
    clients = {"none": APIClient(), "role": keyed(world.ours), "scopes": client_of(world.theirs, "register")}
    for number, client in enumerate(clients.values()):
        client.post(ONE, person(number), "json")  # its use is noted
    counts = {}

    for number, (name, client) in enumerate(clients.items(), start=10):
        with CaptureQueriesContext(connection) as statements:
            assert client.post(ONE, person(number), "json").status_code == 201
        counts[name] = len(statements)

    assert counts["role"] == counts["scopes"] == counts["none"] + 1  # the key itself
