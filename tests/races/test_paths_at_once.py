"""Sixteen clients on every way to a seat at once, watched fifty times a second and judged afterwards."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from tests.races import judging, mixing
from tests.races.crowd import rush
from tests.races.mixing import Clock, Scene, World
from tests.races.watching import watched

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS, TURNS = 16, 10
SCENES: dict[str, Callable[[World], Scene]] = {
    "one pool": mixing.plain,
    "one pool and offers": lambda world: mixing.plain(world, waitlist="offer", offer_minutes=1),
    "one pool and no waitlist": lambda world: mixing.plain(world, waitlist="off"),
    "proofs": lambda world: mixing.plain(world, needs_proof=True, proof_minutes=1),
    "quotas": mixing.divided,
    "approval": mixing.approved,
    "draw": lambda world: mixing.drawn(world, closes_after=90),
    "runs": mixing.in_runs,
}


def everybody(scene: Scene, clock: Clock) -> Counter[str]:
    def act(number: int) -> list[Counter[str]]:
        client = mixing.Client(scene, clock, random.Random(number))
        return [client.play(TURNS)]

    return sum(rush(act, clients=CLIENTS), Counter())


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize("kind", SCENES)
def test_no_way_to_a_seat_breaks_what_another_one_keeps(kind: str) -> None:
    scene, clock = SCENES[kind](mixing.world()), Clock()

    with watched(scene.ids) as sight:
        told = everybody(scene, clock)
    mixing.settle(clock.tick())

    assert told.total() == CLIENTS * TURNS
    assert not {code for code in told if code in ("busy", "internal")}
    assert sight.looks > 1
    assert sight.faults == []
    assert judging.faults(scene.ids, now=clock.now()) == []
    assert list(judging.turned_away(scene.open_events(), scene.audiences, clock.tick())) == []
