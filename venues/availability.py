"""Room time: book it, release it, close it. The only writer of Booking; callers hold an open transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from venues.errors import Refusal
from venues.models import Booking, Closure, OpeningHours, Room, Venue

Row = TypeVar("Row", Closure, OpeningHours)


@dataclass(frozen=True, slots=True)
class Wish:
    """One room wanted for one purpose during [starts_at, ends_at), aware UTC."""

    purpose: UUID
    holder: UUID
    room_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """A wish and the live booking that stands in its way, in a venue of that time zone."""

    wish: Wish
    taken_by: UUID
    holder: UUID
    starts_at: datetime
    ends_at: datetime
    timezone: str


class RoomTaken(Refusal):
    """Somebody else holds the room at that time; of another organization's booking only the times are told."""

    code = "room_taken"

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(
            _("The room is taken from %(start)s to %(end)s.")
            % {
                "start": wall_clock(clashes[0].starts_at, clashes[0].timezone),
                "end": wall_clock(clashes[0].ends_at, clashes[0].timezone),
            }
            if clashes
            else _("The room is taken at that time."),
            field="room",
            taken=[
                {
                    "starts_at": clash.starts_at.isoformat(),
                    "ends_at": clash.ends_at.isoformat(),
                    "session": str(clash.taken_by) if clash.holder == clash.wish.holder else None,
                }
                for clash in clashes
            ],
        )
        self.clashes = clashes


class RoomClosed(Refusal):
    """The venue is not open then, by its opening hours or by a closure."""

    code = "room_closed"


def book(*, wishes: Sequence[Wish]) -> None:
    """Every wish holds its room, replacing what the same purposes held before; or RoomTaken, and nothing holds.

    Locks the rooms by id. Swaps and shifts of neighbours work, because the check runs after all rows are written
    (PostgreSQL's constraint is deferred for the same reason).
    """
    lock_rooms(wish.room_id for wish in wishes)
    held = {booking.purpose: booking for booking in Booking.objects.filter(purpose__in=[w.purpose for w in wishes])}
    new = []
    changed = []
    for wish in wishes:
        booking = held.get(wish.purpose)
        if booking is None:
            new.append(_booking(wish))
            continue
        booking.room_id, booking.holder = wish.room_id, wish.holder
        booking.starts_at, booking.ends_at, booking.is_live = wish.starts_at, wish.ends_at, True
        changed.append(booking)
    Booking.objects.bulk_create(new)
    Booking.objects.bulk_update(changed, ["room_id", "holder", "starts_at", "ends_at", "is_live"])
    clashes = clashes_of(wishes)
    if clashes:
        raise RoomTaken(clashes)


def release(*, purposes: Iterable[UUID]) -> None:
    """The rooms held for these purposes are free again; unknown purposes are ignored."""
    Booking.objects.filter(purpose__in=list(purposes), is_live=True).update(is_live=False)


def lock_rooms(room_ids: Iterable[int]) -> None:
    """Whoever books the same rooms waits here. SQLite's IMMEDIATE transactions already queue writers."""
    list(Room.objects.select_for_update(no_key=True).filter(id__in=set(room_ids)).order_by("id").values_list("id"))


def clashes_of(wishes: Sequence[Wish]) -> list[Clash]:
    """What stands in the way of these wishes now, other than what the same purpose holds itself. One query."""
    if not wishes:
        return []
    bookings = list(
        Booking.objects.live()
        .filter(room_id__in={wish.room_id for wish in wishes})
        .overlapping(starts_at=min(w.starts_at for w in wishes), ends_at=max(w.ends_at for w in wishes))
        .select_related("room__venue")
        .order_by("starts_at", "id")
    )
    by_room: dict[int, list[Booking]] = {}
    for booking in bookings:
        by_room.setdefault(booking.room_id, []).append(booking)
    return [
        Clash(wish, other.purpose, other.holder, other.starts_at, other.ends_at, other.room.venue.timezone)
        for wish in wishes
        for other in by_room.get(wish.room_id, [])
        if other.purpose != wish.purpose and other.starts_at < wish.ends_at and wish.starts_at < other.ends_at
    ]


def refuse_if_closed(*, room: Room, starts_at: datetime, ends_at: datetime) -> None:
    """RoomClosed unless the venue is open for the whole of [starts_at, ends_at) and nothing closes the room."""
    closures = Closure.objects.filter(venue=room.venue, starts_at__lt=ends_at, ends_at__gt=starts_at)
    hours = OpeningHours.objects.filter(venue=room.venue).order_by("weekday", "opens_at", "id")
    closing = _closing(room, closures.order_by("starts_at", "id"), list(hours), starts_at, ends_at)
    if closing is not None:
        raise closing


