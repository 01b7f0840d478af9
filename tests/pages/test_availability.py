"""How an event stands, in words, by the figures of its seats."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from pages import availability
from pages.availability import Availability
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def stands(event: Event, **changes: Any) -> Availability:
    fresh = Event.objects.select_related("programme").get(pk=event.pk)
    with translation.override("en"):
        return availability.of([fresh], now=changes.get("now", NOW))[event.pk]


def test_seats_are_counted() -> None:
    event = factories.event(capacity=20)
    factories.register(event)

    assert stands(event) == Availability("open", "19 of 20 left", "", 5)


def test_a_full_event_takes_people_on_its_waitlist() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    factories.register(event)
    nobody = stands(event)
    factories.crowd(event, range(2, 5))

    assert nobody == Availability("waitlist", "Full: join the waitlist", "", 100, way="waitlist")
    assert stands(event) == Availability(
        "waitlist", "Full – waitlist: 3 people", "", 100, way="waitlist", waiting=3
    )  # fmt: skip


def test_a_full_event_without_a_waitlist_takes_nobody() -> None:
    event = factories.event(capacity=1)
    factories.register(event)

    assert stands(event) == Availability("full", "Full, 1 seat", "All seats are taken.", 100)


def test_applications_are_taken_whether_or_not_it_is_full() -> None:
    event = factories.event(capacity=1, registration="approval")
    factories.enter(event)

    assert stands(event) == Availability("open", "By application", "", way="apply", notes=("1 seat",))


def test_who_needs_an_invitation_is_told_so() -> None:
    event = factories.event(capacity=2, needs_code=True)

    assert stands(event) == Availability("open", "2 of 2 left", "", 0, notes=("Invitation only",))


def test_a_group_that_waits_is_told_to_who_comes_later() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event(capacity=2, waitlist="automatic", audiences=[student, professional])
    factories.quota(event, 1, audience=student)
    factories.crowd(event, [1, 2], audience=professional)

    assert stands(event) == Availability(
        "open", "1 of 2 left", "", 50, waiting=1, notes=("waitlist: 1 person",)
    )  # fmt: skip


def test_seats_of_a_partner_are_for_whom_it_sends() -> None:
    event = factories.event(capacity=2)
    factories.quota(event, 1, "allotment", partner=event.programme.organization)
    factories.register(event)

    assert stands(event) == Availability("full", "Full, 2 seats", "", 50, notes=("Reserved seats are left",))


def test_no_limit_is_said_and_a_ceiling_is_not_called_one() -> None:
    student = factories.audience("student")
    event = factories.event(capacity=None, audiences=[student])

    assert stands(event) == Availability("open", "No limit on seats", "")


def test_nobody_joins_the_waitlist_of_what_has_begun() -> None:
    event = factories.event(capacity=1, waitlist="automatic", registration_closes_at=NOW + 9 * factories.WEEK)
    factories.register(event)

    after = stands(event, now=NOW + factories.WEEK + timedelta(minutes=1))

    assert after == Availability("full", "Full, 1 seat", "All seats are taken.", 100)


@pytest.mark.parametrize("number", [1, 5])
def test_any_number_of_events_costs_the_same(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    student = factories.audience("student")
    events = []
    for run in factories.runs(number, capacity=2, audiences=[student]):
        factories.quota(run, 1, audience=student)
        factories.crowd(run, [run.pk * 10, run.pk * 10 + 1])
        events.append(Event.objects.select_related("programme").get(pk=run.pk))

    with django_assert_num_queries(7):
        found = availability.of(events, now=NOW)

    assert len(found) == number
