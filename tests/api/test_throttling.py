"""Limits: so many a minute, said in headers, a 429 beyond, nobody else's trouble."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from api.throttling import block_of
from tests.api.conftest import World, keyed

URL = "/api/v1/events/lighting/registrations/"


@pytest.fixture(autouse=True)
def tight(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = True
    settings.CALLBOARD_LIMITS = {"register": 3, "key": 5}
    monkeypatch.setattr("api.throttling.time.time", lambda: 1_800_000_010.0)  # 10 seconds into a minute


def register(client: APIClient, number: int, address: str = "192.0.2.1") -> Any:
    body = {"name": "A", "email": f"p{number}@mail.example"}
    return client.post(URL, body, "json", REMOTE_ADDR=address)


def test_one_address_registers_so_many_people_a_minute(client: APIClient, world: World) -> None:
    answers = [register(client, number) for number in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert [answer["RateLimit"] for answer in answers] == [f'"register";r={left};t=50' for left in (2, 1, 0, 0)]
    assert answers[0]["RateLimit-Policy"] == '"register";q=3;w=60'
    assert (answers[3]["Retry-After"], answers[3]["Content-Type"]) == ("50", "application/problem+json")
    assert (answers[3].json()["code"], world.event.pools.get().taken) == ("throttled", 3)


def test_the_next_minute_and_the_neighbour_start_afresh(
    client: APIClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        register(client, number)

    neighbour = register(client, 10, address="192.0.2.2")
    monkeypatch.setattr("api.throttling.time.time", lambda: 1_800_000_060.0)
    later = register(client, 11)

    assert (neighbour.status_code, later.status_code) == (201, 201)


def test_a_key_has_its_own_limit_for_everything(client: APIClient, world: World) -> None:
    editor, other = keyed(world.ours), keyed(world.ours)

    statuses = [editor.get("/api/v1/events/").status_code for _call in range(6)]

    assert statuses == [200] * 5 + [429]
    assert other.get("/api/v1/events/").status_code == 200
    assert [client.get("/api/v1/events/").status_code for _call in range(8)] == [200] * 8


def test_switched_off_nothing_is_counted_or_said(client: APIClient, world: World, settings: Any) -> None:
    settings.RATE_LIMITS = False

    answers = [register(client, number) for number in range(5)]

    assert {answer.status_code for answer in answers} == {201}
    assert not answers[0].has_header("RateLimit")


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_block_is_an_address_or_what_a_household_is_given(address: str, block: str) -> None:
    assert block_of(address) == block
