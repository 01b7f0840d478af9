"""Room time: who holds a room, when a venue is open, over midnight and clock changes."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from tests import factories
from tests.factories import HOUR, NOW
from venues import availability, places
from venues.models import Booking, Closure, OpeningHours, Room, Venue

pytestmark = pytest.mark.django_db

HOLDER = uuid4()


def wish(
    room: Room, hours: float, length: float = 1, *, purpose: UUID | None = None, holder: UUID = HOLDER
) -> availability.Wish:
    starts = NOW + hours * HOUR
    return availability.Wish(purpose or uuid4(), holder, room.pk, starts, starts + length * HOUR)


def book(*wishes: availability.Wish) -> None:
    with transaction.atomic():
        availability.book(wishes=wishes)


def held(room: Room) -> list[float]:
    rows = Booking.objects.live().filter(room=room).order_by("starts_at").values_list("starts_at", flat=True)
    return [(starts - NOW) / HOUR for starts in rows]


def test_a_room_is_held_from_the_first_instant_to_before_the_last() -> None:
    room = factories.room()

    book(wish(room, 0), wish(room, 1), wish(room, 2))

    assert held(room) == [0, 1, 2]


@pytest.mark.parametrize(("hours", "length"), [(0, 1), (0.5, 1), (-0.5, 1), (0.25, 0.5), (-1, 3), (0, 0.01)])
def test_any_shared_instant_is_a_clash_and_nothing_is_held(hours: float, length: float) -> None:
    room, other = factories.room(), factories.room("Other")
    book(wish(room, 0))

    with pytest.raises(availability.RoomTaken) as refusal:
        book(wish(other, 0), wish(room, hours, length))

    assert (held(room), held(other), refusal.value.code, refusal.value.field) == ([0], [], "room_taken", "room")


def test_a_refusal_tells_the_time_that_the_clocks_of_the_place_show() -> None:
    room = factories.room(at=factories.venue(timezone="Europe/Berlin"))
    book(wish(room, 0))

    with translation.override("en"), pytest.raises(availability.RoomTaken) as refusal:
        book(wish(room, 0))

    assert refusal.value.message == "The room is taken from 2026-10-01 05:00 CEST to 2026-10-01 06:00 CEST."
    assert refusal.value.details["taken"][0]["starts_at"] == "2026-10-01T03:00:00+00:00"


def test_two_wishes_of_one_step_clash_with_each_other() -> None:
    room = factories.room()

    with pytest.raises(availability.RoomTaken):
        book(wish(room, 0), wish(room, 0.5))

    assert held(room) == []


def test_two_bookings_swap_their_rooms_and_a_row_of_neighbours_shifts_in_one_step() -> None:
    left, right = factories.room(), factories.room("Right")
    one, two, three = uuid4(), uuid4(), uuid4()
    book(wish(left, 0, purpose=one), wish(right, 0, purpose=two))

    book(wish(right, 0, purpose=one), wish(left, 0, purpose=two))
    assert Booking.objects.get(purpose=one).room == right
    book(wish(left, 1, purpose=three))
    book(wish(left, 1, purpose=two), wish(left, 2, purpose=three))

    assert held(left) == [1, 2]


def test_releasing_frees_the_room_and_booking_again_takes_the_same_row() -> None:
    room = factories.room()
    purpose = uuid4()
    book(wish(room, 0, purpose=purpose))

    availability.release(purposes=[purpose, uuid4()])
    book(wish(room, 0))
    book(wish(room, 5, purpose=purpose))

    assert (held(room), Booking.objects.count()) == ([0, 5], 2)


def test_a_holder_learns_which_session_stands_in_the_way_and_a_stranger_only_when() -> None:
    room = factories.room()
    taken = wish(room, 0)
    book(taken)

    with pytest.raises(availability.RoomTaken) as own:
        book(wish(room, 0))
    with pytest.raises(availability.RoomTaken) as strange:
        book(wish(room, 0, holder=uuid4()))

    times = {"starts_at": taken.starts_at.isoformat(), "ends_at": taken.ends_at.isoformat()}
    assert own.value.details["taken"] == [{**times, "session": str(taken.purpose)}]
    assert strange.value.details["taken"] == [{**times, "session": None}]


def test_looking_for_clashes_takes_one_statement_however_many_are_wished(django_assert_num_queries: object) -> None:
    room = factories.room()
    book(*(wish(room, hours) for hours in range(5)))

    with django_assert_num_queries(1):  # type: ignore[operator]
        clashes = availability.clashes_of([wish(room, hours) for hours in range(5)])

    assert len(clashes) == 5


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the exclusion constraint is PostgreSQL's")
def test_postgresql_refuses_an_overlap_that_nobody_looked_for() -> None:
    room = factories.room()
    Booking.objects.bulk_create(availability._booking(wish(room, hours)) for hours in (0, 0.5))

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    Booking.objects.all().delete()  # or the end of the test would check again


def opened(*rows: tuple[int, str, str], timezone: str = "Asia/Seoul") -> Room:
    room = factories.room(at=factories.venue(timezone=timezone))
    hours = [(weekday, time.fromisoformat(opens), time.fromisoformat(closes)) for weekday, opens, closes in rows]
    places.set_opening_hours(venue=room.venue, rows=hours)
    return room


def is_open(room: Room, starts: str, ends: str) -> bool:
    """Local times of the venue's zone are written with their offset."""
    try:
        availability.refuse_if_closed(
            room=room,
            starts_at=datetime.fromisoformat(starts).astimezone(UTC),
            ends_at=datetime.fromisoformat(ends).astimezone(UTC),
        )
    except availability.RoomClosed:
        return False
    return True


