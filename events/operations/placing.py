"""Places in use: venues and rooms are opened, renamed and closed, and every calendar that shows them follows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models import Actor, Event, Organization, Session
from events.operations import naming, planning, publishing, seating, waitlisting
from events.operations.committing import all_or_nothing
from venues import availability, places
from venues.models import Closure, Room, Venue

Hours = Sequence[tuple[int, time, time]]


@all_or_nothing
def open_venue(
    *, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime,
    opening_hours: Hours | None = None,
) -> Venue:  # fmt: skip
    """A venue of the organization exists, open at these hours (none: always). `fields`: columns, slug optional."""
    values = dict(fields)
    slug = naming.take_slug(model=Venue, values=values)
    _check(Venue(**values))
    venue = places.open_venue(slug=slug, owner=organization.uid, now=now, **values)
    _set_hours(venue, opening_hours)
    return venue


@all_or_nothing
def open_room(*, venue: Venue, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Room:
    """A room of the venue exists. `fields` are columns of Room, slug optional."""
    values = dict(fields)
    slug = naming.take_slug(model=Room, values=values)
    _check(Room(**values))
    return places.open_room(slug=slug, venue=venue, now=now, **values)


@all_or_nothing
def amend_venue(
    *, venue: Venue, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime,
    opening_hours: Hours | None = None, expected_revision: int | None = None,
) -> Venue:  # fmt: skip
    """The venue has these values and, where given, these hours; its sessions are rendered anew. What is booked stays.

    Locks the events in it, then the venue. Raises StaleRevision, SlugTaken, Invalid.
    """
    sessions = Session.objects.filter(room__venue=venue)
    events = publishing.lock_all(events=Event.objects.filter(pk__in=sessions.values("event")))
    locked = Venue.objects.select_for_update(no_key=True).get(pk=venue.pk)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    naming.rename(thing=locked, slug=fields.get("slug", locked.slug))
    _set_hours(locked, opening_hours)
    _amend(locked, fields, sessions, events, organization, actor, now)
    return locked


@all_or_nothing
def amend_room(
    *, room: Room, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime,
    over_commit: bool = False, expected_revision: int | None = None,
) -> Room:  # fmt: skip
    """The room has these values; its sessions are rendered anew, and events as large as their room follow its seats.

    Locks the events in it, the pools of their series, then the room. Raises StaleRevision, SlugTaken, Invalid, and for
    fewer seats than people in such an event CapacityBelowTaken, unless `over_commit`.
    """
    sessions = Session.objects.filter(room=room)
    events = publishing.lock_all(events=Event.objects.filter(pk__in=sessions.values("event")))
    followers = _following(events) if "seats" in fields else []
    seating.lock(event_ids={run for event in followers for run in waitlisting.runs_of(event)})
    locked = Room.objects.select_for_update(of=("self",), no_key=True).select_related("venue").get(pk=room.pk)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    naming.rename(thing=locked, slug=fields.get("slug", locked.slug))
    _amend(locked, fields, sessions, events, organization, actor, now, followers, over_commit)
    return locked


@all_or_nothing
def close(
    *, venue: Venue, room: Room | None, starts_at: datetime, ends_at: datetime, reason_ko: str = "",
    reason_en: str = "", source_id: str = "",
) -> Closure:  # fmt: skip
    """The venue, or one room, takes no bookings during [starts_at, ends_at); what is booked stays."""
    return availability.close(
        venue=venue, room=room, starts_at=starts_at, ends_at=ends_at,
        reason_ko=reason_ko, reason_en=reason_en, source_id=source_id,
    )  # fmt: skip


@all_or_nothing
def reopen(*, closure: Closure) -> None:
    """The closure is gone: the venue, or the room, takes bookings again."""
    availability.reopen(closure=closure)


def _check(place: Venue | Room) -> None:
    """Invalid in words for what the constraints would refuse in numbers, and for half a position."""
    if not (place.title_ko or place.title_en):
        raise Invalid(_("It needs a name in Korean or in English."), field="title_ko")
    if isinstance(place, Venue) and (place.latitude is None) != (place.longitude is None):
        raise Invalid(_("A position has a latitude and a longitude."), field="longitude")


def _set_hours(venue: Venue, rows: Hours | None) -> None:
    if rows is None:
        return
    if len({(weekday, opens) for weekday, opens, _closes in rows}) < len(rows):
        raise Invalid(_("The venue opens twice at the same time."), field="opening_hours")
    places.set_opening_hours(venue=venue, rows=rows)


def _amend(
    place: places.Place, fields: Mapping[str, Any], sessions: QuerySet[Session], events: frozenset[int],
    organization: Organization, actor: Actor, now: datetime, followers: Sequence[Event] = (), over_commit: bool = False,
) -> None:  # fmt: skip
    before = {name: _plain(getattr(place, name)) for name in fields}
    for name, value in fields.items():
        setattr(place, name, value)
    _check(place)
    places.amend(place=place, fields=fields, now=now)
    for event in followers:
        planning.fit_to_rooms(event=event, over_commit=over_commit, now=now)
    publishing.release_showing(
        sessions=sessions, locked=events, kind=f"{place._meta.model_name}.amended", organization_id=organization.pk,
        actor=actor, now=now, is_news=True, before=before,
        after={name: _plain(value) for name, value in fields.items()},
        also=followers, is_named_anew="slug" in fields,
    )  # fmt: skip


def _following(ids: frozenset[int]) -> list[Event]:
    """Those of these events whose capacity is that of their smallest room."""
    rows = Event.objects.filter(pk__in=ids, capacity_from_room=True).exclude(status="cancelled")
    return list(rows.select_related("programme").order_by("pk"))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else str(value)
