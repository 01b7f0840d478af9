"""One person who wants two events of the same hour at the same moment gets into one of them."""

from collections import Counter

import pytest

from events.models import SYSTEM, Event, Registration
from events.operations import clashing, registering
from tests import factories
from tests.factories import NOW
from tests.races import judging
from tests.races.crowd import outcome, rush, slowly, unguarded

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def two_events_of_one_hour(**fields: object) -> list[Event]:
    programme = factories.programme(clashes="refuse")
    return [factories.event(of=programme, capacity=1 if fields else 20, **fields) for _number in range(2)]


def in_both(events: list[Event]) -> Counter[str]:
    return Counter(rush(lambda client: [outcome(lambda: factories.register(events[client % 2], 1))], clients=8))


def seats_of_one(events: list[Event]) -> int:
    return Registration.objects.filter(event__in=events, status="confirmed").count()


@pytest.mark.usefixtures("audited")
def test_whoever_registers_for_both_at_once_gets_into_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones of both wait for each other at the person, whatever they took before; the others come too late."""
    monkeypatch.setattr(clashing, "elsewhere", slowly(clashing.elsewhere, after=0.1))
    events = two_events_of_one_hour()

    outcomes = in_both(events)

    assert outcomes["ok"] == 1
    assert set(outcomes) <= {"ok", "clash", "already_registered"}
    assert seats_of_one(events) == 1


def test_control_without_the_lock_of_the_person_they_get_into_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clashing, "elsewhere", slowly(clashing.elsewhere, after=0.1))
    monkeypatch.setattr(clashing, "lock", lambda *, keys: None)
    events = two_events_of_one_hour()

    with unguarded(monkeypatch):
        in_both(events)

    assert seats_of_one(events) == 2


def wait_for_both(events: list[Event]) -> list[Registration]:
    """Both are full, and the same person waits for both: allowed then, refused later."""
    holders = [factories.register(event, number) for number, event in enumerate(events, start=10)]
    type(events[0].programme).objects.filter(pk=events[0].programme_id).update(clashes="warn")
    for event in events:
        factories.register(event, 1)
    type(events[0].programme).objects.filter(pk=events[0].programme_id).update(clashes="refuse")
    return holders


def leave_both(holders: list[Registration]) -> Counter[str]:
    def act(client: int) -> list[str]:
        return [outcome(lambda: registering.cancel(registration=holders[client], actor=SYSTEM, now=NOW))]

    return Counter(rush(act, clients=2))


@pytest.mark.usefixtures("audited")
def test_two_seats_of_one_hour_that_become_free_at_once_are_not_both_the_same_persons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = two_events_of_one_hour(waitlist="automatic")
    holders = wait_for_both(events)
    monkeypatch.setattr(clashing, "busy", slowly(clashing.busy, after=0.2))

    assert leave_both(holders) == {"ok": 2}

    assert seats_of_one(events) == 1
    assert judging.faults([event.pk for event in events], now=NOW) == []


def test_control_without_the_lock_of_the_person_both_seats_go_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    events = two_events_of_one_hour(waitlist="automatic")
    holders = wait_for_both(events)
    monkeypatch.setattr(clashing, "busy", slowly(clashing.busy, after=0.2))
    monkeypatch.setattr(clashing, "lock", lambda *, keys: None)

    with unguarded(monkeypatch):
        leave_both(holders)

    assert seats_of_one(events) == 2
