"""The number of seats: raised, cut, unlimited, as the room has it; refused with the numbers and with who is over."""

from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events.models import SYSTEM, Change, Event, Programme, SeatPool
from events.operations import planning
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    """Two seats taken, in a room of six, and two people who wait."""
    room = factories.room(at=factories.venue(of=programme.organization, now=now), seats=6, now=now)
    made = factories.event(of=programme, room=room, capacity=2, waitlist="automatic", now=now)
    factories.crowd(made, [1, 2, 3, 4], now=now)
    return Event.objects.get(pk=made.pk)


def resize(editor: Client, event: Event, **sent: Any) -> HttpResponse:
    values = {"kind": "number", "revision": event.revision, **sent}
    return editor.post(f"/organize/events/{event.slug}/seats/capacity/", values)


def seats(event: Event) -> tuple[int, int, bool]:
    pool = SeatPool.objects.get(event=event)
    return pool.seats, pool.taken, pool.is_unlimited


def errors(response: HttpResponse) -> dict[str, str]:
    found = {error["id"].removesuffix("_error"): error.text for error in elements(response, "p", class_="error")}
    alerts = [alert.text for alert in elements(response, role="alert")]
    return found | ({"": " ".join(alerts)} if alerts else {})


def test_more_seats_serve_the_waitlist(editor: Client, event: Event) -> None:
    response = resize(editor, event, capacity="3")

    assert (response.status_code, response.headers["Location"]) == (303, f"/organize/events/{event.slug}/seats/")
    assert seats(event) == (3, 3, False)
    assert factories.statuses(event.registrations.order_by("pk")) == ["confirmed"] * 3 + ["waitlisted"]
    page = editor.get(response.headers["Location"])
    assert one(page, role="status").text == "The seats are changed, and whoever waited for one has been served."
    assert one(page, "input", name="capacity")["value"] == "3"


def test_no_limit_and_the_rooms_own_number(editor: Client, event: Event) -> None:
    resize(editor, event, kind="unlimited", capacity="2")
    unlimited = seats(event)
    event.refresh_from_db()
    resize(editor, event, kind="room", capacity="")

    event.refresh_from_db()
    assert unlimited == (0, 4, True)
    assert (seats(event), event.capacity, event.capacity_from_room) == ((6, 4, False), 6, True)


@pytest.mark.parametrize(
    ("sent", "field", "text"),
    [
        ({"capacity": ""}, "capacity-capacity", "Write a whole number."),
        ({"capacity": "-1"}, "capacity-capacity", "Write at least 0."),
        ({"capacity": str(2**31)}, "capacity-capacity", "Write at most 1000000."),
        ({"capacity": "ten"}, "capacity-capacity", "Write a whole number."),
        (
            {"kind": "many", "capacity": "3"},
            "capacity-kind",
            "Select a valid choice. many is not one of the available choices.",
        ),
        ({"capacity": "3", "revision": ""}, "", "This form is damaged. Please open the page again."),
        ({"capacity": "3", "revision": "x"}, "", "This form is damaged. Please open the page again."),
    ],
)
def test_what_is_typed_wrong_stands_beside_its_field(
    editor: Client, event: Event, sent: dict[str, str], field: str, text: str
) -> None:
    response = resize(editor, event, **sent)

    assert (response.status_code, errors(response)) == (422, {field: text})
    assert seats(event) == (2, 2, False)


def test_a_cut_below_who_is_in_is_refused_with_the_numbers_and_who_would_be_over(editor: Client, event: Event) -> None:
    response = resize(editor, event, capacity="1")

    assert response.status_code == 409
    assert errors(response) == {"capacity-capacity": "2 people are registered; 1 seats are too few."}
    over = [item.text for item in elements(response, "li") if "@" in item.text]
    assert over == ["김하늘 2 (person2@mail.example)"]
    assert one(response, "input", name="capacity")["value"] == "1"
    assert "checked" not in one(response, "input", name="over_commit").attributes
    assert seats(event) == (2, 2, False)


def test_over_committing_on_purpose_takes_one_box_more(editor: Client, event: Event) -> None:
    before = elements(editor.get(f"/organize/events/{event.slug}/seats/"), "input", name="over_commit")

    response = resize(editor, event, capacity="1", over_commit="on")

    assert before == []
    assert response.status_code == 303
    assert (seats(event), SeatPool.objects.get(event=event).over_committed) == ((1, 2, False), True)


def test_more_than_the_room_holds_takes_one_box_more(editor: Client, event: Event) -> None:
    refused = resize(editor, event, capacity="7")
    response = resize(editor, event, capacity="7", capacity_override="on")

    assert refused.status_code == 409
    assert errors(refused) == {"capacity-capacity": "The smallest room holds 6 people, the capacity is 7."}
    assert one(refused, "input", name="capacity_override")["type"] == "checkbox"
    assert (response.status_code, seats(event)[0]) == (303, 7)
    page = editor.get(f"/organize/events/{event.slug}/seats/")
    assert "checked" in one(page, "input", name="capacity_override").attributes


def test_a_stale_form_changes_nothing_and_says_what_is_stored_now(editor: Client, event: Event, now: datetime) -> None:
    planning.amend_event(event=event, fields={"capacity": 5}, actor=SYSTEM, now=now)
    changes = Change.objects.count()

    response = resize(editor, event, capacity="3")
    again = one(response, "input", id="capacity-revision")["value"]

    assert response.status_code == 412
    assert errors(response) == {
        "": "Somebody changed it since you opened this page. Nothing of yours was saved."
        "Look at it again; sending this form once more puts your values in place.",
        "capacity-capacity": "Now it says “5”.",
    }
    assert one(response, "input", name="capacity")["value"] == "3"
    assert (seats(event)[0], Change.objects.count()) == (5, changes)
    assert resize(editor, event, kind="unlimited", revision=again).status_code == 303
