"""Webhooks over the API: made, changed, rotated, tried out and removed by owners; and the log of what was sent."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import IdempotencyKey, Webhook, WebhookMessage
from events.operations import hooking, sequencing
from tests import factories
from tests.api.conftest import World, signed_in
from tests.webhooks import webhook

WEBHOOKS = "/api/v1/webhooks/"
NEW = {"organization": "ours", "url": "https://Receiver.example:443/hook?a=1", "name": "Our site"}


@pytest.fixture
def owner(world: World) -> APIClient:
    return signed_in(world.ours, "owner")


def address(hook: Webhook, rest: str = "") -> str:
    return f"{WEBHOOKS}{hook.uid}/{rest}"


def test_a_new_one_has_its_secret_in_that_answer_alone(owner: APIClient, world: World) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "a key of sixteen letters"}
    body = NEW | {"kinds": ["session.moved", "event.published"], "programme": "biff-workshops"}

    made = owner.post(WEBHOOKS, body, "json", **key)
    again = owner.post(WEBHOOKS, body, "json", **key)

    hook = Webhook.objects.get()
    shown = made.json()
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "private, no-store")
    assert shown.pop("secret") == hooking.secret_of(hook)
    assert shown == {
        "uid": str(hook.uid),
        "organization": "ours",
        "programme": "biff-workshops",
        "name": "Our site",
        "url": "https://receiver.example/hook?a=1",
        "kinds": ["event.published", "session.moved"],
        "is_active": True,
        "stopped": None,
        "stopped_at": None,
        "seq": 0,
        "failures": 0,
        "failing_since": None,
        "next_attempt_at": None,
        "previous_secret_until": None,
        "created_at": hook.created_at.isoformat(),
        "updated_at": hook.updated_at.isoformat(),
    }
    assert again.json() == shown | {"secret": None}
    assert "whsec_" not in str(IdempotencyKey.objects.get().snapshot)
    assert owner.get(WEBHOOKS).json()["results"] == [shown]
    assert owner.get(address(hook)).json() == shown


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "http://receiver.example/"}, "/url"),
        ({"url": "https://127.0.0.1:8000/"}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": 5}, "/url"),
        ({"kinds": ["event.unknown"]}, "/kinds/0"),
        ({"kinds": "event.published"}, "/kinds"),
        ({"programme": "nowhere"}, "/programme"),
        ({"programme": "elsewhere"}, "/programme"),
        ({"name": "x" * 101}, "/name"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(
    owner: APIClient, world: World, change: dict[str, Any], pointer: str
) -> None:
    factories.programme("Elsewhere", of=world.theirs, now=timezone.now())

    refused = owner.post(WEBHOOKS, NEW | change, "json")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert not Webhook.objects.exists()


def test_it_is_changed_stopped_and_woken(owner: APIClient, world: World) -> None:
    hook = webhook(world.ours)
    Webhook.objects.update(stopped="failing", stopped_at=timezone.now(), failures=9)

    refused = owner.post(address(hook, "test/"))
    woken = owner.patch(address(hook), {"is_active": True, "kinds": [], "programme": None, "name": "New"}, "json")
    tested = owner.post(address(hook, "test/"))
    stopped = owner.patch(address(hook), {"is_active": False}, "json").json()

    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_stopped")
    assert (woken.json()["is_active"], woken.json()["failures"], woken.json()["name"]) == (True, 0, "New")
    assert (tested.status_code, tested.json()["kind"], tested.json()["seq"]) == (201, "webhook.test", 1)
    assert (stopped["is_active"], stopped["stopped"]) == (False, "paused")
    assert owner.patch(address(hook), {"url": "https://10.0.0.1:81/"}, "json").status_code == 400


def test_rotation_answers_with_the_new_secret(owner: APIClient, world: World) -> None:
    hook = webhook(world.ours)

    rotated = owner.post(address(hook, "rotate/")).json()

    hook.refresh_from_db()
    assert rotated["secret"] == hooking.secret_of(hook) != hooking.secret_of(hook, before=1)
    assert rotated["previous_secret_until"] == hook.previous_until.isoformat()  # type: ignore[union-attr]


def test_the_log_says_what_became_of_each_and_sends_again(owner: APIClient, world: World) -> None:
    hook = webhook(world.ours)
    factories.register(world.event, 1, now=timezone.now())
    sequencing.number_all()
    hooking.try_out(webhook=hook, now=timezone.now())
    first = WebhookMessage.objects.get(seq=1)
    WebhookMessage.objects.filter(pk=first.pk).update(
        status="dead", status_code=500, milliseconds=12, attempts=11, ended_at=timezone.now()
    )
    log = address(hook, "deliveries/")

    rows = owner.get(log).json()["results"]
    dead = owner.get(f"{log}?status=dead").json()["results"]
    waiting = owner.post(f"{log}{rows[0]['uid']}/resend/")
    one = owner.post(f"{log}{first.uid}/resend/")

    assert [(row["seq"], row["kind"], row["status"]) for row in rows] == [
        (2, "webhook.test", "waiting"), (1, "registration.registered", "dead"),
    ]  # fmt: skip
    assert dead == [rows[1]]
    assert (rows[1]["status_code"], rows[1]["milliseconds"], rows[1]["attempts"]) == (500, 12, 11)
    assert (rows[1]["id"], rows[1]["body"]) == (f"msg_{first.uid.hex}", first.body)
    assert owner.get(f"{log}?kind=webhook.test").json()["results"] == [rows[0]]
    assert (waiting.status_code, waiting.json()["code"]) == (409, "still_waiting")
    assert (one.status_code, one.json()["status"], one.json()["id"]) == (200, "waiting", rows[1]["id"])
    WebhookMessage.objects.update(status="dead", ended_at=timezone.now())
    assert owner.post(address(hook, "resend/")).json() == {"messages": 2}
    assert [owner.get(f"{log}?{query}").status_code for query in ("status=lost", "kind=x", "state=1")] == [400] * 3
    assert owner.post(f"{log}{uuid4()}/resend/").status_code == 404


def test_another_organizations_owner_finds_nothing_of_it(world: World) -> None:
    hook = webhook(world.ours)
    message = hooking.try_out(webhook=hook, now=timezone.now())
    stranger = signed_in(world.theirs, "owner")
    own = webhook(world.theirs)

    found = [
        stranger.get(address(hook)), stranger.patch(address(hook), {"name": "Mine"}, "json"),
        stranger.delete(address(hook)), stranger.get(address(hook, "deliveries/")),
        stranger.post(address(hook, f"deliveries/{message.uid}/resend/")),
        stranger.post(address(own, f"deliveries/{message.uid}/resend/")),
        stranger.post(address(hook, "rotate/")),
    ]  # fmt: skip

    assert [answer.status_code for answer in found] == [404] * 7
    assert [row["uid"] for row in stranger.get(WEBHOOKS).json()["results"]] == [str(own.uid)]
    assert stranger.get(f"{WEBHOOKS}?organization=ours").json()["results"] == []
    hook.refresh_from_db()
    assert (hook.name, hook.generation) == ("", 0)


def test_it_is_removed_with_its_log(owner: APIClient, world: World) -> None:
    hook = webhook(world.ours)
    hooking.try_out(webhook=hook, now=timezone.now())

    assert owner.delete(address(hook)).status_code == 204
    assert (Webhook.objects.count(), WebhookMessage.objects.count()) == (0, 0)


@pytest.mark.parametrize("rows", [1, 5])
def test_lists_cost_as_much_for_one_as_for_five(owner: APIClient, world: World, rows: int) -> None:
    hooks = [webhook(world.ours, programme=world.programme) for _number in range(rows)]
    for _number in range(rows):
        hooking.try_out(webhook=hooks[0], now=timezone.now())
    asked = []
    for url in (WEBHOOKS, address(hooks[0], "deliveries/")):
        with CaptureQueriesContext(connection) as statements:
            assert len(owner.get(url).json()["results"]) == rows
        asked.append(len(statements))

    assert asked == [4, 5]  # session, person, roles; the page; and whose log it is
