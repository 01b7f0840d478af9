"""The long race on one database (CALLBOARD_TEST_DATABASE): all ways at once, over many events of all kinds.

Each round has new events of every kind. Two thirds of all attempts are a rush on one of them, the others go all ways on
the rest. Between rounds they are judged, then called off. `python -m tests.races` runs it on both databases.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests import conftest  # noqa: F401 - first of all: it chooses the database and starts Django

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from events.models import SYSTEM, Change  # isort: skip
from events.operations import publishing  # isort: skip
from events.reports import audit  # isort: skip
from tests.races import judging, mixing  # isort: skip
from tests.races.crowd import rush  # isort: skip
from tests.races.mixing import Clock, Scene, World  # isort: skip
from tests.races.watching import watched  # isort: skip

ROUND = 4000
PATIENCE_SECONDS = 600
PEOPLE = 400
MOST_BUSY = 0.001  # how many of the attempts may end as 503 with Retry-After (SAFETY F11)
RUSH = 16  # for one who wants any other event, so many want the plain one, and most of them come too late
RUSHING = {
    "come": 80,
    "come_twice": 4,
    "be_entered": 2,
    "come_together": 2,
    "leave": 8,
    "resize": 1,
    "let_time_pass": 1,
}
KINDS: dict[str, Callable[[World, int], Scene]] = {
    "plain": lambda world, _now: mixing.plain(world, capacity=60, waitlist="off"),
    "waitlist": lambda world, _now: mixing.plain(world, capacity=40),
    "offers": lambda world, _now: mixing.plain(world, capacity=30, waitlist="offer", offer_minutes=10),
    "proofs": lambda world, _now: mixing.plain(world, capacity=30, needs_proof=True, proof_minutes=10),
    "quotas": lambda world, _now: mixing.divided(world, capacity=40, offer_minutes=10),
    "approval": lambda world, _now: mixing.approved(world, capacity=30),
    "draw": lambda world, now: mixing.drawn(world, closes_after=now + ROUND * 3 // 4, capacity=30),
    "runs": lambda world, _now: mixing.in_runs(world, capacity=20),
}


@dataclass
class Tally:
    """What the race came to so far."""

    told: Counter[str] = field(default_factory=Counter)
    became: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    looks: int = 0
    seconds: float = 0.0

    def row(self) -> list[str]:
        """As `tests.races.__main__.COLUMNS`."""
        kinds = Counter(fault.partition(":")[0] for fault in self.faults)
        known = ("oversold", "undersold", "order", "counter")
        new = self.became["", "confirmed"] + self.became["", "offered"]
        waited, promoted = self._became(to="waitlisted"), self._became("waitlisted", "confirmed")
        numbers = [
            len(self.spent), new, waited, promoted, self._became(to="offered"), self._became("offered", "confirmed"),
            self._became(to="expired"), self._became(to="cancelled"), self.refused().total(), self.told["replayed"],
            *(kinds[name] for name in known), len(self.faults) - sum(kinds[name] for name in known),
        ]  # fmt: skip
        spent = sorted(self.spent)
        times = [f"{spent[len(spent) * share // 100] * 1000:.1f}" for share in (50, 99)]
        rate = f"{len(spent) / self.seconds:,.0f}"
        return [connection.vendor, *(f"{number:,}" for number in numbers), *times, rate, f"{self.looks:,}"]

    def refused(self) -> Counter[str]:
        """Answers that are no way and no state: codes of refusals."""
        return Counter({code: n for code, n in self.told.items() if code not in {*mixing.WAYS, *mixing.TOLD}})

    def _became(self, before: str | None = None, to: str = "") -> int:
        return sum(n for (was, is_now), n in self.became.items() if is_now == to and before in (None, was))


def play(scenes: Sequence[Scene], clock: Clock, seed: int, turns: int) -> list[tuple[Counter[str], list[float]]]:
    """One client's part of a round. What is no refusal is counted as an error, and the race goes on."""
    chance = random.Random(seed)
    clients = [mixing.Client(scene, clock, chance) for scene in scenes]
    chosen = chance.choices(clients, [RUSH, *[1] * (len(clients) - 1)], k=turns)
    spent = []
    for client in chosen:
        way = client.choose()
        began = time.perf_counter()
        try:
            client.take(way)
        except Exception as error:
            client.counts[f"error: {way}: {type(error).__name__}: {str(error)[:80]}"] += 1
        spent.append(time.perf_counter() - began)
    return [(sum((client.counts for client in clients), Counter()), spent)]


def run_round(world: World, clock: Clock, tally: Tally, *, number: int, clients: int, attempts: int) -> None:
    scenes = [make(world, clock.turns.value) for make in KINDS.values()]
    scenes[0].weights = RUSHING
    for scene in scenes:
        scene.people = PEOPLE
    ids = [pk for scene in scenes for pk in scene.ids]
    with watched(ids) as sight:
        began = time.monotonic()
        parts = rush(
            lambda client: play(scenes, clock, number * clients + client, attempts // clients),
            clients=clients,
            patience_seconds=PATIENCE_SECONDS,
        )
        tally.seconds += time.monotonic() - began
    for told, spent in parts:
        tally.told += told
        tally.spent += spent
        tally.faults += [code for code, n in told.items() if code.startswith("error") for _ in range(n)]
    tally.looks += sight.looks
    tally.faults += [f"counter: {fault}" for fault in sight.faults]
    judge(scenes, ids, world, clock, tally)


def judge(scenes: Sequence[Scene], ids: list[int], world: World, clock: Clock, tally: Tally) -> None:
    """Everything of the round, which is over then: what has ended is no work for the next one."""
    mixing.settle(clock.tick())
    tally.became += history(ids)
    tally.faults += judging.faults(ids, now=clock.now())
    for scene in scenes:
        tally.faults += judging.turned_away(scene.open_events(), world.audiences, clock.tick())
        for event in scene.events:
            publishing.cancel(event=event, actor=SYSTEM, now=clock.tick())


def history(ids: Sequence[int]) -> Counter[tuple[str, str]]:
    """How often a registration of these events went from which state to which."""
    changes = Change.objects.filter(event__in=ids, kind__startswith="registration.")
    return Counter(
        (before.get("status", ""), after["status"]) for before, after in changes.values_list("before", "after")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=16)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    world, clock, tally = mixing.world(), Clock(), Tally()
    left = wanted.attempts
    while left > 0:
        attempts = min(left, ROUND)
        run_round(world, clock, tally, number=left, clients=wanted.clients, attempts=attempts)
        left -= attempts
        done = f"{wanted.attempts - left:,} of {wanted.attempts:,} attempts, {len(tally.faults)} faults"
        print(f"{connection.vendor}: {done}", file=sys.stderr, flush=True)
    tally.faults += [f"counter: {fault}" for fault in audit.run()]
    if tally.told["busy"] > MOST_BUSY * wanted.attempts:
        tally.faults.append(f"error: {tally.told['busy']} were told to ask again")
    print(f"| {' | '.join(tally.row())} |", flush=True)
    print(f"{connection.vendor}: {dict(tally.told.most_common())}", *tally.faults[:50], sep="\n", file=sys.stderr)
    return int(bool(tally.faults))


if __name__ == "__main__":
    sys.exit(main())
