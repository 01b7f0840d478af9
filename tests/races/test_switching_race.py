"""Several people go to other runs at once: no seat too many, nobody without one, nobody stuck."""

from collections import Counter

import pytest

from events.models import Event, Registration
from events.operations import seating, switching
from tests import factories
from tests.factories import NOW
from tests.races import judging
from tests.races.crowd import outcome, outcome_or_fault, rush, slowly, unguarded

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def runs(*, capacity: int) -> tuple[Event, Event]:
    first, second = factories.runs(2, capacity=capacity, waitlist="off")
    return first, second


def all_switch(rows: list[Registration], to: list[Event]) -> list[str]:
    """Each of them in a process of its own."""

    def act(client: int) -> list[str]:
        return [outcome(lambda: switching.switch(registration=rows[client], run=to[client], now=NOW))]

    return rush(act, clients=len(rows))


def seats(*events: Event) -> list[int]:
    return [Registration.objects.filter(event=event, status="confirmed").count() for event in events]


@pytest.mark.usefixtures("audited")
def test_the_last_seat_there_is_one_persons_and_the_others_keep_theirs() -> None:
    here, there = runs(capacity=6)
    rows = factories.crowd(here, range(6))
    factories.crowd(there, range(10, 15))

    told = Counter(all_switch(rows, [there] * 6))

    assert told == {"ok": 1, "event_full": 5}
    assert seats(here, there) == [5, 6]
    assert judging.faults([here.pk, there.pk], now=NOW) == []


def test_control_without_locks_more_people_sit_there_than_it_has_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = runs(capacity=6)
    rows = factories.crowd(here, range(6))
    factories.crowd(there, range(10, 15))

    def occupy_unasked(*, event_id: int, placings: list[object], now: object) -> None:
        """The picture alone decides, as if the pools had been locked."""

    monkeypatch.setattr(seating, "occupy", slowly(occupy_unasked, before=0.3))
    with unguarded(monkeypatch):
        rush(
            lambda client: [
                outcome_or_fault(lambda: switching.switch(registration=rows[client], run=there, now=NOW))
            ],
            clients=6,
        )  # fmt: skip

    assert seats(there)[0] > 6


@pytest.mark.usefixtures("audited")
def test_people_who_swap_at_once_all_have_a_seat_afterwards() -> None:
    here, there = runs(capacity=4)
    rows = [*factories.crowd(here, range(3)), *factories.crowd(there, range(10, 13))]

    for _round in range(3):
        fresh = list(Registration.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
        to = [there if row.event_id == here.pk else here for row in fresh]
        told = all_switch(fresh, to)

        assert set(told) <= {"ok", "event_full"}
        assert "ok" in told
        assert sum(seats(here, there)) == 6
        assert max(seats(here, there)) <= 4
    assert judging.faults([here.pk, there.pk], now=NOW) == []


@pytest.mark.usefixtures("audited")
def test_two_tabs_of_one_person_go_once() -> None:
    first, second, third = factories.runs(3, capacity=2, waitlist="off")
    row = factories.register(first, 1)

    told = all_switch([row] * 4, [second, second, third, third])

    assert told == ["ok"] * 4  # one after the other, and the same again is no error
    row.refresh_from_db()
    assert row.event_id in (second.pk, third.pk)
    assert sum(seats(first, second, third)) == 1
