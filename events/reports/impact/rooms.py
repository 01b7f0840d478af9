"""Rooms that are taken or closed when sessions would come to them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from events.models import Session
from events.reports.impact.steps import Step
from venues import availability
from venues.availability import Wish


class Taken(NamedTuple):
    """The room that a session would need is held; `by` which session of ours, None for somebody else's."""

    session: Session
    starts_at: datetime
    ends_at: datetime
    by: UUID | None


class Closed(NamedTuple):
    """The room that a session would need is closed then, and why, in a sentence."""

    session: Session
    why: str


def taken(steps: Sequence[Step]) -> list[Taken]:
    """What stands in the way of the moved sessions once all of them have moved. One statement."""
    wishes = _wishes(steps)
    leaving = {step.before.uid for step in steps if step.moves_in_time or step.changes_room}
    after = {step.after.uid: step.after for step in steps}
    found = [
        Taken(
            after[clash.wish.purpose], clash.starts_at, clash.ends_at,
            clash.taken_by if clash.holder == clash.wish.holder else None,
        )
        for clash in availability.clashes_of(wishes)
        if clash.taken_by not in leaving
    ]  # fmt: skip
    found += [Taken(after[one.purpose], other.starts_at, other.ends_at, other.purpose) for one, other in _among(wishes)]
    return sorted(found, key=lambda row: (row.session.starts_at, row.session.pk, row.starts_at))


def closed(steps: Sequence[Step]) -> list[Closed]:
    """Which of the moved sessions would find their room closed. Three statements."""
    after = {step.after.uid: step.after for step in steps}
    return [Closed(after[wish.purpose], why.message) for wish, why in availability.closings_of(_wishes(steps))]


def _wishes(steps: Sequence[Step]) -> list[Wish]:
    return [step.wish for step in steps if step.wish is not None]


def _among(wishes: Sequence[Wish]) -> list[tuple[Wish, Wish]]:
    """Moved sessions that would be in each other's way: a later one, and the one before it in that room."""
    ordered = sorted(wishes, key=lambda wish: (wish.room_id, wish.starts_at, wish.ends_at))
    found = []
    longest = ordered[0] if ordered else None
    for before, wish in pairwise(ordered):
        if longest is None or longest.room_id != wish.room_id or longest.ends_at < before.ends_at:
            longest = before
        if longest.room_id == wish.room_id and wish.starts_at < longest.ends_at:
            found.append((wish, longest))
    return found
