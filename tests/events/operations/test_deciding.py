"""Go or no-go: sessions are tentative until enough people come, then confirmed or called off in one step."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from events.errors import Invalid
from events.models import SYSTEM, Change, Event, Fragment, Registration, Session
from events.operations import deciding, falling_due, planning, publishing, scheduling
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def undecided(**fields: Any) -> Event:
    return factories.event(**{"capacity": 5, "minimum": 2, "decides_at": NOW + DAY, "sessions": 2, **fields})


def amend(event: Event, **fields: Any) -> None:
    planning.amend_event(event=event, fields=fields, actor=SYSTEM, now=NOW + HOUR)


def decide(event: Event, *, takes_place: bool, now: datetime = NOW + HOUR) -> Event:
    return deciding.decide(event=event, takes_place=takes_place, actor=SYSTEM, now=now, reason="Too few")


def sessions(event: Event) -> list[tuple[str, int]]:
    """(status, SEQUENCE) of each session."""
    return list(Session.objects.filter(event=event).order_by("pk").values_list("status", "sequence"))


def entries(event: Event) -> list[str]:
    """The STATUS lines of the event's entries in calendars."""
    fragments = Fragment.objects.filter(session__event=event, language="en").order_by("session")
    return [line for fragment in fragments for line in fragment.body.splitlines() if line.startswith("STATUS:")]


def test_sessions_are_tentative_while_it_is_not_decided() -> None:
    event = undecided()

    assert sessions(event) == [("tentative", 0), ("tentative", 0)]
    assert entries(event) == ["STATUS:TENTATIVE"] * 2
    assert list(audit.run()) == []


def test_when_it_takes_place_all_sessions_are_confirmed_in_one_step() -> None:
    event = undecided()
    version = Event.objects.get(pk=event.pk).version

    decided = decide(event, takes_place=True)

    assert (decided.decision, sessions(event)) == ("go", [("confirmed", 1), ("confirmed", 1)])
    assert entries(event) == ["STATUS:CONFIRMED"] * 2
    change = Change.objects.get(kind="event.decided")
    assert (change.before, change.after, change.version) == ({"decision": ""}, {"decision": "go"}, version + 1)
    assert list(audit.run()) == []


def test_when_it_does_not_it_is_called_off_with_everybody_in_it() -> None:
    event = undecided()
    rows = factories.crowd(event, range(2))

    decided = decide(event, takes_place=False)

    assert (decided.status, decided.decision, decided.cancel_reason) == ("cancelled", "no_go", "Too few")
    assert sessions(event) == [("cancelled", 1), ("cancelled", 1)]
    assert entries(event) == ["STATUS:CANCELLED"] * 2
    assert statuses(rows) == ["cancelled", "cancelled"]
    assert Event.objects.get(pk=event.pk).decision == "no_go"
    assert list(audit.run()) == []


@pytest.mark.parametrize("takes_place", [True, False])
def test_it_is_decided_once(takes_place: bool) -> None:
    event = undecided()
    decide(event, takes_place=takes_place)

    with pytest.raises(deciding.NothingToDecide) as refusal:
        decide(event, takes_place=not takes_place)

    assert refusal.value.code == "nothing_to_decide"
    assert Change.objects.filter(kind__in=["event.decided", "event.cancelled"]).count() == 1


def test_there_is_nothing_to_decide_about_a_draft_or_without_a_minimum() -> None:
    draft = factories.draft(minimum=2, decides_at=NOW + DAY)

    for event in (draft, factories.event()):
        with pytest.raises(deciding.NothingToDecide):
            decide(event, takes_place=True)


def test_a_stale_revision_decides_nothing() -> None:
    event = undecided()

    with pytest.raises(publishing.StaleRevision):
        deciding.decide(event=event, takes_place=True, actor=SYSTEM, now=NOW, expected_revision=event.revision + 1)

    assert Event.objects.get(pk=event.pk).decision == ""


# By the number of people


