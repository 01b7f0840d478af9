"""Whether seats are enough, by counting alone: what `events.capacity` is judged by. The two share no line.

Everybody can sit at once exactly if for each choice of pools those who may sit nowhere else are not more than its seats
(Hall's theorem); how they got their seats, and who would have to move, does not matter.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple


class Person(NamedTuple):
    """What decides which seats somebody may use; any values that compare."""

    audience: object = None
    partner: object = None


@dataclass(frozen=True)
class Limit:
    """A pool: `open` to all, or a floor, an allotment or a ceiling for one audience or partner. None: unlimited."""

    kind: str
    seats: int | None
    audience: object = None
    partner: object = None

    def is_for(self, person: Person) -> bool:
        if self.kind == "open":
            return True
        return (self.audience is not None and self.audience == person.audience) or (
            self.partner is not None and self.partner == person.partner
        )


def short(limits: Sequence[Limit], people: Iterable[Person]) -> float:
    """How many of them cannot sit, however they are placed. A ceiling takes nobody's seat away: see `fit`."""
    pools = [limit for limit in limits if limit.kind != "ceiling"]
    mine = Counter(frozenset(number for number, pool in enumerate(pools) if pool.is_for(one)) for one in people)
    return max(
        sum(number for own, number in mine.items() if own <= set(chosen)) - _seats([pools[number] for number in chosen])
        for size in range(len(pools) + 1)
        for chosen in combinations(range(len(pools)), size)
    )


def fit(limits: Sequence[Limit], people: Iterable[Person]) -> bool:
    """Whether all of them can sit at once: each in one pool that is for them, and no ceiling counts too many."""
    people = list(people)
    return short(limits, people) == 0 and all(
        sum(limit.is_for(one) for one in people) <= _seats([limit]) for limit in limits if limit.kind == "ceiling"
    )


def can_join(limits: Sequence[Limit], holders: Iterable[Person], party: Iterable[Person]) -> bool:
    """Whether the party can sit beside those who have seats, who may be too many already, after a cut on purpose.

    Then nobody comes in where they are too many, and nobody at all until fewer are in than there are seats.
    """
    holders, party = list(holders), list(party)
    both = [*holders, *party]
    ceilings = [limit for limit in limits if limit.kind == "ceiling" and any(limit.is_for(one) for one in party)]
    return (
        len(both) <= _seats([limit for limit in limits if limit.kind != "ceiling"])
        and short(limits, both) == short(limits, holders)
        and all(sum(limit.is_for(one) for one in both) <= _seats([limit]) for limit in ceilings)
    )


def _seats(limits: Iterable[Limit]) -> float:
    return sum(float("inf") if limit.seats is None else limit.seats for limit in limits)
