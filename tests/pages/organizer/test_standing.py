"""The numbers at the head of every page of the desk, and each quota as a bar with words."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event, Programme
from events.operations import allotting, planning
from events.operations.allotting import Release
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


def bars(editor: Client, event: Event) -> list[str]:
    return [bar.text for bar in elements(editor.get(f"/organize/events/{event.slug}/seats/"), "li", class_="bar")]


def test_each_pool_says_for_whom_it_is_how_full_and_what_becomes_of_it(
    editor: Client, programme: Programme, now: datetime
) -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    partner = factories.organization("KOFIC", title_ko="", owner="kofic@demo.example", now=now)
    event = factories.event(
        of=programme, capacity=20, waitlist="automatic", audiences=[student, professional], now=now
    )  # fmt: skip
    later = datetime(2027, 1, 2, 3, 4, tzinfo=now.tzinfo)
    factories.quota(event, 5, audience=student, release=Release(at=later), now=now)
    factories.quota(event, 4, "allotment", partner=partner, now=now)
    factories.quota(event, 8, "ceiling", audience=professional, now=now)
    released = factories.quota(event, 2, audience=professional, now=now)
    allotting.release(pool=released, actor=SYSTEM, now=now.replace(year=2026, month=11, day=3, hour=1, minute=2))
    factories.register(event, 1, audience=student, now=now)
    factories.register(event, 2, audience=professional, now=now)

    assert bars(editor, event) == [
        "Open to all 1 of 11 taken, 10 left",
        "Reserved for Student 1 of 5 taken, 4 left Until Saturday 2 January 2027 12:04 KST, then for all.",
        "Allotment of KOFIC 0 of 4 taken, 4 left Kept until the event.",
        "At most for Professional 1 of at most 8",
        "Reserved for Professional 0 of 0 taken, 0 left Released on Tuesday 3 November 2026 10:02 KST.",
    ]


def test_an_event_without_a_limit_says_so(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, now=now)
    factories.register(event, now=now)

    response = editor.get(f"/organize/events/{event.slug}/")

    assert bars(editor, event) == ["Open to all 1 seat taken, no limit"]
    assert one(response, "dl", class_="numbers").text == (
        "Capacity no limit Taken 1 Left no limit Waiting 0 Seats offered 0 Applications 0"
    )


def test_over_commitment_is_told_until_it_is_worked_off(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, capacity=3, now=now)
    factories.crowd(event, range(3), now=now)
    planning.amend_event(event=event, fields={"capacity": 1}, over_commit=True, actor=SYSTEM, now=now)

    assert bars(editor, event) == [
        "Open to all 3 of 1 taken, 0 left 2 too many: nobody comes in here until these are worked off."
    ]


def test_who_waits_in_another_run_is_counted_where_they_would_come(
    editor: Client, programme: Programme, now: datetime
) -> None:
    series = factories.series(of=programme, now=now)
    first, second = (factories.run(series, day, capacity=1, now=now) for day in (0, 1))
    factories.crowd(second, [1, 2], now=now)
    factories.crowd(first, [3, 4], now=now + timedelta(minutes=1))

    numbers = [one(editor.get(f"/organize/events/{run.slug}/"), "dl", class_="numbers").text for run in (first, second)]

    assert [text.split("Waiting ")[1][:1] for text in numbers] == ["1", "2"]


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_however_many_quotas_there_are(
    editor: Client, programme: Programme, now: datetime, number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    audiences = [factories.audience(f"audience-{index}") for index in range(number)]
    event = factories.event(of=programme, capacity=20, audiences=audiences, now=now)
    for audience in audiences:
        factories.quota(event, 2, audience=audience, now=now)

    with django_assert_num_queries(16):
        found = bars(editor, event)

    assert len(found) == number + 1
