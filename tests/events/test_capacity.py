"""The seat arithmetic, over every small case."""

from itertools import product

import pytest

from events.capacity import Resize, exceeds_room, resize, smallest_room


@pytest.mark.parametrize(
    ("seats", "smallest"),
    [([], None), ([None], None), ([30], 30), ([30, 20, 40], 20), ([None, 30], 30), ([0, 30], 0)],
)
def test_the_smallest_counted_room_is_the_limit(seats: list[int | None], smallest: int | None) -> None:
    assert smallest_room(seats) == smallest


@pytest.mark.parametrize(
    ("capacity", "room", "exceeds"),
    [(None, 10, False), (10, None, False), (10, 10, False), (11, 10, True), (0, 0, False), (1, 0, True)],
)
def test_only_a_number_above_a_counted_room_exceeds_it(capacity: int | None, room: int | None, exceeds: bool) -> None:
    assert exceeds_room(capacity=capacity, room_seats=room) is exceeds


def test_a_resize_always_adds_up() -> None:
    for seats, taken, capacity in product(range(6), range(8), [None, *range(6)]):
        plan = resize(seats=seats, taken=taken, capacity=capacity)

        wanted = capacity or 0
        assert plan == Resize(
            seats=wanted,
            is_unlimited=capacity is None,
            over_committed=capacity is not None and taken > capacity,
            seats_delta=wanted - seats,
        )
        assert plan.is_unlimited or plan.over_committed or taken <= plan.seats  # the database's CHECK
