"""What one person is registered for: the stored halves of their sessions, and what each registration adds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.conf import settings
from django.db.models import BigIntegerField, CharField, OuterRef, QuerySet, Subquery

from events import ical
from events.agendas import steps
from events.calendars import Feed
from events.ical import halves
from events.models import LIVE, Attendee, Event, ParticipantFragment, Registration
from events.models.prepared import Prepared, Slot

Standing = Literal["seated", "hoping", "called_off"]

STANDINGS: dict[str, Standing] = {
    "confirmed": "seated",
    "applied": "hoping",
    "waitlisted": "hoping",
    "offered": "hoping",
}


@dataclass(frozen=True, slots=True)
class Place:
    """How one person stands with one event, and what that adds to SEQUENCE and DTSTAMP."""

    standing: Standing | None  # None: nothing of the event is shown
    was_seated: bool
    sequence: int
    stamp: str


def standing(status: str, ended_by: str) -> Standing | None:
    """What a calendar shows of a registration: of a withdrawal nothing, of a call-off the mark (CALENDAR 1.2)."""
    if status in LIVE:
        return STANDINGS[status]
    return "called_off" if ended_by == "organizer" else None


def feed(*, frame: ical.Frame, attendee: int, scope: str, alarm_minutes: int | None) -> Feed:
    """Everything that the person with this id is registered for, in order of start: two statements.

    `scope` "confirmed" leaves out what they only hope for, and what was ended before they had a seat.
    """
    places = _places(_registered.rows(attendee=attendee))
    if scope == "confirmed":
        places = {event: place for event, place in places.items() if place.was_seated and place.standing != "hoping"}
    places = {event: place for event, place in places.items() if place.standing is not None}
    if not places:
        return Feed(ical.calendar(frame, [], [], None), None)
    rows = _halves.rows(attendee=attendee, language=frame.language, base_url=settings.CALLBOARD_URL)
    return _joined(frame, rows, places, alarm_minutes)


def of_registration(*, frame: ical.Frame, registration: Registration) -> Feed:
    """What one registration leads to; with the same SEQUENCE as in the person's calendar, two statements."""
    shown = standing(registration.status, registration.ended_by)
    if shown is None:
        return Feed(ical.calendar(frame, [], [], None), None)
    place = _place(shown, registration.pool_id is not None, steps.of([registration])[registration.pk])
    rows = ParticipantFragment.objects.filter(
        event=registration.event_id, language=frame.language, base_url=settings.CALLBOARD_URL
    )
    return _joined(frame, _columns(rows), {registration.event_id: place}, None)


def _places(rows: Iterable[tuple[Any, ...]]) -> dict[int, Place]:
    """By event, from all of one person's registrations: the live one counts, else the one that was last to change.

    Not that with the highest id: somebody may switch back into an event that they have tried and left meanwhile.
    """
    counts: dict[int, tuple[Any, ...]] = {}
    taken: dict[steps.Way, list[steps.Step]] = {}
    for row in rows:
        event, series, status, _ended_by, _pool, sequence, updated_at = row
        taken.setdefault(steps.way(event, series), []).append((event, status, sequence, updated_at))
        other = counts.get(event)
        if other is None or (status in LIVE, updated_at) >= (other[2] in LIVE, other[-1]):
            counts[event] = row
    totals = {way: steps.total(own) for way, own in taken.items()}
    return {
        event: _place(standing(status, ended_by), pool is not None, totals[steps.way(event, series)])
        for event, series, status, ended_by, pool, *_step in counts.values()
    }


def _place(shown: Standing | None, was_seated: bool, taken: steps.Taken) -> Place:
    return Place(shown, was_seated, taken.sequence, f"{taken.updated_at:%Y%m%dT%H%M%SZ}")


def _joined(
    frame: ical.Frame, rows: Iterable[tuple[Any, ...]], places: dict[int, Place], alarm_minutes: int | None
) -> Feed:
    bodies, zones, newest = [], set(), ""
    for event, zone, stamp, sequence, status, seated, unseated in rows:
        place = places.get(event)
        if place is None:
            continue
        half = seated if place.standing == "seated" else unseated
        if status != "cancelled" and place.standing != "seated":
            status = "tentative"
            if place.standing == "called_off":
                half, status = halves.called_off(half, frame.language), "cancelled"
        rings = alarm_minutes is not None and status != "cancelled"
        stamp = max(stamp, place.stamp)
        newest = max(newest, stamp)
        zones.add(zone)
        bodies.append(half)
        bodies.append(
            halves.second_half(
                stamp=stamp, sequence=sequence + place.sequence, status=status,
                alarm=halves.alarm(half, alarm_minutes) if rings and alarm_minutes is not None else "",
            )
        )  # fmt: skip
    if not bodies:
        return Feed(ical.calendar(frame, [], [], None), None)
    revised_at = datetime.strptime(newest, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Feed(ical.calendar(frame, ["".join(bodies).encode()], sorted(zones - {""}), revised_at), revised_at)


def _columns(rows: QuerySet[ParticipantFragment]) -> Any:
    columns = ("event_id", "zone", "stamp", "sequence", "status", "seated", "unseated")
    return rows.order_by("starts_at", "session_id").values_list(*columns)


def _own() -> QuerySet[Registration]:
    """The registrations of the person in the slot."""
    key = Attendee.objects.filter(pk=Slot("attendee", BigIntegerField())).values("email_key")
    return Registration.objects.filter(email_key=Subquery(key))


def _standings() -> Any:
    """In which series each is, is looked up inside: a join takes PostgreSQL longer to plan."""
    series = Subquery(Event.objects.filter(pk=OuterRef("event_id")).order_by().values("series_id"))
    columns = ("event_id", series, "status", "ended_by", "pool_id", "sequence", "updated_at")
    return _own().order_by("pk").values_list(*columns)


_registered = Prepared(_standings)
_halves = Prepared(
    lambda: _columns(
        ParticipantFragment.objects.filter(
            event__in=_own().order_by().values("event"),
            language=Slot("language", CharField()),
            base_url=Slot("base_url", CharField()),
        )
    )
)
