"""Who has to hear of what became of their registration, and that one worker at a time tells them."""

from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from events.models import ANONYMOUS, SYSTEM, Event, Registration
from events.operations import offering, publishing, registering, telling
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def untold() -> list[tuple[str, str]]:
    return [(row.email, row.status) for row in telling.untold(now=NOW, most=100)]


def promoted(people: int = 1, **fields: object) -> Event:
    """An event in which this many people had a seat and left, for as many who waited."""
    event = factories.event(capacity=people, waitlist="automatic", **fields)
    first = [factories.register(event, number) for number in range(people)]
    for number in range(people, 2 * people):
        factories.register(event, number)
    for registration in first:
        registering.cancel(registration=registration, actor=SYSTEM, now=NOW)
    return event


def test_what_people_do_themselves_they_know() -> None:
    open_event = factories.event(capacity=1, waitlist="automatic")
    by_approval = factories.event(registration="approval", waitlist="automatic")
    seated = factories.register(open_event, 1)
    factories.register(open_event, 2)
    factories.register(by_approval, 3)
    proven = factories.register(factories.event(needs_proof=True), 4)
    offering.accept(registration=proven, by_link=True, now=NOW)

    registering.cancel(registration=factories.register(by_approval, 5), actor=ANONYMOUS, now=NOW)

    assert untold() == []
    assert Registration.objects.get(pk=seated.pk).told_status == "confirmed"


def test_who_is_moved_by_others_or_must_answer_has_to_hear_of_it() -> None:
    promoted()
    factories.register(factories.event(needs_proof=True), 8)
    called_off = factories.event()
    factories.register(called_off, 9)

    publishing.cancel(event=called_off, actor=SYSTEM, now=NOW + MINUTE)

    assert untold() == [
        ("person8@mail.example", "offered"),  # who must answer comes first
        ("person0@mail.example", "cancelled"),
        ("person1@mail.example", "confirmed"),
        ("person9@mail.example", "cancelled"),
    ]


def test_an_offer_that_has_run_out_is_told_no_more() -> None:
    factories.register(factories.event(needs_proof=True, proof_minutes=30, now=NOW - HOUR), 1, now=NOW - HOUR)

    assert untold() == []


def test_one_of_two_workers_gets_the_mail_and_the_other_one_after_five_minutes() -> None:
    promoted()
    ours, theirs = (telling.untold(now=NOW, most=1)[0] for _ in range(2))

    claims = [
        telling.claim(registration=ours, now=NOW),
        telling.claim(registration=theirs, now=NOW),
        telling.claim(registration=theirs, now=NOW + 5 * MINUTE),
    ]

    assert claims == [True, False, True]


def test_who_was_told_is_not_told_again() -> None:
    promoted()
    for row in telling.untold(now=NOW, most=2):
        telling.claim(registration=row, now=NOW)

        telling.told(registration=row)

    assert untold() == []
    assert not Registration.objects.exclude(told_status=F("status")).exists()


def test_what_became_of_it_while_the_mail_was_sent_is_told_next() -> None:
    event = factories.event(capacity=1, waitlist="offer")
    first = factories.register(event, 1)
    waiting = factories.register(event, 2)
    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW)
    [offer] = telling.untold(now=NOW, most=1)
    telling.claim(registration=offer, now=NOW)
    registering.cancel(registration=waiting, actor=SYSTEM, now=NOW)

    telling.told(registration=offer)

    assert untold() == [("person2@mail.example", "cancelled")]


def test_who_answers_while_the_mail_is_sent_hears_no_more() -> None:
    factories.register(factories.event(needs_proof=True), 1)
    [offer] = telling.untold(now=NOW, most=1)
    telling.claim(registration=offer, now=NOW)
    offering.accept(registration=offer, by_link=True, now=NOW)

    telling.told(registration=offer)

    assert untold() == []


@pytest.mark.parametrize(
    ("age", "pause"), [(timedelta(0), MINUTE), (10 * MINUTE, 10 * MINUTE), (timedelta(days=2), 6 * HOUR)]
)
def test_a_refused_mail_is_tried_again_after_as_long_as_it_was_tried(age: timedelta, pause: timedelta) -> None:
    promoted()
    row = telling.untold(now=NOW, most=1)[0]
    telling.claim(registration=row, now=NOW + age)

    telling.put_off(registration=row, now=NOW + age)

    assert Registration.objects.get(pk=row.pk).tell_after == NOW + age + pause


@pytest.mark.parametrize("people", [1, 5])
def test_finding_them_takes_as_many_statements_for_five_as_for_one(
    people: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    promoted(people)

    with django_assert_num_queries(2):
        rows = telling.untold(now=NOW, most=100)
        assert [row.event.programme.timezone for row in rows] == ["Asia/Seoul"] * 2 * people
        assert [len(row.event.sessions.all()) for row in rows] == [1] * 2 * people
