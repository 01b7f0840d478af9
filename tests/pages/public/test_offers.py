"""An offer opened from the mail: opening changes nothing, the button takes the seat, and what ended says how."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Change, Event, Registration
from events.operations import offering, publishing, registering, selecting
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def offered(*, now: datetime, **fields: object) -> Registration:
    """Somebody who waited and is offered the seat that another gave up."""
    event = factories.event(capacity=1, waitlist="offer", now=now, **fields)
    first, second = factories.crowd(event, [1, 2], now=now)
    registering.cancel(registration=first, actor=SYSTEM, now=now)
    second.refresh_from_db()
    return second


def address(registration: Registration) -> str:
    return f"/en/offers/{offering.token_of(registration)}/"


def status_of(registration: Registration) -> str:
    return Registration.objects.get(pk=registration.pk).status


def test_opening_it_shows_event_and_deadline_and_changes_nothing(client: Client) -> None:
    then = datetime.fromisoformat("2031-05-07T10:00:00+00:00")
    registration = offered(now=then, title_en="Lighting")

    response = client.get(address(registration))

    assert (response.status_code, one(response, "h1").text) == (200, "A seat is held for you")
    assert one(response, "h2").text == "Lighting"
    assert "Please answer by Thursday 8 May 2031 19:00 KST; then the seat goes to the next person." in (
        one(response, "main").text
    )
    assert [e.text for e in elements(response, "button")] == ["Accept the seat"]
    assert status_of(registration) == "offered"


def test_a_deadline_is_told_on_the_clocks_of_the_place(client: Client) -> None:
    then = datetime.fromisoformat("2031-05-07T10:00:00+00:00")
    event = factories.draft(capacity=1, waitlist="offer", now=then)
    factories.session(event, timezone="Europe/Berlin", now=then)
    factories.publish(event, now=then)
    first, second = factories.crowd(event, [1, 2], now=then)
    registering.cancel(registration=first, actor=SYSTEM, now=then)

    pages = [client.get(address(second)), client.get(f"/en/my/registrations/{second.code}/")]

    assert ["Thursday 8 May 2031 12:00 CEST" in one(page, "main").text for page in pages] == [True, True]


def test_the_button_takes_the_seat_once(client: Client, now: datetime) -> None:
    registration = offered(now=now)

    answers = [client.post(f"{address(registration)}accept/") for _ in range(2)]
    page = client.get(address(registration))

    assert {(a.status_code, a.headers["Location"]) for a in answers} == {
        (303, f"/en/my/registrations/{registration.code}/")
    }
    assert Change.objects.filter(kind="registration.confirmed", registration=registration).count() == 1
    assert (page.status_code, one(page, "h1").text) == (200, "The seat is yours")
    assert elements(page, "form") == []


def test_giving_it_back_is_asked_once_more(client: Client, now: datetime) -> None:
    registration = offered(now=now)

    asked = client.get(f"{address(registration)}decline/")
    before = status_of(registration)
    done = client.post(f"{address(registration)}decline/")
    page = client.get(address(registration))

    assert (one(asked, "h1").text, before) == ("Give this seat back?", "offered")
    assert (done.status_code, status_of(registration)) == (303, "declined")
    assert (page.status_code, one(page, role="status").text) == (410, "You gave the offered seat back.")
    assert [e.text for e in elements(page, "a", class_="button")] == ["Register again", "My registration"]


def test_an_address_is_proven_by_the_link_alone(client: Client, now: datetime) -> None:
    event = factories.event(needs_proof=True, now=now)
    registration = factories.register(event, now=now)
    own = f"/en/my/registrations/{registration.code}/"

    page = client.get(own)
    tried = client.post(f"{own}accept/")
    offer = client.get(address(registration))
    client.post(f"{address(registration)}accept/")

    assert "Please open the link in the mail that we sent you: then the seat is yours." in one(page, role="status").text
    assert elements(page, "form") == []
    assert (tried.status_code, one(tried, role="alert").text) == (
        409, "Please open the link in the mail that we sent you.",
    )  # fmt: skip
    assert "Accepting also confirms that this e-mail address is yours." in one(offer, "main").text
    registration.refresh_from_db()
    assert (registration.status, registration.proved_at) == ("confirmed", now)


def test_what_has_run_out_says_so_before_anybody_has_swept(
    client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = offered(now=now)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + 24 * HOUR)

    page = client.get(address(registration))
    late = client.post(f"{address(registration)}accept/")
    own = client.get(f"/en/my/registrations/{registration.code}/")
    offering.expire_due(now=now + 24 * HOUR)
    after = client.get(address(registration))

    assert [answer.status_code for answer in (page, late, own, after)] == [410, 409, 200, 410]
    said = {one(answer, role="status").text for answer in (page, late, own, after)}
    assert len(said) == 1
    assert said.pop().startswith("The offer of a seat ran out on ")
    assert [elements(answer, "form") for answer in (page, late, own, after)] == [[], [], [], []]
    assert [e.text for e in elements(after, "a", class_="button")] == ["Register again", "My registration"]


def test_what_others_ended_says_who_and_why(client: Client, now: datetime) -> None:
    refused, called_off = offered(now=now), offered(now=now)
    selecting.decline(event=refused.event, registrations=[refused], actor=SYSTEM, now=now, reason="No papers")
    publishing.cancel(event=called_off.event, actor=SYSTEM, now=now, reason="Storm")

    pages = [client.get(address(row)) for row in (refused, called_off)]

    assert [(page.status_code, one(page, role="status").text) for page in pages] == [
        (410, "There is no seat for you in this event. No papers"), (410, "This registration is cancelled. Storm"),
    ]  # fmt: skip
    assert [[e.text for e in elements(page, "a", class_="button")] for page in pages] == [["My registration"]] * 2


def test_who_waits_again_is_told_their_place(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="offer", now=now)
    _first, second = factories.crowd(event, [1, 2], now=now)

    page = client.get(address(second))

    assert page.status_code == 410
    assert one(page, role="status").text.startswith("You are number 1 of 1 on the waitlist.")


def test_nothing_else_opens_it(client: Client, now: datetime) -> None:
    registration = offered(now=now)
    token = offering.token_of(registration)
    other = offered(now=now)
    forged = f"{other.pk:x}-{token.partition('-')[2]}"
    guesses = [registration.code, token[:-1], token + "A", forged, "0", "x" * 500, "%00", "f" * 40]

    answers = [client.get(f"/en/offers/{guess}/{end}") for guess in guesses for end in ("", "accept/", "decline/")]
    posts = [client.post(f"/en/offers/{guess}/accept/") for guess in guesses]

    assert {answer.status_code for answer in [*answers, *posts]} == {404}
    assert (status_of(registration), status_of(other)) == ("offered", "offered")


def test_nobody_keeps_it_finds_it_or_hears_of_its_address(client: Client, now: datetime) -> None:
    registration = offered(now=now)

    page = client.get(address(registration))
    client.post(f"{address(registration)}accept/")
    after = client.get(address(registration))

    assert set(page.headers["Cache-Control"].split(", ")) == {"private", "no-store"}
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    # With a form the origin has to be told, or the form would not be taken.
    assert (page.headers["Referrer-Policy"], after.headers["Referrer-Policy"]) == ("strict-origin", "no-referrer")


def test_a_form_of_a_stranger_takes_no_seat(now: datetime) -> None:
    registration = offered(now=now)
    client = Client(enforce_csrf_checks=True)

    response = client.post(f"{address(registration)}accept/", {"csrfmiddlewaretoken": "x" * 64})

    assert (response.status_code, status_of(registration)) == (403, "offered")


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_whatever_the_event_has(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registration = offered(now=now, sessions=number)

    with django_assert_num_queries(2):
        response = client.get(address(registration))

    assert len(elements(response, "li", class_="row")) == number
    assert Event.objects.count() == 1
