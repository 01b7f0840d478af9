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


def fit(limits: Sequence[Limit], people: Iterable[Person]) -> bool:
    """Whether all of them can sit at once: each in one pool that is for them, and no ceiling counts too many."""
    people = list(people)
    ceilings = [limit for limit in limits if limit.kind == "ceiling"]
    if any(len([one for one in people if limit.is_for(one)]) > (limit.seats or 0) for limit in ceilings):
        return False
    pools = [limit for limit in limits if limit.kind != "ceiling"]
    mine = Counter(frozenset(number for number, pool in enumerate(pools) if pool.is_for(one)) for one in people)
    return all(
        any(pools[number].seats is None for number in chosen)
        or sum(pools[number].seats or 0 for number in chosen)
        >= sum(number for own, number in mine.items() if own <= set(chosen))
        for size in range(len(pools) + 1)
        for chosen in combinations(range(len(pools)), size)
    )


def can_join(limits: Sequence[Limit], holders: Iterable[Person], party: Iterable[Person]) -> bool:
    """Whether the party can sit beside those who have seats. A pool with more people than seats lets nobody in."""
    holders, party = list(holders), list(party)
    concerned = [limit for limit in limits if limit.kind != "ceiling" or any(limit.is_for(one) for one in party)]
    return fit(concerned, [*holders, *party])
