"""Stacked quotas when everybody wants in: every registration has all its pools or none, and no limit is passed."""

import time
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from events.models import SYSTEM, Audience, Event, Invitation, SeatPool
from events.operations import allotting, inviting, seating
from tests import factories
from tests.factories import NOW
from tests.races import judging
from tests.races.crowd import outcome, outcome_or_fault, rush, slowly, unguarded
from tests.races.watching import watched

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS, TURNS = 16, 6
BY: dict[str, Any] = {"actor": SYSTEM, "now": NOW}


def divided(*, capacity: int, waitlist: str = "off") -> tuple[Event, list[Audience]]:
    """A floor of twenty students, a ceiling of fifteen professionals."""
    event = factories.event(capacity=capacity, waitlist=waitlist)
    students, professionals = factories.audience("student"), factories.audience("professional")
    allotting.set_aside(event=event, kind="floor", seats=20, audience=students, **BY)
    allotting.set_aside(event=event, kind="ceiling", seats=15, audience=professionals, **BY)
    return event, [students, professionals]


def taken(event: Event) -> dict[str, int]:
    return dict(SeatPool.objects.filter(event=event).values_list("kind", "taken"))


def crowd_of_96(event: Event, audiences: list[Audience]) -> Counter[str]:
    """Students and professionals in turn; what each was told."""

    def come(number: int) -> str:
        return outcome_or_fault(lambda: factories.register(event, number, audience=audiences[number % 2]))

    return Counter(rush(lambda client: [come(client * TURNS + turn) for turn in range(TURNS)], clients=CLIENTS))


@pytest.mark.usefixtures("audited")
def test_a_floor_and_a_ceiling_hold_while_ninety_six_people_come() -> None:
    event, audiences = divided(capacity=55)

    with watched([event.pk]) as sight:
        outcomes = crowd_of_96(event, audiences)

    assert outcomes == {"ok": 55, "event_full": 41}
    assert taken(event) | {"ceiling": 0} == {"open": 35, "floor": 20, "ceiling": 0}
    assert 7 <= taken(event)["ceiling"] <= 15
    assert sight.faults == []
    assert judging.faults([event.pk], now=NOW) == []


def test_control_without_the_lock_of_the_pools_only_the_second_guard_stops_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the unlocked picture gives out twice, the conditional update refuses: a fault, and not an answer."""
    event, audiences = divided(capacity=55)
    monkeypatch.setattr(seating, "hall", slowly(seating.hall, after=0.01))

    with unguarded(monkeypatch):
        outcomes = crowd_of_96(event, audiences)

    assert outcomes["AssertionError"] > 0


def test_control_without_either_guard_the_observer_sees_more_people_than_seats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor would it help to count afterwards: people are in before anybody looks."""

    def uncounted(**_given: object) -> None:
        return None

    event, audiences = divided(capacity=55)
    monkeypatch.setattr(seating, "occupy", uncounted)

    with watched([event.pk]) as sight:
        crowd_of_96(event, audiences)

    assert sight.faults != []
    assert {fault.partition(":")[0] for fault in judging.faults([event.pk], now=NOW)} == {"oversold"}


def release_while_they_come(event: Event, audiences: list[Audience]) -> Counter[str]:
    """Everybody wants a seat while the floor's last ones become everybody's."""
    floor = SeatPool.objects.get(event=event, kind="floor")

    def act(client: int) -> list[str]:
        if client == 0:
            time.sleep(0.05)
            return [outcome_or_fault(lambda: allotting.release(pool=floor, **BY))]
        kind = audiences[int(client == 1)]
        return [
            outcome_or_fault(lambda number=client * 5 + turn: factories.register(event, number, audience=kind))
            for turn in range(5)
        ]

    return Counter(rush(act, clients=8))


@pytest.mark.usefixtures("audited")
def test_a_floor_that_is_released_while_people_come_loses_no_seat() -> None:
    event, audiences = divided(capacity=30, waitlist="automatic")

    with watched([event.pk]) as sight:
        outcomes = release_while_they_come(event, audiences)

    assert outcomes == {"ok": 36}
    assert sum(SeatPool.objects.filter(event=event).exclude(kind="ceiling").values_list("taken", flat=True)) == 30
    assert sight.faults == []
    assert judging.faults([event.pk], now=NOW) == []


def test_control_a_floor_that_is_released_without_the_lock_gives_taken_seats_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event, audiences = divided(capacity=30, waitlist="automatic")
    monkeypatch.setattr(seating, "give_to_open", slowly(seating.give_to_open, before=0.5))

    with unguarded(monkeypatch):
        outcomes = release_while_they_come(event, audiences)

    released = SeatPool.objects.get(event=event, kind="floor")
    assert outcomes["IntegrityError"] > 0 or released.taken > released.seats


def invited() -> tuple[Event, Invitation]:
    event = factories.event(capacity=50)
    return event, inviting.invite(event=event, code="FESTIVAL", uses=5, **BY)[0]


def sixteen_with_one_code(event: Event) -> Counter[str]:
    def act(client: int) -> list[str]:
        return [outcome(lambda: factories.register(event, client, code="festival"))]

    return Counter(rush(act, clients=CLIENTS))


@pytest.mark.usefixtures("audited")
def test_a_code_for_five_lets_in_five_of_sixteen() -> None:
    event, invitation = invited()

    assert sixteen_with_one_code(event) == {"ok": 5, "code_required": 11}

    invitation.refresh_from_db()
    assert (invitation.used, taken(event)) == (5, {"open": 5})


def test_control_a_code_that_is_read_and_then_counted_lets_in_more(monkeypatch: pytest.MonkeyPatch) -> None:
    event, _invitation = invited()

    def look_then_count(*, invitation: Invitation, times: int = 1, now: datetime) -> None:
        row = Invitation.objects.get(pk=invitation.pk)
        if row.used == row.uses:
            raise inviting._refusal()
        time.sleep(0.2)
        Invitation.objects.filter(pk=row.pk).update(used=row.used + times)

    monkeypatch.setattr(inviting, "use", look_then_count)

    with unguarded(monkeypatch):
        outcomes = sixteen_with_one_code(event)

    assert outcomes["ok"] > 5
