"""One room and one instructor, wanted by eight organizers at the same instant; each with its control."""

from collections import Counter

import pytest
from django.db import IntegrityError, connection

from events.models import Event, Session
from events.operations import occupying, scheduling
from tests import factories
from tests.races.crowd import outcome, rush, slowly, unguarded, without
from venues import availability
from venues.models import OVERLAP_CONSTRAINT, Booking, Room

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

EXCLUSION = {"constraint": OVERLAP_CONSTRAINT, "table": "venues_booking", "is_index": False}


def drafts() -> list[Event]:
    programme = factories.programme()
    return [factories.draft(of=programme) for _ in range(8)]


def book_together(events: list[Event], room: Room) -> Counter[str]:
    return Counter(rush(lambda client: [outcome(lambda: factories.session(events[client], room=room))]))


@pytest.mark.usefixtures("audited")
def test_one_of_eight_organizers_gets_the_room() -> None:
    room = factories.room()

    outcomes = book_together(drafts(), room)

    assert outcomes == {"ok": 1, "room_taken": 7}
    assert (Booking.objects.live().filter(room=room).count(), Session.objects.count()) == (1, 1)


def test_control_without_lock_check_and_constraint_the_room_is_double_booked(monkeypatch: pytest.MonkeyPatch) -> None:
    room = factories.room()
    events = drafts()
    monkeypatch.setattr(availability, "clashes_of", lambda _wishes: [])

    if connection.vendor == "postgresql":
        with without(**EXCLUSION, clean=Booking.objects.all().delete):
            book_together(events, room)
            booked = Booking.objects.live().filter(room=room).count()
    else:
        book_together(events, room)
        booked = Booking.objects.live().filter(room=room).count()

    assert booked == 8


def test_control_without_the_lock_the_check_alone_lets_two_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL without row locks and constraint, SQLite without its transaction: two looks, then two bookings."""
    room = factories.room()
    events = drafts()
    if connection.vendor == "sqlite":  # written at once, every booking is seen by somebody: look first, write later
        monkeypatch.setattr(availability, "book", look_then_write)

    with unguarded(monkeypatch):
        if connection.vendor == "postgresql":
            monkeypatch.setattr(availability, "clashes_of", slowly(availability.clashes_of, after=0.3))
            with without(**EXCLUSION, clean=Booking.objects.all().delete):
                outcomes = book_together(events, room)
        else:
            outcomes = book_together(events, room)

    assert outcomes["ok"] > 1


def look_then_write(*, wishes: list[availability.Wish]) -> None:
    clashes = slowly(availability.clashes_of, after=0.3)(wishes)
    if clashes:
        raise availability.RoomTaken(clashes)
    Booking.objects.bulk_create(availability._booking(wish) for wish in wishes)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the exclusion constraint is PostgreSQL's")
@pytest.mark.usefixtures("audited")
def test_an_overlap_that_only_the_constraint_sees_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    room = factories.room()
    events = drafts()
    monkeypatch.setattr(availability, "clashes_of", lambda _wishes: [])

    outcomes = book_together(events, room)

    assert outcomes == {"ok": 1, "room_taken": 7}


def teach_together(events: list[Event], speaker: object) -> Counter[str]:
    def act(client: int) -> list[str]:
        return [outcome(lambda: factories.session(events[client], speakers=[speaker]))]  # type: ignore[list-item]

    return Counter(rush(act))


@pytest.mark.usefixtures("audited")
def test_one_of_eight_organizers_gets_the_instructor() -> None:
    events = drafts()
    speaker = factories.speaker(of=events[0].programme.organization)

    outcomes = teach_together(events, speaker)

    assert outcomes == {"ok": 1, "speaker_clash": 7}
    assert Session.objects.count() == 1


def test_control_without_the_lock_the_instructor_is_in_several_places(monkeypatch: pytest.MonkeyPatch) -> None:
    events = drafts()
    speaker = factories.speaker(of=events[0].programme.organization)
    # SQLite's only lock is the transaction, so there the check itself is the guard.
    check = (lambda **_wanted: None) if connection.vendor == "sqlite" else slowly(occupying.check_speakers, after=0.3)
    monkeypatch.setattr(scheduling, "check_speakers", check)

    with unguarded(monkeypatch):
        outcomes = teach_together(events, speaker)

    assert outcomes["ok"] > 1


@pytest.mark.usefixtures("audited")
def test_the_same_address_wanted_by_eight_goes_to_one_and_the_others_are_told() -> None:
    programme = factories.programme()

    def act(_client: int) -> list[str]:
        return [outcome(lambda: factories.draft(of=programme, slug="opening-night"))]

    assert Counter(rush(act)) == {"ok": 1, "slug_taken": 7}


@pytest.mark.usefixtures("audited")
def test_eight_events_of_one_title_get_eight_addresses() -> None:
    programme = factories.programme()

    def act(_client: int) -> list[str]:
        return [factories.draft("Opening night", of=programme).slug]

    slugs = rush(act)

    assert (slugs[0][:13], len(set(slugs))) == ("opening-night", 8)


def test_control_without_running_again_the_outrun_organizer_gets_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two operations took the same free address: the unique index stops one, and only a second run words it."""
    programme = factories.programme()
    monkeypatch.setattr("events.operations.committing.MOST_TRIES", 1)
    monkeypatch.setattr("events.operations.naming._taken", slowly(lambda _model, _wanted: set(), after=0.05))

    def act(_client: int) -> list[str]:
        try:
            return [factories.draft("Opening night", of=programme).slug]
        except IntegrityError:
            return ["IntegrityError"]

    assert Counter(rush(act)) == {"opening-night": 1, "IntegrityError": 7}