def closings_of(wishes: Sequence[Wish]) -> list[tuple[Wish, RoomClosed]]:
    """The wishes whose rooms are closed then, with what `refuse_if_closed` would say. Three queries."""
    rooms = {room.pk: room for room in Room.objects.filter(pk__in={w.room_id for w in wishes}).select_related("venue")}
    if not rooms:
        return []
    venues = {room.venue_id for room in rooms.values()}
    first, last = min(wish.starts_at for wish in wishes), max(wish.ends_at for wish in wishes)
    near = Closure.objects.filter(venue__in=venues, starts_at__lt=last, ends_at__gt=first).order_by("starts_at", "id")
    closures = _by_venue(near)
    hours = _by_venue(OpeningHours.objects.filter(venue__in=venues).order_by("weekday", "opens_at", "id"))
    found = []
    for wish in wishes:
        room = rooms[wish.room_id]
        own, open_at = closures.get(room.venue_id, []), hours.get(room.venue_id, [])
        closing = _closing(room, own, open_at, wish.starts_at, wish.ends_at)
        if closing is not None:
            found.append((wish, closing))
    return found


def close(
    *, venue: Venue, starts_at: datetime, ends_at: datetime, room: Room | None = None,
    reason_ko: str = "", reason_en: str = "", source_id: str = "",
) -> Closure:  # fmt: skip
    """The venue, or one room, is closed during [starts_at, ends_at). What is booked stays; new bookings are refused."""
    fields = {"room": room, "starts_at": starts_at, "ends_at": ends_at, "reason_ko": reason_ko, "reason_en": reason_en}
    if source_id:
        return Closure.objects.update_or_create(venue=venue, source_id=source_id, defaults=fields)[0]
    return Closure.objects.create(venue=venue, **fields)


def reopen(*, closure: Closure) -> None:
    """The closure no longer exists."""
    closure.delete()


def wall_clock(moment: datetime, timezone: str) -> str:
    """How a refusal tells a time to people: as the clocks of the place show it, with the zone's short name."""
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}"


def _closing(
    room: Room, closures: Iterable[Closure], hours: Sequence[OpeningHours], starts_at: datetime, ends_at: datetime
) -> RoomClosed | None:
    """Why the room cannot be used for all of that time; closures and opening hours are its venue's."""
    venue = room.venue
    for closure in closures:
        if closure.room_id in (None, room.pk) and closure.starts_at < ends_at and starts_at < closure.ends_at:
            return RoomClosed(
                _("The room is closed from %(start)s to %(end)s.")
                % {
                    "start": wall_clock(closure.starts_at, venue.timezone),
                    "end": wall_clock(closure.ends_at, venue.timezone),
                },
                field="room",
                reason=closure.reason_ko or closure.reason_en,
            )
    if hours and not _covered(_open_stretches(venue, hours, starts_at, ends_at), starts_at, ends_at):
        return RoomClosed(_("The venue is not open for all of that time."), field="room")
    return None


def _by_venue(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.venue_id, []).append(row)
    return found


def _booking(wish: Wish) -> Booking:
    return Booking(
        room_id=wish.room_id, purpose=wish.purpose, holder=wish.holder, starts_at=wish.starts_at, ends_at=wish.ends_at
    )


def _open_stretches(
    venue: Venue, hours: Sequence[OpeningHours], starts_at: datetime, ends_at: datetime
) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(venue.timezone)
    first = starts_at.astimezone(zone).date() - timedelta(days=1)
    days = (ends_at.astimezone(zone).date() - first).days + 1
    stretches = [
        _stretch(first + timedelta(days=offset), row, zone)
        for offset in range(days)
        for row in hours
        if (first + timedelta(days=offset)).weekday() == row.weekday
    ]
    return sorted(stretches)


def _stretch(day: date, row: OpeningHours, zone: ZoneInfo) -> tuple[datetime, datetime]:
    closing_day = day if row.closes_at > row.opens_at else day + timedelta(days=1)
    opens, closes = datetime.combine(day, row.opens_at, zone), datetime.combine(closing_day, row.closes_at, zone)
    # In UTC, because two times of one zone are compared by their clocks, which is wrong on the night they change.
    return opens.astimezone(UTC), closes.astimezone(UTC)


def _covered(stretches: list[tuple[datetime, datetime]], starts_at: datetime, ends_at: datetime) -> bool:
    reached = starts_at
    for opens, closes in stretches:
        if opens <= reached < closes:
            reached = closes
    return reached >= ends_at
