"""What one person is registered for: the stored halves of their sessions, and what each registration adds."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.conf import settings
from django.db.models import BigIntegerField, CharField, QuerySet, Subquery

from events import ical
from events.calendars import Feed
from events.ical import halves
from events.models import LIVE, Attendee, ParticipantFragment, Registration
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
    same = Registration.objects.filter(
        email_key=registration.email_key, event=registration.event_id, pk__lte=registration.pk
    )
    places = {event: place for event, place in _places(_standings(same)).items() if place.standing is not None}
    rows = ParticipantFragment.objects.filter(
        event__in=list(places), language=frame.language, base_url=settings.CALLBOARD_URL
    )
    return _joined(frame, _columns(rows), places, None)


def sequences(registrations: Collection[Registration]) -> dict[int, int]:
    """What each of them adds to the SEQUENCE of its sessions, by registration id: one statement."""
    rows = Registration.objects.filter(
        email_key__in={row.email_key for row in registrations}, event__in={row.event_id for row in registrations}
    )
    known = list(rows.order_by("pk").values_list("pk", "email_key", "event_id", "sequence"))
    return {
        row.pk: row.sequence
        + sum(
            sequence + 1
            for pk, key, event, sequence in known
            if pk < row.pk and (key, event) == (row.email_key, row.event_id)
        )
        for row in registrations
    }


def _places(rows: Iterable[tuple[Any, ...]]) -> dict[int, Place]:
    """By event, from registrations in the order of their ids: the live one counts, else the newest.

    Whoever came back has several for one event. All of them add to SEQUENCE, so that it does not fall when the new one
    begins at 0: a calendar that saw the old one cancelled would not take the new one (docs/decisions/0019).
    """
    found: dict[int, Place] = {}
    for event, status, ended_by, pool, sequence, updated_at in rows:
        before, stamp = found.get(event), f"{updated_at:%Y%m%dT%H%M%SZ}"
        if before is not None:
            sequence, stamp = before.sequence + 1 + sequence, max(before.stamp, stamp)
        found[event] = Place(standing(status, ended_by), pool is not None, sequence, stamp)
    return found


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


def _standings(rows: QuerySet[Registration]) -> Any:
    columns = ("event_id", "status", "ended_by", "pool_id", "sequence", "updated_at")
    return rows.order_by("pk").values_list(*columns)


_registered = Prepared(lambda: _standings(_own()))
_halves = Prepared(
    lambda: _columns(
        ParticipantFragment.objects.filter(
            event__in=_own().order_by().values("event"),
            language=Slot("language", CharField()),
            base_url=Slot("base_url", CharField()),
        )
    )
)