@pytest.mark.parametrize(("people", "decision", "status"), [(2, "go", "confirmed"), (1, "no_go", "cancelled")])
def test_on_the_day_the_number_of_confirmed_people_decides(people: int, decision: str, status: str) -> None:
    event = undecided()
    rows = factories.crowd(event, range(people))

    early = falling_due.run(now=NOW + DAY - timedelta(seconds=1))["decisions"]
    due = falling_due.run(now=NOW + DAY)["decisions"]
    again = falling_due.run(now=NOW + 2 * DAY)["decisions"]

    assert (early, due, again) == (0, 1, 0)
    assert (Event.objects.get(pk=event.pk).decision, statuses(rows)) == (decision, [status] * people)
    assert list(audit.run()) == []


def test_only_who_is_confirmed_counts() -> None:
    event = undecided(needs_proof=True)
    factories.crowd(event, range(4), now=NOW + DAY)

    falling_due.run(now=NOW + DAY)

    assert Event.objects.get(pk=event.pk).decision == "no_go"


def test_what_an_organizer_decided_before_stays_on_the_day() -> None:
    event = undecided()
    decide(event, takes_place=True)

    falling_due.run(now=NOW + DAY)

    assert Event.objects.get(pk=event.pk).status == "published"
    assert falling_due.next_due(after=NOW) is None


def test_the_day_is_what_falls_due_next() -> None:
    undecided()

    assert (falling_due.next_due(after=NOW), falling_due.next_due(after=NOW + DAY)) == (NOW + DAY, None)


# A minimum that comes or goes later


def test_a_minimum_makes_public_sessions_tentative_and_its_end_confirms_them() -> None:
    event = factories.event(sessions=2)
    assert sessions(event) == [("confirmed", 0), ("confirmed", 0)]

    amend(event, minimum=2, decides_at=NOW + DAY)
    assert (sessions(event), entries(event)) == ([("tentative", 1)] * 2, ["STATUS:TENTATIVE"] * 2)
    amend(event, minimum=None)

    assert (sessions(event), entries(event)) == ([("confirmed", 2)] * 2, ["STATUS:CONFIRMED"] * 2)
    assert list(audit.run()) == []


def test_another_minimum_leaves_the_sessions_as_they_are() -> None:
    event = undecided()

    amend(event, minimum=3)

    assert sessions(event) == [("tentative", 0), ("tentative", 0)]


def test_a_decided_event_stays_decided_whatever_its_minimum() -> None:
    event = undecided()
    decide(event, takes_place=True)

    amend(event, minimum=4)

    assert sessions(event) == [("confirmed", 1), ("confirmed", 1)]


def test_a_session_that_somebody_made_tentative_is_left_alone_by_other_amendments() -> None:
    event = factories.event()
    session = event.sessions.get()
    scheduling.amend(session=session, fields={"status": "tentative"}, actor=SYSTEM, now=NOW)

    amend(event, title_ko="조명")

    assert Session.objects.get(pk=session.pk).status == "tentative"


def test_a_session_that_is_added_while_it_is_undecided_is_tentative() -> None:
    event = undecided()
    factories.session(event, starts=NOW + 2 * WEEK)

    factories.publish(event)

    assert [status for status, _sequence in sessions(event)] == ["tentative"] * 3


def test_a_cancelled_session_stays_cancelled_when_the_event_takes_place() -> None:
    event = undecided()
    first = event.sessions.order_by("pk").first()
    assert first is not None
    scheduling.cancel(session=first, actor=SYSTEM, now=NOW)

    decide(event, takes_place=True)

    assert sessions(event) == [("cancelled", 1), ("confirmed", 1)]


def test_a_minimum_needs_a_day() -> None:
    event = factories.event()

    with pytest.raises(Invalid) as refusal:
        amend(event, minimum=2)

    assert (refusal.value.field, Event.objects.get(pk=event.pk).minimum) == ("decides_at", None)


def test_who_registers_for_an_undecided_event_is_in_like_elsewhere() -> None:
    event = undecided(capacity=1, waitlist="automatic")

    rows = factories.crowd(event, range(2))

    assert statuses(rows) == ["confirmed", "waitlisted"]
    assert Registration.objects.filter(event=event).count() == 2


def test_a_day_that_is_over_is_chosen_anew_before_publishing() -> None:
    event = factories.draft(minimum=3, decides_at=NOW + HOUR)
    factories.session(event)

    with pytest.raises(Invalid) as refusal:
        factories.publish(event, now=NOW + 2 * HOUR)

    assert (refusal.value.field, Event.objects.get(pk=event.pk).status) == ("decides_at", "draft")
