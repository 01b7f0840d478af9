"""Seats when everybody wants them at once. Every promise has its control: without the guard the fault must show."""

import time
from collections import Counter
from datetime import datetime

import pytest
from django.db import connection
from django.db.models import F

from events.models import SYSTEM, Event, Registration, SeatPool
from events.operations import planning, publishing, registering, repeating, seating
from events.operations.entering import Entering
from tests import factories
from tests.factories import NOW
from tests.races.crowd import outcome, outcome_or_fault, rush, slowly, unguarded, without

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS = 8


def confirmed(event: Event) -> int:
    return Registration.objects.filter(event=event, status="confirmed").count()


def pool_of(event: Event) -> SeatPool:
    return SeatPool.objects.get(event=event)


def register(event: Event, number: int) -> str:
    return outcome_or_fault(lambda: factories.register(event, number))


def crowd_of_320(event: Event) -> Counter[str]:
    def act(client: int) -> list[str]:
        return [register(event, client * 20 + attempt) for attempt in range(20)]

    return Counter(rush(act, clients=16))


def count_then_insert(entering: Entering, *, pool: SeatPool) -> Registration:
    """How it is done by those who oversell."""
    if confirmed(entering.event) >= pool.seats:
        raise registering.EventFull("full")
    time.sleep(0.001)
    return Registration.objects.create(
        event=entering.event, pool=pool, status="confirmed", name=entering.applicant.name,
        email=entering.applicant.email, email_key=entering.key, created_at=entering.now, updated_at=entering.now,
    )  # fmt: skip


@pytest.mark.usefixtures("audited")
def test_sixteen_clients_get_exactly_the_two_hundred_seats() -> None:
    event = factories.event(capacity=200)

    outcomes = crowd_of_320(event)

    assert outcomes == {"ok": 200, "event_full": 120}
    assert (confirmed(event), pool_of(event).taken) == (200, 200)


def test_control_counting_before_inserting_oversells(monkeypatch: pytest.MonkeyPatch) -> None:
    event = factories.event(capacity=200)
    monkeypatch.setattr(registering, "_take_a_seat", count_then_insert)

    crowd_of_320(event)

    assert confirmed(event) > 200


def leave(registration: Registration) -> str:
    return outcome_or_fault(lambda: registering.cancel(registration=registration, actor=SYSTEM, now=NOW))


def leave_and_come(event: Event, registrations: list[Registration]) -> Counter[str]:
    def act(client: int) -> list[str]:
        done = []
        for turn, registration in enumerate(registrations[client::CLIENTS]):
            done.append(leave(registration))
            done.append(register(event, 1000 + client * 20 + turn))
        return done

    return Counter(rush(act, clients=CLIENTS))


@pytest.mark.usefixtures("audited")
def test_cancelling_and_registering_at_once_loses_no_seat() -> None:
    event = factories.event(capacity=48)
    registrations = [factories.register(event, number) for number in range(48)]

    outcomes = leave_and_come(event, registrations)

    assert outcomes == {"ok": 96}
    assert (confirmed(event), pool_of(event).taken) == (48, 48)
    assert pool_of(event).movements.filter(delta=1).count() == 96
    assert pool_of(event).movements.filter(delta=-1).count() == 48


