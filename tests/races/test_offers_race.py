"""Offers and applications that several people decide at once: each ends in exactly one way."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from events.models import SYSTEM, Event, Registration
from events.operations import falling_due, offering, registering, selecting
from tests import factories
from tests.factories import NOW
from tests.races import judging
from tests.races.crowd import outcome, outcome_or_fault, rush, slowly, unguarded

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

DEADLINE = NOW + timedelta(minutes=30)
JUST_BEFORE = DEADLINE - timedelta(microseconds=1)


def offered() -> tuple[Event, Registration]:
    """An event of one seat, which is offered to the first who waited; two more wait."""
    event = factories.event(capacity=1, waitlist="offer", offer_minutes=30)
    holder = factories.register(event, 1)
    first, *_others = [factories.register(event, number) for number in (2, 3, 4)]
    registering.cancel(registration=holder, actor=SYSTEM, now=NOW)
    return event, Registration.objects.get(pk=first.pk)


def ends_of(row: Registration) -> list[str]:
    """The states that the history says the offer ended in."""
    kinds = row.changes.order_by("pk").values_list("kind", flat=True)
    return [kind.removeprefix("registration.") for kind in kinds if not kind.endswith(("waitlisted", "offered"))]


def all_at_once(*acts: Callable[[], Any]) -> list[str]:
    """What each of them was told; each has two clients."""
    return rush(lambda client: [outcome_or_fault(acts[client // 2])], clients=2 * len(acts))


def accept_decline_and_expire(row: Registration) -> list[str]:
    return all_at_once(
        lambda: offering.accept(registration=row, by_link=True, now=JUST_BEFORE),
        lambda: offering.decline(registration=row, now=JUST_BEFORE),
        lambda: offering.expire_due(now=DEADLINE),
    )


@pytest.mark.usefixtures("audited")
def test_an_offer_that_is_accepted_declined_and_expired_at_once_ends_in_one_way() -> None:
    for _round in range(3):
        event, row = offered()

        told = accept_decline_and_expire(row)

        assert len(ends_of(row)) == 1
        assert told[4:] == ["ok", "ok"]
        assert Counter(told[:4]) in ({"ok": 2, "offer_ended": 2}, {"offer_ended": 4})  # twice the same is no error
        assert event.pools.get().taken == 1
        assert judging.faults([event.pk], now=DEADLINE) == []


def test_control_without_locks_an_offer_ends_in_several_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    _event, row = offered()
    monkeypatch.setattr(offering.progressing, "move", slowly(offering.progressing.move, before=0.3))

    with unguarded(monkeypatch):
        accept_decline_and_expire(row)

    assert len(ends_of(row)) > 1


def accept_late(row: Registration) -> list[str]:
    return all_at_once(
        lambda: offering.accept(registration=row, by_link=True, now=DEADLINE),
        lambda: offering.accept(registration=row, by_link=True, now=DEADLINE + timedelta(days=1)),
    )


@pytest.mark.usefixtures("audited")
def test_from_the_deadline_on_nobody_accepts_though_no_worker_has_come_yet() -> None:
    event, row = offered()

    assert accept_late(row) == ["offer_ended"] * 4

    falling_due.run(now=DEADLINE)
    assert ends_of(row) == ["expired"]
    assert judging.faults([event.pk], now=DEADLINE) == []


def test_control_without_a_look_at_the_deadline_an_offer_is_accepted_late(monkeypatch: pytest.MonkeyPatch) -> None:
    _event, row = offered()
    lock = offering._lock

    def lock_and_forget_the_time(registration: Registration) -> Registration:
        locked = lock(registration)
        locked.offer_expires_at = DEADLINE + timedelta(days=2)
        return locked

    monkeypatch.setattr(offering, "_lock", lock_and_forget_the_time)

    assert accept_late(row) == ["ok"] * 4


def applied(*, capacity: int = 2) -> tuple[Event, list[Registration]]:
    event = factories.event(
        capacity=capacity, registration="approval", waitlist="automatic", registration_closes_at=NOW + factories.HOUR
    )
    return event, [factories.register(event, number) for number in range(6)]


def approve_three_times(event: Event, rows: list[Registration]) -> Counter[str]:
    """The same three applications by four people at once."""

    def act(_client: int) -> list[str]:
        return [outcome(lambda: selecting.approve(event=event, registrations=rows[:3], actor=SYSTEM, now=NOW))]

    return Counter(rush(act, clients=4))


@pytest.mark.usefixtures("audited")
def test_applications_that_four_people_approve_at_once_are_approved_once() -> None:
    event, rows = applied()

    assert approve_three_times(event, rows) == {"ok": 1, "not_an_application": 3}

    assert event.pools.get().taken == 2
    assert judging.faults([event.pk], now=NOW) == []


def test_control_without_locks_applications_are_approved_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    event, rows = applied(capacity=20)
    monkeypatch.setattr(selecting, "_admit", slowly(selecting._admit, before=0.3))

    with unguarded(monkeypatch):
        outcomes = approve_three_times(event, rows)

    assert outcomes["ok"] > 1
    assert event.pools.get().taken > 3


def draw_four_times(event: Event) -> Counter[str]:
    def act(_client: int) -> list[str]:
        return [outcome(lambda: selecting.draw(event=event, actor=SYSTEM, now=NOW + factories.HOUR))]

    return Counter(rush(act, clients=4))


def announced(*, capacity: int = 2) -> Event:
    event, _rows = applied(capacity=capacity)
    selecting.announce_draw(event=event, actor=SYSTEM, now=NOW, seed="a seed of a test")
    return event


@pytest.mark.usefixtures("audited")
def test_a_draw_that_four_people_start_at_once_takes_place_once() -> None:
    event = announced()

    assert draw_four_times(event) == {"ok": 1, "draw_not_possible": 3}

    assert event.changes.filter(kind="draw.drawn").count() == 1
    assert event.pools.get().taken == 2
    assert judging.faults([event.pk], now=NOW + factories.HOUR) == []


def test_control_without_locks_the_draw_takes_place_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    event = announced(capacity=40)
    monkeypatch.setattr(selecting, "_admit", slowly(selecting._admit, before=0.3))

    with unguarded(monkeypatch):
        outcomes = draw_four_times(event)

    assert outcomes["ok"] > 1
