"""The list of who registered: filtered, sorted, paged, each with what an organizer decides by."""

from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event, Organization, Programme, Registration
from events.operations import planning, questioning, registering, selecting
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
QUESTIONS = [
    {"key": "why", "kind": "text", "title_en": "Why?"},
    {
        "key": "level", "kind": "choice", "title_en": "Level",
        "choices": [{"value": "a", "title_ko": "초급", "title_en": "Beginner"}],
    },
    {"key": "photos", "kind": "consent", "title_en": "Photos"},
]  # fmt: skip


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    """Two of four have a seat; the third waits, the fourth has left again."""
    student, professional = factories.audience("student"), factories.audience("professional")
    made = factories.event(
        of=programme, capacity=2, waitlist="automatic", audiences=[student, professional], now=now
    )  # fmt: skip
    for number, audience in enumerate([student, professional, student, student], start=1):
        factories.register(made, number, name=f"Person {number}", audience=audience, now=at(now, number))
    left = Registration.objects.get(name="Person 4")
    registering.cancel(registration=left, actor=SYSTEM, now=at(now, 5), reason="Asked us by phone")
    return made


def at(now: datetime, seconds: int) -> datetime:
    return now - timedelta(hours=1) + timedelta(seconds=seconds)


def names(response: HttpResponse) -> list[str]:
    return [element.text for element in elements(response, "th", scope="row")]


def asked(editor: Client, event: Event, query: str = "") -> HttpResponse:
    return editor.get(f"/organize/events/{event.slug}/{query}")


def test_each_person_has_what_is_known_of_them(editor: Client, event: Event, now: datetime) -> None:
    response = asked(editor, event)

    rows = [element.text for element in elements(response, "tr")][1:]
    times = [f"{(at(now, second) + timedelta(hours=9)):%Y-%m-%d %H:%M}" for second in (1, 2, 3, 4)]
    assert rows == [
        f"Person 1 person1@mail.example Student confirmed – {times[0]} Cancel",
        f"Person 2 person2@mail.example Professional confirmed – {times[1]} Cancel",
        f"Person 3 person3@mail.example Student on the waitlist 1 {times[2]} Cancel",
        f"Person 4 person4@mail.example Student cancelled – {times[3]} Reason: Asked us by phone",
    ]


def test_only_who_is_still_to_be_decided_can_be_ticked(editor: Client, event: Event) -> None:
    ticks = elements(asked(editor, event), "input", name="code")

    assert [tick["value"] for tick in ticks] == [Registration.objects.get(name="Person 3").code]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=waitlisted", ["Person 3"]),
        ("?status=applied,waitlisted,offered,confirmed", ["Person 1", "Person 2", "Person 3"]),
        ("?status=declined,cancelled,expired", ["Person 4"]),
        ("?audience=professional", ["Person 2"]),
        ("?q=PERSON3%40", ["Person 3"]),
        ("?q=person+EXAMPLE+1%40", ["Person 1"]),
        ("?q=%25", []),
        ("?status=confirmed&audience=student&q=person", ["Person 1"]),
        ("?ordering=-created_at", ["Person 4", "Person 3", "Person 2", "Person 1"]),
        ("?ordering=-name", ["Person 4", "Person 3", "Person 2", "Person 1"]),
        ("?ordering=status", ["Person 4", "Person 1", "Person 2", "Person 3"]),
        ("?ordering=waits", ["Person 3", "Person 1", "Person 2", "Person 4"]),
        ("?ordering=email&status=&audience=", ["Person 1", "Person 2", "Person 3", "Person 4"]),
        ("?ordering=-audience", ["Person 2", "Person 1", "Person 3", "Person 4"]),
        ("?page=99", ["Person 1", "Person 2", "Person 3", "Person 4"]),
    ],
)
def test_it_is_filtered_and_sorted_by_its_address(editor: Client, event: Event, query: str, found: list[str]) -> None:
    response = asked(editor, event, query)

    assert (response.status_code, names(response)) == (200, found)


@pytest.mark.parametrize("query", ["?status=absent", "?audience=nobody", "?ordering=shoe-size", "?q=a%00b", "?shoe=42"])
def test_a_question_that_makes_no_sense_is_told_so_and_finds_nobody(editor: Client, event: Event, query: str) -> None:
    response = asked(editor, event, query)

    assert (response.status_code, names(response)) == (400, [])
    assert len(elements(response, "p", class_="error")) + len(elements(response, role="alert")) == 1


def test_the_shortlist_alone(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, registration="approval", now=now)
    rows = factories.crowd(event, [1, 2], now=now)
    selecting.shortlist(event=event, registrations=rows[1:], is_shortlisted=True, actor=SYSTEM, now=now)

    assert names(asked(editor, event, "?shortlisted=true")) == ["김하늘 2 shortlist"]


