"""Where somebody is at a time: which of a person's events overlap, the way between venues included.

Touching ends do not overlap.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import CharField, IntegerField

from events.models import HOLDING, Event, Registration, Session
from events.models.prepared import Prepared, Slot

HOPED_FOR = (*HOLDING, "waitlisted")


class Block(NamedTuple):
    """Where somebody is: [starts_at, ends_at), in UTC; `venue` None: nowhere that one has to travel to."""

    event: int
    starts_at: datetime
    ends_at: datetime
    venue: int | None


BLOCK = ("event_id", "starts_at", "ends_at", "room__venue_id")
UNSEEN = ("draft", "cancelled")
# Asked of everybody who registers, and most people have no other event: one table and its index, no join to plan.
_others = Prepared(
    lambda: (
        Registration.objects.filter(email_key=Slot("key", CharField()), status__in=HOPED_FOR)
        .exclude(event=Slot("event", IntegerField()))
        .order_by()
        .values_list("event_id")
    )
)


def elsewhere(*, key: str, event: Event) -> list[int]:
    """The ids of the person's other events that overlap this one: what they hold or hope for.

    `event` with its programme loaded. One statement for whoever has no other event, else three.
    """
    others = [pk for (pk,) in _others.rows(key=key, event=event.pk)]
    if not others:
        return []
    own, travel = blocks_of(event), _travel(event)
    return sorted({block.event for block in _blocks(others) if _is_near(block, own, travel)})


def is_warned(*, registration: Registration) -> bool:
    """Whether the person is elsewhere at that time, where the programme allows it: `elsewhere`, or no statement.

    `registration` with its event and programme loaded. Where clashes are refused nobody gets so far.
    """
    event = registration.event
    if event.programme.clashes != "warn" or event.first_starts_at is None:
        return False
    return bool(elsewhere(key=registration.email_key, event=event))


def busy(*, keys: Collection[str], event: Event) -> set[str]:
    """Who of these holds a seat elsewhere at that time, whatever the programme says of it: two statements."""
    own, travel = blocks_of(event), _travel(event)
    if not own:
        return set()
    rows = (
        Session.objects.filter(
            event__registrations__email_key__in=keys,
            event__registrations__status__in=HOLDING,
            **_around(own, travel),
        )
        .exclude(event=event)
        .exclude(status__in=UNSEEN)
        .order_by()
    )
    found = rows.values_list("event__registrations__email_key", *BLOCK)
    return {key for key, *block in found if _is_near(Block(*block), own, travel)}


def blocks_of(event: Event) -> list[Block]:
    """When and where the event takes place."""
    return _blocks([event.pk])


def _blocks(events: Collection[int]) -> list[Block]:
    rows = Session.objects.filter(event__in=events).exclude(status__in=UNSEEN).order_by()
    return [Block(*row) for row in rows.values_list(*BLOCK)]


def is_near(one: Block, other: Block, travel: timedelta) -> bool:
    """Whether nobody can be in both, the way between their venues included."""
    way = timedelta(0) if _is_there(one, other) else travel
    return other.starts_at < one.ends_at + way and one.starts_at < other.ends_at + way


def _is_near(other: Block, own: Iterable[Block], travel: timedelta) -> bool:
    return any(is_near(one, other, travel) for one in own)


def _is_there(one: Block, other: Block) -> bool:
    return one.venue is None or other.venue is None or one.venue == other.venue


def _travel(event: Event) -> timedelta:
    return timedelta(minutes=event.programme.travel_minutes)


def _around(own: list[Block], travel: timedelta) -> dict[str, Any]:
    """What can overlap at all, for the database to choose by."""
    return {
        "starts_at__lt": max(block.ends_at for block in own) + travel,
        "ends_at__gt": min(block.starts_at for block in own) - travel,
    }
