"""How many seats are left, and for whom: one figure for lists, pages and the `has_seats` filter (RULES 7)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events import vacancies
from events.errors import DomainError
from events.models import SYSTEM, Audience, Event, Registration
from events.operations import allotting, planning
from events.vacancies import Vacancy
from tests import factories

pytestmark = pytest.mark.django_db


def of(event: Event, *audiences: Audience) -> Vacancy:
    return vacancies.of(event_ids=[event.pk], audiences=[audience.pk for audience in audiences])[event.pk]


def free(*audiences: Audience) -> list[str]:
    condition = vacancies.with_seats(audiences=[audience.pk for audience in audiences])
    return sorted(Event.objects.filter(condition).values_list("title_en", flat=True))


def test_a_plain_event_has_what_is_not_taken() -> None:
    event = factories.event(capacity=3)
    factories.register(event, 1)

    assert of(event) == Vacancy(taken=1, seats=3, left=2)


def test_without_a_capacity_there_is_no_last_seat() -> None:
    event = factories.event("Open house")
    factories.register(event, 1)

    assert of(event) == Vacancy(taken=1, seats=None, left=None)
    assert free() == ["Open house"]


@pytest.mark.parametrize(
    ("seats", "left", "level"),
    [
        (None, None, "open"), (0, 0, "full"), (1, 1, "few"), (10, 0, "full"), (10, 1, "few"), (10, 2, "open"),
        (11, 2, "few"), (11, 3, "open"), (40, 4, "few"), (40, 5, "open"), (100, 10, "few"), (500, 10, "few"),
        (500, 11, "open"),
    ],
)  # fmt: skip
def test_few_is_a_tenth_and_at_most_ten(seats: int | None, left: int | None, level: str) -> None:
    assert Vacancy(taken=(seats or 0) - (left or 0), seats=seats, left=left).level == level


def test_seats_set_aside_are_left_for_those_they_are_for() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event(capacity=10)
    factories.quota(event, 6, audience=student)
    factories.quota(event, 3, "ceiling", audience=professional)

    assert [of(event, *asked).left for asked in ((), (student,), (professional,), (student, professional))] == [
        10, 10, 3, 10,
    ]  # fmt: skip
    assert of(event) == Vacancy(taken=0, seats=10, left=10, may_wait=True)


def test_an_event_for_others_has_no_seat_for_whom_it_is_not() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    plain = factories.event("Plain", capacity=5, audiences=[student])
    divided = factories.event("Divided", capacity=5, audiences=[student])
    factories.quota(divided, 2, audience=student)
    factories.event("For all", capacity=5)

    assert [of(event, professional).left for event in (plain, divided)] == [0, 0]
    assert free(professional) == ["For all"]
    assert free(student) == ["Divided", "For all", "Plain"]


def test_a_reserved_seat_is_none_for_others() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event("Reserved", capacity=2)
    factories.quota(event, 1, audience=student)
    factories.register(event, 1)

    assert (of(event, student).left, of(event, professional).left, of(event).left) == (1, 0, 1)
    assert (free(student), free(professional), free()) == (["Reserved"], [], ["Reserved"])


def test_where_somebody_waits_it_is_known_that_somebody_may() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    before = of(event).may_wait
    factories.crowd(event, range(2))

    assert (before, of(event).may_wait) == (False, True)


def test_whoever_waits_counts_for_each_run_that_they_would_take() -> None:
    first, second, third = factories.runs(3, capacity=0)
    other = factories.event("Other", capacity=0, waitlist="automatic")
    factories.register(first, 1)
    factories.register(second, 2, accepts=[first])
    factories.register(third, 3)
    factories.register(other, 4)
    ids = [first.pk, second.pk, third.pk, other.pk]

    found = vacancies.waiting(event_ids=ids)

    assert found == {first.pk: 2, second.pk: 2, third.pk: 2, other.pk: 1}
    assert found == {pk: accepting(pk) for pk in ids}
    assert vacancies.waiting(event_ids=ids, in_series=ids[:3]) == found


def accepting(pk: int) -> int:
    return Registration.objects.accepting(Event.objects.get(pk=pk)).in_order().count()


@pytest.mark.parametrize("count", [1, 5])
def test_many_events_cost_as_many_statements_as_one(count: int) -> None:
    student = factories.audience("student")
    plain = [factories.event(f"Plain {n}", capacity=5).pk for n in range(count)]
    divided = [factories.event(f"Divided {n}", capacity=5) for n in range(count)]
    runs = [run.pk for run in factories.runs(count, capacity=5)]
    for event in divided:
        factories.quota(event, 2, audience=student)
    all_of_them = [*plain, *(event.pk for event in divided)]

    assert {
        "plain": counted(vacancies.of, event_ids=plain),
        "plain, asked": counted(vacancies.of, event_ids=plain, audiences=[student.pk]),
        "divided": counted(vacancies.of, event_ids=all_of_them),
        "divided, asked": counted(vacancies.of, event_ids=all_of_them, audiences=[student.pk]),
        "waiting": counted(vacancies.waiting, event_ids=plain, in_series=()),
        "waiting, unsure": counted(vacancies.waiting, event_ids=plain),
        "waiting for runs": counted(vacancies.waiting, event_ids=runs, in_series=runs),
    } == {
        "plain": 1,
        "plain, asked": 2,
        "divided": 3,
        "divided, asked": 3,
        "waiting": 1,
        "waiting, unsure": 2,
        "waiting for runs": 4,
    }


def counted(ask: Any, **asked: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask(**asked)
    return len(captured)


AUDIENCES = ("student", "professional")
EVENTS = st.tuples(st.sampled_from([None, 0, 1, 2, 4]), st.sets(st.sampled_from(AUDIENCES), max_size=2))
# What happens to event number n: quotas, people of an audience, cuts on purpose, releases.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["floor", "ceiling", "enter", "enter", "enter", "cut", "release"]),
        st.sampled_from([None, *AUDIENCES]),
        st.integers(0, 3),
    ),
    max_size=14,
)


class TestFilterAndFigure(TestCase):
    """The condition that the database tests, against the figure that is shown: whatever organizers do."""

    @settings(max_examples=40, deadline=None)
    @given(events=st.lists(EVENTS, min_size=3, max_size=3), steps=STEPS)
    def test_with_seats_finds_exactly_the_events_that_have_one_left(self, events: Any, steps: Any) -> None:
        names = {slug: factories.audience(slug) for slug in AUDIENCES}
        programme = factories.programme()
        made = [
            factories.event(f"Event {n}", of=programme, capacity=seats, audiences=[names[slug] for slug in meant])
            for n, (seats, meant) in enumerate(events)
        ]
        for person, (number, kind, slug, amount) in enumerate(steps):
            happen(made[number], kind, names.get(slug), amount, person)

        for asked in ((), ("student",), ("professional",), AUDIENCES):
            ids = [names[slug].pk for slug in asked]
            found = vacancies.of(event_ids=[event.pk for event in made], audiences=ids)
            wanted = {event.pk for event in made if found[event.pk].left != 0}
            condition = vacancies.with_seats(audiences=ids)
            assert set(Event.objects.filter(condition).values_list("pk", flat=True)) == wanted


def happen(event: Event, kind: str, audience: Audience | None, amount: int, person: int) -> None:
    """One step, if the rules allow it."""
    try:
        match kind:
            case "enter":
                factories.enter(event, person, audience=audience)
            case "cut":
                planning.amend_event(
                    event=event, fields={"capacity": amount}, over_commit=True, actor=SYSTEM, now=factories.NOW
                )
            case "release":
                for pool in event.pools.exclude(kind="open").filter(released_at=None).order_by("pk"):
                    allotting.release(pool=pool, actor=SYSTEM, now=factories.NOW)
            case _:
                factories.quota(event, amount, kind, audience=audience, over_commit=True)
    except DomainError:
        pass
