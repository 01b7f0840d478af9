"""Approving, declining, shortlisting, cancelling and entering people: all that were ticked, or nobody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events.models import SYSTEM, Change, Event, Organization, Programme, Registration
from events.operations import questioning, registering
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    """Two seats, and four applications of which the last came first."""
    made = factories.event(of=programme, capacity=2, registration="approval", waitlist="automatic", now=now)
    factories.crowd(made, [1, 2, 3], now=now)
    factories.register(made, 4, now=now - timedelta(hours=1))
    return made


def person(number: int) -> Registration:
    return Registration.objects.get(email=f"person{number}@mail.example")


def decide(
    editor: Client, event: Event, decision: str, numbers: Sequence[int] = (), *, codes: Sequence[str] = (), **sent: str
) -> HttpResponse:
    named = [*(person(number).code for number in numbers), *codes]
    return editor.post(
        f"/organize/events/{event.slug}/attendees/decide/", {"decision": decision, "code": named, **sent}
    )


def states(event: Event) -> dict[int, str]:
    rows = Registration.objects.filter(event=event).values_list("email", "status")
    return {int(email.removeprefix("person").partition("@")[0]): status for email, status in rows}


def told(editor: Client, response: HttpResponse) -> str:
    return one(editor.get(response.headers["Location"]), role="status").text


def test_approved_applications_have_seats_in_the_order_in_which_they_came(editor: Client, event: Event) -> None:
    response = decide(editor, event, "approve", [2, 1, 4], query="status=applied&ordering=name")

    assert (response.status_code, response.headers["Location"]) == (
        303, f"/organize/events/{event.slug}/?status=applied&ordering=name",
    )  # fmt: skip
    assert states(event) == {1: "confirmed", 2: "waitlisted", 3: "applied", 4: "confirmed"}
    assert told(editor, response) == "Done. confirmed: 2; on the waitlist: 1 (no seat was free)"


def test_declining_says_why(editor: Client, event: Event) -> None:
    response = decide(editor, event, "decline", [1, 2], reason="Too many this time")

    assert states(event) == {1: "declined", 2: "declined", 3: "applied", 4: "applied"}
    assert {person(1).reason, person(2).reason} == {"Too many this time"}
    assert told(editor, response) == "Done. declined: 2"


def test_the_shortlist_grows_and_shrinks(editor: Client, event: Event) -> None:
    decide(editor, event, "shortlist", [1, 2])
    decide(editor, event, "unshortlist", [2])

    assert [person(number).is_shortlisted for number in (1, 2, 3)] == [True, False, False]


@pytest.mark.parametrize("decision", ["approve", "shortlist", "unshortlist", "decline"])
def test_one_that_was_decided_meanwhile_refuses_all(editor: Client, event: Event, decision: str) -> None:
    registering.cancel(registration=person(2), actor=SYSTEM, now=event.updated_at)
    before, changes = states(event), Change.objects.count()

    response = decide(editor, event, decision, [1, 2, 3], reason="No", query="q=person")

    assert response.status_code == 409
    assert one(response, role="alert").text == "These are not open for that any more. (김하늘 2)"
    assert (states(event), Change.objects.count()) == (before, changes)
    ticked = [tick["value"] for tick in elements(response, "input", name="code") if "checked" in tick.attributes]
    assert ticked == [person(1).code, person(3).code]
    assert one(response, "input", id="reason")["value"] == "No"
    assert one(response, "input", id="filter-q")["value"] == "person"


def test_who_is_registered_elsewhere_refuses_all(
    editor: Client, event: Event, programme: Programme, now: datetime
) -> None:
    other = factories.event("Other", of=programme, registration="approval", now=now)
    stranger = factories.register(other, 9, now=now)

    response = decide(editor, event, "approve", [1], codes=[stranger.code])

    assert response.status_code == 422
    assert one(response, role="alert").text == (
        "Somebody whom you ticked is not registered for this event. Nothing was changed."
    )
    assert set(states(event).values()) == {"applied"}


@pytest.mark.parametrize(
    ("decision", "numbers", "reason"),
    [("approve", [], ""), ("promote", [1], ""), ("", [1], ""), ("decline", [1], "x\ny")],
)
def test_a_form_that_says_nothing_clear_changes_nothing(
    editor: Client, event: Event, decision: str, numbers: list[int], reason: str
) -> None:
    response = decide(editor, event, decision, numbers, reason=reason)

    assert response.status_code == 422
    assert len(elements(response, role="alert")) == 1
    assert set(states(event).values()) == {"applied"}


def test_a_reason_has_a_longest_length(editor: Client, event: Event) -> None:
    response = decide(editor, event, "decline", [1], reason="x" * 501)

    assert (response.status_code, person(1).status) == (422, "applied")


def test_cancelling_is_asked_by_get_and_done_by_post(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, capacity=1, waitlist="automatic", now=now)
    factories.crowd(event, [1, 2], now=now)
    address = f"/organize/events/{event.slug}/attendees/{person(1).code}/cancel/"

    opened = editor.get(address)
    unchanged = states(event)
    pressed = editor.post(address, {"reason": "Asked by phone"})

    assert one(opened, "h2").text == "Cancel the registration of 김하늘 1?"
    assert unchanged == {1: "confirmed", 2: "waitlisted"}
    assert pressed.status_code == 303
    assert states(event) == {1: "cancelled", 2: "confirmed"}
    assert (person(1).reason, person(1).ended_by) == ("Asked by phone", "organizer")


def test_what_has_ended_otherwise_cannot_be_cancelled(editor: Client, event: Event) -> None:
    decide(editor, event, "decline", [1])

    response = editor.post(f"/organize/events/{event.slug}/attendees/{person(1).code}/cancel/")

    assert response.status_code == 409
    assert one(response, role="alert").text == "This registration has ended already."


def test_the_registration_of_another_event_is_not_found_here(
    editor: Client, event: Event, programme: Programme, now: datetime
) -> None:
    other = factories.register(factories.event("Other", of=programme, now=now), 9, now=now)

    answers = [editor.post(f"/organize/events/{event.slug}/attendees/{code}/cancel/") for code in (other.code, "NONE")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert person(9).status == "confirmed"


def enter(editor: Client, event: Event, number: int = 1, **fields: Any) -> HttpResponse:
    sent = {"name": f"Person {number}", "email": f"person{number}@mail.example", "language": "en", **fields}
    return editor.post(f"/organize/events/{event.slug}/attendees/enter/", sent)


def test_somebody_is_entered_by_hand_although_registration_is_closed(
    editor: Client, programme: Programme, now: datetime
) -> None:
    student = factories.audience("student")
    event = factories.event(
        of=programme, capacity=1, waitlist="automatic", audiences=[student], needs_code=True,
        registration_closes_at=now - timedelta(days=1), now=now,
    )  # fmt: skip

    said = [
        told(editor, enter(editor, event, number, audience=audience)) for number, audience in ((1, "student"), (2, ""))
    ]

    assert said == ["Entered: confirmed.", "Entered: on the waitlist."]
    assert states(event) == {1: "confirmed", 2: "waitlisted"}
    made = person(1)
    assert (made.name, made.language, made.audience, made.ended_by) == ("Person 1", "en", student, "")
    assert Change.objects.filter(registration=made).get().reason == "entered"


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "www.buy.example"}, 400, "name"),
        ({"email": "nobody"}, 422, "email"),
        ({"email": "PERSON7@mail.example"}, 409, "email"),
        ({"audience": "unknown"}, 422, "audience"),
        ({"language": "xx"}, 422, "language"),
    ],
)
def test_what_is_wrong_with_an_entry_stands_beside_its_field(
    editor: Client, programme: Programme, now: datetime, fields: dict[str, str], status: int, field: str
) -> None:
    event = factories.event(of=programme, now=now)
    factories.register(event, 7, now=now)

    response = enter(editor, event, **fields)

    assert response.status_code == status
    assert [error["id"] for error in elements(response, "p", class_="error")] == [f"entry-{field}_error"]
    assert "open" in one(response, "details", class_="desk-form").attributes
    assert Registration.objects.count() == 1


def test_nobody_is_entered_beyond_the_seats(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, capacity=1, now=now)
    factories.register(event, 7, now=now)

    response = enter(editor, event)

    assert response.status_code == 409
    assert one(response, role="alert").text == "All seats are taken."


def test_answers_of_an_entry_have_to_fit_and_may_be_left_out(
    editor: Client, programme: Programme, now: datetime
) -> None:
    event = factories.event(of=programme, now=now)
    questions = [
        {"key": "age", "kind": "number", "title_en": "Age", "least": 18, "is_required": True},
        {"key": "photos", "kind": "consent", "title_en": "Photos"},
    ]
    questioning.set_questions(event=event, questions=questions, actor=SYSTEM, now=now)

    unasked = enter(editor, event, 2)
    young = enter(editor, event, **{"answers/age": "17"})
    right = enter(editor, event, **{"answers/age": "18", "answers/photos": "on"})

    assert [answer.status_code for answer in (unasked, young, right)] == [303, 400, 303]
    assert one(young, "p", class_="error").text == "Answer “Age” with a number of at least 18."
    assert [person(number).answers for number in (1, 2)] == [{"age": 18, "photos": True}, {}]


def test_an_overlap_is_told_where_the_programme_only_warns(
    editor: Client, office: Organization, programme: Programme, now: datetime
) -> None:
    mine, other = (factories.event(title, of=programme, now=now) for title in ("Mine", "At the same time"))
    factories.register(other, 1, now=now)

    response = enter(editor, mine, 1)

    assert told(editor, response) == (
        "Entered: confirmed. At that time this person is registered for another event of yours."
    )


def test_where_somebody_is_by_another_organization_is_nobodys_business(
    editor: Client, programme: Programme, now: datetime
) -> None:
    theirs = factories.programme(of=factories.organization("Other", owner="other@demo.example", now=now), now=now)
    factories.register(factories.event("Theirs", of=theirs, now=now), 1, now=now)

    response = enter(editor, factories.event("Mine", of=programme, now=now), 1)

    assert told(editor, response) == "Entered: confirmed."
