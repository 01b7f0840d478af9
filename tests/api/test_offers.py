"""Offers by the token of a mailed link: taken, left, run out, and what a token does not open (SAFETY W3, A5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Registration
from events.models.tokens import derive
from events.operations import offering, registering
from tests import factories
from tests.api.conftest import World
from tests.api.test_problems import refused


@pytest.fixture
def offered(world: World) -> Registration:
    """Somebody with a seat to take, and somebody behind them who waits."""
    now = timezone.now()
    event = factories.event("By offer", of=world.programme, capacity=1, waitlist="offer", now=now)
    seated = factories.register(event, 1, now=now)
    waiting = [factories.register(event, number, now=now) for number in (2, 3)]
    registering.cancel(registration=seated, actor=factories.member(world.ours, now=now), now=now)
    return Registration.objects.get(pk=waiting[0].pk)


def url(registration: Registration, step: str = "") -> str:
    return f"/api/v1/offers/{offering.token_of(registration)}/{step}"


def statuses() -> list[str]:
    return list(Registration.objects.order_by("pk").values_list("status", flat=True))


def test_the_link_says_what_it_opens_and_little_of_whom(client: APIClient, offered: Registration) -> None:
    answer = client.get(url(offered))

    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert offered.offer_expires_at is not None
    assert answer.json() == {
        "status": "offered",
        "event": "by-offer",
        "offer_expires_at": offered.offer_expires_at.isoformat(),
        "initial": "김",
    }


def test_taking_it_twice_takes_it_once(client: APIClient, offered: Registration) -> None:
    first, again = client.post(url(offered, "accept/")), client.post(url(offered, "accept/"), {}, "json")

    assert [(one.status_code, one.json()["status"]) for one in (first, again)] == [(200, "confirmed")] * 2
    assert first.content == again.content
    assert statuses() == ["cancelled", "confirmed", "waitlisted"]
    assert Registration.objects.get(pk=offered.pk).proved_at is not None


def test_leaving_it_twice_leaves_it_to_the_next_one(client: APIClient, offered: Registration) -> None:
    first = client.post(url(offered, "decline/"), {"reason": "Ill"}, "json")
    again = client.post(url(offered, "decline/"))

    assert [(one.status_code, one.json()["status"]) for one in (first, again)] == [(200, "declined")] * 2
    assert statuses() == ["cancelled", "declined", "offered"]
    assert refused(client.post(url(offered, "accept/"))) == (409, "offer_ended", [])
    assert Registration.objects.get(pk=offered.pk).reason == "Ill"


def test_an_offer_that_has_run_out_admits_nobody(client: APIClient, offered: Registration) -> None:
    Registration.objects.filter(pk=offered.pk).update(offer_expires_at=timezone.now() - timedelta(seconds=1))
    too_late = client.post(url(offered, "accept/"))
    offering.expire_due(now=timezone.now())

    assert refused(too_late) == (409, "offer_ended", [])
    assert refused(client.post(url(offered, "accept/"))) == (409, "offer_ended", [])
    assert client.get(url(offered)).json()["status"] == "expired"
    assert statuses() == ["cancelled", "expired", "offered"]


def test_a_taken_seat_is_not_left_by_the_old_link(client: APIClient, offered: Registration) -> None:
    client.post(url(offered, "accept/"))

    assert refused(client.post(url(offered, "decline/"))) == (409, "offer_ended", [])
    assert statuses() == ["cancelled", "confirmed", "waitlisted"]


@pytest.mark.parametrize("step", ["", "accept/", "decline/"])
def test_no_other_secret_opens_it(client: APIClient, offered: Registration, step: str) -> None:
    other = Registration.objects.get(status="waitlisted")
    right = offering.token_of(offered)
    tokens = [
        "nothing", "1-", right[:-1], right + "A", right.swapcase(), f"{offered.pk + 9:x}{right[right.index('-'):]}",
        offered.code, offered.ticket, f"{other.pk:x}-{right.partition('-')[2]}",
        derive(kind="registration-calendar", row_id=offered.pk, generation=0),
        derive(kind="offer", row_id=offered.pk, generation=1), "f" * 15 + "-a", "0_1-a",
    ]  # fmt: skip
    ask: Any = client.post if step else client.get
    before = list(Registration.objects.order_by("pk").values())

    assert [refused(ask(f"/api/v1/offers/{token}/{step}"))[:2] for token in tokens] == [(404, "not_found")] * len(
        tokens
    )
    assert list(Registration.objects.order_by("pk").values()) == before


def test_an_offer_token_opens_nothing_but_the_offer(client: APIClient, offered: Registration) -> None:
    token = offering.token_of(offered)

    assert client.get(f"/api/v1/registrations/{token}/").status_code == 404
    assert client.post(f"/api/v1/registrations/{token}/cancel/").status_code == 404
    assert client.get(f"/calendars/registrations/{token}.ics").status_code == 404


@pytest.mark.parametrize(
    ("step", "body", "pointer"),
    [("accept/", {"status": "confirmed"}, "/status"), ("decline/", {"reason": 5}, "/reason")],
)
def test_what_is_wrong_in_the_body_is_named_and_nothing_happens(
    client: APIClient, offered: Registration, step: str, body: Any, pointer: str
) -> None:
    answer = refused(client.post(url(offered, step), body, "json"))

    assert (answer[0], [where for where, _code in answer[2]]) == (400, [pointer])
    assert statuses() == ["cancelled", "offered", "waitlisted"]
