"""The waitlist when everybody joins, leaves and is served at once: no seat idle, nobody passed, nobody served twice."""

import time
from collections import Counter

import pytest

from events.models import SYSTEM, Event, Registration, Series
from events.operations import admitting, planning, registering, seating
from tests import factories
from tests.factories import NOW, WEEK
from tests.races import judging
from tests.races.crowd import outcome, outcome_or_fault, rush, slowly, unguarded, without
from tests.races.watching import watched

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS = 16


def standing(event: Event) -> Counter[str]:
    return Counter(Registration.objects.filter(event=event).values_list("status", flat=True))


def come_and_go(event: Event, registrations: list[Registration]) -> Counter[str]:
    """Everybody who is in leaves, and as many come and come."""

    def come(number: int) -> str:
        return outcome(lambda: factories.register(event, number))

    def go(registration: Registration) -> str:
        return outcome(lambda: registering.cancel(registration=registration, actor=SYSTEM, now=NOW))

    def act(client: int) -> list[str]:
        done = []
        for turn, registration in enumerate(registrations[client::CLIENTS]):
            number = 1000 + client * 20 + 2 * turn
            done += [come(number), go(registration), come(number + 1)]
        return done

    return Counter(rush(act, clients=CLIENTS))


@pytest.mark.usefixtures("audited")
def test_every_seat_that_is_left_is_the_next_ones_at_once() -> None:
    event = factories.event(capacity=32, waitlist="automatic")
    registrations = [factories.register(event, number) for number in range(32)]

    with watched([event.pk]) as sight:
        outcomes = come_and_go(event, registrations)

    assert outcomes == {"ok": 96}
    assert standing(event) == {"confirmed": 32, "cancelled": 32, "waitlisted": 32}
    assert sight.faults == []
    assert judging.faults([event.pk], now=NOW) == []


def test_control_an_event_that_stays_plain_while_somebody_waits_lets_newcomers_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without that mark a newcomer asks the row alone, and takes what those who wait were promised."""
    event = factories.event(capacity=32, waitlist="automatic")
    registrations = [factories.register(event, number) for number in range(32)]
    monkeypatch.setattr(seating, "contest", lambda *, event_ids: None)

    come_and_go(event, registrations)

    assert {fault.partition(":")[0] for fault in judging.faults([event.pk], now=NOW)} == {"order"}


def join_while_the_only_seat_is_left(event: Event, holder: Registration) -> Counter[str]:
    """One client is about to wait for the seat that the other one leaves at that moment."""

    def act(client: int) -> list[str]:
        if client == 0:
            return [outcome(lambda: factories.register(event, 2))]
        time.sleep(0.15)
        return [outcome(lambda: registering.cancel(registration=holder, actor=SYSTEM, now=NOW))]

    return Counter(rush(act, clients=2))


@pytest.mark.usefixtures("audited")
def test_who_joins_while_the_seat_is_left_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    holder = factories.register(event, 1)
    monkeypatch.setattr(registering, "wait", slowly(registering.wait, before=0.4))

    assert join_while_the_only_seat_is_left(event, holder) == {"ok": 2}

    assert standing(event) == {"cancelled": 1, "confirmed": 1}


def test_control_who_joins_without_the_lock_waits_beside_a_free_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    holder = factories.register(event, 1)
    monkeypatch.setattr(registering, "wait", slowly(registering.wait, before=0.4))

    with unguarded(monkeypatch):
        join_while_the_only_seat_is_left(event, holder)

    assert standing(event) == {"cancelled": 1, "waitlisted": 1}
    assert len(list(judging.undersold([event], NOW))) == 1


def two_runs(*, capacity: int = 1) -> tuple[Series, list[Event]]:
    programme = factories.programme()
    series = planning.create_series(programme=programme, fields={"title_en": "Runs"}, actor=SYSTEM, now=NOW)
    runs = []
    for day in (0, 1):
        run = factories.draft(of=programme, series=series, capacity=capacity, waitlist="automatic")
        factories.session(run, starts=NOW + WEEK + day * factories.HOUR * 24)
        runs.append(factories.publish(run))
    return series, runs


def leave_both_runs(holders: list[Registration]) -> Counter[str]:
    def act(client: int) -> list[str]:
        return [outcome_or_fault(lambda: registering.cancel(registration=holders[client], actor=SYSTEM, now=NOW))]

    return Counter(rush(act, clients=2))


@pytest.mark.usefixtures("audited")
def test_two_runs_that_free_a_seat_at_once_give_one_person_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _series, runs = two_runs()
    holders = [factories.register(run, number) for number, run in enumerate(runs)]
    waiting = factories.register(runs[0], 9)
    monkeypatch.setattr(admitting, "admit", slowly(admitting.admit, before=0.3))

    assert leave_both_runs(holders) == {"ok": 2}

    waiting.refresh_from_db()
    assert waiting.status == "confirmed"
    assert sorted(run.pools.get().taken for run in runs) == [0, 1]


def test_control_without_the_locks_of_all_runs_one_person_gets_a_seat_in_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _series, runs = two_runs()
    holders = [factories.register(run, number) for number, run in enumerate(runs)]
    factories.register(runs[0], 9)
    monkeypatch.setattr(admitting, "admit", slowly(admitting.admit, before=0.3))

    with unguarded(monkeypatch):
        outcomes = leave_both_runs(holders)

    # Each of the two serves both runs, so the second guard of a seat may stop the later one: a fault, no answer.
    assert outcomes["AssertionError"] > 0 or [run.pools.get().taken for run in runs] == [1, 1]


def register_for_both_runs(runs: list[Event]) -> Counter[str]:
    return Counter(rush(lambda client: [outcome(lambda: factories.register(runs[client % 2], 1))], clients=8))


@pytest.mark.usefixtures("audited")
def test_one_person_who_wants_two_runs_at_once_gets_one() -> None:
    _series, runs = two_runs(capacity=10)

    assert register_for_both_runs(runs) == {"ok": 1, "already_registered": 7}

    assert sorted(run.pools.get().taken for run in runs) == [0, 1]


def test_control_without_the_index_of_the_series_one_person_gets_both_runs() -> None:
    series, runs = two_runs(capacity=10)

    def clean() -> None:
        for run in runs:
            run.pools.get().movements.all().delete()
            run.changes.all().delete()
            run.registrations.all().delete()

    with without(registering.ONCE_PER_PERSON[1], table="events_registration", is_index=True, clean=clean):
        outcomes = register_for_both_runs(runs)
        live = Registration.objects.live().filter(series_once=series).count()

    assert (outcomes["ok"], live) == (2, 2)
