"""What a person's registrations add to SEQUENCE: one sum for every calendar and every mail (decision 0019)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from events.models import LIVE, Registration

Step = tuple[int, str, int, datetime]  # event, status, sequence and time of one registration as it is now
Way = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """All steps of one person in one event, or among the runs of its series: between those a registration moves.

    `sequence` never falls, and each step raises it. `live`: the events where the person is registered now.
    """

    sequence: int
    updated_at: datetime
    live: frozenset[int]


def way(event: int, series: int | None) -> Way:
    """Within what the steps count together: the series of the event, or the event alone."""
    return ("event", event) if series is None else ("series", series)


def total(steps: Iterable[Step]) -> Taken:
    """The sum of one person's registrations on one way, one more for each after the first.

    Whoever comes back has another registration, which begins at 0: a calendar that saw the old one go would
    not take it.
    """
    taken = list(steps)
    return Taken(
        sum(sequence + 1 for _event, _status, sequence, _at in taken) - 1,
        max(at for *_step, at in taken),
        frozenset(event for event, status, *_step in taken if status in LIVE),
    )


def of(registrations: Collection[Registration]) -> dict[int, Taken]:
    """What each of them goes by, by registration id: one statement. Each counts as it is loaded, with its event."""
    rows = Registration.objects.filter(email_key__in={row.email_key for row in registrations}).order_by("pk")
    columns = ("pk", "email_key", "event__series", "event", "status", "sequence", "updated_at")
    theirs: dict[tuple[str, Way], dict[int, Step]] = {}
    for pk, key, series, event, status, sequence, updated_at in rows.values_list(*columns):
        theirs.setdefault((key, way(event, series)), {})[pk] = (event, status, sequence, updated_at)
    found = {}
    for row in registrations:
        others = theirs.get((row.email_key, way(row.event_id, row.event.series_id)), {})
        own = (row.event_id, row.status, row.sequence, row.updated_at)
        found[row.pk] = total({**others, row.pk: own}.values())
    return found
