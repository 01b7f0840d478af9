"""Replay the ledger and every invariant over the whole database: what is counted twice must agree (docs/seats.md)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from django.db.models import Max

from events.models import Change
from events.reports.audit import calendars, copies, hooks, messages, people, schedule, seats
from events.reports.audit.breaks import Break

__all__ = ["RULES", "Break", "run"]

RULES: tuple[Callable[[datetime], Iterator[Break]], ...] = (
    seats.counters,
    seats.limits,
    seats.capacities,
    seats.released,
    seats.codes,
    people.registrations,
    people.transitions,
    people.deadlines,
    people.order,
    people.idle,
    people.places,
    schedule.rooms,
    schedule.times,
    schedule.texts,
    calendars.halves,
    calendars.links,
    schedule.versions,
    copies.publications,
    copies.positions,
    people.answers,
    messages.told,
    messages.ended,
    hooks.places,
    hooks.numbers,
)


def run(*, now: datetime | None = None) -> Iterator[Break]:
    """Every break in the database at `now`, else at its newest Change. Reads only; run it while nobody writes."""
    at = now or Change.objects.aggregate(at=Max("at"))["at"] or datetime.min.replace(tzinfo=UTC)
    for rule in RULES:
        yield from rule(at)
