"""Messages over the API: who is told what, what became of it, and again what was given up; and the organizer's text."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Change, Delivery
from tests import factories
from tests.api.conftest import World

MESSAGES = "/api/v1/events/lighting/messages/"
EVENT = "/api/v1/events/lighting/"


def give_up(number: int, error: str = "SMTPRecipientsRefused 550") -> Delivery:
    """Person `number` is told nothing: their mail was given up."""
    row = Delivery.objects.get(registration__email=f"person{number}@mail.example")
    row.status, row.attempts, row.error, row.ended_at = "dead", 3, error, timezone.now()
    row.save()
    return row


def test_the_newest_stands_first_with_what_became_of_it(editor: APIClient, world: World) -> None:
    now = timezone.now()
    registration = factories.register(world.event, 1, now=now)
    dead = give_up(1)
    factories.register(factories.event("Other", of=world.programme, now=now), 3, now=now)
    group = factories.group(world.event, 2, now=now)

    rows = editor.get(MESSAGES).json()["results"]

    assert [(row["kind"], row["name"], row["status"]) for row in rows] == [
        ("group.booked", group.name, "waiting"),
        ("registration.confirmed", "김하늘 2", "waiting"),
        ("registration.confirmed", "김하늘 1", "dead"),
    ]
    assert rows[2] == {
        "uid": str(dead.uid),
        "event": "lighting",
        "registration": registration.code,
        "name": "김하늘 1",
        "kind": "registration.confirmed",
        "status": "dead",
        "attempts": 3,
        "reason": "The mail server does not accept the address (550).",
        "next_attempt_at": None,
        "created_at": dead.created_at.isoformat(),
        "ended_at": dead.ended_at.isoformat(),
    }
    assert editor.get(f"{MESSAGES}?status=dead").json()["results"] == rows[2:]
    numbers = editor.get(f"{MESSAGES}numbers/").json()
    assert numbers == {"waiting": 2, "sent": 0, "superseded": 0, "dead": 1}


@pytest.mark.parametrize(
    ("query", "field"), [("status=lost", "status"), ("state=dead", "state"), ("ordering=kind", "ordering")]
)
def test_what_nobody_knows_is_refused_by_name(editor: APIClient, world: World, query: str, field: str) -> None:
    answer = editor.get(f"{MESSAGES}?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"?{field}")


@pytest.mark.parametrize("people", [1, 5])
def test_a_page_costs_as_much_for_one_as_for_five(editor: APIClient, world: World, people: int) -> None:
    factories.crowd(world.event, range(people), now=timezone.now())
    give_up(0)

    with CaptureQueriesContext(connection) as asked:
        rows = editor.get(MESSAGES).json()["results"]

    assert (len(rows), len(asked)) == (people, 4)  # the key, its last use, the event, the page


def test_what_was_given_up_is_sent_again_and_nothing_else(editor: APIClient, world: World) -> None:
    factories.register(world.event, 1, now=timezone.now())
    dead = give_up(1)

    answers = [editor.post(f"/api/v1/messages/{dead.uid}/send-again/") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert (answers[0].json()["status"], answers[0].json()["reason"]) == ("waiting", "")
    assert answers[1].json()["code"] == "not_given_up"
    assert Change.objects.filter(kind="delivery.sent_again").count() == 1
    assert editor.post(f"/api/v1/messages/{uuid4()}/send-again/").status_code == 404


def test_the_text_of_the_mails_is_for_members(editor: APIClient, client: APIClient, world: World) -> None:
    sent = {"mail_note_ko": "{{ place }}에서 뵙겠습니다.", "mail_note_en": "See you.\nBye", "reminder_hours": 48}

    changed = editor.patch(EVENT, sent, "json").json()

    assert {name: changed[name] for name in sent} == sent
    public = client.get(EVENT).json()
    assert set(changed) - set(public) >= set(sent)
    assert "뵙겠습니다" not in client.get("/api/v1/changelog/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mail_note_en", "Dear {{ name }}"), ("mail_note_ko", "{{ event.slug }}"), ("mail_note_en", "{{ event"),
        ("mail_note_en", "x" * 2001), ("mail_note_ko", "a\x00b"), ("reminder_hours", 721), ("reminder_hours", -1),
        ("reminder_hours", "24"), ("reminder_hours", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_text_is_said_at_its_field(
    editor: APIClient, world: World, field: str, value: Any
) -> None:
    answer = editor.patch(EVENT, {field: value}, "json")

    assert (answer.status_code, {error["pointer"] for error in answer.json()["errors"]}) == (400, {f"/{field}"})
    world.event.refresh_from_db()
    assert (world.event.mail_note_ko, world.event.mail_note_en, world.event.reminder_hours) == ("", "", 24)
