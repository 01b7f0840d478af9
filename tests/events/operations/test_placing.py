"""Places in use: a renamed room or venue is in every calendar that shows it, at once."""

import pytest

from events import outbox
from events.errors import Invalid
from events.models import SYSTEM, Alias, Change, Fragment, Session
from events.operations import placing, publishing
from tests import factories
from tests.factories import HOUR, NOW
from venues.models import Room, Venue

pytestmark = pytest.mark.django_db

LATER = {"actor": SYSTEM, "now": NOW + HOUR}


def test_a_renamed_venue_is_in_the_entries_of_its_sessions_and_of_no_other() -> None:
    room, elsewhere = factories.room("Room 201"), factories.room("Elsewhere")
    inside, outside = factories.event(room=room), factories.event("Other", room=elsewhere)
    organization = inside.programme.organization
    version = outbox.current_version()

    placing.amend_venue(venue=room.venue, organization=organization, fields={"title_en": "New House"}, **LATER)

    assert [event.sessions.get().sequence for event in (inside, outside)] == [1, 0]
    assert "New House" in Fragment.objects.get(session__event=inside, language="en").body
    change = Change.objects.get(kind="venue.amended")
    assert (change.before, change.after) == ({"title_en": "Busan Cinema Center"}, {"title_en": "New House"})
    assert (change.version, inside.sessions.get().version) == (version + 1, version + 1)


def test_what_no_entry_shows_of_a_room_raises_no_sequence() -> None:
    room = factories.room(seats=40)
    event = factories.event(room=room)

    placing.amend_room(
        room=room, organization=event.programme.organization, fields={"seats": 50, "position": 3}, **LATER
    )

    assert (event.sessions.get().sequence, Room.objects.get().seats, Room.objects.get().revision) == (0, 50, 1)


def test_a_draft_in_a_renamed_room_is_published_with_the_new_name() -> None:
    room = factories.room("Old")
    event = factories.draft()
    factories.session(event, room=room)

    placing.amend_room(room=room, organization=event.programme.organization, fields={"title_en": "New"}, **LATER)
    factories.publish(event)

    assert Session.objects.get().sequence == 0
    assert "New" in Fragment.objects.get(language="en").body


def test_a_venue_keeps_its_old_address() -> None:
    venue = factories.venue("House")

    placing.amend_venue(venue=venue, organization=factories.organization(), fields={"slug": "home"}, **LATER)

    assert list(Alias.objects.values_list("kind", "slug", "target")) == [("venue", "house", venue.uid)]


def test_a_place_keeps_a_name_and_a_stale_revision_is_refused() -> None:
    venue, organization = factories.venue("House"), factories.organization()

    with pytest.raises(Invalid):
        placing.amend_venue(venue=venue, organization=organization, fields={"title_en": ""}, **LATER)
    with pytest.raises(publishing.StaleRevision):
        placing.amend_venue(
            venue=venue, organization=organization, fields={"title_en": "x"}, expected_revision=7, **LATER
        )

    assert Venue.objects.get().title_en == "House"