def test_control_a_counter_that_is_read_and_written_back_loses_seats() -> None:
    def write_back(*, registrations: list[Registration], **_given: object) -> None:
        (registration,) = registrations
        taken = SeatPool.objects.get(pk=registration.pool_id).taken
        time.sleep(0.002)
        SeatPool.objects.filter(pk=registration.pool_id).update(taken=taken - 1)

    def loses_a_seat() -> bool:
        event = factories.event(capacity=48)
        registrations = [factories.register(event, number) for number in range(48)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(seating, "free", write_back)
            with unguarded(patch):
                outcomes = leave_and_come(event, registrations)
        return outcomes != {"ok": 96} or confirmed(event) != pool_of(event).taken

    # A lost take and a lost release make up for each other now and then.
    assert any(loses_a_seat() for _round in range(5))


def cancel_together(registration: Registration) -> list[str]:
    return rush(lambda _client: [outcome(lambda: registering.cancel(registration=registration, actor=SYSTEM, now=NOW))])


@pytest.mark.usefixtures("audited")
def test_a_registration_cancelled_by_eight_at_once_frees_one_seat() -> None:
    event = factories.event(capacity=10)
    registration, *_others = [factories.register(event, number) for number in range(10)]

    assert cancel_together(registration) == ["ok"] * 8
    assert (confirmed(event), pool_of(event).taken) == (9, 9)


def test_control_without_locks_one_cancellation_frees_many_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    event = factories.event(capacity=10)
    registration, *_others = [factories.register(event, number) for number in range(10)]
    monkeypatch.setattr(registering, "end", slowly(registering.end, before=0.3))

    with unguarded(monkeypatch):
        cancel_together(registration)

    assert (confirmed(event), pool_of(event).taken) != (9, 9)


def same_person_eight_times(event: Event) -> Counter[str]:
    return Counter(rush(lambda _client: [register(event, 1)]))


@pytest.mark.usefixtures("audited")
def test_one_person_who_asks_eight_times_at_once_gets_one_seat() -> None:
    event = factories.event(capacity=10)

    outcomes = same_person_eight_times(event)

    assert outcomes == {"ok": 1, "already_registered": 7}
    assert (confirmed(event), pool_of(event).taken) == (1, 1)


def test_control_without_the_unique_index_one_person_gets_eight_seats() -> None:
    event = factories.event(capacity=10)

    def clean() -> None:
        pool_of(event).movements.all().delete()
        event.changes.all().delete()
        event.registrations.all().delete()

    with without(registering.ONCE_PER_PERSON[0], table="events_registration", is_index=True, clean=clean):
        outcomes = same_person_eight_times(event)

    assert outcomes == {"ok": 8}


def with_one_key(event: Event, claim: repeating.Claim | None) -> list[tuple[int, str]]:
    def act(client: int) -> list[tuple[int, str]]:
        def once() -> repeating.Outcome:
            return repeating.Outcome(201, {"code": factories.register(event, client).code})

        answer = repeating.once(claim=claim, act=once, now=NOW)
        return [(answer.status, answer.body["code"])]

    return rush(act)


@pytest.mark.usefixtures("audited")
def test_one_idempotency_key_sent_eight_times_at_once_registers_once_and_answers_the_same() -> None:
    event = factories.event(capacity=10)
    claim = repeating.claim(
        actor=SYSTEM, method="POST", path="/api/v1/events/x/registrations/", key="a" * 20, body=b"{}"
    )

    answers = with_one_key(event, claim)

    assert answers == [(201, Registration.objects.get().code)] * 8
    assert pool_of(event).taken == 1


def test_control_without_the_key_eight_requests_register_eight_times() -> None:
    event = factories.event(capacity=10)

    with_one_key(event, None)

    assert confirmed(event) == 8


@pytest.mark.usefixtures("audited")
def test_a_duplicate_of_a_request_that_runs_on_is_told_to_ask_again() -> None:
    """PostgreSQL says so after its lock timeout; SQLite waits for the first to end, and replays."""
    event = factories.event(capacity=10)
    claim = repeating.claim(actor=SYSTEM, method="POST", path="/", key="b" * 20, body=b"{}")

    def act(client: int) -> list[str]:
        def slow() -> repeating.Outcome:
            code = factories.register(event, client).code
            time.sleep(1.5)
            return repeating.Outcome(201, {"code": code})

        if client == 1:
            time.sleep(0.4)
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '200ms'")
        return [outcome(lambda: repeating.once(claim=claim, act=slow, now=NOW))]

    second = "idempotency_in_progress" if connection.vendor == "postgresql" else "ok"
    assert rush(act, clients=2) == ["ok", second]
    assert confirmed(event) == 1


def resize_while_registering(event: Event) -> Counter[str]:
    sizes = [150, 40, 90, 60, 120, 50, 100, 70]

    def act(client: int) -> list[str]:
        if client == 0:
            return [outcome(lambda size=size: resize(event, size)) for size in sizes]
        return [register(event, client * 10 + attempt) for attempt in range(10)]

    return Counter(rush(act, clients=CLIENTS))


def resize(event: Event, size: int) -> None:
    planning.amend_event(event=event, fields={"capacity": size}, over_commit=True, actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("audited")
def test_capacity_can_change_while_everybody_registers() -> None:
    event = factories.event(capacity=100)

    outcomes = resize_while_registering(event)

    pool = pool_of(event)
    assert outcomes["ok"] == confirmed(event) + 8
    assert pool.taken == confirmed(event)
    assert (pool.seats, pool.over_committed) == (70, pool.taken > 70)
    assert sum(pool.movements.values_list("seats_delta", flat=True)) == 70


def test_control_a_capacity_compared_without_the_lock_meets_the_check_constraint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = factories.event(capacity=100)
    stale = pool_of(event)
    for number in range(60):
        factories.register(event, number)

    # What a resize without the lock decides by: the pool as it was before sixty people registered.
    monkeypatch.setattr(seating, "lock", lambda event_ids: {pk: [stale] for pk in event_ids})
    faults = rush(lambda _client: [_fault(lambda: resize(event, 40))], clients=1)

    assert faults == ["IntegrityError"]


def _fault(attempt: object) -> str:
    try:
        attempt()  # type: ignore[operator]
    except Exception as error:
        return type(error).__name__
    return ""


def call_off_while_registering(event: Event, *, after: float, attempts: int) -> None:
    def act(client: int) -> list[str]:
        if client == 0:
            time.sleep(after)
            return [outcome(lambda: publishing.cancel(event=event, actor=SYSTEM, now=NOW))]
        return [register(event, client * 10 + attempt) for attempt in range(attempts)]

    rush(act, clients=CLIENTS)


@pytest.mark.usefixtures("audited")
def test_nobody_keeps_a_seat_in_an_event_that_is_being_called_off() -> None:
    for _round in range(2):
        event = factories.event(capacity=None)

        call_off_while_registering(event, after=0.03, attempts=10)

        assert (confirmed(event), pool_of(event).taken) == (0, 0)


def test_control_a_condition_on_the_events_own_row_lets_people_into_a_called_off_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pool must carry the condition: with the event read beforehand, people slip in while it is called off."""
    event = factories.event(capacity=None)

    def take_by_event(*, pool: SeatPool, now: datetime) -> bool:
        is_open = Event.objects.filter(pk=pool.event_id, status="published").exists()
        time.sleep(1.0)
        return is_open and SeatPool.objects.filter(pk=pool.pk).update(taken=F("taken") + 1) == 1

    monkeypatch.setattr(seating, "take", take_by_event)
    with unguarded(monkeypatch):
        call_off_while_registering(event, after=0.3, attempts=1)

    assert confirmed(event) > 0


def test_the_crowd_really_runs_on_the_database_under_test() -> None:
    def act(_client: int) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return [f"{connection.vendor} {connection.settings_dict['NAME']}"]

    assert set(rush(act)) == {f"{connection.vendor} {connection.settings_dict['NAME']}"}
