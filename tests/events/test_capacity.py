"""The seat arithmetic, over every small case, and the seats of a hall against all ways to seat its people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.capacity import (
    Hall,
    Move,
    Placing,
    Pool,
    Resize,
    Shortage,
    Who,
    exceeds_room,
    most_seats,
    resize,
    smallest_room,
)


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


# Pools in examples: 1 is open, 2 a floor for students, 3 an allotment of the museum; 8 and 9 are ceilings.
STUDENTS, ELDERS = 1, 2
MUSEUM, LIBRARY = 1, 2  # ids of another table: the numbers say nothing
ANYBODY, STUDENT, ELDER = Who(), Who(audience=STUDENTS), Who(audience=ELDERS)
GUEST, STUDENT_GUEST = Who(partner=MUSEUM), Who(audience=STUDENTS, partner=MUSEUM)
EVERY_KIND = [
    Who(audience=audience, partner=partner)
    for audience in (None, STUDENTS, ELDERS)
    for partner in (None, MUSEUM, LIBRARY)
]


def open_pool(seats: int | None, taken: int = 0) -> Pool:
    return Pool(id=1, kind="open", seats=seats, taken=taken)


def floor(seats: int | None, taken: int = 0, *, is_released: bool = False) -> Pool:
    return Pool(id=2, kind="floor", seats=seats, taken=taken, audience=STUDENTS, is_released=is_released)


def allotment(seats: int | None, taken: int = 0) -> Pool:
    return Pool(id=3, kind="allotment", seats=seats, taken=taken, partner=MUSEUM)


def test_a_seat_comes_from_the_allotment_then_the_floor_then_the_open_pool() -> None:
    hall = Hall([open_pool(1), floor(1), allotment(1)])

    placings = [hall.place(STUDENT_GUEST) for _ in range(4)]

    assert placings == [Placing(3, ()), Placing(2, ()), Placing(1, ()), Shortage("full")]


def test_pools_of_one_kind_give_seats_by_id() -> None:
    later, earlier = (Pool(id=number, kind="floor", seats=1, taken=0, audience=STUDENTS) for number in (5, 4))
    hall = Hall([open_pool(1), later, earlier])

    assert hall.place_all([STUDENT] * 3) == [Placing(4, ()), Placing(5, ()), Placing(1, ())]


def test_an_unlimited_pool_never_ends() -> None:
    hall = Hall([open_pool(None, 1_000_000), floor(1, 1)])

    assert hall.place(STUDENT) == Placing(1, ())
    assert hall.seats_for(STUDENT) is None
    assert not hall.is_full


def test_nobody_gets_a_seat_that_is_reserved_for_others() -> None:
    hall = Hall([open_pool(1, 1), floor(1), allotment(1)], {(1, ELDER): 1})

    assert hall.place(ELDER) == Shortage("reserved")
    assert not hall.is_full


def test_of_two_without_audience_none_counts_as_the_other() -> None:
    hall = Hall([open_pool(0), Pool(id=2, kind="floor", seats=1, taken=0), allotment(1)])

    assert hall.place(ANYBODY) == Shortage("reserved")


def test_a_holder_who_qualifies_moves_to_the_reserved_seat_so_that_none_stays_empty() -> None:
    hall = Hall([open_pool(2, 2), floor(1)], {(1, ELDER): 1, (1, STUDENT): 1})

    assert hall.place(ANYBODY) == Placing(1, (), moves=(Move(STUDENT, source=1, target=2),))
    assert hall.place(ANYBODY) == Shortage("full")


def test_moves_go_in_chains_and_the_first_one_takes_the_empty_seat() -> None:
    hall = Hall([open_pool(1, 1), floor(1, 1), allotment(1)], {(1, STUDENT): 1, (2, STUDENT_GUEST): 1})

    moves = (Move(STUDENT_GUEST, source=2, target=3), Move(STUDENT, source=1, target=2))
    assert hall.place(ANYBODY) == Placing(1, (), moves)


def test_nobody_is_moved_who_is_not_said_to_hold_a_seat() -> None:
    hall = Hall([open_pool(2, 2), floor(1)])

    assert hall.place(ANYBODY) == Shortage("reserved")


def test_the_later_of_a_party_can_move_the_earlier() -> None:
    hall = Hall([open_pool(1), floor(1, 1), allotment(1)], {(2, STUDENT_GUEST): 1})

    assert hall.place_all([STUDENT, ANYBODY]) == [
        Placing(1, ()),
        Placing(1, (), (Move(STUDENT_GUEST, source=2, target=3), Move(STUDENT, source=1, target=2))),
    ]


def test_a_released_pool_takes_nobody_new_and_nobody_is_moved_there() -> None:
    hall = Hall([open_pool(1, 1), floor(2, 1, is_released=True)], {(1, STUDENT): 1, (2, STUDENT): 1})

    assert hall.place(STUDENT) == Shortage("full")
    assert hall.place(ANYBODY) == Shortage("full")
    assert hall.is_full


def test_a_ceiling_counts_everybody_of_theirs_whatever_their_seat() -> None:
    ceilings = [
        Pool(id=9, kind="ceiling", seats=5, taken=0, partner=MUSEUM),
        Pool(id=8, kind="ceiling", seats=2, taken=0, audience=STUDENTS),
    ]
    hall = Hall([open_pool(9), floor(1), allotment(1), *ceilings])

    assert hall.place(STUDENT_GUEST) == Placing(3, (8, 9))
    assert hall.place(STUDENT) == Placing(2, (8,))
    assert hall.place(STUDENT) == Shortage("ceiling", 8)
    assert hall.place(GUEST) == Placing(1, (9,))


def test_the_ceiling_with_the_lowest_id_is_named() -> None:
    reached = [Pool(id=number, kind="ceiling", seats=0, taken=0, audience=STUDENTS) for number in (9, 7, 8)]
    hall = Hall([open_pool(1), *reached])

    assert hall.place(STUDENT) == Shortage("ceiling", 7)


def test_a_ceiling_that_was_cut_below_the_people_who_are_in_is_reached() -> None:
    cut = Pool(id=8, kind="ceiling", seats=1, taken=3, audience=STUDENTS)
    hall = Hall([open_pool(5), cut])

    assert cut.room == 0
    assert hall.place(STUDENT) == Shortage("ceiling", 8)
    assert hall.seats_for(STUDENT) == 0


def test_without_any_seat_a_reached_ceiling_is_not_the_reason() -> None:
    hall = Hall([open_pool(1, 1), Pool(id=8, kind="ceiling", seats=0, taken=0, audience=STUDENTS)])

    assert hall.place(STUDENT) == Shortage("full")


def test_a_move_needs_no_unit_of_the_ceiling() -> None:
    reached = Pool(id=8, kind="ceiling", seats=1, taken=1, audience=STUDENTS)
    hall = Hall([open_pool(1, 1), floor(1), reached], {(1, STUDENT): 1})

    assert hall.place(STUDENT) == Shortage("ceiling", 8)
    assert hall.place(ANYBODY) == Placing(1, (), (Move(STUDENT, source=1, target=2),))


@pytest.mark.parametrize("taken", [3, 4])
def test_an_event_that_is_over_committed_admits_nobody_even_where_a_pool_has_room(taken: int) -> None:
    hall = Hall([open_pool(1, taken), floor(2)])

    assert hall.place(STUDENT) == Shortage("over_committed")
    assert hall.seats_for(STUDENT) == 0
    assert hall.is_full


def test_what_one_pool_is_over_its_seats_is_missing_to_the_others() -> None:
    hall = Hall([open_pool(1, 2), floor(3)], {(1, STUDENT): 2})

    assert hall.seats_for(STUDENT) == 2
    assert hall.place(ANYBODY) == Shortage("reserved")  # and nobody is moved to come in there
    assert [hall.place(STUDENT) for _ in range(3)] == [Placing(2, ()), Placing(2, ()), Shortage("over_committed")]


def test_beside_a_pool_over_its_seats_a_released_one_leaves_the_event_full() -> None:
    hall = Hall([open_pool(1, 2), floor(3, is_released=True)])

    assert hall.place(ANYBODY) == Shortage("full")
    assert hall.is_full


def test_a_holder_leaves_a_pool_over_its_seats_for_one_that_has_room() -> None:
    hall = Hall([open_pool(1, 3), floor(1, 1), allotment(1)], {(1, STUDENT): 3, (2, STUDENT_GUEST): 1})

    assert hall.relieve(2) == ()  # is not over
    assert hall.relieve(1) == (Move(STUDENT_GUEST, source=2, target=3), Move(STUDENT, source=1, target=2))
    assert hall.relieve(1) == ()  # is still over, but nobody can go anywhere


def test_nobody_leaves_a_pool_over_its_seats_for_another_such_pool() -> None:
    hall = Hall([open_pool(1, 2), floor(1, 2), allotment(1)], {(1, STUDENT): 2, (2, STUDENT_GUEST): 2})

    assert hall.relieve(1) == ()
    assert hall.relieve(2) == (Move(STUDENT_GUEST, source=2, target=3),)


def test_a_party_that_does_not_fit_leaves_everything_as_it_was() -> None:
    hall = Hall([open_pool(2, 1), floor(1)], {(1, STUDENT): 1})

    assert hall.place_all([ANYBODY] * 3) == Shortage("full")
    assert hall.place_all([]) == []
    assert hall.place_all([ANYBODY] * 2) == [Placing(1, ()), Placing(1, (), (Move(STUDENT, source=1, target=2),))]


def test_millions_of_seats_are_counted_as_fast_as_ten() -> None:
    pools = [open_pool(10**9, 10**9), floor(10**9, 10**9), allotment(10**9, 5)]
    hall = Hall(pools, {(1, STUDENT): 10**8, (1, GUEST): 7, (2, STUDENT_GUEST): 10**7, (3, ELDER): 5})

    assert hall.seats_for(ANYBODY) == 10**7 + 7
    assert hall.seats_for(GUEST) == 10**9 - 5
    assert hall.seats_for(ANYBODY) == 10**7 + 7  # asking takes no seat


def test_the_most_seats_are_those_of_the_audience_that_could_take_the_most() -> None:
    pools = [open_pool(4), floor(3), Pool(id=8, kind="ceiling", seats=2, taken=0, audience=ELDERS)]

    assert most_seats(pools, {}, None) == 7
    assert most_seats(pools, None, iter(())) == 7
    assert most_seats(iter(pools), {}, [ELDERS]) == 4
    assert most_seats(pools, {}, [ELDERS, STUDENTS]) == 7
    assert most_seats([open_pool(0), floor(None)], {}, [STUDENTS]) is None
    assert most_seats([open_pool(0), floor(None)], {}, [ELDERS]) == 0


class Scene:
    """A hall as a list of people, each with their seat; some in a pool may be unknown. Knows nothing of paths."""

    def __init__(self, pools: Sequence[Pool], people: Iterable[tuple[int, Who]]) -> None:
        self.pools = {pool.id: pool for pool in pools}
        self.people = list(people)
        self.taken = {pool.id: pool.taken for pool in pools}
        self.seated = [pool for pool in pools if pool.kind != "ceiling"]

    def hall(self) -> Hall:
        pools = [replace(pool, taken=self.taken[pool.id]) for pool in self.pools.values()]
        return Hall(pools, Counter(self.people))

    def concerns(self, pool: int, who: Who) -> bool:
        wanted = self.pools[pool]
        return wanted.audience == who.audience if wanted.audience else wanted.partner == who.partner

    def may_enter(self, pool: int, who: Who) -> bool:
        wanted = self.pools[pool]
        is_over = wanted.seats is not None and self.taken[pool] > wanted.seats
        is_for_them = wanted.kind == "open" or (self.concerns(pool, who) and not wanted.is_released)
        return is_for_them and not is_over

    def has_room(self, pool: int) -> bool:
        seats = self.pools[pool].seats
        return seats is None or self.taken[pool] < seats

    def ceilings(self, who: Who) -> list[int]:
        return sorted(pool.id for pool in self.pools.values() if pool.kind == "ceiling" and self.concerns(pool.id, who))

    def is_over_committed(self) -> bool:
        seats = [pool.seats for pool in self.seated]
        if None in seats:
            return False
        taken = [self.taken[pool.id] for pool in self.seated]
        return sum(taken) >= sum(seats) and any(inside > number for inside, number in zip(taken, seats, strict=True))

    def can_seat(self, newcomers: Sequence[Who], *, relieved: int | None = None) -> bool:
        """Whether everybody finds a seat at once: tries each pool for each person, holders in their own one too.

        `relieved`: a pool that must lose one.
        """
        numbers = [pool.id for pool in self.seated]
        unknown = Counter(self.taken) - Counter(pool for pool, _ in self.people)
        crowds = {tuple(unknown[number] for number in numbers)}
        for own, who in [*self.people, *((None, who) for who in newcomers)]:
            choices = [number == own or self.may_enter(number, who) for number in numbers]
            crowds = {
                (*crowd[:index], crowd[index] + 1, *crowd[index + 1 :])
                for crowd in crowds
                for index, may in enumerate(choices)
                if may and self.holds(numbers[index], crowd[index] + 1 + (numbers[index] == relieved))
            }
        return bool(crowds)

    def holds(self, pool: int, crowd: int) -> bool:
        """A cut below the people who are in sends nobody away."""
        seats = self.pools[pool].seats
        return seats is None or crowd <= max(seats, self.taken[pool])

    def outcome(self, who: Who) -> Shortage | None:
        """None: a seat can be had."""
        if self.is_over_committed():
            return Shortage("over_committed")
        if not self.can_seat([who]):
            has_any = any(self.has_room(pool.id) for pool in self.seated if not pool.is_released)
            return Shortage("reserved" if has_any else "full")
        reached = [ceiling for ceiling in self.ceilings(who) if not self.has_room(ceiling)]
        return Shortage("ceiling", reached[0]) if reached else None

    def apply(self, who: Who, placing: Placing) -> None:
        """Each takes the seat that the placing says, one after the other, as in front of the real doors."""
        for move in placing.moves:
            self.people.remove((move.source, move.who))
            self.taken[move.source] -= 1
            assert self.has_room(move.source)
            self.enter(move.target, move.who)
        self.enter(placing.pool, who)
        assert list(placing.ceilings) == self.ceilings(who)
        for ceiling in placing.ceilings:
            assert self.has_room(ceiling)
            self.taken[ceiling] += 1

    def enter(self, pool: int, who: Who) -> None:
        assert self.pools[pool].kind != "ceiling"
        assert self.may_enter(pool, who)
        assert self.has_room(pool)
        self.people.append((pool, who))
        self.taken[pool] += 1


kinds = st.just(ANYBODY) | st.sampled_from(EVERY_KIND)  # often somebody who has to wait for a move
parties = st.lists(kinds, max_size=6)
seldom = st.sampled_from([False] * 9 + [True])
limits = st.sampled_from([{"audience": STUDENTS}, {"audience": ELDERS}, {"partner": MUSEUM}, {"partner": LIBRARY}])


@st.composite
def empty_pools(draw: st.DrawFn) -> list[Pool]:
    pools = [open_pool(None)]
    for number, limit in enumerate(draw(st.lists(limits, min_size=1, max_size=3)), start=2):
        kind = draw(st.sampled_from(["floor", "allotment"] if "partner" in limit else ["floor"]))
        pools.append(Pool(number, kind, None, 0, **limit))
    return pools


@st.composite
def holders_of(draw: st.DrawFn, pool: Pool, *, following: Pool, is_regular: bool) -> list[Who]:
    """One or two in the pool, often such as could also sit in the following one, so that there are chains."""
    is_mixed = not is_regular and draw(seldom)
    suitable = [who for who in EVERY_KIND if pool.admits(who) or is_mixed]
    both = [
        who for who in suitable if who == Who(pool.audience or following.audience, pool.partner or following.partner)
    ]
    return draw(st.lists(st.sampled_from(suitable) | st.sampled_from(both or suitable), min_size=1, max_size=2))


@st.composite
def ceilings(draw: st.DrawFn) -> list[Pool]:
    pools = []
    for number, limit in enumerate(draw(st.lists(limits, max_size=2)), start=8):
        taken, spare = draw(st.integers(0, 3)), draw(st.sampled_from([0, 1, 2, 5, None, -1]))
        pools.append(Pool(number, "ceiling", None if spare is None else max(taken + spare, 0), taken, **limit))
    return pools


@st.composite
def scenes(draw: st.DrawFn, *, is_regular: bool = False) -> Scene:
    """Small halls where one pool has room and most others are full, so that seats have to be had by moves.

    Not `is_regular`: also after a cut, a release, or with people in seats of others.
    """
    pools, people = [], []
    empty = draw(empty_pools())
    roomy = draw(st.sampled_from([empty[0], empty[1], *[empty[-1]] * 4]))
    for pool, following in zip(empty, [*empty[1:], empty[0]], strict=True):
        holders = draw(holders_of(pool, following=following, is_regular=is_regular))
        people += [(pool.id, who) for who in holders]
        taken = len(holders) + draw(seldom)
        spare = draw(st.sampled_from([1, 2, 2, None] if pool is roomy else [0, 0, 0, 0, 0, 1]))
        is_cut, is_released = (not is_regular and draw(seldom) for _ in range(2))
        seats = taken - 1 if is_cut else None if spare is None else taken + spare
        pools.append(replace(pool, seats=seats, taken=taken, is_released=is_released and pool.kind != "open"))
    return Scene(draw(st.permutations([*pools, *draw(ceilings())])), people)


@given(scenes(), kinds)
def test_somebody_is_placed_exactly_when_everybody_can_be_seated(scene: Scene, who: Who) -> None:
    found = scene.hall().place(who)

    assert (None if isinstance(found, Placing) else found) == scene.outcome(who)


@given(scenes(), parties)
def test_whatever_was_placed_the_picture_is_what_the_people_sit_in(scene: Scene, party: list[Who]) -> None:
    hall, before, placed = scene.hall(), sum(scene.taken[pool.id] for pool in scene.seated), 0
    for who in party:
        expected, found = scene.outcome(who), hall.place(who)
        if isinstance(found, Placing):
            scene.apply(who, found)
            placed += 1

        assert (None if isinstance(found, Placing) else found) == expected

    assert sum(scene.taken[pool.id] for pool in scene.seated) == before + placed
    assert [hall.seats_for(who) for who in EVERY_KIND] == [scene.hall().seats_for(who) for who in EVERY_KIND]


@given(scenes(), parties)
def test_a_party_is_placed_as_one_after_the_other_or_not_at_all(scene: Scene, party: list[Who]) -> None:
    hall, alone = scene.hall(), scene.hall()

    found, singles = hall.place_all(party), [alone.place(who) for who in party]

    short = [single for single in singles if isinstance(single, Shortage)]
    assert found == (short[0] if short else singles)
    after = scene.hall() if short else alone
    assert [hall.place(who) for who in EVERY_KIND] == [after.place(who) for who in EVERY_KIND]


@given(scenes(is_regular=True), parties)
def test_a_party_is_placed_exactly_when_all_of_it_can_be_seated_together(scene: Scene, party: list[Who]) -> None:
    found = scene.hall().place_all(party)

    units = Counter(ceiling for who in party for ceiling in scene.ceilings(who))
    limits = {number: scene.pools[number].seats for number in units}
    is_within = all(limit is None or scene.taken[number] + units[number] <= limit for number, limit in limits.items())
    assert isinstance(found, list) is (is_within and scene.can_seat(party))


@given(scenes(), kinds)
def test_seats_for_is_how_many_can_be_placed_one_after_the_other(scene: Scene, who: Who) -> None:
    enough = 30  # more than any limit in these scenes
    seats, hall = scene.hall().seats_for(who), scene.hall()

    placed = 0
    while placed < enough and isinstance(hall.place(who), Placing):
        placed += 1

    assert placed == (enough if seats is None else seats)


@given(scenes(), kinds)
def test_nobody_is_moved_while_a_pool_of_their_own_has_room(scene: Scene, who: Who) -> None:
    turns = ["allotment", "floor", "open"]
    own = [pool for pool in scene.seated if scene.may_enter(pool.id, who) and scene.has_room(pool.id)]
    own.sort(key=lambda pool: (turns.index(pool.kind), pool.id))

    found = scene.hall().place(who)

    if isinstance(found, Placing) and own:
        assert found == Placing(own[0].id, tuple(scene.ceilings(who)))
    if isinstance(found, Placing) and not own:
        assert found.moves


@given(scenes())
def test_a_pool_over_its_seats_is_relieved_exactly_when_somebody_can_leave_it(scene: Scene) -> None:
    for pool in scene.seated:
        is_over = pool.seats is not None and pool.taken > pool.seats
        moves = scene.hall().relieve(pool.id)

        assert bool(moves) is (is_over and scene.can_seat([], relieved=pool.id))
        assert not moves or moves[-1].source == pool.id


@given(scenes())
def test_a_hall_is_full_when_no_person_whoever_could_have_a_seat(scene: Scene) -> None:
    without_ceilings = Scene(scene.seated, scene.people)

    assert scene.hall().is_full is all(without_ceilings.outcome(who) for who in EVERY_KIND)


@given(scenes(), st.sets(st.sampled_from([STUDENTS, ELDERS])))
def test_the_most_seats_are_the_largest_figure_of_those_who_may_come(scene: Scene, audiences: set[int]) -> None:
    hall = scene.hall()
    named = {pool.audience for pool in scene.pools.values()}

    figures = [hall.seats_for(Who(audience=audience)) for audience in {None, *(audiences or named)}]

    most = most_seats(scene.pools.values(), Counter(scene.people), audiences)
    assert most == (None if None in figures else max(figures))


def test_an_emptied_hall_has_all_its_seats_and_those_of_released_pools_are_open() -> None:
    ceiling = Pool(id=9, kind="ceiling", seats=2, taken=2, audience=STUDENTS)
    hall = Hall([open_pool(1, 1), floor(3, 3, is_released=True), allotment(2, 2), ceiling], {(1, ELDER): 1})

    empty = hall.emptied()

    assert hall.is_full
    assert [empty.seats_for(who) for who in (ANYBODY, ELDER, STUDENT)] == [4, 4, 2]
    assert Hall([open_pool(None, 5)]).emptied().seats_for(ANYBODY) is None
