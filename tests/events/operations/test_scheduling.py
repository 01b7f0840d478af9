"""Sessions: created, by a rule too, moved, amended and cancelled; who stands in the way is named."""

from datetime import UTC, date, datetime, timedelta

import pytest

from events.errors import Invalid
from events.models import SYSTEM, Change, Event, Session
from events.operations import planning, publishing, rendering, scheduling
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from venues import availability, places
from venues.models import Booking, Room

pytestmark = pytest.mark.django_db

START = NOW + WEEK


def block(starts: datetime = START, length: timedelta = 2 * HOUR) -> scheduling.Block:
    return scheduling.block(starts=starts, ends=starts + length, timezone="Asia/Seoul")


def held(room: Room) -> list[tuple[datetime, datetime]]:
    return list(Booking.objects.live().filter(room=room).order_by("starts_at").values_list("starts_at", "ends_at"))


def amend(session: Session, **change: object) -> Session:
    return scheduling.amend(session=session, actor=SYSTEM, now=NOW, **change)  # type: ignore[arg-type]


def test_drafts_hold_rooms() -> None:
    room = factories.room()

    session = factories.session(factories.draft(), room=room)

    assert (session.status, held(room)) == ("draft", [(START, START + 2 * HOUR)])


def test_a_taken_room_is_refused_and_nothing_is_written() -> None:
    room = factories.room()
    mine = factories.session(factories.draft(), room=room)
    event = factories.draft(of=mine.event.programme)

    with pytest.raises(availability.RoomTaken) as refusal:
        factories.session(event, starts=START + HOUR, room=room)

    assert refusal.value.details["taken"] == [
        {"starts_at": START.isoformat(), "ends_at": (START + 2 * HOUR).isoformat(), "session": str(mine.uid)}
    ]
    assert (Session.objects.count(), Booking.objects.count()) == (1, 1)


def test_of_another_organizations_booking_only_the_times_are_told() -> None:
    room = factories.room()
    factories.session(factories.draft(), room=room)
    stranger = factories.draft(of=factories.programme(of=factories.organization("Other")))

    with pytest.raises(availability.RoomTaken) as refusal:
        factories.session(stranger, room=room)

    assert refusal.value.details["taken"][0]["session"] is None


def test_touching_ends_do_not_clash() -> None:
    room = factories.room()
    event = factories.draft()
    speaker = factories.speaker(of=event.programme.organization)

    for hours in (0, 2, 4):
        factories.session(event, starts=START + hours * HOUR, room=room, speakers=[speaker])

    assert len(held(room)) == 3


def test_a_cancelled_session_frees_its_room_and_its_instructor() -> None:
    room = factories.room()
    event = factories.draft()
    speaker = factories.speaker(of=event.programme.organization)
    first = factories.session(event, room=room, speakers=[speaker])

    scheduling.cancel(session=first, actor=SYSTEM, now=NOW)
    second = factories.session(event, room=room, speakers=[speaker])

    assert (held(room), second.status) == ([(START, START + 2 * HOUR)], "draft")


def test_cancelling_a_session_twice_is_one_change() -> None:
    session = factories.event().sessions.get()

    for _ in range(2):
        scheduling.cancel(session=session, actor=SYSTEM, now=NOW, reason="ill")

    change = Change.objects.get(kind="session.cancelled")
    assert (change.before["status"], change.after["status"], change.reason) == ("confirmed", "cancelled", "ill")


