"""Open, rename and equip venues and rooms. For a venue in use call `events.operations.placing`: it re-renders too."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, TypeVar
from uuid import UUID

from venues.models import OpeningHours, Room, Venue

Place = TypeVar("Place", Venue, Room)


def open_venue(*, slug: str, owner: UUID | None, now: datetime, **fields: Any) -> Venue:
    """A new venue exists; `fields` are columns of Venue."""
    return Venue.objects.create(slug=slug, owner=owner, updated_at=now, **fields)


def open_room(*, slug: str, venue: Venue, now: datetime, **fields: Any) -> Room:
    """A new room of the venue exists; `fields` are columns of Room."""
    return Room.objects.create(slug=slug, venue=venue, updated_at=now, **fields)


def amend(*, place: Place, fields: Mapping[str, Any], now: datetime) -> Place:
    """The place has these values, and one revision more."""
    for name, value in fields.items():
        setattr(place, name, value)
    place.revision += 1
    place.updated_at = now
    place.save(update_fields=[*fields, "revision", "updated_at"])
    return place


def set_opening_hours(*, venue: Venue, rows: Sequence[tuple[int, time, time]]) -> None:
    """The venue is open at exactly these (weekday, opens, closes), local time; none: always open."""
    OpeningHours.objects.filter(venue=venue).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(venue=venue, weekday=weekday, opens_at=opens, closes_at=closes) for weekday, opens, closes in rows
    )
