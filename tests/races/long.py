"""The long race: `python -m tests.races.long --attempts 100000 --clients 16`; CALLBOARD_TEST_DATABASE says where.

Rounds of a thousand attempts on an event of 200 seats, each through an Idempotency-Key as the API does it; one in ten
of those who got in leaves again, and one in twenty asks twice. Exit 1 unless every event ended with exactly its seats.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from typing import Any

from tests import conftest  # noqa: F401 - first of all: it chooses the database and starts Django

from django.core.management import call_command  # isort: skip
from django.db import connection, connections  # isort: skip
from django.db.models import Sum  # isort: skip

from events.models import ANONYMOUS, Event, Registration, SeatPool  # isort: skip
from events.operations import registering, repeating  # isort: skip
from tests import factories  # isort: skip
from tests.factories import NOW  # isort: skip
from venues.errors import Refusal  # isort: skip

SEATS = 200
ROUND = 1000
FORK = multiprocessing.get_context("fork")


def attempt(event_id: int, number: int) -> Registration | None:
    """One request as the API makes it: look up, claim the key, register. None for a replay."""
    claim = repeating.claim(
        actor=ANONYMOUS, method="POST", path=f"/{event_id}/", key=f"person-{number:012d}", body=str(number).encode()
    )
    event = Event.objects.prefetch_related("pools", "audiences").select_related("programme").get(pk=event_id)
    made: list[Registration] = []

    def act() -> repeating.Outcome:
        made.append(registering.register(event=event, applicant=factories.applicant(number), actor=ANONYMOUS, now=NOW))
        return repeating.Outcome(201, {"code": made[-1].code})

    outcome = repeating.once(claim=claim, act=act, now=NOW)
    return None if outcome.is_replay else made[-1]


def client(number: int, clients: int, events: list[int], gate: Any, results: Any) -> None:
    counts: Counter[str] = Counter()
    spent: list[float] = []
    for event_id in events:
        gate.wait()
        for turn in range(number, ROUND, clients):
            began = time.perf_counter()
            registration = tried(counts, event_id, turn)
            spent.append(time.perf_counter() - began)
            if registration is not None and turn % 10 == 0:
                registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)
                counts["cancelled"] += 1
            elif registration is not None and turn % 20 == 1:
                tried(counts, event_id, turn)
        gate.wait()
        if number == 0:  # whoever left at the very end left a seat behind: somebody else takes it
            extra = ROUND
            while tried(counts, event_id, extra) is not None:
                extra += 1
    results.put((counts, sorted(spent)))
    connections.close_all()


def tried(counts: Counter[str], event_id: int, number: int) -> Registration | None:
    try:
        registration = attempt(event_id, number)
    except Refusal as refusal:
        counts[refusal.code if refusal.status < 500 else f"5xx {refusal.code}"] += 1
        return None
    except Exception as error:
        counts[f"5xx {type(error).__name__}: {str(error)[:80]}"] += 1
        return None
    counts["replayed" if registration is None else "registered"] += 1
    return registration


def judge(events: list[int]) -> Counter[str]:
    faults: Counter[str] = Counter()
    for pool in SeatPool.objects.filter(event__in=events).order_by("pk"):
        live = Registration.objects.filter(event=pool.event_id, status="confirmed").count()
        ledger = pool.movements.aggregate(sum=Sum("delta"))["sum"]
        faults["oversold"] += max(live - SEATS, 0)
        faults["undersold"] += max(SEATS - live, 0)
        faults["counter or ledger wrong"] += int(not live == pool.taken == ledger)
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    programme = factories.programme()
    rounds = max(wanted.attempts // ROUND, 1)
    events = [factories.event(of=programme, capacity=SEATS).pk for _ in range(rounds)]
    connections.close_all()
    gate, results = FORK.Barrier(wanted.clients), FORK.Queue()
    began = time.monotonic()
    crowd = [
        FORK.Process(target=client, args=(number, wanted.clients, events, gate, results))
        for number in range(wanted.clients)
    ]
    for process in crowd:
        process.start()
    parts = [results.get() for _ in crowd]
    for process in crowd:
        process.join()
    seconds = time.monotonic() - began
    counts: Counter[str] = sum((part for part, _spent in parts), Counter())
    spent = sorted(second for _part, own in parts for second in own)
    faults = judge(events)
    errors = sum(count for name, count in counts.items() if name.startswith("5xx"))
    print(f"{connection.vendor}: {len(spent)} attempts by {wanted.clients} clients on {rounds} events of {SEATS} seats")
    print(f"  {seconds:.0f} s, {len(spent) / seconds:.0f} attempts/s", end="")
    print(f", p50 {spent[len(spent) // 2] * 1000:.1f} ms, p99 {spent[len(spent) * 99 // 100] * 1000:.1f} ms")
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    print(f"  {', '.join(f'{name} {count}' for name, count in faults.items())}, errors {errors}")
    return 1 if errors or faults.total() else 0


if __name__ == "__main__":
    sys.exit(main())
