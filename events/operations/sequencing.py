"""Sequence: changes get their place in one order, once they are committed, and webhooks hear of them in it (RULES 28).

Those of registrations have a position among themselves as well: an organization's list of them has no gaps.
"""

from typing import NamedTuple

from django.db import connection

from events.models import Change, Sequencer
from events.operations import fanning_out
from events.operations.committing import all_or_nothing

AT_A_TIME = 200  # so long SQLite lets nobody else write

# By hand: one statement for all of them. Only what is committed is seen, and what commits later comes behind it.
_NUMBER = """
    UPDATE events_change SET place = numbered.place, position = numbered.position
    FROM (
        SELECT id, %s + ROW_NUMBER() OVER (ORDER BY id) AS place,
            CASE WHEN registration_id IS NOT NULL AND position IS NULL
                THEN %s + ROW_NUMBER() OVER (PARTITION BY registration_id IS NOT NULL AND position IS NULL ORDER BY id)
                ELSE position END AS position
        FROM events_change WHERE place IS NULL ORDER BY id LIMIT %s
    ) AS numbered
    WHERE events_change.id = numbered.id
"""


class Numbered(NamedTuple):
    """How many changes have a place now, and how many of them a position."""

    places: int
    positions: int


def number_all(*, most: int = AT_A_TIME) -> int:
    """Every committed change has its place, each of a registration its position; how many got a position now.

    Whoever it concerns has the messages in the same transaction: what has a place was told. What is committed while
    this runs may be left to the next: under load it would not come to an end.
    """
    positions = 0
    while Change.objects.filter(place__isnull=True).exists():
        numbered = _number(most=most)
        positions += numbered.positions
        if numbered.places < most:
            break
    return positions


def last() -> int:
    """The last position that was given: whatever has a smaller one is there to be read."""
    return Sequencer.objects.filter(pk=1).values_list("last", flat=True).first() or 0


@all_or_nothing
def _number(*, most: int) -> Numbered:
    """Locks the sequencer's row first: two workers give places one after the other, never the same or crosswise."""
    row = Sequencer.objects.select_for_update(no_key=True).filter(pk=1).first() or Sequencer.objects.create(pk=1)
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, [row.last_place, row.last, most])
        numbered = int(cursor.rowcount)
    if not numbered:
        return Numbered(0, 0)  # another worker was faster
    last_place = row.last_place + numbered
    changes = list(Change.objects.filter(place__gt=row.last_place, place__lte=last_place).order_by("place"))
    positions = max([row.last, *(change.position or 0 for change in changes)])
    last_place += fanning_out.tell(changes, last_place=last_place)
    Sequencer.objects.filter(pk=1).update(last=positions, last_place=last_place)
    return Numbered(numbered, positions - row.last)
