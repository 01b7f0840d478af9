"""The list of who registered: its columns, its places, its order."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import SYSTEM, Event, Question, Registration
from events.operations import questioning, waitlisting
from events.reports import attendees
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def asking(event: Event, *titles: str) -> list[Question]:
    questions = [{"key": f"q{n}", "kind": "text", "title_en": title} for n, title in enumerate(titles)]
    return questioning.set_questions(event=event, questions=questions, actor=SYSTEM, now=NOW)


def table(event: Event, language: str = "en") -> list[dict[str, Any]]:
    questions = list(event.questions.order_by("position"))
    columns = attendees.columns(questions=questions, language=language)
    rows = Registration.objects.filter(event=event).order_by("pk")
    _titles, lines = attendees.table(rows=rows, columns=columns, most=100)
    return [dict(zip([column.name for column in columns], line, strict=True)) for line in lines]


def test_each_line_says_all_that_is_known_of_somebody() -> None:
    student, office = factories.audience("student"), factories.organization("Partner", owner="p@demo.example")
    event = factories.event(capacity=5)
    factories.quota(event, 2, "allotment", partner=office)
    asking(event, "Why?")
    row = factories.enter(event, 1, audience=student, partner=office, answers={"q0": "Light"})

    assert table(event) == [
        {
            "code": row.code, "status": "confirmed", "position": "", "name": "김하늘 1",
            "email": "person1@mail.example", "audience": "student", "language": "ko",
            "partner": office.slug, "invitation": "", "group": "",
            "seat": "allotment", "shortlisted": "false", "priority": 0, "waits_since": "", "passed_for": "",
            "offer_expires_at": "", "created_at": "2026-10-01T03:00:00+00:00",
            "updated_at": "2026-10-01T03:00:00+00:00", "reason": "", "answers/q0": "Light",
        }
    ]  # fmt: skip


def test_questions_stand_in_their_order_under_titles_of_their_own() -> None:
    event = factories.event()
    asking(event, "Why?", "Name", "Why?", "name")

    columns = attendees.columns(questions=list(event.questions.order_by("position")), language="en")

    assert [str(column.title) for column in columns][len(attendees.KNOWN) :] == [
        "Why? (q0)", "Name (q1)", "Why? (q2)", "name (q3)",
    ]  # fmt: skip


def test_an_event_that_asks_nothing_keeps_what_it_is_told_in_one_column() -> None:
    event = factories.event()
    factories.register(event, 1, answers={"Diet": "vegan", "Years": 3, "Agrees": True})

    assert table(event)[0]["answers"] == "Diet: vegan\nYears: 3\nAgrees: true"


def test_places_are_those_of_the_waitlist_for_every_run() -> None:
    runs = factories.runs(3, capacity=0)
    alone = factories.event(capacity=0, waitlist="automatic")
    for number, event in enumerate([*runs, *runs, alone]):
        factories.register(event, number, now=NOW + timedelta(seconds=number))
    factories.register(runs[0], 8, accepts=[runs[2]], now=NOW + timedelta(seconds=8))
    rows = list(Registration.objects.select_related("event").order_by("pk"))

    with CaptureQueriesContext(connection) as captured:
        found = attendees.positions(rows)

    assert len(captured) == 1
    assert found == {row.pk: waitlisting.position(row) for row in rows}
    assert {row.pk: table(row.event) for row in rows[:1]}[rows[0].pk][0]["position"] == 1


def test_the_order_of_waiting_is_that_of_the_waitlist() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    seconds = (5, 0, 2, 2, 1)  # whole seconds and parts of them, for SQLite keeps times as texts
    factories.register(event, 99, now=NOW)
    for number, second in enumerate(seconds):
        row = factories.register(event, number, now=NOW)
        since = NOW + timedelta(seconds=second, microseconds=number % 2)
        Registration.objects.filter(pk=row.pk).update(waits_since=since, priority=(-1, 0, 7, 0, 0)[number])

    rows = Registration.objects.filter(event=event).annotate(at=attendees.WAITS)

    waiting = rows.filter(status="waitlisted")
    assert list(waiting.order_by("at", "pk")) == list(Registration.objects.filter(event=event).in_order())
    assert rows.get(status="confirmed").at is None
    assert {len(row.at) for row in waiting} == {37}
