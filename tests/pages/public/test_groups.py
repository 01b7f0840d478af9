"""Registering several people by one form: all of them or nobody, and one page for whoever did it."""

from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event, Group, Registration
from events.operations import grouping, questioning, registering
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


def address(event: Event) -> str:
    return f"/en/events/{event.slug}/group/"


def typed(client: Client, event: Event, *names: str, rows: int = 0, **words: str) -> dict[str, str]:
    """What a browser sends for these people; "" is a row that was left empty."""
    key = one(client.get(address(event)), "input", name="key")["value"]
    sent = {"name": "Prof. Lee", "email": "lee@school.example", "key": key, "code": ""}
    sent |= {"people-TOTAL_FORMS": str(rows or len(names)), "people-INITIAL_FORMS": "0"}
    for index, name in enumerate(names):
        email = f"{name.lower()}@mail.example" if name else ""
        sent |= {f"people-{index}-name": name, f"people-{index}-email": email}
    return sent | words


def group_of(event: Event, *numbers: int, now: datetime) -> grouping.Booked:
    booker = registering.Applicant(name="Lee", email="lee@school.example")
    people = [factories.applicant(number) for number in numbers]
    fresh = Event.objects.get(pk=event.pk)
    return grouping.register(event=fresh, booker=booker, people=people, actor=SYSTEM, now=now)


def test_everybody_has_a_seat_and_the_booker_one_page(client: Client, now: datetime) -> None:
    event = factories.event(capacity=3, now=now)

    response = client.post(address(event), typed(client, event, "Kim", "", "Park"))

    group = Group.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/en/my/groups/{group.code}/")
    assert (group.name, group.email, group.language) == ("Prof. Lee", "lee@school.example", "en")
    people = list(Registration.objects.order_by("pk"))
    assert [(row.name, row.email, row.status, row.group) for row in people] == [
        ("Kim", "kim@mail.example", "confirmed", group), ("Park", "park@mail.example", "confirmed", group),
    ]  # fmt: skip
    page = client.get(response.headers["Location"])
    assert [e.text for e in elements(page, "li") if "confirmed" in e.text] == ["Kim confirmed", "Park confirmed"]
    links = [e["href"] for e in elements(page, "a") if "/my/registrations/" in e["href"]]
    assert links == [f"/en/my/registrations/{row.code}/" for row in people]


def test_the_same_form_sent_twice_books_once(client: Client, now: datetime) -> None:
    event = factories.event(capacity=3, now=now)
    words = typed(client, event, "Kim", "Park")

    first, second = client.post(address(event), words), client.post(address(event), words)
    other = client.post(address(event), words | {"people-1-name": "Choi"})

    assert (first.headers["Location"], second.status_code) == (second.headers["Location"], 303)
    assert other.status_code == 409
    assert (Group.objects.count(), Registration.objects.count()) == (1, 2)


def test_nobody_is_registered_when_one_cannot_be(client: Client, now: datetime) -> None:
    event = factories.event(capacity=9, now=now)
    factories.register(event, 1, now=now)

    response = client.post(
        address(event), typed(client, event, "", "Kim", "Park", **{"people-2-email": "person1@mail.example"})
    )

    assert response.status_code == 409
    error = one(response, "p", class_="error")
    assert (error["id"], one(response, id="people-2-email")["aria-describedby"]) == ("people-2-email_error",) * 2
    assert error.text == (
        "This address is registered for the event already. We mail the link of that registration to this address again."
    )
    assert one(response, id="people-1-name")["value"] == "Kim"
    assert (Registration.objects.count(), Group.objects.count()) == (1, 0)
    assert factories.ordered("link") == ["person1@mail.example"]


@pytest.mark.parametrize(
    ("names", "words", "where", "message"),
    [
        (["Kim", "Kim"], {}, "people-1-email", "Each person needs an address of their own."),
        (["Kim", ""], {"people-1-email": "park@mail.example"}, "people-1-name", "Write your name."),
        (["Kim"], {"people-0-email": "kim"}, "people-0-email", "This is no e-mail address."),
        (["Kim"], {"email": ""}, "booker-email", "Write your e-mail address."),
        (["Kim"], {"name": "https://x.example"}, "booker-name", "Write a name only, without addresses or line breaks."),
    ],
)
def test_what_is_wrong_stands_beside_the_person(
    client: Client, now: datetime, names: list[str], words: dict[str, str], where: str, message: str
) -> None:
    event = factories.event(now=now)

    response = client.post(address(event), typed(client, event, *names, **words))

    assert response.status_code in (400, 422)
    assert [(e["id"], e.text) for e in elements(response, "p", class_="error")] == [(f"{where}_error", message)]
    assert [e["id"] for e in elements(response, autofocus="")] == [where]
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"people-TOTAL_FORMS": "3"}, "Write at least one person."),
        ({"people-TOTAL_FORMS": "-1"}, None),
        ({"people-TOTAL_FORMS": ""}, None),
        ({"people-TOTAL_FORMS": "2147483648"}, None),
        ({"key": ""}, "Please press the button once more."),
    ],
)
def test_a_form_of_nobody_or_a_broken_one_registers_nobody(
    client: Client, now: datetime, words: dict[str, str], message: str | None
) -> None:
    event = factories.event(now=now)

    response = client.post(address(event), typed(client, event, "", "") | words)

    assert response.status_code == 422
    said = [element.text for element in elements(response, role="alert")]
    assert (message in said) if message else said
    assert Registration.objects.count() == 0


