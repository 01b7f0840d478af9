"""Re-planning: a preview that writes nothing, one step in one version, and the way back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from events import calendars, ical, outbox
from events.agendas import personal
from events.errors import Invalid
from events.models import SYSTEM, Change, Delivery, Event, Programme, Registration, Release, SeatPool, Session
from events.operations import planning, registering, replanning, scheduling
from events.operations.carrying_out import ChangedSince
from events.operations.planning import CapacityExceedsRoom
from events.operations.seating import CapacityBelowTaken
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from venues import availability
from venues.models import Booking, OpeningHours, Room

pytestmark = pytest.mark.django_db

START = NOW + WEEK
LATER = NOW + timedelta(hours=3)
DAY = date(2026, 10, 8)


@pytest.fixture
def programme() -> Programme:
    return factories.programme()


@pytest.fixture
def rooms(programme: Programme) -> list[Room]:
    """Two rooms of one venue, with 40 and 20 seats."""
    venue = factories.venue(of=programme.organization)
    return [factories.room("Large", at=venue, seats=40), factories.room("Small", at=venue, seats=20)]


def event(programme: Programme, title: str, room: Room | None, *, starts: datetime = START, **fields: Any) -> Event:
    """A published event with one session of two hours."""
    made = factories.draft(title, of=programme, **fields)
    factories.session(made, starts=starts, room=room)
    return factories.publish(made)


def only(made: Event) -> Session:
    return Session.objects.select_related("room", "event").get(event=made)


def apply(programme: Programme, asked: replanning.Asked, **more: Any) -> Release:
    return replanning.apply(programme=programme, asked=asked, actor=SYSTEM, now=LATER, **more)


def where(made: Event) -> tuple[datetime, str | None]:
    session = only(made)
    return session.starts_at, session.room.slug if session.room else None


def clean() -> None:
    assert [str(found) for found in audit.run(now=LATER)] == []


def news() -> list[Change]:
    return list(Change.objects.filter(kind="sessions.replanned").order_by("pk"))


def gone(room: Room, to: Room | None) -> replanning.RoomGone:
    return replanning.RoomGone(starts_at=START - HOUR, ends_at=START + 24 * HOUR, room=room, to_room=to)


def test_a_room_is_gone_and_its_sessions_are_in_another_one(programme: Programme, rooms: list[Room]) -> None:
    first = event(programme, "First", rooms[0])
    second = event(programme, "Second", rooms[0], starts=START + 3 * HOUR)
    far = event(programme, "Next week", rooms[0], starts=START + WEEK)
    preview = replanning.preview(programme=programme, asked=gone(rooms[0], rooms[1]))

    release = apply(programme, gone(rooms[0], rooms[1]), fingerprint=preview.fingerprint)

    assert [where(one)[1] for one in (first, second, far)] == ["small", "small", "large"]
    assert [(change.event, change.version) for change in news()] == [
        (first, release.version),
        (second, release.version),
    ]
    assert outbox.current_version() == release.version
    assert [only(one).sequence for one in (first, second, far)] == [1, 1, 0]
    assert news()[0].before["sessions"][0]["room"] == "large"
    assert news()[0].after["sessions"][0]["room"] == "small"
    clean()


def test_it_all_comes_back_in_one_step_and_sequence_goes_on_rising(programme: Programme, rooms: list[Room]) -> None:
    first = event(programme, "First", rooms[0])
    release = apply(programme, gone(rooms[0], None))
    assert where(first) == (START, None)

    back = replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)

    assert where(first) == (START, "large")
    assert only(first).sequence == 2
    assert (back.kind, back.undoes, back.version) == ("undo", release, release.version + 1)
    assert Booking.objects.live().get().room == rooms[0]
    with pytest.raises(replanning.AlreadyUndone):
        replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)
    clean()


def test_half_an_hour_later_neighbours_in_a_room_shift_together(programme: Programme, rooms: list[Room]) -> None:
    first = event(programme, "First", rooms[0])
    second = event(programme, "Second", rooms[0], starts=START + 2 * HOUR)
    other_day = event(programme, "Other", rooms[0], starts=START + 24 * HOUR)

    apply(programme, replanning.Later(minutes=30, day=DAY))

    assert [where(one)[0] for one in (first, second, other_day)] == [
        START + HOUR / 2, START + 2.5 * HOUR, START + 24 * HOUR,
    ]  # fmt: skip
    held = Booking.objects.live().order_by("starts_at").values_list("starts_at", "ends_at")
    assert list(held)[:2] == [(START + HOUR / 2, START + 2.5 * HOUR), (START + 2.5 * HOUR, START + 4.5 * HOUR)]
    assert Event.objects.get(pk=first.pk).first_starts_at == START + HOUR / 2
    clean()


def test_neighbours_of_different_lengths_swap_in_one_room(programme: Programme, rooms: list[Room]) -> None:
    first = event(programme, "First", rooms[0])
    second = factories.draft("Second", of=programme)
    factories.session(second, starts=START + 2 * HOUR, length=HOUR, room=rooms[0])
    factories.publish(second)
    uids = (only(first).uid, only(second).uid)

    apply(programme, replanning.Swap(sessions=uids, rooms=False))

    assert where(first) == (START + 2 * HOUR, "large")
    assert where(second) == (START, "large")
    assert [only(one).ends_at - only(one).starts_at for one in (first, second)] == [HOUR, 2 * HOUR]
    clean()


@pytest.mark.parametrize(
    ("times", "rooms_too", "expected"),
    [
        (True, True, [(START + 3 * HOUR, "small"), (START, "large")]),
        (False, True, [(START, "small"), (START + 3 * HOUR, "large")]),
        (True, False, [(START + 3 * HOUR, "large"), (START, "small")]),
    ],
)
def test_two_swap_times_or_rooms_or_both(
    programme: Programme, rooms: list[Room], times: bool, rooms_too: bool, expected: list[Any]
) -> None:
    first = event(programme, "First", rooms[0])
    second = event(programme, "Second", rooms[1], starts=START + 3 * HOUR)
    uids = (only(first).uid, only(second).uid)

    apply(programme, replanning.Swap(sessions=uids, times=times, rooms=rooms_too))

    assert [where(first), where(second)] == expected


def test_a_day_moves_at_wall_time_over_the_change_of_clocks(programme: Programme) -> None:
    made = factories.draft("Evening", of=programme)
    factories.session(made, starts=datetime(2026, 10, 24, 19), timezone="Europe/Berlin")
    factories.session(made, starts=datetime(2026, 10, 24, 10), timezone="Asia/Seoul")
    factories.all_day_session(made, first=date(2026, 10, 24), last=date(2026, 10, 25), timezone="Europe/Berlin")
    factories.publish(made)

    apply(programme, replanning.AnotherDay(day=date(2026, 10, 24), to_day=date(2026, 10, 25)))

    berlin, seoul, whole = Session.objects.filter(event=made).order_by("pk")
    assert (berlin.starts_at, berlin.starts_on) == (datetime(2026, 10, 25, 18, tzinfo=UTC), date(2026, 10, 25))
    assert berlin.starts_local.hour == 19
    assert seoul.starts_at == datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert (whole.starts_at, whole.ends_at) == (
        datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 26, 23, tzinfo=UTC),
    )  # fmt: skip
    clean()


def test_a_time_that_clocks_skip_on_that_day_is_refused_and_named(programme: Programme) -> None:
    made = factories.draft("Night", of=programme)
    factories.session(made, starts=datetime(2027, 3, 27, 2, 30), timezone="Europe/Berlin")

    with pytest.raises(Invalid) as refusal:
        replanning.preview(
            programme=programme, asked=replanning.AnotherDay(day=date(2027, 3, 27), to_day=date(2027, 3, 28))
        )

    assert (refusal.value.field, refusal.value.details["session"]) == ("to_day", str(only(made).uid))


def test_a_room_taken_by_somebody_else_tells_times_alone_and_stops_all(programme: Programme, rooms: list[Room]) -> None:
    first, second = event(programme, "First", rooms[0]), event(programme, "Second", rooms[0], starts=START + 3 * HOUR)
    stranger = factories.programme("Secret gala", of=factories.organization("Stranger"))
    event(stranger, "Secret", rooms[1], starts=START + 3 * HOUR)

    preview = replanning.preview(programme=programme, asked=gone(rooms[0], rooms[1]))

    assert [(row.session, row.starts_at, row.ends_at, row.by) for row in preview.impact.taken] == [
        (only(second), START + 3 * HOUR, START + 5 * HOUR, None)
    ]
    assert (preview.impact.blocked_by, preview.impact.overrides) == (["room_taken"], [])
    with pytest.raises(availability.RoomTaken) as refusal:
        apply(programme, gone(rooms[0], rooms[1]), override=["room_closed", "speaker_clash", "capacity"])
    assert "Secret" not in f"{refusal.value.message} {refusal.value.details}"
    assert [where(one)[1] for one in (first, second)] == ["large", "large"]
    assert (Release.objects.count(), news()) == (0, [])
    clean()


def test_sessions_that_would_be_in_each_others_way_are_told(programme: Programme, rooms: list[Room]) -> None:
    first, second = event(programme, "First", rooms[0]), event(programme, "Second", rooms[1])

    preview = replanning.preview(programme=programme, asked=gone(rooms[0], rooms[1]))

    assert [(row.session, row.by) for row in preview.impact.taken] == [(only(first), only(second).uid)]
    both = replanning.RoomGone(
        starts_at=START - HOUR, ends_at=START + HOUR, venue=rooms[0].venue, to_room=factories.room("Elsewhere")
    )
    within = replanning.preview(programme=programme, asked=both).impact.taken
    assert [(row.session, row.by) for row in within] == [(only(second), only(first).uid)]


def test_a_closed_room_takes_a_word(programme: Programme, rooms: list[Room]) -> None:
    made = event(programme, "First", rooms[0])
    OpeningHours.objects.create(venue=rooms[0].venue, weekday=DAY.weekday(), opens_at="08:00", closes_at="14:30")
    asked = replanning.Later(minutes=60)

    preview = replanning.preview(programme=programme, asked=asked)

    assert [row.session for row in preview.impact.closed] == [only(made)]
    assert preview.impact.overrides == ["room_closed"]
    with pytest.raises(availability.RoomClosed):
        apply(programme, asked)
    apply(programme, asked, override=["room_closed"])
    assert where(made)[0] == START + HOUR


def test_a_smaller_room_needs_a_word_and_is_an_audited_cut(programme: Programme, rooms: list[Room]) -> None:
    made = event(programme, "Full", rooms[0], capacity=30)
    people = factories.crowd(made, range(1, 26))

    preview = replanning.preview(programme=programme, asked=gone(rooms[0], rooms[1]))

    row = preview.impact.seats[0]
    assert (row.event, row.becomes, row.room_seats, row.taken, row.over) == (made, 20, 20, 25, 5)
    assert (preview.impact.overrides, preview.impact.messages.registrations) == (["capacity"], 25)
    with pytest.raises(CapacityExceedsRoom):
        apply(programme, gone(rooms[0], rooms[1]))
    assert where(made) == (START, "large")

    release = apply(programme, gone(rooms[0], rooms[1]), override=["capacity"])

    made.refresh_from_db()
    pool = SeatPool.objects.get(event=made)
    assert (made.capacity, pool.seats, pool.taken, pool.over_committed) == (20, 20, 25, True)
    assert set(factories.statuses(people)) == {"confirmed"}
    change = news()[0]
    assert (change.before["capacity"], change.after["capacity"]) == (30, 20)
    clean()

    replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)

    made.refresh_from_db()
    assert (made.capacity, SeatPool.objects.get(event=made).over_committed) == (30, False)
    clean()


def test_undoing_shows_the_seats_that_it_gives_back_and_takes_what_it_asks_for(
    programme: Programme, rooms: list[Room]
) -> None:
    """The large room holds 30 no longer: that takes a word, and then the event seats what the room holds."""
    made = event(programme, "Full", rooms[0], capacity=30)
    release = apply(programme, gone(rooms[0], rooms[1]), override=["capacity"])
    row = replanning.preview_undo(release=release).impact.seats[0]
    assert (row.event.capacity, row.becomes, row.over, row.is_cut) == (20, 30, 0, False)
    Room.objects.filter(pk=rooms[0].pk).update(seats=25)

    preview = replanning.preview_undo(release=release)

    assert ([row.becomes for row in preview.impact.seats], preview.impact.overrides) == ([25], ["capacity"])
    with pytest.raises(CapacityExceedsRoom):
        replanning.undo(release=release, fingerprint=preview.fingerprint, actor=SYSTEM, now=LATER)
    replanning.undo(
        release=release, fingerprint=preview.fingerprint, override=preview.impact.overrides, actor=SYSTEM, now=LATER
    )
    made.refresh_from_db()
    assert (where(made)[1], made.capacity, SeatPool.objects.get(event=made).seats) == ("large", 25, 25)
    clean()


def test_undoing_a_move_to_a_larger_room_takes_the_seats_that_came_since_with_a_word(
    programme: Programme, rooms: list[Room]
) -> None:
    made = event(programme, "Grows", rooms[1], capacity=20)
    release = apply(programme, gone(rooms[1], rooms[0]))
    planning.amend_event(event=made, fields={"capacity": 35}, actor=SYSTEM, now=LATER)
    preview = replanning.preview_undo(release=release)
    assert preview.impact.overrides == ["capacity"]

    back = replanning.undo(
        release=release, fingerprint=preview.fingerprint, override=["capacity"], actor=SYSTEM, now=LATER
    )

    made.refresh_from_db()
    assert (where(made)[1], made.capacity) == ("small", 20)
    replanning.undo(release=back, actor=SYSTEM, now=LATER)
    made.refresh_from_db()
    assert (where(made)[1], made.capacity) == ("large", 35)
    clean()


def test_who_is_over_goes_by_what_quotas_can_take(programme: Programme, rooms: list[Room]) -> None:
    student = factories.audience("student")
    made = event(programme, "Quota", rooms[0], capacity=30)
    factories.crowd(made, range(1, 19), audience=student)
    factories.quota(made, 8, audience=student)
    factories.crowd(made, range(20, 25))

    preview = replanning.preview(programme=programme, asked=gone(rooms[0], rooms[1]))

    assert (preview.impact.seats[0].taken, preview.impact.seats[0].over) == (23, 3)
    apply(programme, gone(rooms[0], rooms[1]), override=["capacity"])
    clean()


def test_an_event_as_large_as_its_room_follows_it_there_and_back(programme: Programme, rooms: list[Room]) -> None:
    made = event(programme, "Follows", rooms[1], capacity=20, capacity_from_room=True, waitlist="automatic")
    people = factories.crowd(made, range(1, 23))
    assert factories.statuses(people)[-2:] == ["waitlisted", "waitlisted"]
    asked = replanning.RoomGone(starts_at=START, ends_at=START + HOUR, room=rooms[1], to_room=rooms[0])

    release = apply(programme, asked)

    assert factories.statuses(people)[-2:] == ["confirmed", "confirmed"]
    with pytest.raises(CapacityBelowTaken):
        replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)
    assert where(made)[1] == "large"
    replanning.undo(release=release, override=["capacity"], actor=SYSTEM, now=LATER + HOUR)
    assert (where(made)[1], factories.statuses(people)[-1]) == ("small", "confirmed")
    clean()


def test_people_who_would_be_elsewhere_are_counted_and_strangers_events_not_named() -> None:
    programme = factories.programme(travel_minutes=30)
    stranger = factories.programme("Theirs", of=factories.organization("Stranger"))
    made = event(programme, "Moves", None, starts=START)
    ours = event(programme, "Ours", factories.room("A"), starts=START + 4 * HOUR)
    theirs = event(stranger, "Theirs", None, starts=START + 3 * HOUR)
    factories.crowd(made, [1, 2, 3, 4])
    factories.crowd(ours, [1, 2])
    factories.crowd(theirs, [2, 3])
    asked = replanning.Later(minutes=150, sessions=(only(made).uid,))

    found = replanning.preview(programme=programme, asked=asked).impact.crossings

    assert found.people == 3
    assert [(row.event, row.other, row.people) for row in found.rows] == [(made, None, 2), (made, ours, 2)]
    less = replanning.Later(minutes=60, sessions=(only(made).uid,))
    assert replanning.preview(programme=programme, asked=less).impact.crossings.people == 0


def test_who_is_elsewhere_because_of_a_re_plan_keeps_both_seats_and_no_seat_was_given_wrongly() -> None:
    programme = factories.programme(clashes="refuse")
    made = event(programme, "Moves", None, starts=START)
    other = event(programme, "Other", None, starts=START + 4 * HOUR)
    for one in (made, other):
        factories.register(one, 1)

    apply(programme, replanning.Later(minutes=180, sessions=(only(made).uid,)))

    assert set(Registration.objects.values_list("status", flat=True)) == {"confirmed"}
    clean()


def test_the_way_between_venues_counts_and_what_overlaps_already_does_not(rooms: list[Room]) -> None:
    programme = factories.programme(travel_minutes=30)
    far = factories.room("Far", at=factories.venue("Far away", of=programme.organization, is_shared=True))
    made = event(programme, "Moves", far, starts=START)
    next_one = event(programme, "Next", rooms[0], starts=START + 2.5 * HOUR)
    already = event(programme, "Already", None, starts=START + HOUR)
    for one in (made, next_one, already):
        factories.register(one, 1)
    asked = replanning.Later(minutes=15, sessions=(only(made).uid,))

    found = replanning.preview(programme=programme, asked=asked).impact.crossings

    assert [(row.event, row.other, row.people) for row in found.rows] == [(made, next_one, 1)]


def test_instructors_in_two_places_take_a_word(programme: Programme) -> None:
    speaker = factories.speaker(of=programme.organization)
    first = factories.event("First", of=programme, speakers=[speaker])
    second = factories.draft("Second", of=programme)
    factories.session(second, starts=START + 3 * HOUR, speakers=[speaker])
    asked = replanning.Later(minutes=120, event=first)

    preview = replanning.preview(programme=programme, asked=asked)

    assert [(row.speaker, row.session, row.other) for row in preview.impact.doubles] == [
        (speaker, only(first), only(second).uid)
    ]
    with pytest.raises(scheduling.SpeakerClash):
        apply(programme, asked)
    apply(programme, asked, override=preview.impact.overrides)
    assert where(first)[0] == START + 2 * HOUR


def test_as_many_messages_are_sent_as_were_foretold(programme: Programme) -> None:
    made = event(programme, "First", None, capacity=2, waitlist="automatic")
    other = event(programme, "Second", None, starts=START + 5 * HOUR)
    factories.session(factories.draft("Draft", of=programme))
    gone_again, *_rest = factories.crowd(made, [1, 2, 3, 4])
    factories.crowd(other, [3])
    registering.cancel(registration=gone_again, actor=SYSTEM, now=LATER, reason="")
    Delivery.objects.all().delete()

    preview = replanning.preview(programme=programme, asked=replanning.Later(minutes=10))
    apply(programme, replanning.Later(minutes=10))

    assert (len(preview.impact.steps), tuple(preview.impact.messages)) == (3, (4, 3))
    told = Delivery.objects.filter(change__kind="sessions.replanned")
    assert sorted(told.values_list("registration__email_key", flat=True)) == [
        f"person{number}@mail.example" for number in (2, 3, 4)
    ]
    assert Delivery.objects.count() == 3


def test_a_stale_preview_names_what_changed_and_a_new_registration_is_none(
    programme: Programme, rooms: list[Room]
) -> None:
    made = event(programme, "First", rooms[0])
    asked = gone(rooms[0], rooms[1])
    seen = replanning.preview(programme=programme, asked=asked).fingerprint
    factories.register(made, 1)
    assert replanning.preview(programme=programme, asked=asked).fingerprint == seen
    event(programme, "In the way", rooms[1])

    with pytest.raises(replanning.StalePreview) as refusal:
        apply(programme, asked, fingerprint=seen)

    assert refusal.value.details["changed"] == ["rooms"]
    assert [row.session for row in refusal.value.current.impact.taken] == [only(made)]
    with pytest.raises(Invalid):
        apply(programme, asked, fingerprint="0.0")


def test_undo_is_refused_for_what_was_changed_since(programme: Programme, rooms: list[Room]) -> None:
    first, second = event(programme, "First", rooms[0]), event(programme, "Second", rooms[0], starts=START + 3 * HOUR)
    release = apply(programme, replanning.Later(minutes=30))
    scheduling.amend(session=only(second), fields={"title_en": "Better"}, actor=SYSTEM, now=LATER)
    moment = scheduling.block(starts=START + HOUR, ends=START + 2 * HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=only(first), moment=moment, actor=SYSTEM, now=LATER)

    with pytest.raises(ChangedSince) as refusal:
        replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)

    assert refusal.value.details["sessions"] == [
        {"uid": str(only(first).uid), "fields": ["starts_at", "ends_at", "starts_local"]}
    ]
    scheduling.cancel(session=only(second), actor=SYSTEM, now=LATER)
    with pytest.raises(ChangedSince) as cancelled:
        replanning.preview_undo(release=release)
    assert {"uid": str(only(second).uid), "fields": ["status"]} in cancelled.value.details["sessions"]


def test_undo_is_refused_when_the_room_is_taken_by_now_and_can_be_undone_itself(
    programme: Programme, rooms: list[Room]
) -> None:
    made = event(programme, "First", rooms[0])
    release = apply(programme, gone(rooms[0], rooms[1]))
    squatter = event(programme, "Squatter", rooms[0])

    with pytest.raises(availability.RoomTaken):
        replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)

    scheduling.amend(session=only(squatter), fields={"room": None}, actor=SYSTEM, now=LATER)
    back = replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)
    replanning.undo(release=back, actor=SYSTEM, now=LATER + 2 * HOUR)
    assert (where(made)[1], only(made).sequence) == ("small", 3)
    clean()


def test_drafts_move_along_and_tell_nobody_of_it(programme: Programme, rooms: list[Room]) -> None:
    made = factories.draft("Draft", of=programme)
    factories.session(made, room=rooms[0])
    version = outbox.current_version()

    release = apply(programme, gone(rooms[0], rooms[1]))

    assert (where(made)[1], release.version, outbox.current_version()) == ("small", None, version)
    assert [edit.was_told for edit in release.edits.all()] == [False]


def test_nothing_is_chosen_beyond_the_programme(programme: Programme, rooms: list[Room]) -> None:
    other = event(factories.programme("Other", of=programme.organization), "Other", rooms[0])

    with pytest.raises(replanning.NothingToMove):
        apply(programme, gone(rooms[0], rooms[1]))
    for asked in (
        replanning.Later(minutes=5, sessions=(only(other).uid,)),
        replanning.Swap(sessions=(only(other).uid, uuid4())),
    ):
        with pytest.raises(Invalid):
            apply(programme, asked)


def test_a_session_has_its_joining_link_and_speakers_back(programme: Programme) -> None:
    """What a release changed is undone; what others changed meanwhile in other fields stays."""
    made = event(programme, "First", None)
    release = apply(programme, replanning.Later(minutes=30))
    scheduling.amend(session=only(made), fields={"joining_url": "https://meet.example/1"}, actor=SYSTEM, now=LATER)

    replanning.undo(release=release, actor=SYSTEM, now=LATER + HOUR)

    assert (where(made)[0], only(made).joining_url) == (START, "https://meet.example/1")


def test_personal_and_public_calendars_follow_with_one_sequence_more(programme: Programme, rooms: list[Room]) -> None:
    made = event(programme, "First", rooms[0])
    registration = factories.register(made, 1)
    frame = ical.Frame(name="x", description="", url="", source=None, language="en")

    def lines() -> list[list[str]]:
        mine = personal.of_registration(
            frame=frame, registration=Registration.objects.select_related("event").get(pk=registration.pk)
        )
        feeds = [mine, calendars.feed(frame=frame)]
        names = ("SEQUENCE", "LOCATION")
        return [[line for line in feed.body.decode().splitlines() if line.startswith(names)] for feed in feeds]

    assert lines() == [["LOCATION:Large\\, Busan Cinema Center", "SEQUENCE:0"]] * 2

    apply(programme, gone(rooms[0], rooms[1]))

    assert lines() == [["LOCATION:Small\\, Busan Cinema Center", "SEQUENCE:1"]] * 2
