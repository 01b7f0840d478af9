"""Keys over the API: owners make, rotate and revoke them in person, and see how much they are used."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from events.models import SYSTEM, ApiKey, ApiKeyUsage, Change, IdempotencyKey
from events.operations import keying, metering
from tests import factories
from tests.api.conftest import World, keyed, signed_in

KEYS = "/api/v1/organizations/ours/keys/"
PAGE = {"name": "Booking page", "role": "editor", "scopes": ["allotment", "register"]}


@pytest.fixture
def owner(world: World) -> APIClient:
    return signed_in(world.ours, "owner")


def by(secret: str) -> APIClient:
    return APIClient(HTTP_ACCEPT_LANGUAGE="en", HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_a_key_is_made_with_its_secret_shown_once(owner: APIClient) -> None:
    until = (timezone.now() + timedelta(days=90)).date().isoformat()

    made = owner.post(KEYS, {**PAGE, "expires_on": until, "requests_per_minute": 90}, "json")
    listed = owner.get(KEYS)

    key, secret = made.json(), made.json()["secret"]
    assert (made.status_code, made["Cache-Control"]) == (201, "private, no-store")
    assert {name: key[name] for name in ("name", "role", "scopes", "state", "requests_per_minute")} == {
        "name": "Booking page", "role": "editor", "scopes": ["register", "allotment"], "state": "active",
        "requests_per_minute": 90,
    }  # fmt: skip
    assert by(secret).get("/api/v1/registrations/").status_code == 200
    assert listed.json()["results"] == [{name: value for name, value in key.items() if name != "secret"}]
    assert secret not in listed.content.decode()
    row = ApiKey.objects.get()
    assert secret[4:12] == row.lookup == key["lookup"]
    assert Change.objects.get(kind="key.issued").after == {
        "key": row.lookup,
        "role": "editor",
        "scopes": ["register", "allotment"],
    }


def test_without_scopes_it_acts_as_its_role(owner: APIClient, world: World) -> None:
    made = [owner.post(KEYS, {"name": "Sync", "role": "editor", **more}, "json") for more in ({}, {"scopes": None})]

    assert [answer.json()["scopes"] for answer in made] == [None, None]
    event = {"programme": "biff-workshops", "title_en": "New"}
    assert by(made[0].json()["secret"]).post("/api/v1/events/", event, "json").status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"role": "door"}, "/role"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["write"]}, "/scopes/0"),
        ({"scopes": ["read", "read"]}, "/scopes"),
        ({"scopes": "read"}, "/scopes"),
        ({"scopes": ["allotment"], "role": "viewer"}, "/scopes"),
        ({"expires_on": "2020-01-01"}, "/expires_on"),
        ({"expires_on": "2199-01-01"}, "/expires_on"),
        ({"requests_per_minute": 0}, "/requests_per_minute"),
        ({"requests_per_minute": 2**31}, "/requests_per_minute"),
        ({"lookup": "mine"}, "/lookup"),
    ],
)
def test_a_wrong_key_is_refused_by_name(owner: APIClient, changes: dict[str, Any], pointer: str) -> None:
    answer = owner.post(KEYS, {**PAGE, **changes}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not ApiKey.objects.exists()


def test_a_name_and_a_role_have_to_be_said(owner: APIClient) -> None:
    answer = owner.post(KEYS, {}, "json")

    assert {error["pointer"] for error in answer.json()["errors"]} == {"/name", "/role"}


def test_a_repeated_request_makes_no_second_key_and_keeps_no_secret(owner: APIClient) -> None:
    claim = {"format": "json", "HTTP_IDEMPOTENCY_KEY": "0123456789abcdef"}

    first, again = (owner.post(KEYS, PAGE, **claim) for _time in range(2))

    assert (again.status_code, again["Idempotency-Replayed"], again.json()["secret"]) == (201, "true", None)
    assert again.json()["lookup"] == first.json()["lookup"] == ApiKey.objects.get().lookup
    assert first.json()["secret"] not in IdempotencyKey.objects.get().snapshot


def test_a_key_is_rotated_with_an_overlap(owner: APIClient) -> None:
    old = owner.post(KEYS, PAGE, "json").json()

    new = owner.post(f"{KEYS}{old['lookup']}/rotate/", {"overlap_hours": 2}, "json")
    again = owner.post(f"{KEYS}{old['lookup']}/rotate/", {}, "json")

    rows = {row["lookup"]: row for row in owner.get(KEYS).json()["results"]}
    ending, active = rows[old["lookup"]], rows[new.json()["lookup"]]
    assert (new.status_code, again.status_code, again.json()["code"]) == (201, 409, "key_ended")
    assert (ending["state"], ending["replaced_by"]) == ("ending", active["lookup"])
    assert (active["state"], active["replaces"]) == ("active", ending["lookup"])
    assert {name: active[name] for name in PAGE} == {name: old[name] for name in PAGE}
    ends = parse_datetime(ending["expires_at"])
    assert ends is not None
    assert timedelta(hours=1, minutes=59) < ends - timezone.now() < timedelta(hours=2)
    assert [by(secret).get("/api/v1/").status_code for secret in (old["secret"], new.json()["secret"])] == [200, 200]


@pytest.mark.parametrize("hours", [-1, 25, "1", 1.0, True, None])
def test_an_overlap_is_a_whole_number_of_hours_up_to_a_day(owner: APIClient, hours: Any) -> None:
    old = owner.post(KEYS, PAGE, "json").json()

    answer = owner.post(f"{KEYS}{old['lookup']}/rotate/", {"overlap_hours": hours}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/overlap_hours")


def test_a_revoked_key_is_dead_and_stays_in_the_list(owner: APIClient) -> None:
    key = owner.post(KEYS, PAGE, "json").json()

    revoked = owner.post(f"{KEYS}{key['lookup']}/revoke/").json()
    again = owner.post(f"{KEYS}{key['lookup']}/revoke/").json()

    assert (revoked["state"], again["revoked_at"]) == ("revoked", revoked["revoked_at"])
    assert by(key["secret"]).get("/api/v1/").status_code == 401
    assert [row["state"] for row in owner.get(KEYS).json()["results"]] == ["revoked"]


@pytest.mark.parametrize("verb", ["rotate/", "revoke/", "usage/"])
def test_another_organizations_key_is_unknown(owner: APIClient, world: World, verb: str) -> None:
    theirs, secret = factories.issued(world.theirs, now=timezone.now())

    call = owner.get if verb == "usage/" else owner.post
    answers = [call(f"{KEYS}{lookup}/{verb}") for lookup in (theirs.lookup, "aaaaaaaa")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert (by(secret).get("/api/v1/").status_code, ApiKey.objects.count()) == (200, 1)


def test_an_expired_key_says_so_and_opens_nothing(owner: APIClient, world: World) -> None:
    past = timezone.now() - keying.LIVES
    _row, secret = factories.issued(world.ours, now=past)

    assert owner.get(KEYS).json()["results"][0]["state"] == "expired"
    assert by(secret).get("/api/v1/").json()["code"] == "key_invalid"


def test_use_is_told_by_day_and_in_sum(owner: APIClient, world: World) -> None:
    row, secret = factories.issued(world.ours, scopes=["register"], now=timezone.now())
    client, url = by(secret), "/api/v1/events/lighting/"
    people = [{"name": "A", "email": f"p{number}@mail.example"} for number in range(3)]

    client.post(f"{url}registrations/", people[0], "json", HTTP_IDEMPOTENCY_KEY="0123456789abcdef")
    client.post(f"{url}registrations/", people[0], "json", HTTP_IDEMPOTENCY_KEY="0123456789abcdef")  # repeated
    client.post(f"{url}registrations/", people[0], "json")  # there already
    client.post(f"{url}groups/", {"booker": people[0], "people": people[1:]}, "json")
    client.patch(url, {"title_ko": "새"}, "json")
    client.get(url)
    metering.write_down(now=timezone.now())
    today = timezone.localdate()
    ApiKeyUsage.objects.create(key=row, day=today - timedelta(days=29), requests=10, refused=1)
    ApiKeyUsage.objects.create(key=row, day=today - timedelta(days=30), requests=1_000)

    usage = owner.get(f"{KEYS}{row.lookup}/usage/").json()["results"]

    first = (today - timedelta(days=29)).isoformat()
    assert usage == [
        {"day": today.isoformat(), "requests": 6, "refused": 2, "registrations": 3},
        {"day": first, "requests": 10, "refused": 1, "registrations": 0},
    ]
    assert owner.get(KEYS).json()["results"][0]["usage"] == {"requests": 16, "refused": 3, "registrations": 3}


def test_counts_are_written_down_a_minute_later_after_the_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, now = keyed(world.ours), timezone.now()
    client.get("/api/v1/")

    monkeypatch.setattr("api.views.base.timezone.now", lambda: now + timedelta(minutes=1, seconds=1))
    client.get("/api/v1/")

    assert ApiKeyUsage.objects.get().requests == 2


def test_a_wrong_key_is_refused_before_anything_is_counted(world: World) -> None:
    wrong = APIClient(HTTP_AUTHORIZATION="Bearer nonsense")

    answers = [wrong.get("/api/v1/"), wrong.get("/api/v1/", HTTP_ACCEPT="image/png")]

    assert [answer.status_code for answer in answers] == [401, 406]
    assert metering.meter.take() == {}


def test_a_key_can_have_a_limit_of_its_own(world: World, settings: Any) -> None:
    settings.RATE_LIMITS, settings.CALLBOARD_LIMITS = True, {"key": 5, "register": 5}
    slow, usual = (
        by(factories.issued(world.ours, now=timezone.now(), **more)[1]) for more in ({"requests_per_minute": 2}, {})
    )

    answers = [slow.get("/api/v1/") for _request in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"key";q=2;w=60'
    assert usual.get("/api/v1/")["RateLimit-Policy"] == '"key";q=5;w=60'


@pytest.mark.parametrize("number", [1, 5])
def test_a_list_of_keys_costs_the_same_however_long(owner: APIClient, world: World, number: int) -> None:
    now = timezone.now()
    for _key in range(number):
        row, _secret = factories.issued(world.ours, now=now)
        ApiKeyUsage.objects.create(key=keying.rotate(key=row, actor=SYSTEM, now=now)[0], day=now.date(), requests=1)

    counts = []
    for url in (KEYS, f"{KEYS}{row.lookup}/usage/"):
        with CaptureQueriesContext(connection) as statements:
            assert owner.get(url).status_code == 200
        counts.append(len(statements))

    assert counts == [6, 6]
