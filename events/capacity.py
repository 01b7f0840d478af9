"""The seat rules: pure arithmetic of capacity. No database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["open", "floor", "allotment", "ceiling"]
Reason = Literal["full", "reserved", "ceiling", "over_committed"]
TURNS: tuple[Kind, ...] = ("allotment", "floor", "open", "ceiling")  # the order in which seats are taken


@dataclass(frozen=True, slots=True)
class Resize:
    """What a change of capacity does to a pool. `over_committed`: nobody is admitted until it is worked off."""

    seats: int
    is_unlimited: bool
    over_committed: bool
    seats_delta: int


def smallest_room(seats: Iterable[int | None]) -> int | None:
    """The capacity that an event's rooms allow; None where no room has been counted."""
    return _least(seats)


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


@dataclass(frozen=True, slots=True)
class Who:
    """What decides which seats somebody may use: ids of their audience and of the partner that nominates them."""

    audience: int | None = None
    partner: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Seats for everybody (`open`), seats reserved for one audience or partner, or a `ceiling` on one of these.

    `seats`: None is unlimited. `is_released`: unused seats have gone to `open`, so that nobody new comes in here.
    """

    id: int
    kind: Kind
    seats: int | None
    taken: int
    audience: int | None = None
    partner: int | None = None
    is_released: bool = False

    @property
    def room(self) -> int | None:
        """Seats that nobody holds; None: unlimited."""
        return None if self.seats is None else max(self.seats - self.taken, 0)

    @property
    def is_over(self) -> bool:
        """Whether more people are in than it has seats, after a cut on purpose."""
        return self.seats is not None and self.taken > self.seats

    def admits(self, who: Who) -> bool:
        """Whether `who` may take a seat here if there is one; of a ceiling, whether it applies to them."""
        if self.kind == "open":
            return True
        is_of_audience = self.audience is not None and self.audience == who.audience
        is_of_partner = self.partner is not None and self.partner == who.partner
        return (is_of_audience or is_of_partner) and not self.is_released


@dataclass(frozen=True, slots=True)
class Move:
    """One holder of this kind leaves `source` for `target`, so that a seat in `source` is free."""

    who: Who
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Placing:
    """A seat in `pool`, with a unit of each of `ceilings` (ascending ids).

    `moves` come before, in this order: the first takes a seat that nobody holds, each other the one just left.
    """

    pool: int
    ceilings: tuple[int, ...]
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why somebody gets no seat now. `pool`: which ceiling is reached (a seat could be had); None otherwise.

    `reserved`: there is room, but only for others, and no holder can move there. `over_committed`: the event has no
    seat left as a whole, because some pool is over its seats.
    """

    reason: Reason
    pool: int | None = None


