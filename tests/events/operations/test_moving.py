"""Moves as organizers say them: which sessions are meant, and where to; arithmetic without a write."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from events.errors import Invalid
from events.models import Programme, Session
from events.operations import carrying_out, moving, scheduling
from events.operations.moving import AnotherDay, Later, NothingToMove, RoomGone, Swap
from tests import factories
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db

START = NOW + WEEK
DAY = date(2026, 10, 8)


@pytest.fixture
def programme() -> Programme:
    return factories.programme()


def moved(programme: Programme, asked: moving.Asked) -> list[Session]:
    moving.check(asked)
    return moving.planned(
        asked=asked, sessions=carrying_out.loaded(moving.chosen(programme=programme, asked=asked))
    )  # fmt: skip


def test_what_can_never_be_meant_names_its_field() -> None:
    room = factories.room()
    other = factories.room("Other", at=room.venue)
    uid = uuid4()
    until = START + HOUR
    wrong: list[tuple[moving.Asked, str]] = [
        (RoomGone(starts_at=START, ends_at=until), "room"),
        (RoomGone(starts_at=START, ends_at=until, room=room, venue=room.venue), "room"),
        (RoomGone(starts_at=until, ends_at=START, room=room), "ends_at"),
        (RoomGone(starts_at=START, ends_at=until, room=room, to_room=room), "to_room"),
        (RoomGone(starts_at=START, ends_at=until, venue=room.venue, to_room=other), "to_room"),
        (Later(minutes=0), "minutes"),
        (Later(minutes=7 * 24 * 60 + 1), "minutes"),
        (Swap(sessions=(uid, uid)), "sessions/1"),
        (Swap(sessions=(uid, uuid4()), times=False, rooms=False), "times"),
        (AnotherDay(day=DAY, to_day=DAY), "to_day"),
    ]

    found = []
    for asked, _field in wrong:
        with pytest.raises(Invalid) as refusal:
            moving.check(asked)
        found.append(refusal.value.field)

    assert found == [field for _asked, field in wrong]


def test_who_is_meant_by_day_event_and_venue_together(programme: Programme) -> None:
    here, there = factories.room("Here"), factories.room("There")
    event = factories.draft("One", of=programme)
    wanted = factories.session(event, starts=START, room=here)
    factories.session(event, starts=START + 3 * HOUR, room=there)
    factories.session(event, starts=START + 24 * HOUR, room=here)
    factories.session(factories.draft("Two", of=programme), starts=START + 3 * HOUR, room=here)
    factories.all_day_session(event, first=DAY, last=DAY)
    cancelled = factories.session(event, starts=START + 5 * HOUR, room=here)
    scheduling.cancel(session=cancelled, actor=factories.SYSTEM, now=NOW)

    chosen = moving.chosen(
        programme=programme, asked=Later(minutes=5, day=DAY, event=event, venue=here.venue)
    )  # fmt: skip

    assert list(chosen) == [wanted]


def test_a_room_elsewhere_brings_its_clocks(programme: Programme) -> None:
    seoul = factories.room("Seoul")
    berlin = factories.room("Berlin", at=factories.venue("Berlin", timezone="Europe/Berlin"))
    event = factories.draft(of=programme)
    factories.session(event, starts=START, room=seoul)
    factories.all_day_session(event, first=DAY, last=date(2026, 10, 9))
    Session.objects.filter(all_day=True).update(room=seoul)

    timed, whole = moved(
        programme, RoomGone(starts_at=START - 12 * HOUR, ends_at=START + HOUR, room=seoul, to_room=berlin)
    )  # fmt: skip

    assert (timed.starts_at, timed.timezone, timed.starts_local.hour) == (START, "Europe/Berlin", 5)
    assert (whole.starts_at, whole.ends_at) == (
        datetime(2026, 10, 7, 22, tzinfo=UTC), datetime(2026, 10, 9, 22, tzinfo=UTC),
    )  # fmt: skip


def test_whoever_is_online_swaps_that_too_and_clocks_go_with_the_room(programme: Programme) -> None:
    berlin = factories.room("Berlin", at=factories.venue("Berlin", timezone="Europe/Berlin"))
    event = factories.draft(of=programme)
    online = factories.session(event, starts=START, online=True)
    placed = factories.session(event, starts=START + 5 * HOUR, timezone="Europe/Berlin", room=berlin)

    first, second = moved(programme, Swap(sessions=(online.uid, placed.uid), times=False))

    assert (first.room, first.online, first.timezone, first.starts_at) == (berlin, False, "Europe/Berlin", START)
    assert (second.room, second.online, second.timezone) == (None, True, "Asia/Seoul")


def test_whole_days_swap_with_whole_days_alone(programme: Programme) -> None:
    event = factories.draft(of=programme)
    first = factories.all_day_session(event, first=DAY, last=DAY)
    second = factories.all_day_session(event, first=date(2026, 10, 20), last=date(2026, 10, 21))
    timed = factories.session(event)

    swapped = moved(programme, Swap(sessions=(first.uid, second.uid)))

    assert [(one.starts_on, (one.ends_at - one.starts_at).days) for one in swapped] == [
        (date(2026, 10, 20), 2),
        (DAY, 1),
    ]
    with pytest.raises(Invalid) as refusal:
        moved(programme, Swap(sessions=(first.uid, timed.uid)))
    assert refusal.value.field == "sessions/1"


def test_too_many_at_once_and_times_beyond_all_calendars_are_refused(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = factories.draft(of=programme)
    for day in range(2):
        factories.session(event, starts=START + day * 24 * HOUR)

    with pytest.raises(Invalid) as refusal:
        moved(programme, AnotherDay(day=DAY, to_day=date(2201, 1, 1)))
    assert refusal.value.field == "to_day"

    monkeypatch.setattr(moving, "MOST_SESSIONS", 1)
    with pytest.raises(NothingToMove):
        moved(programme, Later(minutes=5))


def test_a_repeated_time_of_night_is_the_first_on_a_day_without_one() -> None:
    programme = factories.programme(timezone="Europe/Berlin")
    event = factories.draft(of=programme)
    second_time = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 in Berlin, for the second time
    session = factories.session(event, starts=second_time, timezone="Europe/Berlin")
    assert session.fold == 1

    (other,) = moved(programme, AnotherDay(day=date(2026, 10, 25), to_day=date(2026, 10, 26)))

    assert (other.fold, other.starts_local.hour, other.starts_at) == (0, 2, datetime(2026, 10, 26, 1, 30, tzinfo=UTC))


def test_what_was_asked_is_written_down_plainly() -> None:
    room = factories.room()
    uid = uuid4()
    said: list[tuple[moving.Asked, dict[str, Any]]] = [
        (
            RoomGone(starts_at=START, ends_at=START + HOUR, room=room),
            {
                "kind": "room_gone",
                "starts_at": START.isoformat(),
                "ends_at": (START + HOUR).isoformat(),
                "room": room.slug,
            },
        ),
        (Swap(sessions=(uid, uid)), {"kind": "swap", "sessions": [str(uid)] * 2, "times": True, "rooms": True}),
        (AnotherDay(day=DAY, to_day=DAY), {"kind": "day", "day": "2026-10-08", "to_day": "2026-10-08"}),
    ]

    assert [moving.plain(asked) for asked, _wanted in said] == [wanted for _asked, wanted in said]