def test_a_row_more_keeps_what_was_typed_and_judges_nothing(client: Client, now: datetime) -> None:
    event = factories.event(most_in_group=3, audiences=[factories.audience("student")], now=now)
    asked = [{"key": "yes", "kind": "consent", "title_en": "Yes", "is_required": True}]
    questioning.set_questions(event=event, questions=asked, actor=SYSTEM, now=now)
    factories.code(event, now=now)
    sent = typed(client, event, "Kim", "") | {
        "people-0-audience": "student", "people-0-answers/yes": "on", "people-1-email": "half", "more": "1",
    }  # fmt: skip

    response = client.post(address(event), sent)

    assert (response.status_code, elements(response, "p", class_="error")) == (200, [])
    kept = {e["name"]: e["value"] for e in elements(response, "input") if e["name"] in sent}
    wanted = {name: value for name, value in sent.items() if name not in ("more", "people-0-audience")}
    assert kept == wanted | {"people-TOTAL_FORMS": "3"}
    assert "checked" in one(response, id="people-0-answers/yes").attributes
    assert [e["value"] for e in elements(response, "option", selected="")] == ["student", "", ""]
    assert [e["id"] for e in elements(response, autofocus="")] == ["people-2-name"]
    assert elements(response, "button", name="more") == []
    assert Registration.objects.count() == 0


def test_more_people_than_the_event_takes_are_refused(client: Client, now: datetime) -> None:
    event = factories.event(most_in_group=2, now=now)

    response = client.post(address(event), typed(client, event, "Kim", "Park", "Choi"))

    assert response.status_code == 422
    assert len(elements(response, role="alert")) == 1
    assert Registration.objects.count() == 0


def test_a_group_without_room_waits_as_one(client: Client, now: datetime) -> None:
    event = factories.event(capacity=3, waitlist="automatic", now=now)
    factories.crowd(event, [1, 2], now=now)

    response = client.post(address(event), typed(client, event, "Kim", "Park"))

    page = client.get(response.headers["Location"])
    members = [e.text for e in elements(page, "li") if "waitlist" in e.text]
    assert members == ["Kim on the waitlist (number 1)", "Park on the waitlist (number 2)"]


def test_one_code_lets_the_whole_group_in(client: Client, now: datetime) -> None:
    event = factories.event(needs_code=True, now=now)
    code = factories.code(event, "STUDIO-2026", uses=2, now=now)

    wrong = client.post(address(event), typed(client, event, "Kim", "Park", code="NOTHING"))
    right = client.post(address(event), typed(client, event, "Kim", "Park", code="studio2026"))

    code.refresh_from_db()
    assert (wrong.status_code, right.status_code, code.used) == (409, 303, 2)
    assert one(wrong, "p", class_="error")["id"] == "booker-code_error"


def test_events_for_single_people_have_no_such_form(client: Client, now: datetime) -> None:
    single = factories.event(most_in_group=1, now=now)
    draft = factories.draft(now=now)

    answers = [client.get(address(event)) for event in (single, draft)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "/group/" not in client.get(f"/en/events/{single.slug}/").content.decode()


def test_instead_of_a_form_it_says_why_there_is_none(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, now=now)
    factories.register(event, now=now)

    response = client.get(address(event))

    assert one(response, "p", class_="reason").text == "All seats are taken."
    assert elements(response, "form") == []


def test_the_page_of_a_group_is_nobody_elses(client: Client, now: datetime) -> None:
    booked = group_of(factories.event(now=now), 1, 2, now=now)

    page = client.get(f"/en/my/groups/{booked.group.code.lower()}/")
    other = client.get(f"/en/my/groups/{booked.registrations[0].code}/")

    assert (page.status_code, other.status_code) == (200, 404)
    assert set(page.headers["Cache-Control"].split(", ")) == {"private", "no-store"}
    assert (page.headers["X-Robots-Tag"], page.headers["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")


def test_only_the_booker_finds_the_group_from_a_registration(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    booker = factories.applicant(1)
    booked = grouping.register(
        event=event, booker=booker, people=[booker, factories.applicant(2)], actor=SYSTEM, now=now
    )  # fmt: skip

    pages = [client.get(f"/en/my/registrations/{row.code}/") for row in booked.registrations]

    found = [[e["href"] for e in elements(page, "a") if "/my/groups/" in e["href"]] for page in pages]
    assert found == [[f"/en/my/groups/{booked.group.code}/"], []]


@pytest.mark.parametrize("number", [1, 5])
def test_both_pages_cost_the_same_however_many_they_are(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    event = factories.event(capacity=5, waitlist="automatic", sessions=number, now=now)
    factories.crowd(event, range(10, 15), now=now)
    booked = group_of(event, *range(number), now=now)

    with django_assert_num_queries(8):
        client.get(address(event))
    with django_assert_num_queries(3):
        page = client.get(f"/en/my/groups/{booked.group.code}/")

    assert len([e for e in elements(page, "li") if "on the waitlist" in e.text]) == number
