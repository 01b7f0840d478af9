"""Nobody is in two places at once: what overlaps a person's other events, the way between venues included (SAFETY R2).

Touching ends are no clash. What counts is what somebody holds or hopes for: confirmed, offered, waitlisted.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import CharField, IntegerField
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import HOLDING, Attendee, Event, Session
from events.models.prepared import Prepared, Slot

HOPED_FOR = (*HOLDING, "waitlisted")


class Clash(DomainError):
    """The person is elsewhere at that time, and the programme does not allow it. Says where to proven callers only."""

    code = "clash"


class Block(NamedTuple):
    """Where somebody is: [starts_at, ends_at), in UTC; `venue` None: nowhere that one has to travel to."""

    event: int
    starts_at: datetime
    ends_at: datetime
    venue: int | None


def lock(*, keys: Iterable[str]) -> None:
    """These people by id, after the pools (RULES 9): two registrations of one person are not judged at once."""
    wanted = sorted(set(keys))
    Attendee.objects.bulk_create([Attendee(email_key=key) for key in wanted], ignore_conflicts=True)
    rows = Attendee.objects.filter(email_key__in=wanted).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def lock_all(*, keys: Iterable[str], event: Event) -> None:
    """`lock` for several people at once, in one order, where the programme refuses clashes."""
    if event.programme.clashes == "refuse":
        lock(keys=keys)


def elsewhere(*, key: str, event: Event) -> list[int]:
    """The ids of the person's other events that overlap this one; mostly one statement.

    `event` with its programme loaded.
    """
    others = [Block(*row) for row in _others.rows(key=key, event=event.pk)]
    return _overlapping(others, event) if others else []


def refuse(*, key: str, event: Event, is_proven: bool) -> None:
    """Clash where the programme refuses who is elsewhere then. Locks the person.

    An unproven caller hears no more than that (RULES 11), and which other runs there are; a proven one which events
    overlap, and which runs fit.
    """
    if event.programme.clashes != "refuse":
        return
    lock(keys=[key])
    found = elsewhere(key=key, event=event)
    if not found:
        return
    if not is_proven:
        raise Clash(
            _("This overlaps another event of the same person."), suggestions=_slugs(_other_runs(event))
        )  # fmt: skip
    fitting = [run for run in _other_runs(event) if not elsewhere(key=key, event=run)]
    events = Event.objects.filter(pk__in=found).order_by("first_starts_at", "pk").values_list("slug", flat=True)
    raise Clash(
        _("This overlaps another event of the same person."), events=list(events), suggestions=_slugs(fitting)
    )  # fmt: skip


def busy(*, keys: Collection[str], event: Event) -> set[str]:
    """Who of these holds a seat elsewhere at that time, where the programme refuses that. Locks them."""
    if event.programme.clashes != "refuse" or not keys:
        return set()
    lock(keys=keys)
    own = _blocks_of(event)
    rows = (
        Session.objects.filter(
            event__registrations__email_key__in=keys, event__registrations__status__in=HOLDING, **_around(own, event)
        )
        .exclude(event=event)
        .exclude(status__in=["draft", "cancelled"])
        .order_by()
    )
    found = rows.values_list("event__registrations__email_key", *BLOCK) if own else ()
    return {key for key, *block in found if _is_near(Block(*block), own, _travel(event))}


BLOCK = ("event_id", "starts_at", "ends_at", "room__venue_id")
_others = Prepared(
    lambda: (
        Session.objects.filter(
            event__registrations__email_key=Slot("key", CharField()), event__registrations__status__in=HOPED_FOR
        )
        .exclude(event=Slot("event", IntegerField()))
        .exclude(status__in=["draft", "cancelled"])
        .order_by()
        .values_list(*BLOCK)
    )
)


def _overlapping(others: Iterable[Block], event: Event) -> list[int]:
    own, travel = _blocks_of(event), _travel(event)
    return sorted({other.event for other in others if _is_near(other, own, travel)})


def _is_near(other: Block, own: Iterable[Block], travel: timedelta) -> bool:
    ways = ((one, timedelta(0) if _is_there(one, other) else travel) for one in own)
    return any(other.starts_at < one.ends_at + way and one.starts_at < other.ends_at + way for one, way in ways)


def _is_there(one: Block, other: Block) -> bool:
    return one.venue is None or other.venue is None or one.venue == other.venue


def _travel(event: Event) -> timedelta:
    return timedelta(minutes=event.programme.travel_minutes)


def _blocks_of(event: Event) -> list[Block]:
    rows = Session.objects.filter(event=event).exclude(status__in=["draft", "cancelled"]).order_by()
    return [Block(*row) for row in rows.values_list(*BLOCK)]


def _around(own: list[Block], event: Event) -> dict[str, Any]:
    """What can overlap at all, for the database to choose by."""
    if not own:
        return {}
    return {
        "starts_at__lt": max(block.ends_at for block in own) + _travel(event),
        "ends_at__gt": min(block.starts_at for block in own) - _travel(event),
    }


def _other_runs(event: Event) -> list[Event]:
    """Runs of the series that anybody can find, with the programme that they share."""
    if event.series_id is None:
        return []
    runs = Event.objects.public().filter(series=event.series_id, status="published").exclude(pk=event.pk)
    return list(runs.select_related("programme").order_by("first_starts_at", "pk"))


def _slugs(events: Iterable[Event]) -> list[str]:
    return [event.slug for event in events]
