"""Whose calendar has an event as it is now: three numbers that follow each change and each fetch."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import ANONYMOUS, CalendarLink
from events.operations import planning, registering, scheduling, subscribing
from events.reports import reach
from tests.school import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


def link(school: School, email: str, **more: Any) -> CalendarLink:
    owner = subscribing.attendee_of(key=email)
    return subscribing.add_link(attendee=owner, name="Phone", now=school.now, **more)


def fetch(*links: CalendarLink) -> None:
    for one in links:
        assert Client().get(subscribing.address_of(one)).status_code == 200


def numbers(school: School) -> tuple[int, int, int]:
    found = reach.of(school.workshop)
    assert found.registrations == found.up_to_date + found.stale + found.without_link
    return found.up_to_date, found.stale, found.without_link


def test_who_has_it_who_is_stale_and_who_follows_nothing(school: School) -> None:
    for name in ("a", "b", "c"):
        school.register(f"{name}@example.org")
    first, second = link(school, "a@example.org"), link(school, "b@example.org")
    assert numbers(school) == (0, 2, 1)

    fetch(first, second)
    assert numbers(school) == (2, 0, 1)

    scheduling.amend(session=school.session(), fields={"room": school.rooms[1]}, **school.when())
    assert numbers(school) == (0, 2, 1)

    fetch(second)
    assert numbers(school) == (1, 1, 1)


def test_one_device_that_has_it_is_enough(school: School) -> None:
    school.register("a@example.org")
    link(school, "a@example.org")
    fetch(link(school, "a@example.org"))

    assert numbers(school) == (1, 0, 0)


def test_a_change_elsewhere_makes_nobody_stale(school: School) -> None:
    school.register("a@example.org")
    phone = link(school, "a@example.org")
    fetch(phone)

    scheduling.amend(session=school.talk.sessions.get(), fields={"room": school.rooms[1]}, **school.when())
    planning.amend_event(event=school.workshop, fields={"capacity": 5}, **school.when())

    assert numbers(school) == (1, 0, 0)


def test_another_registration_of_the_person_counts_once_times_are_settled(school: School) -> None:
    school.register("a@example.org")
    phone = link(school, "a@example.org")
    fetch(phone)
    CalendarLink.objects.update(last_fetched_at=school.now + timedelta(seconds=30))
    school.register("a@example.org", school.talk)
    assert numbers(school) == (0, 1, 0)

    CalendarLink.objects.update(last_fetched_at=school.now + timedelta(minutes=2))

    assert numbers(school) == (1, 0, 0)


def test_a_registration_that_moved_on_is_stale_until_it_is_fetched(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 1, "waitlist": "automatic"}, **school.when())
    first = school.register("a@example.org")
    school.register("b@example.org")
    phone = link(school, "b@example.org")
    fetch(phone)
    CalendarLink.objects.update(last_fetched_at=school.now)
    assert numbers(school) == (1, 0, 1)

    registering.cancel(registration=first, actor=ANONYMOUS, now=school.when()["now"])
    assert numbers(school) == (0, 1, 0)

    fetch(phone)
    assert numbers(school) == (1, 0, 0)


def test_a_link_of_seats_alone_shows_nobody_who_waits(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 0, "waitlist": "automatic"}, **school.when())
    school.register("a@example.org")
    fetch(link(school, "a@example.org", scope="confirmed"))

    assert numbers(school) == (0, 0, 1)


def test_a_link_that_was_changed_revoked_or_renewed_has_nothing_yet(school: School) -> None:
    school.register("a@example.org")
    phone = link(school, "a@example.org")
    owner = subscribing.attendee_of(key="a@example.org")
    when = {"attendee": owner, "uid": phone.uid, "now": school.now}
    fetch(phone)
    subscribing.amend_link(fields={"name": "Old phone"}, **when)
    assert numbers(school) == (1, 0, 0)

    subscribing.amend_link(fields={"alarm_minutes": 5}, **when)
    assert numbers(school) == (0, 1, 0)

    fetch(phone)
    subscribing.rotate(**when)
    assert numbers(school) == (0, 1, 0)

    subscribing.revoke(**when)
    assert numbers(school) == (0, 0, 1)


@pytest.mark.parametrize("people", [1, 5])
def test_it_takes_three_statements(school: School, people: int) -> None:
    for number in range(people):
        school.register(f"p{number}@example.org")
        fetch(link(school, f"p{number}@example.org"))

    with CaptureQueriesContext(connection) as statements:
        assert numbers(school) == (people, 0, 0)

    assert len(statements) == 3


def test_an_event_without_sessions_or_people_has_nothing_to_tell(school: School) -> None:
    empty = planning.create_event(programme=school.programme, fields={"title_en": "Idea"}, **school.when())

    assert reach.of(empty) == reach.Reach(version=0, up_to_date=0, stale=0, without_link=0)
