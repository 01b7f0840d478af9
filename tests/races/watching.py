"""An observer who looks at the seats fifty times a second, over a connection of its own, while others want them."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, connections

from tests.races.crowd import FORK

EVERY_SECONDS = 1 / 50
# One statement, so that counter and rows are of one instant. Ceilings count people whom another pool names.
LOOK = """
    SELECT p.id, p.kind, p.seats, p.taken, p.is_unlimited, p.over_committed,
        (SELECT COUNT(*) FROM events_registration r WHERE r.pool_id = p.id AND r.status IN ('offered', 'confirmed'))
    FROM events_seatpool p WHERE p.event_id IN ({})
"""


@dataclass
class Sight:
    """How often the observer looked, and what it saw that must never be."""

    looks: int = 0
    faults: list[str] = field(default_factory=list)


@contextmanager
def watched(event_ids: Collection[int]) -> Iterator[Sight]:
    """The pools of these events are watched until the block is left; then the sight is complete."""
    connections.close_all()  # a connection does not survive a fork
    stop, (receiver, sender) = FORK.Event(), FORK.Pipe(duplex=False)
    observer = FORK.Process(target=_observe, args=(sorted(event_ids), stop, sender), daemon=True)
    observer.start()
    assert receiver.poll(20), "the observer did not start"
    receiver.recv()
    sight = Sight()
    try:
        yield sight
    finally:
        stop.set()
        assert receiver.poll(20), "the observer did not come back"
        sight.looks, sight.faults = receiver.recv()
        observer.join(timeout=5)


def _observe(event_ids: list[int], stop: object, sender: object) -> None:
    looks, faults = 0, []
    statement = LOOK.format(", ".join(map(str, event_ids)))
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement)
            faults += [fault for row in cursor.fetchall() if (fault := _fault(*row))]
            looks += 1
            if looks == 1:
                sender.send("looking")  # type: ignore[attr-defined]
            if stop.wait(EVERY_SECONDS):  # type: ignore[attr-defined]
                break
    sender.send((looks, faults[:20]))  # type: ignore[attr-defined]
    connections.close_all()


def _fault(
    pool: int, kind: str, seats: int, taken: int, is_unlimited: bool, over_committed: bool, held: int
) -> str | None:
    is_counted = kind == "ceiling" or held == taken
    is_within = is_unlimited or over_committed or max(taken, held if kind != "ceiling" else 0) <= seats
    if is_counted and is_within and taken >= 0:
        return None
    return f"{kind} {pool} at {time.monotonic():.2f}: {taken} taken, {held} people, {seats} seats"