def test_a_column_sorts_one_way_then_the_other_and_keeps_the_filter(editor: Client, event: Event) -> None:
    first = asked(editor, event, "?status=waitlisted,confirmed&page=1")
    link = next(link for link in elements(first, "a") if link.text == "Name")

    second = asked(editor, event, link["href"])
    back = next(link for link in elements(second, "a") if link.text == "Name")

    assert (link["href"], back["href"]) == (
        "?status=waitlisted,confirmed&ordering=name", "?status=waitlisted,confirmed&ordering=-name",
    )  # fmt: skip
    assert [(head.text, head["aria-sort"]) for head in elements(second, "th", scope="col") if head["aria-sort"]] == [
        ("Name", "ascending")
    ]
    assert names(asked(editor, event, back["href"])) == ["Person 3", "Person 2", "Person 1"]


def test_who_was_passed_is_told_apart_with_the_reason(editor: Client, programme: Programme, now: datetime) -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event(
        of=programme, capacity=2, waitlist="automatic", audiences=[student, professional], now=now
    )  # fmt: skip
    factories.quota(event, 1, "ceiling", audience=student, now=now)
    factories.register(event, 1, audience=student, now=now)
    factories.register(event, 2, audience=professional, now=now)
    factories.register(event, 3, audience=student, now=now)
    factories.register(event, 4, audience=professional, now=now)
    leaving = Registration.objects.get(email="person2@mail.example")
    registering.cancel(registration=leaving, actor=SYSTEM, now=now)

    response = asked(editor, event, "?status=waitlisted")

    assert one(response, "td", class_="more").text == (
        "Somebody behind was served first: their number is limited, and reached. Cancel"
    )


def test_answers_are_shown_in_words_under_their_questions(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, now=now)
    questioning.set_questions(event=event, questions=QUESTIONS, actor=SYSTEM, now=now)
    answers = {"why": "<b>Love</b>\nof it", "level": "a", "photos": False}
    factories.register(event, answers=answers, now=now)
    questioning.set_questions(event=event, questions=QUESTIONS[1:], actor=SYSTEM, now=now)

    response = asked(editor, event)

    found = [element.text for element in elements(one_more(response), "")]
    assert found == ["Level", "Beginner", "Photos", "no", "why", "<b>Love</b>of it"]
    assert len(elements(response, "details")) == 2


def one_more(response: HttpResponse) -> HttpResponse:
    """The list of answers alone."""
    inside = response.content.decode().split('<td class="more"')[1].split("<dl>")[1].split("</dl>")[0]
    return HttpResponse(inside.replace("<br>", "").replace("<br />", ""))


def test_partner_and_group_are_named(editor: Client, office: Organization, now: datetime) -> None:
    partner = factories.organization("KOFIC", title_ko="", owner="kofic@demo.example", now=now)
    programme = factories.programme(of=office, partners=[(partner, "funder")], now=now)
    event = factories.event(of=programme, capacity=5, now=now)
    factories.quota(event, 2, "allotment", partner=partner, now=now)
    factories.enter(event, 1, partner=partner, now=now)

    assert one(asked(editor, event), "td", class_="more").text == "Nominated by KOFIC Cancel"


def test_names_of_other_people_do_not_become_markup(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, now=now)
    factories.register(event, name="<script>alert(1)</script>", now=now)

    assert names(asked(editor, event)) == ["<script>alert(1)</script>"]


def test_the_same_list_is_downloaded_from_the_api(editor: Client, event: Event) -> None:
    response = asked(editor, event, "?status=waitlisted&ordering=-name")

    links = {link.text: link["href"] for link in elements(response, "a")}
    answers = [editor.get(links[name]) for name in ("CSV", "XLSX")]

    assert [answer.status_code for answer in answers] == [200, 200]
    found = answers[0].content.decode()
    assert [f"person{number}@mail.example" in found for number in (1, 2, 3, 4)] == [False, False, True, False]


def test_a_hundred_stand_on_a_page(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, now=now)
    factories.crowd(event, range(101), now=now)

    first, second = asked(editor, event, "?q=person"), asked(editor, event, "?q=person&page=2")

    assert (len(names(first)), len(names(second))) == (100, 1)
    onward = next(link for link in elements(first, "a", class_="button") if link["href"].endswith("page=2"))
    assert onward["href"] == "?q=person&page=2"


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_whatever_there_is(
    editor: Client, programme: Programme, now: datetime, number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    audiences = [factories.audience(f"audience-{index}") for index in range(number)]
    event = factories.event(of=programme, capacity=number, waitlist="automatic", audiences=audiences, now=now)
    questioning.set_questions(event=event, questions=QUESTIONS, actor=SYSTEM, now=now)
    for index in range(2 * number):
        factories.register(
            event, index, audience=audiences[index % number], answers={"why": "x"}, now=now + timedelta(seconds=index)
        )  # fmt: skip
    planning.amend_event(event=event, fields={"summary_en": "New"}, actor=SYSTEM, now=now)

    with django_assert_num_queries(18):
        response = asked(editor, event)

    assert len(names(response)) == 2 * number
