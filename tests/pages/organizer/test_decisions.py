"""Whether an event takes place, decided by hand: asked by GET, done by its button, never on a stale page."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from events.models import SYSTEM, Event, Programme
from events.operations import planning
from tests import factories
from tests.pages.html import one

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    """Three of at least five are in."""
    made = factories.event(of=programme, minimum=5, decides_at=now + timedelta(days=2), now=now)
    factories.crowd(made, range(3), now=now)
    return Event.objects.get(pk=made.pk)


def address(event: Event, what: str) -> str:
    return f"/organize/events/{event.slug}/registration/decide/{what}/"


def state(event: Event) -> tuple[str, str, list[str], list[str]]:
    event.refresh_from_db()
    sessions = [session.status for session in event.sessions.all()]
    return event.status, event.decision, sessions, factories.statuses(event.registrations.order_by("pk"))


def test_it_takes_place_by_one_button(editor: Client, event: Event) -> None:
    asked = editor.get(address(event, "takes-place"))
    before = state(event)

    pressed = editor.post(address(event, "takes-place"), {"revision": event.revision})

    assert one(asked, "h2").text == "It takes place?"
    assert before == ("published", "", ["tentative"], ["confirmed"] * 3)
    assert state(event) == ("published", "go", ["confirmed"], ["confirmed"] * 3)
    assert one(editor.get(pressed.headers["Location"]), role="status").text == "The event takes place."


def test_it_is_called_off_with_a_reason(editor: Client, event: Event) -> None:
    editor.post(address(event, "call-off"), {"revision": event.revision, "reason": "Too few people"})

    assert state(event) == ("cancelled", "no_go", ["cancelled"], ["cancelled"] * 3)
    assert event.cancel_reason == "Too few people"


@pytest.mark.parametrize("what", ["takes-place", "call-off"])
def test_a_stale_page_decides_nothing(editor: Client, event: Event, now: datetime, what: str) -> None:
    seen = event.revision
    planning.amend_event(event=event, fields={"minimum": 2}, actor=SYSTEM, now=now)

    response = editor.post(address(event, what), {"revision": seen})

    assert response.status_code == 412
    assert one(response, role="alert").text.startswith("Somebody changed it since you opened this page.")
    assert state(event)[:2] == ("published", "")


@pytest.mark.parametrize("sent", [{}, {"revision": "x"}])
def test_without_its_revision_nothing_is_decided(editor: Client, event: Event, sent: dict[str, str]) -> None:
    response = editor.post(address(event, "call-off"), sent)

    assert (response.status_code, state(event)[0]) == (422, "published")


def test_an_event_without_a_minimum_has_nothing_to_decide(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, now=now)

    response = editor.post(address(event, "call-off"), {"revision": event.revision})
    unknown = editor.get(address(event, "perhaps"))

    assert (response.status_code, unknown.status_code) == (409, 404)
    assert one(response, role="alert").text == "There is nothing to decide about this event."
