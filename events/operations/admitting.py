"""Let people in who are registered already: from the waitlist, from an application, by a draw.

Called inside the transaction of the operation that decides, which holds the locks of the event's pools.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from events.capacity import Placing
from events.models import SYSTEM, Actor, Event, Registration
from events.operations import progressing, seating

Placed = tuple[Registration, Placing]


def admit(
    *, event: Event, placed: Sequence[Placed], is_offer: bool, reason: str, now: datetime, actor: Actor = SYSTEM
) -> None:
    """Everybody who was placed holds their seat: confirmed, or offered where they must accept it or prove an address.

    A constant number of statements for each pool, however many people. `event` is the run in which they get it.
    """
    for part in _parts(placed):
        seating.occupy(event_id=event.pk, placings=[placing for _row, placing in part], now=now)
        for pool, must_accept in sorted({(placing.pool, _must_accept(event, row, is_offer)) for row, placing in part}):
            rows = [
                row for row, placing in part
                if placing.pool == pool and _must_accept(event, row, is_offer) == must_accept
            ]  # fmt: skip
            progressing.move(
                registrations=rows, to="offered" if must_accept else "confirmed", reason=reason, actor=actor, now=now,
                event=event, pool_id=pool, offer_expires_at=deadline(event, now) if must_accept else None,
            )  # fmt: skip
        seating.note_all(placed=part, reason=reason, now=now)


def deadline(event: Event, now: datetime) -> datetime:
    """Until when an offer made now is held: never beyond the event's begin."""
    until = now + timedelta(minutes=event.offer_minutes)
    begins = event.first_starts_at
    return min(until, begins) if begins is not None and begins > now else until


def _must_accept(event: Event, registration: Registration, is_offer: bool) -> bool:
    return is_offer or (event.needs_proof and registration.proved_at is None)


def _parts(placed: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Cut before everybody for whom somebody has to move: it may be somebody seated just before."""
    part: list[Placed] = []
    for row, placing in placed:
        if placing.moves and part:
            yield part
            part = []
        part.append((row, placing))
    if part:
        yield part
