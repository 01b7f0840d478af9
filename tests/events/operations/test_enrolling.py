"""Lists of people: each line is an organizer's entry, and stands or falls by itself."""

from collections.abc import Sequence
from typing import Any

import pytest

from events.errors import Invalid
from events.models import SYSTEM, Event, Registration, SeatMovement
from events.operations import enrolling, questioning, registering
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

HEADER = ("name", "email")
QUESTIONS: list[dict[str, Any]] = [
    {"key": "years", "kind": "number", "title_en": "Years", "title_ko": "경력"},
    {"key": "agreed", "kind": "consent", "title_en": "Agreed?"},
    {"key": "level", "kind": "choice", "title_en": "Level",
     "choices": [{"value": "a", "title_en": "Beginner", "title_ko": "초급"}, {"value": "b", "title_en": "Other"}]},
    {"key": "why", "kind": "text", "title_en": "Name"},
]  # fmt: skip


def enrol(event: Event, *lines: Sequence[str], dry_run: bool = False) -> enrolling.Outcome:
    fresh = Event.objects.select_related("programme", "series").get(pk=event.pk)
    return enrolling.enrol(
        event=fresh, door=registering.door_of(fresh), table=list(enumerate(lines, start=1)), language="ko",
        actor=SYSTEM, now=NOW, dry_run=dry_run,
    )  # fmt: skip


def told(outcome: enrolling.Outcome) -> list[tuple[int, str, str]]:
    return [(one.line, one.action, one.refusal.field if one.refusal else "") for one in outcome.lines]


def test_lines_take_seats_while_there_are_any_and_one_after_the_other() -> None:
    event = factories.event(capacity=2)

    lines = [("A", "a@mail.example"), ("B", "b"), ("A", "A@mail.example"), ("C", "c@mail.example")]
    outcome = enrol(event, HEADER, *lines, ("D", "d@mail.example"))

    assert told(outcome) == [
        (2, "created", ""), (3, "refused", "email"), (4, "unchanged", ""), (5, "created", ""), (6, "refused", ""),
    ]  # fmt: skip
    assert [type(one.refusal) for one in outcome.lines if one.refusal][1:] == [registering.EventFull]
    assert event.pools.get().taken == Registration.objects.filter(status="confirmed").count() == 2


def test_a_dry_run_tells_the_same_and_leaves_nothing() -> None:
    event = factories.event(capacity=1)
    lines = [HEADER, ("A", "a@mail.example"), ("B", "b@mail.example")]

    dry = enrol(event, *lines, dry_run=True)
    movements = SeatMovement.objects.filter(delta=1).count()
    done = enrol(event, *lines)

    assert (told(dry), movements) == (told(done), 0)
    assert Registration.objects.count() == 1


def test_cells_mean_what_the_list_writes_and_what_people_write() -> None:
    student = factories.audience("student")
    event = factories.event()
    questioning.set_questions(event=event, questions=QUESTIONS, actor=SYSTEM, now=NOW)

    enrol(
        event,
        ["이름", "email", "AUDIENCE", "language", "Years", "answers/agreed", "level", "name (why)", "Status", "?"],
        ["A", "a@mail.example", "student", "EN", "-3", "yes", "Beginner", "'=1+1", "cancelled", "x"],
        ["B", "b@mail.example", "학생", "", "0", "false", "a", "", "", ""],
        ["C", "c@mail.example"],
    )  # fmt: skip

    rows = Registration.objects.order_by("pk")
    assert [(row.audience, row.language, row.status, row.answers) for row in rows] == [
        (student, "en", "confirmed", {"years": -3, "agreed": True, "level": "a", "why": "=1+1"}),
        (student, "ko", "confirmed", {"years": 0, "agreed": False, "level": "a"}),
        (None, "ko", "confirmed", {}),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("language", "fr", "language"), ("audience", "nobody", "audience"), ("partner", "nobody", "partner"),
        ("years", "three", "answers/years"), ("years", "1.5", "answers/years"), ("agreed", "perhaps", "answers/agreed"),
        ("level", "Expert", "answers/level"), ("years", "9" * 30, "answers/years"),
    ],
)  # fmt: skip
def test_what_a_cell_cannot_mean_is_named(column: str, cell: str, field: str) -> None:
    event = factories.event()
    questioning.set_questions(event=event, questions=QUESTIONS, actor=SYSTEM, now=NOW)

    assert told(enrol(event, (*HEADER, column), ("A", "a@mail.example", cell))) == [(2, "refused", field)]
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    "header", [("name",), ("email",), ("code", "status"), ("name", "email", "E-mail address"), ("", "")]
)
def test_a_list_without_names_or_addresses_is_none(header: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refusal:
        enrol(factories.event(), header, ("A", "a@mail.example", "b@mail.example"))

    assert refusal.value.field == "file"


def test_a_name_is_as_long_as_anywhere_else() -> None:
    event = factories.event()

    assert told(enrol(event, HEADER, ("A" * 101, "a@mail.example"), ("", "b@mail.example"))) == [
        (2, "refused", "name"), (3, "refused", "name"),
    ]  # fmt: skip