class Hall:
    """An event's pools and who holds seats in them. Placing somebody changes this picture only, nothing else.

    `holdings`: (pool id, who) -> how many; whoever is missing there is never moved. A pool over its seats is left
    alone until that is worked off: nobody comes in, and nobody is moved. Moves are augmenting paths of a bipartite
    matching: whoever can be seated is, however the seats before were given.
    """

    def __init__(self, pools: Iterable[Pool], holdings: Mapping[tuple[int, Who], int] | None = None) -> None:
        self._pools = {pool.id: pool for pool in sorted(pools, key=lambda pool: (TURNS.index(pool.kind), pool.id))}
        self._holders: defaultdict[int, Counter[Who]] = defaultdict(Counter)
        for (pool, who), count in (holdings or {}).items():
            self._holders[pool][who] += count

    @property
    def is_full(self) -> bool:
        """Nobody, whoever they are, can be placed: nothing has room, or the event as a whole is over-committed."""
        return self._is_over_committed or not any(pool.room != 0 for pool in self._seated if not pool.is_released)

    def place(self, who: Who) -> Placing | Shortage:
        """Somebody takes a seat in this picture: in an allotment, else a floor, else the open pool, else by moves."""
        if self.is_full:
            return Shortage("over_committed" if self._is_over_committed else "full")
        placing = self._find(who)
        if placing is None:
            return Shortage("reserved")
        for ceiling in placing.ceilings:
            if self._pools[ceiling].room == 0:
                return Shortage("ceiling", ceiling)
        self._take(who, placing, 1)
        return placing

    def place_all(self, party: Sequence[Who]) -> list[Placing] | Shortage:
        """All take seats, one after the other, or none does. The moves for a later one can move an earlier one."""
        trial = self._copy()
        placings = []
        for who in party:
            placing = trial.place(who)
            if isinstance(placing, Shortage):
                return placing
            placings.append(placing)
        self._pools, self._holders = trial._pools, trial._holders
        return placings

    def seats_for(self, who: Who) -> int | None:
        """How many people like `who` could be placed now, one after the other, moves included; None: unlimited.

        Each way is taken as often as it goes at once, so ten thousand seats cost no more than ten.
        """
        trial, found = self._copy(), 0
        while (placing := trial._find(who)) and (times := trial._times(placing)) != 0:
            if times is None:
                return None
            trial._take(who, placing, times)
            found += times
        return found

    def emptied(self) -> "Hall":
        """The same seats with nobody in them: those of released pools are open then."""
        freed = sum(pool.seats or 0 for pool in self._seated if pool.is_released)
        return Hall(
            replace(pool, taken=0, seats=_sum(pool.seats, freed) if pool.kind == "open" else pool.seats)
            for pool in self._pools.values()
            if not pool.is_released
        )

    def relieve(self, pool: int) -> tuple[Move, ...]:
        """One holder leaves a pool that is over its seats, by moves as in a `Placing`; none where nobody can."""
        if not self._pools[pool].is_over:
            return ()
        usable = [one for one in self._seated if not one.is_over]
        ways: dict[int, tuple[Move, ...]] = {pool: ()}
        queue = [pool]
        for here in queue:  # grows while it is read
            for target in usable:
                if target.id not in ways and (move := self._move(here, target)):
                    ways[target.id] = (move, *ways[here])
                    queue.append(target.id)
                    if target.room != 0:
                        self._shift(ways[target.id], 1)
                        return ways[target.id]
        return ()

    @property
    def _seated(self) -> list[Pool]:
        """The disjoint pools, in the order in which seats are taken from them."""
        return [pool for pool in self._pools.values() if pool.kind != "ceiling"]

    @property
    def _seats_left(self) -> int | None:
        """Of the event as a whole: what one pool is over, the others cannot give. None: unlimited."""
        left = 0
        for pool in self._seated:
            if pool.seats is None:
                return None
            left += pool.seats - pool.taken
        return max(left, 0)

    @property
    def _is_over_committed(self) -> bool:
        return self._seats_left == 0 and any(pool.is_over for pool in self._seated)

    def _find(self, who: Who) -> Placing | None:
        """A seat with the fewest moves, whatever the ceilings say: breadth first, from the pools that admit `who`."""
        usable = [pool for pool in self._seated if not pool.is_over]
        ceilings = tuple(pool.id for pool in self._pools.values() if pool.kind == "ceiling" and pool.admits(who))
        ways = {pool.id: Placing(pool.id, ceilings) for pool in usable if pool.admits(who)}
        queue = list(ways)
        for here in queue:  # grows while it is read
            if self._pools[here].room != 0:
                return ways[here]
            for target in usable:
                if target.id not in ways and (move := self._move(here, target)):
                    ways[target.id] = replace(ways[here], moves=(move, *ways[here].moves))
                    queue.append(target.id)
        return None

    def _move(self, source: int, target: Pool) -> Move | None:
        holders = self._holders[source].items()
        return next((Move(who, source, target.id) for who, count in holders if count > 0 and target.admits(who)), None)

    def _times(self, placing: Placing) -> int | None:
        """How often the same placing can be made; None: without end."""
        last = placing.moves[0].target if placing.moves else placing.pool
        rooms = (self._pools[pool].room for pool in (last, *placing.ceilings))
        movable = (self._holders[move.source][move.who] for move in placing.moves)
        return _least([self._seats_left, *rooms, *movable])

    def _take(self, who: Who, placing: Placing, count: int) -> None:
        self._shift(placing.moves, count)
        for pool in (placing.pool, *placing.ceilings):
            self._add(pool, who, count)

    def _shift(self, moves: Iterable[Move], count: int) -> None:
        for move in moves:
            self._add(move.source, move.who, -count)
            self._add(move.target, move.who, count)

    def _add(self, pool: int, who: Who, count: int) -> None:
        self._pools[pool] = replace(self._pools[pool], taken=self._pools[pool].taken + count)
        self._holders[pool][who] += count

    def _copy(self) -> "Hall":
        held = self._holders.items()
        return Hall(self._pools.values(), {(pool, who): count for pool, whos in held for who, count in whos.items()})


def most_seats(
    pools: Iterable[Pool], holdings: Mapping[tuple[int, Who], int] | None, audiences: Iterable[int] | None
) -> int | None:
    """What somebody could take at most: the largest figure over somebody of none, and of each audience (RULES 7).

    `audiences`: those the event is for. None or empty: everybody, so each that a pool or ceiling names.
    """
    pools = list(pools)
    hall = Hall(pools, holdings)
    named: set[int | None] = set(audiences or ()) or {pool.audience for pool in pools}
    figures = [hall.seats_for(Who(audience=audience)) for audience in {None, *named}]
    return None if None in figures else max(figure or 0 for figure in figures)


def _sum(seats: int | None, more: int) -> int | None:
    return None if seats is None else seats + more


def _least(amounts: Iterable[int | None]) -> int | None:
    return min((amount for amount in amounts if amount is not None), default=None)
