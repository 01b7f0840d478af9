"""Steps over many sessions: what they lock first, whoever takes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import SYSTEM, Event, Session
from events.operations import replanning, scheduling
from tests import factories
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db

LATER = NOW + HOUR


def rearrange(sessions: list[Session]) -> None:
    blocks = {
        session.pk: scheduling.block(
            starts=session.starts_at + HOUR, ends=session.ends_at + HOUR, timezone=session.timezone
        )
        for session in sessions
    }
    scheduling.rearrange(moves=blocks, actor=SYSTEM, now=LATER)


def replan(sessions: list[Session]) -> None:
    replanning.apply(programme=sessions[0].event.programme, asked=replanning.Later(minutes=60), actor=SYSTEM, now=LATER)


@pytest.mark.parametrize("move", [rearrange, replan])
def test_events_then_the_pools_of_all_their_runs_then_sessions_are_locked(move: Callable[..., Any]) -> None:
    """In one statement for each, by id (RULES 9): events whose sessions were made in another order too."""
    programme = factories.programme()
    series = factories.series(of=programme)
    events = [factories.draft(f"Run {number}", of=programme, series=series) for number in range(3)]
    for event in (events[1], events[0]):  # the third one has none, and shares their waitlist
        factories.session(event, starts=NOW + WEEK)
    sessions = list(Session.objects.select_related("event__programme").order_by("pk"))

    with CaptureQueriesContext(connection) as captured:
        move(sessions)

    read = [query["sql"].split(" FROM ", 1)[-1] for query in captured if query["sql"].startswith("SELECT")]
    tables = [name for sql in read for name in ("event", "seatpool", "session") if sql.startswith(f'"events_{name}"')]
    assert tables[:4] == ["event", "event", "seatpool", "session"]
    pools = next(sql for sql in read if sql.startswith('"events_seatpool"'))
    assert all(f" {event.pk}" in pools or f"({event.pk}" in pools for event in Event.objects.all())