def test_a_venue_without_hours_is_always_open() -> None:
    assert is_open(factories.room(), "2026-10-05T03:00+09:00", "2026-10-06T04:00+09:00")


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-10-05T09:00+09:00", "2026-10-05T18:00+09:00", True),  # a Monday, from the first to the last minute
        ("2026-10-05T08:59+09:00", "2026-10-05T10:00+09:00", False),
        ("2026-10-05T17:00+09:00", "2026-10-05T18:01+09:00", False),
        ("2026-10-06T09:00+09:00", "2026-10-06T10:00+09:00", False),  # Tuesday
        ("2026-10-05T10:00+09:00", "2026-10-12T11:00+09:00", False),  # over the closed night
    ],
)
def test_hours_are_local_and_half_open(starts: str, ends: str, expected: bool) -> None:
    assert is_open(opened((0, "09:00", "18:00")), starts, ends) is expected


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-10-10T22:00+09:00", "2026-10-11T01:59+09:00", True),  # Saturday night into Sunday
        ("2026-10-11T00:30+09:00", "2026-10-11T02:00+09:00", True),
        ("2026-10-11T01:00+09:00", "2026-10-11T02:30+09:00", False),
        ("2026-10-10T00:30+09:00", "2026-10-10T01:30+09:00", False),  # Friday had no night
    ],
)
def test_closing_before_opening_means_the_next_day(starts: str, ends: str, expected: bool) -> None:
    assert is_open(opened((5, "20:00", "02:00")), starts, ends) is expected


def test_equal_times_are_a_whole_day_and_days_join_over_midnight() -> None:
    room = opened((0, "00:00", "00:00"), (1, "00:00", "12:00"))

    assert is_open(room, "2026-10-05T22:00+09:00", "2026-10-06T12:00+09:00")
    assert not is_open(room, "2026-10-05T22:00+09:00", "2026-10-06T12:30+09:00")


def test_a_pause_at_noon_splits_the_day() -> None:
    room = opened((0, "09:00", "12:00"), (0, "13:00", "18:00"))

    assert is_open(room, "2026-10-05T13:00+09:00", "2026-10-05T14:00+09:00")
    assert not is_open(room, "2026-10-05T11:00+09:00", "2026-10-05T14:00+09:00")


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-10-24T22:00+02:00", "2026-10-25T04:00+01:00", True),  # seven hours: the clocks go back
        (
            "2026-10-25T02:30+02:00",
            "2026-10-25T02:15+01:00",
            True,
        ),  # over the repeated hour
        ("2026-10-25T03:30+01:00", "2026-10-25T04:01+01:00", False),
    ],
)
def test_the_night_of_a_clock_change_is_open_for_all_its_hours(starts: str, ends: str, expected: bool) -> None:
    assert is_open(opened((5, "20:00", "04:00"), timezone="Europe/Berlin"), starts, ends) is expected


def test_a_closure_of_the_house_closes_every_room_and_one_of_a_room_only_that() -> None:
    room = factories.room()
    neighbour = factories.room("Neighbour", at=room.venue)
    availability.close(venue=room.venue, room=room, starts_at=NOW, ends_at=NOW + HOUR, reason_en="Cleaning")
    availability.close(venue=room.venue, starts_at=NOW + 5 * HOUR, ends_at=NOW + 6 * HOUR)

    def open_at(where: Room, hours: int) -> bool:
        starts = NOW + hours * HOUR
        return is_open(where, starts.isoformat(), (starts + HOUR).isoformat())

    assert [open_at(room, hours) for hours in (-1, 0, 1, 5, 6)] == [True, False, True, False, True]
    assert [open_at(neighbour, hours) for hours in (-1, 0, 1, 5, 6)] == [True, True, True, False, True]


def test_a_closure_leaves_what_is_booked() -> None:
    room = factories.room()
    book(wish(room, 0))

    availability.close(venue=room.venue, starts_at=NOW, ends_at=NOW + HOUR)

    assert held(room) == [0]


def test_a_closure_of_the_same_source_is_updated() -> None:
    venue = factories.venue()

    for hours in (1, 2):
        availability.close(venue=venue, starts_at=NOW, ends_at=NOW + hours * HOUR, source_id="holiday-1")

    assert [(row.ends_at - row.starts_at) / HOUR for row in Closure.objects.all()] == [2]


def test_opening_hours_are_replaced_as_a_whole() -> None:
    room = opened((0, "09:00", "18:00"), (1, "09:00", "18:00"))

    places.set_opening_hours(venue=room.venue, rows=[(2, time(10), time(12))])

    assert list(OpeningHours.objects.values_list("weekday", "opens_at")) == [(2, time(10))]


def test_venues_are_usable_by_their_owner_and_shared_ones_by_everybody() -> None:
    mine, theirs = factories.organization("Mine"), factories.organization("Theirs")
    own = factories.venue("Own", of=mine)
    shared = factories.venue("Shared", of=theirs, is_shared=True)
    factories.venue("Private", of=theirs)

    assert list(Venue.objects.usable_by(mine.uid).order_by("pk")) == [own, shared]
    assert list(Venue.objects.usable_by(None)) == [shared]


@pytest.mark.parametrize(
    "values",
    [
        {"title_ko": "", "title_en": ""},
        {"latitude": 91, "longitude": 0},
        {"latitude": 0, "longitude": -181},
        {"latitude": 35, "longitude": None},
    ],
)
def test_the_database_refuses_a_venue_without_a_name_or_off_the_earth(values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Venue.objects.create(**{"slug": "x", "title_en": "X", "updated_at": NOW, **values})


def test_the_database_refuses_a_booking_that_ends_before_it_starts() -> None:
    room = factories.room()

    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(
            room=room, purpose=uuid4(), holder=HOLDER, starts_at=NOW, ends_at=NOW - timedelta(seconds=1)
        )
