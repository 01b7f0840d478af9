"""Imports into a programme: new, again, edited, clashing, cancelled; what is shown before is what happens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.importers import guarding
from events.models import SYSTEM, Change, Event, Programme, Session, Speaker, Topic
from events.operations import importing, publishing, scheduling
from events.operations.drafting import (
    Draft,
    DraftEvent,
    DraftRoom,
    DraftSession,
    DraftSpeaker,
    DraftTopic,
    Refused,
)
from tests import factories
from venues.models import Booking, Closure, Room, Venue

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HAN = DraftSpeaker("s1", "한가람", "촬영감독")


def drafted(number: int = 1, **changes: Any) -> DraftSession:
    """A session of an hour in room A on day `number`."""
    starts = START + timedelta(days=number)
    usual = DraftSession(str(number), 10 + number, starts, starts + HOUR, "Asia/Seoul", venue="Hall", room="A")
    return replace(usual, **changes)


def entry(number: int = 1, *sessions: DraftSession, **changes: Any) -> DraftEvent:
    """An event with one session unless others are given."""
    usual = DraftEvent(
        f"e{number}", number, title_en=f"Title {number}", kind="talk", language="en",
        topics=[DraftTopic("mixing", "Mixing")], sessions=list(sessions) or [drafted(number)],
    )  # fmt: skip
    return replace(usual, **changes)


def draft(*entries: DraftEvent, **changes: Any) -> Draft:
    usual = Draft("csv", "Title of the file", entries=list(entries), rooms=[DraftRoom("A", "Hall", seats=30)])
    return replace(usual, **changes)


def take(one: Draft, programme: Programme, *, publish: bool = False, later: int = 0) -> importing.Outcome:
    """Take it, having been shown the same before."""
    shown = importing.preview(draft=one, programme=programme, publish=publish)
    now = factories.NOW + timedelta(minutes=later)
    done = importing.take(draft=one, programme=programme, actor=SYSTEM, clock=lambda: now, publish=publish)
    assert counts(shown) == counts(done)
    assert shown.clashes == done.clashes
    return done


def counts(outcome: importing.Outcome) -> dict[str, int]:
    return {action: outcome.count(action) for action in ("created", "updated", "unchanged")}


def codes(refused: list[Refused]) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.field, one.code) for one in refused]


def event_of(source_id: str) -> Event:
    return Event.objects.get(source_id=source_id)


def times(source_id: str) -> list[tuple[str, str, str, str | None]]:
    """(source id, UTC start, status, room) of the sessions of an event."""
    sessions = event_of(source_id).sessions.select_related("room").order_by("starts_at", "pk")
    return [(s.source_id, f"{s.starts_at:%d %H:%M}", s.status, s.room.title_en if s.room else None) for s in sessions]


def test_a_new_entry_becomes_a_draft_that_nobody_can_register_for() -> None:
    programme = factories.programme()
    session = drafted(speakers=[HAN], online=True, online_url="https://example.org/join")
    one = entry(1, session, title_ko="제목", summary_en="S", description_ko="D", capacity=20, visibility="unlisted")

    outcome = take(draft(one), programme)

    event = event_of("e1")
    assert outcome.entries == [importing.Entry(1, "e1", "제목", "created", "title-1")]
    assert (outcome.refused, outcome.clashes, outcome.notes) == ([], [], [])
    assert (event.status, event.registration, event.visibility, event.capacity) == ("draft", "none", "unlisted", 20)
    assert (event.title_ko, event.title_en, event.summary_en, event.description_ko) == ("제목", "Title 1", "S", "D")
    assert (event.kind, event.language, event.programme) == ("talk", "en", programme)
    assert [topic.slug for topic in event.topics.all()] == ["mixing"]
    row = event.sessions.get()
    assert (row.starts_at, row.ends_at, row.timezone, row.status) == (
        session.starts_at,
        session.ends_at,
        "Asia/Seoul",
        "draft",
    )
    assert (row.online, row.joining_url, row.source_id) == (True, "https://example.org/join", "1")
    assert [(s.name_ko, s.bio_ko, s.source_id, s.organization) for s in row.speakers.all()] == [
        ("한가람", "촬영감독", "s1", programme.organization)
    ]
    assert Booking.objects.live().get().purpose == row.uid
    assert (Venue.objects.get().title_en, Room.objects.get().seats) == ("Hall", 30)


def test_the_same_file_again_changes_nothing() -> None:
    programme = factories.programme()
    one = draft(entry(1, drafted(speakers=[HAN])), entry(2), entry(3, drafted(3, room="", venue="")))
    take(one, programme)
    before = list(Session.objects.order_by("pk").values()), list(Event.objects.order_by("pk").values())
    changes = Change.objects.count()

    outcome = take(one, programme, later=60)

    assert counts(outcome) == {"created": 0, "updated": 0, "unchanged": 3}
    assert (list(Session.objects.order_by("pk").values()), list(Event.objects.order_by("pk").values())) == before
    assert Change.objects.count() == changes


def test_an_edited_entry_is_updated_with_the_same_uids() -> None:
    programme = factories.programme()
    take(draft(entry(1), entry(2)), programme, publish=True)
    uids = set(Session.objects.values_list("uid", flat=True))
    moved = drafted(1, starts_at=START + 2 * HOUR, ends_at=START + 3 * HOUR, room="B", speakers=[HAN])
    edited = entry(1, moved, title_en="New", topics=[DraftTopic("vfx", "VFX")], kind="workshop")

    outcome = take(draft(edited, entry(2)), programme, later=1)

    event = event_of("e1")
    assert counts(outcome) == {"created": 0, "updated": 1, "unchanged": 1}
    assert set(Session.objects.values_list("uid", flat=True)) == uids
    assert times("e1") == [("1", "02 03:00", "confirmed", "B")]
    assert (event.title_en, event.kind, [topic.slug for topic in event.topics.all()]) == ("New", "workshop", ["vfx"])
    assert [speaker.name_ko for speaker in event.sessions.get().speakers.all()] == ["한가람"]
    assert (event.sessions.get().sequence > 0, event_of("e2").sessions.get().sequence) == (True, 0)


def test_what_the_source_does_not_say_is_left_as_somebody_wrote_it_here() -> None:
    programme = factories.programme()
    take(draft(entry(1)), programme)
    Event.objects.update(title_ko="우리말 제목", summary_en="Ours", capacity=12, visibility="unlisted")

    outcome = take(draft(entry(1)), programme)

    event = event_of("e1")
    assert counts(outcome) == {"created": 0, "updated": 0, "unchanged": 1}
    assert (event.title_ko, event.summary_en, event.capacity, event.visibility) == (
        "우리말 제목",
        "Ours",
        12,
        "unlisted",
    )


def test_the_language_of_a_source_that_says_none_is_undetermined() -> None:
    programme = factories.programme()

    take(draft(entry(1, language=""), entry(2, language="", title_ko="제목")), programme)

    assert [event_of("e1").language, event_of("e2").language] == ["und", "ko"]


def test_a_clash_inside_the_file_is_kept_without_room_and_listed() -> None:
    programme = factories.programme()
    second = drafted(2, starts_at=START + timedelta(days=1, minutes=59), ends_at=START + timedelta(days=1, hours=2))

    outcome = take(draft(entry(1), entry(2, second)), programme)

    assert counts(outcome) == {"created": 2, "updated": 0, "unchanged": 0}
    assert outcome.clashes == [
        Refused(
            12, "Title 2", "room", "room_taken",
            "A is taken from 2026-11-03 01:00 to 2026-11-03 02:00 UTC by line 11; the session was kept without a room",
        )
    ]  # fmt: skip
    assert (times("e1")[0][3], times("e2")[0][3]) == ("A", None)


def test_touching_sessions_do_not_clash() -> None:
    second = drafted(2, starts_at=START + timedelta(days=1, hours=1), ends_at=START + timedelta(days=1, hours=2))

    assert take(draft(entry(1), entry(2, second)), factories.programme()).clashes == []


def test_a_room_that_somebody_else_booked_is_a_clash_too() -> None:
    programme = factories.programme()
    take(draft(entry(1)), programme)
    other = factories.programme("Other", of=programme.organization)

    outcome = take(draft(entry(7, drafted(1))), other)

    assert codes(outcome.clashes) == [(11, "room", "room_taken")]
    assert "another booking" in outcome.clashes[0].detail
    assert (Room.objects.count(), times("e7")[0][3]) == (1, None)


def test_neighbours_that_swap_their_rooms_both_get_them() -> None:
    programme = factories.programme()
    in_a, in_b = drafted(1), drafted(1, room="B")
    take(draft(entry(1, in_a), entry(2, in_b)), programme)

    outcome = take(draft(entry(1, in_b), entry(2, in_a)), programme)

    assert counts(outcome) == {"created": 0, "updated": 2, "unchanged": 0}
    assert outcome.clashes == []
    assert (times("e1")[0][3], times("e2")[0][3]) == ("B", "A")


def test_a_speaker_in_two_places_is_listed_and_both_are_kept() -> None:
    programme = factories.programme()
    one, other = drafted(1, speakers=[HAN]), drafted(1, room="B", line=20, speakers=[HAN])

    outcome = take(draft(entry(1, one), entry(2, other)), programme)

    assert codes(outcome.clashes) == [(20, "speakers", "speaker_clash")]
    assert [session.speakers.get().name_ko for session in Session.objects.order_by("pk")] == ["한가람", "한가람"]
    assert Speaker.objects.count() == 1


def test_a_capacity_beyond_the_room_is_cut_to_it_and_listed() -> None:
    programme = factories.programme()

    outcome = take(draft(entry(1, capacity=31)), programme)

    assert codes(outcome.clashes) == [(1, "capacity", "capacity_exceeds_room")]
    assert event_of("e1").capacity == 30
    assert counts(take(draft(entry(1, capacity=31)), programme)) == {"created": 0, "updated": 0, "unchanged": 1}


def test_capacity_and_room_grow_and_shrink_together() -> None:
    programme = factories.programme()
    rooms = [DraftRoom("A", "Hall", seats=30), DraftRoom("B", "Hall", seats=100)]
    small, big = entry(1, capacity=30), entry(1, drafted(1, room="B"), capacity=100)
    take(draft(small, rooms=rooms), programme)

    grown = take(draft(big, rooms=rooms), programme)
    shrunk = take(draft(small, rooms=rooms), programme)

    assert (grown.refused, grown.clashes, shrunk.refused, shrunk.clashes) == ([], [], [], [])
    assert event_of("e1").capacity == 30


def test_each_entry_has_the_time_of_its_own_transaction() -> None:
    programme = factories.programme()
    hours = (factories.NOW + timedelta(hours=hour) for hour in count())

    importing.take(draft=draft(entry(1), entry(2)), programme=programme, actor=SYSTEM, clock=hours.__next__)

    times = [event_of(source).updated_at - factories.NOW for source in ("e1", "e2")]
    assert times == [timedelta(hours=1), timedelta(hours=2)]


def test_an_entry_that_a_rule_refuses_is_listed_and_the_rest_is_kept() -> None:
    programme = factories.programme()
    take(draft(entry(1, capacity=2), entry(2)), programme, publish=True)
    Event.objects.update(registration="open")
    event = event_of("e1")
    publishing.touch(event=event, now=factories.NOW)
    for number in (1, 2):
        factories.register(event, number)

    one = draft(entry(1, capacity=1, title_en="Not taken"), entry(2, title_en="Taken"))
    outcome = importing.take(draft=one, programme=programme, actor=SYSTEM, clock=lambda: factories.NOW)

    assert codes(outcome.refused) == [(1, "capacity", "capacity_below_taken")]
    assert [found.source_id for found in outcome.entries] == ["e2"]
    assert (event_of("e1").title_en, event_of("e2").title_en) == ("Title 1", "Taken")


def test_refusals_of_the_reader_are_passed_on() -> None:
    refused = Refused(3, "T", "starts", "invalid", "not a time")

    assert take(draft(entry(1), refused=[refused]), factories.programme()).refused == [refused]


def test_a_session_that_the_source_no_longer_has_is_cancelled() -> None:
    programme = factories.programme()
    take(draft(entry(1, drafted(1), drafted(2))), programme)

    outcome = take(draft(entry(1, drafted(1))), programme)

    assert counts(outcome) == {"created": 0, "updated": 1, "unchanged": 0}
    assert times("e1") == [("1", "03 01:00", "draft", "A"), ("2", "04 01:00", "cancelled", "A")]
    assert counts(take(draft(entry(1, drafted(1))), programme)) == {"created": 0, "updated": 0, "unchanged": 1}


def test_a_session_that_may_only_have_been_refused_is_left_alone() -> None:
    programme = factories.programme()
    take(draft(entry(1, drafted(1), drafted(2))), programme)

    take(draft(entry(1, drafted(1)), refused=[Refused(12, "e1", "ends", "invalid", "")]), programme)

    assert [status for _, _, status, _ in times("e1")] == ["draft", "draft"]


def test_a_session_added_here_by_hand_is_left_alone() -> None:
    programme = factories.programme()
    take(draft(entry(1)), programme)
    factories.session(event_of("e1"), starts=START + timedelta(days=9))

    take(draft(entry(1)), programme)

    assert [status for _, _, status, _ in times("e1")] == ["draft", "draft"]


def test_a_cancelled_entry_calls_the_event_off_and_stays_so() -> None:
    programme = factories.programme()
    cancelled = draft(entry(1, drafted(1, status="cancelled"), status="cancelled"))
    take(draft(entry(1)), programme, publish=True)

    outcome = take(cancelled, programme)

    assert counts(outcome) == {"created": 0, "updated": 1, "unchanged": 0}
    assert (event_of("e1").status, times("e1")[0][2]) == ("cancelled", "cancelled")
    assert not Booking.objects.live().exists()
    assert counts(take(cancelled, programme)) == {"created": 0, "updated": 0, "unchanged": 1}


def test_a_new_entry_that_is_cancelled_already_is_kept_as_such() -> None:
    programme = factories.programme()
    cancelled = draft(entry(1, drafted(1, status="cancelled"), status="cancelled"))

    assert counts(take(cancelled, programme)) == {"created": 1, "updated": 0, "unchanged": 0}
    assert (event_of("e1").status, times("e1")[0][2]) == ("cancelled", "cancelled")
    assert counts(take(cancelled, programme)) == {"created": 0, "updated": 0, "unchanged": 1}


def test_one_cancelled_occurrence_leaves_the_others() -> None:
    programme = factories.programme()
    take(draft(entry(1, drafted(1), drafted(2))), programme, publish=True)

    take(draft(entry(1, drafted(1, status="cancelled"), drafted(2))), programme)

    assert [status for _, _, status, _ in times("e1")] == ["cancelled", "confirmed"]


def test_what_was_cancelled_here_is_not_revived_by_the_file() -> None:
    programme = factories.programme()
    one = draft(entry(1), entry(2, drafted(2), drafted(3)))
    take(one, programme, publish=True)
    publishing.cancel(event=event_of("e1"), actor=SYSTEM, now=factories.NOW)
    scheduling.cancel(session=event_of("e2").sessions.get(source_id="3"), actor=SYSTEM, now=factories.NOW)

    outcome = take(one, programme, publish=True)

    assert counts(outcome) == {"created": 0, "updated": 0, "unchanged": 2}
    assert codes(outcome.clashes) == [(1, "status", "event_cancelled"), (13, "status", "session_cancelled")]
    assert event_of("e1").status == "cancelled"


@pytest.mark.parametrize("publish", [False, True])
def test_tentative_sessions_are_tentative_until_the_file_says_otherwise(publish: bool) -> None:
    programme = factories.programme()
    take(draft(entry(1, drafted(1, status="tentative"))), programme, publish=publish)
    before = times("e1")[0][2]

    take(draft(entry(1)), programme, publish=publish)

    assert (before, times("e1")[0][2]) == ("tentative", "confirmed" if publish else "draft")


def test_publishing_publishes_what_is_a_draft_once() -> None:
    programme = factories.programme()
    one = draft(entry(1), entry(2))
    take(one, programme)

    outcomes = [counts(take(one, programme, publish=True)) for _ in range(2)]

    assert outcomes == [
        {"created": 0, "updated": 2, "unchanged": 0},
        {"created": 0, "updated": 0, "unchanged": 2},
    ]
    assert Session.objects.public().count() == 2


def test_whole_days_become_all_day_sessions() -> None:
    day = drafted(1, all_day=True, starts_at=datetime(2026, 11, 2, 15, tzinfo=UTC),
                  ends_at=datetime(2026, 11, 4, 15, tzinfo=UTC), room="", venue="")  # fmt: skip
    programme = factories.programme()
    take(draft(entry(1, day)), programme)

    session = Session.objects.get()
    assert (session.all_day, str(session.starts_on), session.starts_at, session.ends_at) == (
        True,
        "2026-11-03",
        day.starts_at,
        day.ends_at,
    )
    assert counts(take(draft(entry(1, day)), programme)) == {"created": 0, "updated": 0, "unchanged": 1}


def test_rooms_without_a_venue_share_one_that_the_import_opens() -> None:
    programme = factories.programme()
    rooms = [DraftRoom("A", source_id="guid-a", seats=10)]

    take(draft(entry(1, drafted(1, venue="")), entry(2, drafted(2, venue="", room="B")), rooms=rooms), programme)

    assert [(v.title_en, v.timezone, v.owner) for v in Venue.objects.all()] == [
        ("Title of the file", "Asia/Seoul", programme.organization.uid)
    ]
    assert [(r.title_en, r.seats, r.source_id) for r in Room.objects.order_by("title_en")] == [
        ("A", 10, "guid-a"),
        ("B", None, ""),
    ]


def test_a_room_that_was_renamed_at_the_source_is_renamed_here() -> None:
    programme = factories.programme()
    take(draft(entry(1, drafted(1, venue="")), rooms=[DraftRoom("A", source_id="guid-a")]), programme)

    renamed = draft(entry(1, drafted(1, venue="", room="New")), entry(2, drafted(2, venue="", room="New")),
                    rooms=[DraftRoom("New", source_id="guid-a")])  # fmt: skip
    outcome = take(renamed, programme)

    assert counts(outcome) == {"created": 1, "updated": 0, "unchanged": 1}
    assert [room.title_en for room in Room.objects.all()] == ["New"]


def test_a_venue_without_rooms_is_its_own_room() -> None:
    take(draft(entry(1, drafted(1, venue="영화의전당", room=""))), factories.programme())

    assert [(room.title_ko, room.venue.title_ko) for room in Room.objects.all()] == [("영화의전당", "영화의전당")]


def test_a_venue_of_another_organization_is_not_used_unless_shared() -> None:
    theirs = factories.venue("Hall", of=factories.organization("Others", owner="other@demo.example"))
    shared = factories.venue("Shared hall", of=factories.organization("More", owner="more@demo.example"))
    Venue.objects.filter(pk=shared.pk).update(is_shared=True)
    programme = factories.programme()

    take(draft(entry(1), entry(2, drafted(2, venue="Shared hall"))), programme)

    sessions = {
        s.event.source_id: s.room.venue for s in Session.objects.select_related("room__venue", "event") if s.room
    }
    assert sessions["e1"] != theirs
    assert sessions["e1"].owner == programme.organization.uid
    assert sessions["e2"] == shared


def test_the_same_source_id_in_another_programme_is_another_event() -> None:
    one = draft(entry(1, drafted(1, room="", venue="")))

    outcomes = [counts(take(one, factories.programme(title)))["created"] for title in ("One", "Two")]

    assert outcomes == [1, 1]
    assert Event.objects.filter(source_id="e1").count() == 2


def test_events_of_earlier_files_are_counted_and_left() -> None:
    programme = factories.programme()
    take(draft(entry(1), entry(2)), programme)

    outcome = take(draft(entry(1)), programme)

    assert outcome.notes == ["Events of earlier imports that are not in this file: 1. They were left as they are."]
    assert event_of("e2").status == "draft"


def test_a_speaker_who_was_corrected_at_the_source_is_corrected_here() -> None:
    programme = factories.programme()
    take(draft(entry(1, drafted(1, speakers=[HAN]))), programme)

    corrected = drafted(1, speakers=[replace(HAN, name="한가람 감독")])
    take(draft(entry(1, corrected, title_en="Edited too")), programme)

    assert [speaker.name_ko for speaker in Speaker.objects.all()] == ["한가람 감독"]


def test_topics_that_exist_are_used() -> None:
    topic = factories.topic("Mixing for film", slug="mixing")

    take(draft(entry(1)), factories.programme())

    assert list(Topic.objects.all()) == [topic]
    assert Topic.objects.get().title_en == "Mixing for film"


@pytest.mark.parametrize("size", [1, 5])
def test_a_preview_takes_the_same_number_of_queries_and_writes_nothing(size: int) -> None:
    programme = factories.programme()
    one = draft(*(entry(number, drafted(number, speakers=[HAN])) for number in range(1, size + 1)))
    take(one, programme)

    with CaptureQueriesContext(connection) as queries:
        importing.preview(draft=one, programme=Programme.objects.get(pk=programme.pk))

    statements = [query["sql"].split()[0] for query in queries]
    assert statements == ["SELECT"] * 10


def test_closures_close_every_venue_once() -> None:
    organization = factories.organization()
    venues = [factories.venue("Hall", of=organization), factories.venue("Studio", of=organization)]
    holiday = entry(1, drafted(1), title_ko="설날", title_en="")
    when: dict[str, Any] = {"venues": venues, "actor": SYSTEM, "now": factories.NOW}

    shown = importing.close(draft=draft(holiday), dry_run=True, **when)
    nothing_yet = Closure.objects.count()
    first = importing.close(draft=draft(holiday), **when)
    again = importing.close(draft=draft(holiday), **when)
    moved = importing.close(draft=draft(replace(holiday, sessions=[drafted(2)])), **when)

    assert (counts(shown), nothing_yet) == ({"created": 1, "updated": 0, "unchanged": 0}, 0)
    assert [counts(one) for one in (first, again, moved)] == [
        {"created": 1, "updated": 0, "unchanged": 0},
        {"created": 0, "updated": 0, "unchanged": 1},
        {"created": 0, "updated": 1, "unchanged": 0},
    ]
    assert sorted((c.venue.title_en, c.reason_ko, c.starts_at) for c in Closure.objects.select_related("venue")) == [
        ("Hall", "설날", START + timedelta(days=2)),
        ("Studio", "설날", START + timedelta(days=2)),
    ]


@pytest.mark.sample_data
@pytest.mark.parametrize(
    ("name", "zone", "entries", "clashes"),
    [
        ("38c3-schedule.xml.gz", None, 1007, {"room_taken": 2, "speaker_clash": 72}),
        ("kotlinconf-2025.json", "Europe/Copenhagen", 112, {"room_taken": 1}),
        ("eventbrite-workshops.json", None, 50, {}),
        ("pyconkr-2014.json", None, 26, {}),
        ("holidays-kr.ics", None, 192, {}),
    ],
)
def test_the_real_files_are_taken_whole_and_twice_without_a_change(
    sample_data: Callable[[str], Path], name: str, zone: str | None, entries: int, clashes: dict[str, int]
) -> None:
    programme = factories.programme()
    read = guarding.read_guarded(sample_data(name).read_bytes(), filename=name, timezone=zone)

    first = take(read, programme)
    uids = set(Session.objects.values_list("uid", flat=True))
    second = take(read, programme, later=60)

    assert counts(first) == {"created": entries, "updated": 0, "unchanged": 0}
    assert counts(second) == {"created": 0, "updated": 0, "unchanged": entries}
    assert (first.refused, second.refused) == ([], [])
    assert {code: sum(one.code == code for one in first.clashes) for code in {c.code for c in first.clashes}} == clashes
    assert set(Session.objects.values_list("uid", flat=True)) == uids
