"""What a re-plan would do, read before anything is written: `impact.of(steps)`. A constant number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.reports.impact.instructors import Double, doubles
from events.reports.impact.people import Crossing, Crossings, Messages, crossings, messages
from events.reports.impact.rooms import Closed, Taken, closed, taken
from events.reports.impact.seats import Seats, seats
from events.reports.impact.steps import Step

__all__ = ["Closed", "Crossing", "Crossings", "Double", "Impact", "Messages", "Seats", "Step", "Taken", "of"]


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything that an organizer should know before it happens."""

    steps: tuple[Step, ...]
    taken: list[Taken]
    closed: list[Closed]
    seats: list[Seats]
    crossings: Crossings
    doubles: list[Double]
    messages: Messages

    @property
    def blocked_by(self) -> list[str]:
        """The codes of refusals that no word of an organizer passes."""
        is_below = any(row.is_below_reserved for row in self.seats)
        codes = {"room_taken": bool(self.taken), "capacity_below_reserved": is_below}
        return [code for code, stands in codes.items() if stands]

    @property
    def overrides(self) -> list[str]:
        """The words of `override` that it takes."""
        needed = {
            "room_closed": bool(self.closed),
            "speaker_clash": bool(self.doubles),
            "capacity": any(row.is_cut for row in self.seats),
        }
        return [word for word, is_needed in needed.items() if is_needed]


def of(steps: Sequence[Step], capacities: Mapping[int, int | None]) -> Impact:
    """What these steps would do, all of them together, where these events are to have these `capacities` then."""
    return Impact(
        steps=tuple(steps),
        taken=taken(steps),
        closed=closed(steps),
        seats=seats(steps, capacities),
        crossings=crossings(steps),
        doubles=doubles(steps),
        messages=messages(steps),
    )
