"""The messages of an event: progress, given-up ones first and why, and sent again by a button."""

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from events.models import Delivery, Event, Organization, Programme
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    made = factories.event(of=programme, now=now)
    factories.crowd(made, range(3), now=now)
    return made


def give_up(number: int, error: str = "SMTPRecipientsRefused 550") -> Delivery:
    row = Delivery.objects.get(registration__email=f"person{number}@mail.example")
    row.status, row.attempts, row.error, row.ended_at = "dead", 1, error, timezone.now()
    row.save()
    return row


def address(event: Event, rest: str = "") -> str:
    return f"/organize/events/{event.slug}/messages/{rest}"


def lines(client: Client, event: Event, query: str = "") -> list[str]:
    [messages] = elements(client.get(address(event, query)), "ul", class_="message-list")
    return [
        line.text
        for line in elements(client.get(address(event, query)), "li")
        if line["class"] in Delivery.Status.values and line.text in messages.text
    ]


def test_what_was_given_up_stands_first_with_the_reason(editor: Client, event: Event) -> None:
    give_up(0)

    page = editor.get(address(event))

    found = lines(editor, event)
    assert found[0].startswith("Seat confirmed 김하늘 0 given up")
    assert found[0].endswith("The mail server does not accept the address (550). 1 attempt. Send again")
    assert [line.split(" waiting")[0] for line in found[1:]] == ["Seat confirmed 김하늘 2", "Seat confirmed 김하늘 1"]
    numbers = [item.text for item in elements(page, "li") if item.text.split(" ")[-1].isdigit()]
    assert numbers == ["waiting 2", "sent 0", "superseded 0", "given up 1"]
    assert lines(editor, event, "?status=dead") == found[:1]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("address cannot be mailed", "No mail can be sent to this address."),
        ("SMTPDataError 554", "The mail server does not accept the mail (554)."),
        ("TimeoutError", "The mail server did not answer."),
        ("SMTPServerDisconnected", "The mail server did not answer."),
        ("KeyError", "The mail could not be written; the operator finds the reason in the log."),
    ],
)
def test_every_reason_is_said_in_words(editor: Client, event: Event, error: str, reason: str) -> None:
    give_up(1, error)

    assert f"{reason} 1 attempt." in lines(editor, event)[0]


def test_one_is_sent_again_by_its_button_and_never_by_its_address(editor: Client, event: Event) -> None:
    dead = give_up(0)
    again = address(event, f"{dead.uid}/send-again/")

    opened = editor.get(again)
    still = Delivery.objects.get(pk=dead.pk).status
    answers = [editor.post(again)]
    said = one(editor.get(address(event)), role="status").text
    answers.append(editor.post(again))

    assert (opened.status_code, still) == (302, "dead")
    assert [answer.status_code for answer in answers] == [303, 409]
    assert said == "The message is on its way again."
    assert one(answers[1], role="alert").text == "This message was not given up: it was sent, or it waits."
    assert Delivery.objects.get(pk=dead.pk).status == "waiting"


def test_all_are_sent_again_and_those_of_other_events_are_not(
    editor: Client, event: Event, programme: Programme, now: datetime
) -> None:
    for number in range(2):
        give_up(number)
    factories.register(factories.event("Other", of=programme, now=now), 9, now=now)
    foreign = give_up(9)

    response = editor.post(address(event, "send-again/"))

    assert one(editor.get(response.headers["Location"]), role="status").text == "2 messages are on their way again."
    assert list(Delivery.objects.filter(status="dead")) == [foreign]
    assert editor.post(address(event, f"{foreign.uid}/send-again/")).status_code == 404


def test_a_viewer_sees_the_progress_without_names_and_sends_nothing(office: Organization, event: Event) -> None:
    dead = give_up(0)
    viewer = signed_in(office, "viewer")

    page = viewer.get(address(event))

    assert "김하늘" not in page.content.decode()
    assert lines(viewer, event)[0].startswith("Seat confirmed given up")
    assert [button.text for button in elements(page, "button") if "again" in button.text.lower()] == []
    assert viewer.post(address(event, f"{dead.uid}/send-again/")).status_code == 403
    assert viewer.post(address(event, "send-again/")).status_code == 403


def test_others_find_no_such_page(event: Event, now: datetime) -> None:
    stranger = signed_in(factories.organization("Theirs", owner="owner@theirs.example", now=now), "owner")

    assert (stranger.get(address(event)).status_code, Client().get(address(event)).status_code) == (404, 302)


@pytest.mark.parametrize("more", [0, 4])
def test_the_page_costs_as_much_for_one_as_for_five(
    editor: Client, event: Event, now: datetime, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.crowd(event, range(10, 10 + more), now=now)

    with django_assert_num_queries(12):
        editor.get(address(event))
