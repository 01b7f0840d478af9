"""Sequence: changes of registrations get their place in one order, once they are committed (RULES 28)."""

from django.db import connection

from events.models import Sequencer
from events.operations.committing import all_or_nothing

AT_A_TIME = 1_000

# By hand: one statement for all of them. Only what is committed is seen, and what commits later comes behind it.
_NUMBER = """
    UPDATE events_change SET position = numbered.position
    FROM (
        SELECT id, %s + ROW_NUMBER() OVER (ORDER BY id) AS position
        FROM events_change WHERE position IS NULL AND registration_id IS NOT NULL ORDER BY id LIMIT %s
    ) AS numbered
    WHERE events_change.id = numbered.id
"""


def number_all(*, most: int = AT_A_TIME) -> int:
    """Every committed change of a registration has its position, without gaps; how many got one now."""
    done = 0
    while (numbered := _number(most=most)) == most:
        done += numbered
    return done + numbered


def last() -> int:
    """The last position that was given: whatever has a smaller one is there to be read."""
    return Sequencer.objects.filter(pk=1).values_list("last", flat=True).first() or 0


@all_or_nothing
def _number(*, most: int) -> int:
    """Locks the sequencer's row first: two workers give positions one after the other, never the same or crosswise."""
    row = Sequencer.objects.select_for_update(no_key=True).filter(pk=1).first() or Sequencer.objects.create(pk=1)
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, [row.last, most])
        numbered = int(cursor.rowcount)
    if numbered:
        Sequencer.objects.filter(pk=1).update(last=row.last + numbered)
    return numbered
