"""Claims: who sends a message, and who may say what became of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import SYSTEM, Change, Delivery
from events.operations import delivering
from events.operations.delivering import NothingToSendAgain
from events.reports import messages
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def waiting(people: int = 1) -> None:
    factories.crowd(factories.event(), range(people))


def claim(most: int = 10) -> list[Delivery]:
    return delivering.claim(lane="urgent", most=most)


def test_what_is_claimed_is_nobody_elses_until_the_claim_ends() -> None:
    waiting(3)

    first, second, third = claim(2), claim(2), claim(2)
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    again = claim()

    assert [len(rows) for rows in (first, second, third, again)] == [2, 1, 0, 3]
    assert [row.lease for row in again] == [2, 2, 2]
    assert [row.attempts for row in again] == [2, 2, 2]


def test_a_claim_lasts_two_minutes_on_the_clock_of_the_database() -> None:
    waiting()

    [row] = claim()

    assert row.not_before is not None
    assert timedelta(seconds=110) < row.not_before - timezone.now() <= timedelta(seconds=121)


@pytest.mark.parametrize("late", ["sent", "given up", "superseded", "put off", "held"])
def test_who_slept_past_the_claim_changes_nothing(late: str) -> None:
    waiting()
    [sleeper] = claim()
    Delivery.objects.update(not_before=None)
    [holder] = claim()
    delivering.hold(delivery=holder, message=b"theirs")
    before = Delivery.objects.values().get()

    match late:
        case "sent":
            assert delivering.sent(delivery=sleeper) is False
        case "given up":
            delivering.give_up(delivery=sleeper, error="x")
        case "superseded":
            delivering.superseded(deliveries=[sleeper])
        case "put off":
            delivering.put_off(delivery=sleeper, error="x", keeps_words=False)
        case "held":
            assert delivering.hold(delivery=sleeper, message=b"ours") is False

    assert Delivery.objects.values().get() == before


def test_what_is_sent_keeps_no_words() -> None:
    waiting()
    [row] = claim()
    assert delivering.hold(delivery=row, message=b"Hello") is True

    assert delivering.sent(delivery=row) is True

    row.refresh_from_db()
    assert (row.status, row.message, row.not_before) == ("sent", None, None)
    assert row.ended_at is not None


def test_a_claim_takes_as_many_statements_for_ten_as_for_one() -> None:
    waiting(11)
    counts = []
    for most in (1, 10):
        with CaptureQueriesContext(connection) as statements:
            assert len(claim(most)) == most
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_only_what_was_given_up_is_sent_again_and_the_history_says_by_whom() -> None:
    waiting()
    [row] = claim()
    with pytest.raises(NothingToSendAgain):
        delivering.send_again(delivery=row, actor=SYSTEM, now=NOW)
    delivering.give_up(delivery=row, error="SMTPDataError 554")

    again = delivering.send_again(delivery=row, actor=SYSTEM, now=NOW)

    assert (again.status, again.attempts, again.error) == ("waiting", 0, "")
    assert Change.objects.get(kind="delivery.sent_again").after == {"delivery": str(row.uid)}
    assert [row.pk for row in claim()] == [again.pk]


def test_old_messages_are_forgotten_and_waiting_ones_never() -> None:
    waiting(2)
    row, _other = claim()
    delivering.sent(delivery=row)

    assert delivering.forget_old(now=timezone.now() + timedelta(days=89)) == 0
    assert delivering.forget_old(now=timezone.now() + timedelta(days=91)) == 1
    assert Delivery.objects.get().status == "waiting"


def test_a_registration_that_is_not_written_has_no_message() -> None:
    event = factories.event(capacity=1)
    factories.register(event)
    with pytest.raises(factories.registering.EventFull):
        factories.register(event, 2)

    assert factories.ordered("registration.confirmed") == ["person1@mail.example"]


def test_all_that_an_event_gave_up_is_sent_again_in_one_step() -> None:
    event = factories.event()
    factories.crowd(event, range(3))
    factories.register(factories.event("Other"), 9)
    Delivery.objects.exclude(registration__email="person0@mail.example").update(status="dead", attempts=20, error="x")

    again = [
        delivering.send_all_again(deliveries=messages.of(event), event=event, actor=SYSTEM, now=NOW) for _ in range(2)
    ]

    assert again == [2, 0]
    assert list(Delivery.objects.order_by("pk").values_list("status", "attempts", "error")) == [
        ("waiting", 0, ""),
        ("waiting", 0, ""),
        ("waiting", 0, ""),
        ("dead", 20, "x"),
    ]
    [told] = Change.objects.filter(kind="delivery.all_sent_again")
    assert (told.event, told.after) == (event, {"deliveries": 2})


def test_what_took_its_workers_down_too_often_is_given_up_and_holds_up_nobody() -> None:
    waiting(2)
    poison, _other = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=poison.pk).update(attempts=delivering.MOST_ATTEMPTS)

    claimed = claim()

    assert [row.pk for row in claimed] == [_other.pk]
    assert delivering.give_up_due() == 1
    assert Delivery.objects.get(pk=poison.pk).status == "dead"
