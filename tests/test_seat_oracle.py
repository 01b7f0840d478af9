"""The oracle itself, against trying every seating there is."""

from itertools import product

import pytest

from tests.seat_oracle import Limit, Person, can_join, fit

KINDS = [Person("student"), Person("professional"), Person("student", "studio"), Person()]


def can_be_seated(limits: list[Limit], people: list[Person]) -> bool:
    pools = [limit for limit in limits if limit.kind != "ceiling"]
    for seating in product(pools, repeat=len(people)):
        is_welcome = all(pool.is_for(person) for pool, person in zip(seating, people, strict=True))
        if is_welcome and all(pool.seats is None or seating.count(pool) <= pool.seats for pool in pools):
            return True
    return False


@pytest.mark.parametrize("seats", [(0, 1, 1), (1, 1, 0), (2, 1, 1), (1, 0, 2), (None, 1, 0)])
def test_counting_says_what_trying_every_seating_says(seats: tuple[int | None, ...]) -> None:
    limits = [
        Limit("open", seats[0]),
        Limit("floor", seats[1], audience="student"),
        Limit("allotment", seats[2], partner="studio"),
    ]

    for number in range(4):
        for people in product(KINDS, repeat=number):
            assert fit(limits, people) is can_be_seated(limits, list(people))


def test_a_ceiling_counts_the_same_seats_once_more() -> None:
    limits = [Limit("open", 3), Limit("ceiling", 1, audience="professional")]

    assert fit(limits, [Person("professional"), Person("student"), Person()])
    assert not fit(limits, [Person("professional"), Person("professional")])


def test_a_ceiling_that_is_reached_stands_only_in_the_way_of_those_it_counts() -> None:
    limits = [Limit("open", 3), Limit("ceiling", 1, audience="professional")]
    over = [Person("professional"), Person("professional")]

    assert can_join(limits, over, [Person("student")])
    assert not can_join(limits, over, [Person("professional")])
