"""Re-plans at the same instant: all of one or nothing of it, whatever the others do, and nobody waits for ever."""

import pytest

from events.models import SYSTEM, Change, Event, Programme, Release, Session
from events.operations import foreseeing, replanning
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from tests.races.crowd import outcome, outcome_or_fault, rush, slowly, unguarded

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

START = NOW + WEEK


def several(programme: Programme, number: int) -> list[Event]:
    """Neighbours in two rooms of one venue."""
    venue = factories.venue(of=programme.organization)
    rooms = [factories.room(f"Room {index}", at=venue) for index in range(2)]
    made = []
    for index in range(number):
        event = factories.draft(f"Event {index}", of=programme)
        factories.session(event, starts=START + index // 2 * 2 * HOUR, room=rooms[index % 2])
        made.append(factories.publish(event))
    return made


def replan_together(programme: Programme) -> list[str]:
    """Eight organizers look at the same preview, and all press the button."""
    asked = replanning.Later(minutes=30)
    seen = replanning.preview(programme=programme, asked=asked).fingerprint

    def act(_client: int) -> list[str]:
        return [
            outcome_or_fault(
                lambda: replanning.apply(programme=programme, asked=asked, fingerprint=seen, actor=SYSTEM, now=NOW)
            )
        ]

    return sorted(rush(act))


@pytest.mark.usefixtures("audited")
def test_eight_re_plans_with_one_preview_one_is_made() -> None:
    programme = factories.programme()
    events = several(programme, 6)

    assert replan_together(programme) == ["ok", *["stale_preview"] * 7]

    assert {session.sequence for session in Session.objects.all()} == {1}
    assert Change.objects.filter(kind="sessions.replanned").values("version").distinct().count() == 1
    assert Change.objects.filter(kind="sessions.replanned").count() == len(events)


def test_control_without_locks_the_same_preview_is_carried_out_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = factories.programme()
    several(programme, 2)
    monkeypatch.setattr(foreseeing, "refuse_stale", slowly(foreseeing.refuse_stale, after=0.3))

    with unguarded(monkeypatch):
        outcomes = replan_together(programme)

    assert outcomes.count("ok") > 1


@pytest.mark.usefixtures("audited")
def test_moves_that_cross_end_whole_and_seats_go_on_being_taken() -> None:
    """Shifts of everything, swaps of two, and people who register, all at once: no deadlock, no half of a move."""
    programme = factories.programme()
    events = several(programme, 6)
    uids = [Session.objects.get(event=event).uid for event in events]

    def act(client: int) -> list[str]:
        if client % 4 == 3:
            return [outcome(lambda: factories.register(events[client % 6], client))]
        if client % 2:
            swap = replanning.Swap(sessions=(uids[client % 6], uids[(client + 3) % 6]))
            return [outcome(lambda: replanning.apply(programme=programme, asked=swap, actor=SYSTEM, now=NOW))]
        later = replanning.Later(minutes=15)
        return [outcome(lambda: replanning.apply(programme=programme, asked=later, actor=SYSTEM, now=NOW))]

    outcomes = rush(act)

    assert outcomes == ["ok"] * 8
    assert Release.objects.filter(status="released").count() == 6
    first, last = START + HOUR, START + 5 * HOUR  # four times a quarter of an hour later, whoever sits where
    moments = sorted(session.starts_at for session in Session.objects.all())
    assert moments == [first, first, first + 2 * HOUR, first + 2 * HOUR, last, last]
    versions = [release.version for release in Release.objects.order_by("version")]
    assert len(set(versions)) == 6


@pytest.mark.usefixtures("audited")
def test_it_is_undone_once() -> None:
    programme = factories.programme()
    several(programme, 2)
    release = replanning.apply(programme=programme, asked=replanning.Later(minutes=30), actor=SYSTEM, now=NOW)

    outcomes = rush(lambda client: [outcome(lambda: replanning.undo(release=release, actor=SYSTEM, now=NOW))])

    assert sorted(outcomes) == ["already_undone"] * 7 + ["ok"]
    assert {session.sequence for session in Session.objects.all()} == {2}
