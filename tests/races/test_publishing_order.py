"""What readers of calendars rely on: versions in the order of commits, and texts that hold every committed change."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from events import calendars, outbox
from events.models import SYSTEM, Change, Event, Fragment, Session
from events.operations import placing, publishing, scheduling
from tests import factories
from tests.factories import NOW
from tests.races.crowd import FORK, rush, slowly, unguarded

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WRITERS = 6


def gaps_seen(events: list[Event], publish: Callable[[Event], Any]) -> int:
    """How often a reader who was told "all up to version N" did not have them all, while six organizers publish."""
    before = outbox.current_version()
    writing = FORK.Value("i", WRITERS)

    def act(client: int) -> list[int]:
        if client < WRITERS:
            for event in events[client::WRITERS]:
                publish(event)
            with writing.get_lock():
                writing.value -= 1
            return []
        gaps = 0
        while writing.value:
            versions = set(Change.objects.filter(version__gt=before).values_list("version", flat=True))
            gaps += len(versions) != max(versions, default=before) - before
        return [gaps]

    return sum(rush(act, clients=WRITERS + 1))


def drafts() -> list[Event]:
    programme = factories.programme()
    factories.event(of=programme)  # the version has begun to count
    events = [factories.draft(of=programme) for _ in range(18)]
    for day, event in enumerate(events):
        factories.session(event, starts=NOW + factories.WEEK + day * factories.WEEK)
    return events


@pytest.mark.usefixtures("audited")
def test_a_reader_who_has_version_n_has_everything_before_it() -> None:
    events = drafts()

    gaps = gaps_seen(events, factories.publish)

    assert gaps == 0
    assert sorted(Event.objects.filter(pk__in=[e.pk for e in events]).values_list("version", flat=True)) == list(
        range(outbox.current_version() - 17, outbox.current_version() + 1)
    )


def test_control_a_number_drawn_before_the_transaction_leaves_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    events = drafts()
    counter = FORK.Value("i", outbox.current_version())

    def publish(event: Event) -> None:
        with counter.get_lock():
            counter.value += 1
            number = counter.value
        time.sleep(0.004 * (number % 3))
        monkeypatch.setattr(outbox, "raise_version", lambda: number)
        factories.publish(event)

    assert gaps_seen(events, publish) > 0


def stale_texts() -> list[int]:
    """Sessions whose stored text is not what rendering them now gives."""
    fresh = {
        (f.session_id, f.language): f.body
        for session in calendars.for_rendering(Session.objects.values_list("pk", flat=True))
        for f in calendars.render(session)
    }
    return [f.session_id for f in Fragment.objects.order_by("pk") if f.body != fresh[f.session_id, f.language]]


def two_step(patch: pytest.MonkeyPatch, first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """`first` pauses while it renders, long enough for `second` to run as a whole, if nothing keeps it out."""

    def act(client: int) -> list[int]:
        if client == 0:
            patch.setattr(calendars, "for_rendering", slowly(calendars.for_rendering, after=1.0))
            first()
        else:
            time.sleep(0.25)
            second()
        return []

    rush(act, clients=2)


def rename_while_moving_in(patch: pytest.MonkeyPatch) -> None:
    event = factories.event()
    room = factories.room("Old name")
    organization = event.programme.organization
    when = {"actor": SYSTEM, "now": NOW}
    two_step(
        patch,
        lambda: scheduling.amend(session=event.sessions.get(), fields={"room": room}, **when),
        lambda: placing.amend_room(room=room, organization=organization, fields={"title_en": "New name"}, **when),
    )


@pytest.mark.usefixtures("audited")
def test_a_room_renamed_while_a_session_moves_into_it_leaves_no_old_name_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rename_while_moving_in(monkeypatch)

    assert stale_texts() == []
    assert "New name" in Fragment.objects.get(language="en").body


def test_control_without_locks_the_old_name_stays_in_the_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    with unguarded(monkeypatch):
        rename_while_moving_in(monkeypatch)

    assert len(stale_texts()) == 2


def move_twice(patch: pytest.MonkeyPatch, session: Session) -> None:
    def move(hours: int) -> None:
        starts = NOW + factories.WEEK + hours * factories.HOUR
        moment = scheduling.block(starts=starts, ends=starts + factories.HOUR, timezone="Asia/Seoul")
        scheduling.amend(session=session, moment=moment, actor=SYSTEM, now=NOW)

    two_step(patch, lambda: move(1), lambda: move(2))


@pytest.mark.usefixtures("audited")
def test_two_moves_at_once_raise_the_sequence_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    session = factories.event().sessions.get()

    move_twice(monkeypatch, session)

    moved = Session.objects.get()
    assert (moved.sequence, moved.revision - session.revision) == (2, 4)  # each is saved once and published once
    assert stale_texts() == []


def test_control_without_locks_a_move_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    session = factories.event().sessions.get()

    with unguarded(monkeypatch):
        move_twice(monkeypatch, session)

    assert Session.objects.get().revision - session.revision < 4


@pytest.mark.usefixtures("audited")
def test_publishing_the_same_event_eight_times_at_once_publishes_it_once() -> None:
    event = drafts()[0]

    rush(lambda _client: [publishing.publish(event=event, actor=SYSTEM, now=NOW).version])

    assert Change.objects.filter(event=event, kind="event.published").count() == 1
    assert event.sessions.get().sequence == 0


def test_the_two_databases_keep_writers_apart_by_different_means() -> None:
    """What `unguarded` takes away: should one of them learn the other's way, the controls must change."""
    assert connection.features.has_select_for_update == (connection.vendor == "postgresql")