def test_a_cancelled_session_and_one_of_a_called_off_event_cannot_be_changed() -> None:
    event, other = factories.event(), factories.draft()
    cancelled, draft = event.sessions.get(), factories.session(other, room=factories.room())
    scheduling.cancel(session=cancelled, actor=SYSTEM, now=NOW)
    publishing.cancel(event=other, actor=SYSTEM, now=NOW)

    for change in (
        lambda: amend(cancelled, fields={"title_en": "x"}),
        lambda: amend(draft, fields={"title_en": "x"}),
        lambda: factories.session(other),
        lambda: scheduling.rearrange(moves={cancelled.pk: block()}, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(scheduling.SessionCancelled):
            change()

    assert Booking.objects.live().count() == 0


def test_a_session_is_not_cancelled_by_writing_its_status() -> None:
    room = factories.room()
    session = factories.event(room=room).sessions.get()

    with pytest.raises(Invalid) as refusal:
        amend(session, fields={"status": "cancelled"})

    assert (refusal.value.field, len(held(room))) == ("status", 1)


def test_moving_and_changing_the_room_is_one_step() -> None:
    old, new = factories.room(), factories.room("Room 202")
    session = factories.event(room=old).sessions.get()

    amend(session, moment=block(START + WEEK), fields={"room": new})

    assert (held(old), held(new)) == ([], [(START + WEEK, START + WEEK + 2 * HOUR)])
    assert Session.objects.get().starts_at == START + WEEK


def test_giving_up_the_room_frees_it() -> None:
    room = factories.room()
    session = factories.event(room=room).sessions.get()

    amend(session, fields={"room": None, "online": True})

    assert held(room) == []


def test_a_refused_move_leaves_the_session_where_it_was() -> None:
    room = factories.room()
    event = factories.draft()
    first, second = factories.session(event, room=room), factories.session(event, starts=START + WEEK, room=room)

    with pytest.raises(availability.RoomTaken):
        amend(second, moment=block(START + HOUR))

    assert Session.objects.get(pk=second.pk).starts_at == START + WEEK
    assert held(room) == [(s.starts_at, s.ends_at) for s in (first, second)]


def test_two_sessions_swap_their_times_in_one_step() -> None:
    room = factories.room()
    event = factories.event(room=room, sessions=2)
    first, second = event.sessions.order_by("pk")

    scheduling.rearrange(
        moves={first.pk: block(second.starts_at), second.pk: block(first.starts_at)}, actor=SYSTEM, now=NOW
    )

    assert list(event.sessions.order_by("pk").values_list("starts_at", "sequence")) == [
        (second.starts_at, 1),
        (first.starts_at, 1),
    ]
    assert len(held(room)) == 2


def test_a_step_that_would_overlap_moves_nobody() -> None:
    room = factories.room()
    event = factories.event(room=room, sessions=2)
    first, second = event.sessions.order_by("pk")

    with pytest.raises(availability.RoomTaken):
        scheduling.rearrange(moves={first.pk: block(second.starts_at)}, actor=SYSTEM, now=NOW)

    assert Session.objects.get(pk=first.pk).starts_at == first.starts_at


def test_an_instructor_in_two_places_is_refused_unless_overridden() -> None:
    event = factories.draft()
    speaker = factories.speaker(of=event.programme.organization)
    first = factories.session(event, speakers=[speaker])

    with pytest.raises(scheduling.SpeakerClash) as refusal:
        factories.session(event, starts=START + HOUR, speakers=[speaker])
    factories.session(event, starts=START + HOUR, speakers=[speaker], override=["speaker_clash"])

    assert dict(refusal.value.details) == {"speaker": speaker.slug, "session": str(first.uid)}
    assert Session.objects.count() == 2


def test_what_an_edit_does_not_touch_is_not_judged_again() -> None:
    """An overridden clash, and a venue closed after the booking, do not stop somebody from correcting a title."""
    room = factories.room(seats=10)
    event = factories.draft(capacity=10)
    speaker = factories.speaker(of=event.programme.organization)
    factories.session(event, speakers=[speaker])
    session = factories.session(event, room=room, speakers=[speaker], override=["speaker_clash"])
    availability.close(venue=room.venue, starts_at=START, ends_at=START + HOUR)
    Room.objects.update(seats=5)

    amended = amend(session, fields={"title_en": "Corrected"})
    with pytest.raises(availability.RoomClosed):
        amend(session, moment=block(START + timedelta(minutes=30)))

    assert amended.title_en == "Corrected"


def test_capacity_never_exceeds_the_smallest_room_unless_on_purpose() -> None:
    big, small = factories.room("Big", seats=100), factories.room("Small", seats=20)
    event = factories.draft(capacity=50)
    factories.session(event, room=big)

    with pytest.raises(planning.CapacityExceedsRoom) as refusal:
        factories.session(event, starts=START + WEEK, room=small)
    planning.amend_event(event=event, fields={"capacity_override": True}, actor=SYSTEM, now=NOW)
    factories.session(event, starts=START + WEEK, room=small)

    assert dict(refusal.value.details) == {"room_seats": 20, "capacity": 50, "over": []}
    assert event.sessions.count() == 2


def test_a_room_is_changed_only_to_one_that_holds_the_event() -> None:
    event = factories.event(room=factories.room(seats=30), capacity=30)

    with pytest.raises(planning.CapacityExceedsRoom):
        amend(event.sessions.get(), fields={"room": factories.room("Small", seats=29)})


def test_a_venue_that_is_closed_takes_no_session_unless_overridden() -> None:
    room = factories.room()
    places.set_opening_hours(venue=room.venue, rows=[])
    availability.close(venue=room.venue, starts_at=START, ends_at=START + HOUR, reason_ko="공사")
    event = factories.draft()

    with pytest.raises(availability.RoomClosed) as refusal:
        factories.session(event, room=room)
    factories.session(event, room=room, override=["room_closed"])

    assert (refusal.value.code, dict(refusal.value.details)) == ("room_closed", {"reason": "공사"})


def test_a_stale_session_revision_is_refused() -> None:
    session = factories.event().sessions.get()
    amend(session, fields={"title_en": "Mine"}, expected_revision=session.revision)

    with pytest.raises(publishing.StaleRevision):
        amend(session, fields={"title_en": "Yours"}, expected_revision=session.revision)
    with pytest.raises(publishing.StaleRevision):
        scheduling.cancel(session=session, expected_revision=session.revision, actor=SYSTEM, now=NOW)


def test_eight_tuesdays_are_eight_sessions_with_rooms_or_none() -> None:
    room = factories.room()
    event = factories.draft()
    first = scheduling.block(starts=datetime(2026, 10, 6, 19), ends=datetime(2026, 10, 6, 21), timezone="Asia/Seoul")
    blocks = scheduling.by_rule(first=first, rule="FREQ=WEEKLY;BYDAY=TU;COUNT=8")
    when = {"actor": SYSTEM, "now": NOW}

    sessions = scheduling.create(event=event, blocks=blocks, room=room, **when)
    with pytest.raises(availability.RoomTaken):
        scheduling.create(event=event, blocks=blocks[7:], room=room, **when)

    assert [session.starts_on for session in sessions] == [date(2026, 10, 6) + week * WEEK for week in range(8)]
    assert {(session.starts_local.hour, session.starts_at.hour) for session in sessions} == {(19, 10)}
    assert (len(held(room)), Change.objects.filter(kind="sessions.created").count()) == (8, 1)


def test_an_all_day_session_covers_its_local_days() -> None:
    session = factories.all_day_session(factories.draft(), first=date(2026, 10, 6), last=date(2026, 10, 8))

    assert (session.all_day, session.starts_at, session.ends_at) == (
        True,
        datetime(2026, 10, 5, 15, tzinfo=UTC),
        datetime(2026, 10, 8, 15, tzinfo=UTC),
    )


def shifted(session: Session, hours: int) -> None:
    """As if the zone's rules had been others when the session was stored."""
    by = hours * HOUR
    Session.objects.filter(pk=session.pk).update(starts_at=session.starts_at + by, ends_at=session.ends_at + by)
    Booking.objects.filter(purpose=session.uid).update(starts_at=session.starts_at + by, ends_at=session.ends_at + by)


def test_after_a_zone_update_every_session_is_at_the_wall_time_that_was_meant() -> None:
    room = factories.room()
    event = factories.draft()
    sessions = [factories.session(event, starts=START + n * HOUR, length=HOUR, room=room) for n in range(3)]
    day = factories.all_day_session(event, first=date(2026, 11, 2), last=date(2026, 11, 3))
    factories.publish(event)
    for session in [*reversed(sessions), day]:
        shifted(session, 1)
    rendering.render_all(clock=lambda: NOW)

    moved = scheduling.retime(actor=SYSTEM, now=NOW)

    assert [session.pk for session in moved] == [session.pk for session in [*sessions, day]]
    assert list(event.sessions.order_by("pk").values_list("starts_at", "ends_at", "sequence")) == [
        (session.starts_at, session.ends_at, 2) for session in [*sessions, day]
    ]
    assert held(room) == [(session.starts_at, session.ends_at) for session in sessions]
    assert scheduling.retime(actor=SYSTEM, now=NOW) == []


def test_cancelled_sessions_keep_the_time_that_people_were_told() -> None:
    event = factories.event(sessions=2)
    first, second = event.sessions.order_by("pk")
    scheduling.cancel(session=first, actor=SYSTEM, now=NOW)
    shifted(first, 1)

    assert scheduling.retime(actor=SYSTEM, now=NOW) == []
    assert Session.objects.get(pk=second.pk).starts_at == second.starts_at


def test_speakers_are_billed_in_order_and_once() -> None:
    event = factories.draft()
    ann, bob = (factories.speaker(name, of=event.programme.organization) for name in ("Ann", "Bob"))

    session = factories.session(event, speakers=[bob, ann, bob])

    assert list(session.billing.order_by("position").values_list("speaker__name_en", flat=True)) == ["Bob", "Ann"]


def test_a_confirmed_session_added_to_a_published_event_is_public_at_once() -> None:
    event = factories.event()

    session = factories.session(event, starts=START + WEEK, status="confirmed")

    assert session in Session.objects.public()
    assert Event.objects.get().last_ends_at == START + WEEK + 2 * HOUR
