"""What an event asks: questions added, changed, moved and removed one at a time, never over somebody else's change."""

from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event, Programme, Question
from events.operations import questioning
from pages.organizer.question_form import PARTS
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.test_capacity import errors

pytestmark = pytest.mark.django_db
LEVELS = [
    {"value": "none", "title_ko": "없음", "title_en": "None"},
    {"value": "some", "title_ko": "some", "title_en": ""},
]
STORED = [
    {"key": "why", "kind": "text", "title_en": "Why?", "is_required": True, "most": 300},
    {"key": "level", "kind": "choice", "title_ko": "수준", "title_en": "Level", "choices": LEVELS},
]


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    made = factories.event(of=programme, now=now)
    questioning.set_questions(event=made, questions=STORED, actor=SYSTEM, now=now)
    return Event.objects.get(pk=made.pk)


def send(editor: Client, event: Event, path: str, **sent: Any) -> HttpResponse:
    values = {"kind": "text", "revision": event.revision, **sent}
    return editor.post(f"/organize/events/{event.slug}/questions/{path}/", values)


def asked(event: Event) -> list[dict[str, Any]]:
    rows = Question.objects.filter(event=event).order_by("position")
    return [{name: getattr(row, name) for name in ("key", "choices", *PARTS)} for row in rows]


def keys(event: Event) -> list[str]:
    return [question["key"] for question in asked(event)]


def test_a_question_is_added_at_the_end_with_a_key_of_its_title(editor: Client, event: Event) -> None:
    response = send(
        editor, event, "add", kind="number", title_ko="나이", title_en="How old are you?", is_required="on", least="18",
        most="99", help_en="In years",
    )  # fmt: skip

    assert response.status_code == 303
    assert asked(event)[2] == {
        "key": "how-old-are-you", "kind": "number", "title_ko": "나이", "title_en": "How old are you?", "help_ko": "",
        "help_en": "In years", "is_required": True, "least": 18, "most": 99, "choices": [],
    }  # fmt: skip


def test_keys_are_made_apart(editor: Client, event: Event) -> None:
    for title in ("Why?", "Why?", "", ""):
        event.refresh_from_db()
        send(editor, event, "add", title_ko="왜", title_en=title)

    assert keys(event) == ["why", "level", "why-1", "why-2", "question-1", "question-2"]


def test_choices_are_written_one_a_line(editor: Client, event: Event) -> None:
    lines = "a | 가 | A\r\n\r\n  b||B \r\nplain\r\n"

    send(editor, event, "add", kind="choice", title_ko="고르기", choices=lines)

    assert asked(event)[2]["choices"] == [
        {"value": "a", "title_ko": "가", "title_en": "A"},
        {"value": "b", "title_ko": "", "title_en": "B"},
        {"value": "plain", "title_ko": "plain", "title_en": ""},
    ]


@pytest.mark.parametrize("key", ["why", "level"])
def test_a_question_that_is_opened_and_sent_back_stays_as_it_is(editor: Client, event: Event, key: str) -> None:
    before = asked(event)
    page = editor.get(f"/organize/events/{event.slug}/questions/{key}/")
    fields = {field["name"]: field["value"] for field in elements(page, "input") if field["id"].startswith("question-")}
    ticked = one(page, "input", name="is_required").attributes
    fields |= {area["name"]: "".join(area.words).strip("\n") for area in elements(page, "textarea")}
    fields["is_required"] = "on" if "checked" in ticked else ""
    kind = next(option["value"] for option in elements(page, "option") if "selected" in option.attributes)

    response = send(editor, event, key, **(fields | {"kind": kind}))

    assert (response.status_code, asked(event)) == (303, before)


def test_a_changed_question_keeps_its_key_and_place(editor: Client, event: Event) -> None:
    send(editor, event, "why", kind="consent", title_en="May we?", is_required="on")

    found = asked(event)
    assert [(one["key"], one["kind"], one["title_en"]) for one in found] == [
        ("why", "consent", "May we?"), ("level", "choice", "Level"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"title_en": ""}, 400, "title_ko"),
        ({"kind": "file"}, 422, "kind"),
        ({"kind": "choice"}, 400, "choices"),
        ({"kind": "choice", "choices": "a|b|c|d"}, 422, "choices"),
        ({"kind": "choice", "choices": "a\na"}, 400, "choices"),
        ({"choices": "a"}, 400, "choices"),
        ({"least": "5", "most": "3"}, 400, "least"),
        ({"most": "0"}, 400, "most"),
        ({"least": "many"}, 422, "least"),
        ({"title_en": "x" * 301}, 422, "title_en"),
    ],
)
@pytest.mark.parametrize("path", ["add", "why"])
def test_what_is_wrong_with_a_question_stands_beside_its_field(
    editor: Client, event: Event, path: str, sent: dict[str, str], status: int, field: str
) -> None:
    before = asked(event)

    response = send(editor, event, path, **({"title_en": "Well?"} | sent))

    assert (response.status_code, list(errors(response))) == (status, [f"question-{field}"])
    assert asked(event) == before


def test_a_question_moves_up_and_another_is_removed(editor: Client, event: Event) -> None:
    send(editor, event, "level/up")
    moved = keys(event)
    event.refresh_from_db()
    send(editor, event, "why/remove")

    assert (moved, keys(event)) == (["level", "why"], ["level"])


@pytest.mark.parametrize("path", ["add", "why", "why/remove", "level/up"])
def test_a_stale_list_changes_nothing(editor: Client, event: Event, now: datetime, path: str) -> None:
    questioning.set_questions(event=event, questions=STORED[::-1], actor=SYSTEM, now=now)
    before = asked(event)

    response = send(editor, event, path, title_en="Well?")

    assert response.status_code == 412
    assert one(response, role="alert").text.startswith("Somebody changed it since you opened this page.")
    assert asked(event) == before


@pytest.mark.parametrize("path", ["unknown", "unknown/remove", "unknown/up"])
def test_a_question_that_is_not_asked_is_not_found(editor: Client, event: Event, path: str) -> None:
    assert send(editor, event, path, title_en="Well?").status_code == 404


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_however_many_there_are(
    editor: Client, event: Event, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    questions = [{"key": f"q{index}", "kind": "text", "title_en": f"{index}?"} for index in range(number)]
    questioning.set_questions(event=event, questions=questions, actor=SYSTEM, now=now)

    with django_assert_num_queries(10):
        response = editor.get(f"/organize/events/{event.slug}/questions/")

    assert len(elements(response, "a", class_="button")) == number
