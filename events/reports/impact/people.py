"""People: whose other events a re-plan would come to overlap, and how many have to hear of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import combinations_with_replacement
from typing import NamedTuple

from django.db.models import Count

from events.models import Event, Registration, Session
from events.reports.impact.steps import Step
from events.whereabouts import BLOCK, HOPED_FOR, UNSEEN, Block, is_near

Key = tuple[int, int]


class Crossing(NamedTuple):
    """So many people of the event would be elsewhere then; `other` None: at events of other organizations."""

    event: Event
    other: Event | None
    people: int


class Crossings(NamedTuple):
    """All of them, and how many different people that are."""

    rows: list[Crossing]
    people: int


class Messages(NamedTuple):
    """How many live registrations it concerns, and how many people these are: each is sent one message."""

    registrations: int
    people: int


def crossings(steps: Sequence[Step]) -> Crossings:
    """Overlaps that are not there now, of what people hold or hope for; the way between venues included.

    An event whose own sessions would overlap crosses itself. Three statements.
    """
    moved = [step for step in steps if (step.moves_in_time or step.changes_room) and step.after.status not in UNSEEN]
    events = {step.before.event_id: step.before.event for step in moved}
    if not events:
        return Crossings([], 0)
    of_person = _events_of_people(list(events))
    blocks = _blocks({*events, *(pk for own in of_person.values() for pk in own)})
    new = _crossing(events, blocks, {step.after.pk: _block(step.after) for step in moved}, of_person.values())
    found: dict[Key, set[str]] = {}
    for email_key, own in of_person.items():
        for pair in _pairs(own, events):
            if pair in new:
                found.setdefault(pair, set()).add(email_key)
    return Crossings(_rows(events, found), len(set[str]().union(*found.values())))


def messages(steps: Sequence[Step]) -> Messages:
    """Who is to be told: the live registrations of public events with a session that moves. One statement."""
    events = {
        step.before.event_id
        for step in steps
        if step.is_noticed and step.after.status not in UNSEEN and step.before.event.status == "published"
    }
    rows = Registration.objects.live().filter(event__in=events).order_by()
    counted = rows.aggregate(registrations=Count("pk"), people=Count("email_key", distinct=True))
    return Messages(counted["registrations"], counted["people"])


def _events_of_people(events: list[int]) -> dict[str, set[int]]:
    """Who holds or hopes for a seat in these events, and in what else."""
    here = Registration.objects.filter(event__in=events, status__in=HOPED_FOR).order_by()
    rows = Registration.objects.filter(email_key__in=here.values("email_key"), status__in=HOPED_FOR).order_by()
    found: dict[str, set[int]] = {}
    for email_key, event_id in rows.values_list("email_key", "event_id"):
        found.setdefault(email_key, set()).add(event_id)
    return found


def _blocks(events: Iterable[int]) -> dict[int, dict[int, Block]]:
    """When and where each event takes place, by session."""
    found: dict[int, dict[int, Block]] = {}
    rows = Session.objects.filter(event__in=list(events)).exclude(status__in=UNSEEN).order_by()
    for pk, *block in rows.values_list("pk", *BLOCK):
        found.setdefault(block[0], {})[pk] = Block(*block)
    return found


def _block(session: Session) -> Block:
    venue = session.room.venue_id if session.room else None
    return Block(session.event_id, session.starts_at, session.ends_at, venue)


def _crossing(
    events: Mapping[int, Event], blocks: Mapping[int, Mapping[int, Block]], moved: Mapping[int, Block],
    of_people: Iterable[set[int]],
) -> set[Key]:  # fmt: skip
    """The pairs of events, among those that one person has, with sessions that overlap then and not now."""
    pairs = {pair for own in of_people for pair in _pairs(own, events)}
    return {(one, other) for one, other in pairs if _comes_near(one, other, events, blocks, moved)}


def _pairs(own: set[int], events: Mapping[int, Event]) -> list[Key]:
    """Each event that moves with each other one of the same person, and with itself."""
    pairs = combinations_with_replacement(sorted(own), 2)
    return [(one, other) for one, other in pairs if one in events or other in events]


def _comes_near(
    one: int, other: int, events: Mapping[int, Event], blocks: Mapping[int, Mapping[int, Block]],
    moved: Mapping[int, Block],
) -> bool:  # fmt: skip
    travel = max(timedelta(minutes=events[pk].programme.travel_minutes) for pk in (one, other) if pk in events)
    for mine, here in blocks.get(one, {}).items():
        for theirs, there in blocks.get(other, {}).items():
            if mine == theirs or not {mine, theirs} & moved.keys():
                continue
            after = is_near(moved.get(mine, here), moved.get(theirs, there), travel)
            if after and not is_near(here, there, travel):
                return True
    return False


def _rows(events: Mapping[int, Event], found: Mapping[Key, set[str]]) -> list[Crossing]:
    """By event and other event; those of other organizations together, because they are nobody's business here."""
    others = Event.objects.filter(pk__in={pk for pair in found for pk in pair}).select_related("programme")
    known = {event.pk: event for event in others.order_by("pk")}
    grouped: dict[tuple[int, int | None], set[str]] = {}
    for pair, people in found.items():
        event = pair[0] if pair[0] in events else pair[1]
        other = pair[1] if event == pair[0] else pair[0]
        own = known[other].programme.organization_id == known[event].programme.organization_id
        grouped.setdefault((event, other if own else None), set()).update(people)
    ordered = sorted(grouped.items(), key=lambda item: (item[0][0], item[0][1] or 0))
    return [Crossing(known[event], known[other] if other else None, len(people)) for (event, other), people in ordered]
