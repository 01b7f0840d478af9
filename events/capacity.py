"""The seat rules: pure arithmetic of capacity. No database."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resize:
    """What a change of capacity does to a pool. `over_committed`: nobody is admitted until it is worked off."""

    seats: int
    is_unlimited: bool
    over_committed: bool
    seats_delta: int


def smallest_room(seats: Iterable[int | None]) -> int | None:
    """The capacity that an event's rooms allow; None where no room has been counted."""
    counted = [count for count in seats if count is not None]
    return min(counted) if counted else None


def exceeds_room(*, capacity: int | None, room_seats: int | None) -> bool:
    """Whether a capacity is more than the smallest room holds. Unlimited is said on purpose, so it never exceeds."""
    return capacity is not None and room_seats is not None and capacity > room_seats


def resize(*, seats: int, taken: int, capacity: int | None) -> Resize:
    """The pool after its event's capacity became `capacity` (None: unlimited)."""
    new_seats = capacity if capacity is not None else 0
    return Resize(
        seats=new_seats,
        is_unlimited=capacity is None,
        over_committed=capacity is not None and taken > new_seats,
        seats_delta=new_seats - seats,
    )
