"""My registrations: behind a mailed code, one person's and nobody else's, and nothing is done by looking."""

import json
import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Attendee, Registration, SignIn
from events.operations import registering, signing_in, subscribing
from events.operations.signing_in import BROWSER
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
EMAIL = "person1@mail.example"


def ask(client: Client, email: str = EMAIL) -> HttpResponse:
    return client.post("/en/my/sign-in/", {"email": email})


def link_for(key: str = EMAIL, *, now: datetime, door: str = "my") -> str:
    return signing_in.link_of(signing_in.chance(door=door, key=key, now=now))


def enter(client: Client, key: str = EMAIL, *, now: datetime) -> Client:
    """The browser is signed in by the link's button."""
    response = client.post(f"/en/my/sign-in/{link_for(key, now=now)}/")
    assert (response.status_code, response.headers["Location"]) == (303, "/en/my/")
    return client


def headings(response: HttpResponse) -> list[str]:
    return [element.text for element in elements(response, "h2", class_="day")]


def links(response: HttpResponse, start: str) -> list[str]:
    return [element["href"] for element in elements(response, "a") if element["href"].startswith(start)]


def test_the_code_from_the_mail_opens_all_of_ones_registrations(
    client: Client, mailoutbox: list[EmailMessage], now: datetime
) -> None:
    lighting, mixing = factories.event("Lighting", now=now), factories.event("Mixing", now=now)
    factories.register(lighting, 1, now=now)
    factories.register(mixing, 1, now=now)
    factories.register(mixing, 2, now=now)
    factories.deliver(now=now)
    mailoutbox.clear()

    asked = ask(client, "Person1@Mail.example")
    factories.deliver(now=now)
    code = re.search(r"^ +(\d{8})$", str(mailoutbox[0].body), re.MULTILINE)
    assert code is not None
    entered = client.post(asked.headers["Location"], {"code": code[1]})
    page = client.get(entered.headers["Location"])

    assert [mail.to for mail in mailoutbox] == [[EMAIL]]
    assert (entered.status_code, entered.headers["Location"]) == (303, "/en/my/")
    assert [heading.split(" ")[0] for heading in headings(page)] == ["Lighting", "Mixing"]
    assert "person2" not in page.content.decode()
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == (
        "private, no-store",
        "noindex, nofollow",
    )


def test_strangers_and_attendees_get_the_same_answers(now: datetime) -> None:
    factories.register(factories.event(now=now), 1, now=now)
    known, stranger = Client(), Client()

    answers = [ask(known), ask(stranger, "nobody@mail.example")]
    pages = [client.get("/en/my/sign-in/code/") for client in (known, stranger)]
    wrong = [client.post("/en/my/sign-in/code/", {"code": "00000000"}) for client in (known, stranger)]

    assert len({(answer.status_code, answer.headers["Location"], answer.content) for answer in answers}) == 1
    for pair in (pages, wrong):
        assert one(pair[0], "main").text.replace(EMAIL, "nobody@mail.example") == one(pair[1], "main").text
        assert pair[0].status_code == pair[1].status_code
        assert sorted(pair[0].headers) == sorted(pair[1].headers)
    assert list(SignIn.objects.order_by("pk").values_list("guesses", flat=True)) == [1, 1]


def test_the_right_code_of_an_address_that_nobody_has_opens_nothing(client: Client, now: datetime) -> None:
    ask(client, "nobody@mail.example")

    response = client.post("/en/my/sign-in/code/", {"code": signing_in.code_of(SignIn.objects.get())})

    assert response.status_code == 403
    assert not Attendee.objects.exists()


def test_a_program_that_opens_every_link_changes_nothing(client: Client, now: datetime) -> None:
    first, second = factories.runs(2, capacity=1, waitlist="offer", now=now)
    row = factories.register(first, 1, now=now)
    factories.register(second, 2, now=now)
    link = link_for(now=now)
    enter(client, now=now)
    before = list(Registration.objects.order_by("pk").values())

    for path in [
        f"sign-in/{link}/", f"cancel/{row.code}/", f"accept/{row.code}/", f"decline/{row.code}/",
        f"move/{row.code}/", f"move/{row.code}/{second.slug}/", "erase/", "data/", "language/", "sign-out/",
        "calendars/", "calendars/add/",
    ]:  # fmt: skip
        client.get(f"/en/my/{path}")
        Client().head(f"/en/my/{path}")

    assert list(Registration.objects.order_by("pk").values()) == before
    assert SignIn.objects.get(used_at=None) is not None
    assert client.get("/en/my/").status_code == 200


def test_a_link_works_once_for_its_own_door_and_not_for_ever(now: datetime) -> None:
    factories.organization(owner=EMAIL, now=now)
    row = factories.register(factories.event(now=now), 1, now=now)
    used = link_for(now=now)
    Client().post(f"/en/my/sign-in/{used}/")
    old = link_for(now=now - timedelta(days=2))
    of_members = link_for(door="organize", now=now)
    of_attendees = link_for(now=now)
    calendar = subscribing.address_of(
        subscribing.add_link(attendee=Attendee.objects.get(), name="Phone", now=now)
    ).split("/")[-1].removesuffix(".ics")  # fmt: skip

    answers = [
        Client().post(f"/en/my/sign-in/{link}/")
        for link in (used, old, of_members, calendar, row.code, "x", "1-" + "é" * 43)
    ]
    other_door = Client().post(f"/organize/sign-in/{of_attendees}/")

    assert [answer.status_code for answer in answers] == [403] * 7
    assert len({one(answer, "main").text for answer in answers}) == 1
    assert other_door.status_code == 403


def test_signed_in_here_is_no_member_and_a_member_is_not_signed_in_here(client: Client, now: datetime) -> None:
    factories.organization(owner=EMAIL, now=now)
    factories.register(factories.event(now=now), 1, now=now)
    enter(client, now=now)
    member = Client()
    member.post(f"/organize/sign-in/{link_for(door='organize', now=now)}/")

    assert client.get("/organize/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert member.get("/organize/").status_code == 200
    assert elements(member.get("/en/my/"), "input", name="email") != []


def test_signing_in_takes_a_new_session_and_signing_out_or_two_weeks_end_it(
    client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.register(factories.event(now=now), 1, now=now)
    ask(client)
    before = client.session.session_key
    enter(client, now=now)
    during = client.session.session_key
    other = enter(Client(), now=now)

    client.post("/en/my/sign-out/")
    session = other.session
    session[BROWSER] = session[BROWSER] | {"since": (now - timedelta(days=14)).isoformat()}
    session.save()

    assert before != during
    assert settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    assert all(elements(one_.get("/en/my/"), "input", name="email") for one_ in (client, other))
    assert client.get("/en/my/data/").status_code == 303


@pytest.mark.parametrize("step", ["cancel", "accept", "decline", "move"])
def test_somebody_elses_registration_is_not_there(client: Client, now: datetime, step: str) -> None:
    event = factories.event(now=now)
    factories.register(event, 1, now=now)
    foreign = factories.register(event, 2, now=now)
    enter(client, now=now)

    answers = [client.get(f"/en/my/{step}/{code}/") for code in (foreign.code, "A" * 26)]
    posted = client.post(f"/en/my/{step}/{foreign.code}/")

    assert [answer.status_code for answer in answers] == [404, 404]
    assert posted.status_code == (405 if step == "move" else 404)
    foreign.refresh_from_db()
    assert foreign.status == "confirmed"


@pytest.mark.parametrize("path", ["sign-in/", "sign-in/code/", "sign-in/x/", "sign-out/", "erase/", "language/"])
def test_nothing_is_done_from_another_site(path: str, now: datetime) -> None:
    factories.register(factories.event(now=now), 1, now=now)
    client = Client(enforce_csrf_checks=True)
    client.cookies = enter(Client(), now=now).cookies

    response = client.post(f"/en/my/{path}", {"email": EMAIL, "language": "en"})

    assert response.status_code == 403
    assert Registration.objects.get().email == EMAIL


def test_cancelling_is_asked_first_and_leads_back(client: Client, now: datetime) -> None:
    row = factories.register(factories.event(now=now), 1, now=now)
    enter(client, now=now)

    page = client.get(f"/en/my/cancel/{row.code}/")
    done = client.post(f"/en/my/cancel/{row.code}/")
    again = client.post(f"/en/my/cancel/{row.code}/")  # the other tab

    row.refresh_from_db()
    assert one(page, "h1").text == "Cancel this registration?"
    assert [(a.status_code, a.headers["Location"]) for a in (done, again)] == [(303, "/en/my/")] * 2
    assert (row.status, row.ended_by) == ("cancelled", "attendee")
    assert elements(client.get("/en/my/"), "details", class_="past") != []


def test_an_offer_is_accepted_here_also_where_the_address_has_to_be_proven(client: Client, now: datetime) -> None:
    event = factories.event(needs_proof=True, now=now)
    row = factories.register(event, 1, now=now)
    enter(client, now=now)

    page = client.get("/en/my/")
    asked = client.get(f"/en/my/accept/{row.code}/")
    done = client.post(f"/en/my/accept/{row.code}/")

    row.refresh_from_db()
    assert "Accept it, or give it back for the next person." in one(page, "main").text
    assert links(page, "/en/my/accept/") == [f"/en/my/accept/{row.code}/"]
    assert one(asked, "h1").text == "Accept the seat?"
    assert (done.status_code, row.status, row.proved_at) == (303, "confirmed", now)


def test_an_offer_that_is_given_back_cannot_be_accepted_in_another_tab(client: Client, now: datetime) -> None:
    row = factories.register(factories.event(needs_proof=True, now=now), 1, now=now)
    enter(client, now=now)

    client.post(f"/en/my/decline/{row.code}/")
    late = client.post(f"/en/my/accept/{row.code}/")

    row.refresh_from_db()
    assert (late.status_code, row.status) == (409, "declined")
    assert one(late, role="alert").text != ""


def test_who_waits_sees_the_place_and_can_leave(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="automatic", now=now)
    factories.crowd(event, [3, 2, 1], now=now)
    enter(client, now=now)

    page = client.get("/en/my/")

    assert "You are number 2 of 2 on the waitlist." in one(page, "main").text
    assert one(page, "a", class_="danger", href=links(page, "/en/my/cancel/")[0]).text == "Leave the waitlist"


def test_another_date_is_chosen_from_those_with_a_seat(client: Client, now: datetime) -> None:
    first, second, third = factories.runs(3, capacity=1, now=now)
    row = factories.register(first, 1, now=now)
    factories.register(second, 2, accepts=[second], now=now)
    enter(client, now=now)

    page = client.get("/en/my/")
    dates = client.get(f"/en/my/move/{row.code}/")
    asked = client.get(f"/en/my/move/{row.code}/{third.slug}/")
    full = client.post(f"/en/my/move/{row.code}/{second.slug}/")
    done = client.post(f"/en/my/move/{row.code}/{third.slug}/")

    row.refresh_from_db()
    assert links(page, "/en/my/move/") == [f"/en/my/move/{row.code}/"]
    assert links(dates, "/en/my/move/") == [f"/en/my/move/{row.code}/{third.slug}/"]
    assert one(asked, "h1").text == "Move to this date?"
    assert (full.status_code, one(full, role="alert").text) == (409, "All seats are taken.")
    assert (done.status_code, row.event_id, row.status) == (303, third.pk, "confirmed")


def test_a_date_of_another_series_is_not_there(client: Client, now: datetime) -> None:
    first, _second = factories.runs(2, now=now)
    foreign = factories.event("Mixing", now=now)
    row = factories.register(first, 1, now=now)
    alone = factories.register(foreign, 1, now=now)
    enter(client, now=now)

    answers = [
        client.post(f"/en/my/move/{code}/{slug}/")
        for code, slug in [(row.code, foreign.slug), (alone.code, first.slug), (row.code, "nothing")]
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_the_language_is_that_of_mails_and_pages(client: Client, now: datetime) -> None:
    row = factories.register(factories.event(now=now), 1, language="ko", now=now)
    other = factories.register(row.event, 2, language="ko", now=now)
    enter(client, now=now)

    done = client.post("/ko/my/language/", {"language": "en"})
    wrong = client.post("/ko/my/language/", {"language": "fr"})

    row.refresh_from_db()
    other.refresh_from_db()
    assert (done.status_code, done.headers["Location"], done.cookies["django_language"].value) == (303, "/en/my/", "en")
    assert (wrong.status_code, row.language, other.language) == (400, "en", "ko")


def test_calendar_links_are_made_changed_and_revoked_by_their_owner_only(client: Client, now: datetime) -> None:
    row = factories.register(factories.event(now=now), 1, now=now)
    factories.register(row.event, 2, now=now)
    enter(client, now=now)
    stranger = enter(Client(), "person2@mail.example", now=now)

    made = client.post("/en/my/calendars/add/", {"name": "Phone", "scope": "all", "language": "en"})
    [link] = Attendee.objects.get(email_key=EMAIL).calendar_links.all()
    page = client.get("/en/my/")
    wrong = client.post("/en/my/calendars/add/", {"name": "", "scope": "all", "language": "en"})
    foreign = [stranger.post(f"/en/my/calendars/{link.uid}/{act}/") for act in ("change", "rotate", "revoke")]
    still = client.get(subscribing.address_of(link)).status_code
    revoked = client.post(f"/en/my/calendars/{link.uid}/revoke/")

    assert (made.status_code, made.headers["Location"]) == (303, "/en/my/#my-calendars")
    assert one(page, "h3", id=f"link-{link.uid}").text == "Phone"
    assert (wrong.status_code, "Name the device." in one(wrong, "main").text) == (400, True)
    assert [answer.status_code for answer in foreign] == [404, 404, 404]
    assert still == 200
    assert revoked.status_code == 303
    assert client.get(subscribing.address_of(link)).status_code == 404


def test_all_that_is_kept_is_one_file_and_nobody_elses(
    client: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = factories.register(factories.event(now=now), 1, answers={"why": "Light"}, now=now)
    registering.cancel(registration=factories.register(factories.event(now=now), 1, now=now), actor=factories.SYSTEM,
                       now=now, reason="Too late")  # fmt: skip
    factories.group(factories.event(now=now), 1, 2, now=now)
    series = factories.series(now=now)
    full, later = (factories.run(series, day, capacity=1, now=now) for day in (1, 2))
    factories.register(full, 3, now=now)
    factories.register(full, 1, accepts=[full, later], now=now)
    enter(client, now=now)
    subscribing.add_link(attendee=Attendee.objects.get(), name="Phone", now=now)

    with django_assert_num_queries(9):
        response = client.get("/en/my/data/")
    kept = json.loads(response.content)

    assert response.headers["Content-Disposition"] == 'attachment; filename="callboard-my-data.json"'
    assert [one_["status"] for one_ in kept["registrations"]] == ["confirmed", "cancelled", "confirmed", "waitlisted"]
    assert [one_["accepts"] for one_ in kept["registrations"]] == [[], [], [], [full.slug, later.slug]]
    assert (kept["registrations"][0]["code"], kept["registrations"][0]["answers"]) == (row.code, {"why": "Light"})
    assert kept["registrations"][1]["reason"] == "Too late"
    assert [one_["name"] for one_ in kept["calendar_links"]] == ["Phone"]
    assert {one_["kind"] for one_ in kept["messages"]} == {
        "registration.confirmed", "registration.cancelled", "registration.waitlisted",
    }  # fmt: skip
    assert len(kept["changes"]) == 5
    assert "person2" not in response.content.decode()
    assert [client.get("/en/my/data/").status_code for _time in range(5)] == [200] * 4 + [429]


def test_erasing_is_confirmed_by_the_address_and_ends_everything(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="automatic", now=now)
    row, waiting = factories.crowd(event, [1, 2], now=now)
    enter(client, now=now)
    other = enter(Client(), now=now)

    asked = client.get("/en/my/erase/")
    refused = [client.post("/en/my/erase/", {"email": email}) for email in ("", "person2@mail.example", "x")]
    kept = Registration.objects.get(pk=row.pk).email
    done = client.post("/en/my/erase/", {"email": " Person1@MAIL.example "})

    assert one(asked, "h1").text == "Erase my data?"
    assert ([answer.status_code for answer in refused], kept) == ([422] * 3, EMAIL)
    assert one(done, "h1").text == "Your data is erased"
    assert factories.statuses([row, waiting]) == ["cancelled", "confirmed"]
    assert not Registration.objects.filter(email_key=EMAIL).exists()
    assert all(elements(one_.get("/en/my/"), "input", name="email") for one_ in (client, other))
    assert BROWSER not in client.session


@pytest.mark.parametrize("number", [1, 5])
def test_the_page_asks_as_often_however_many_there_are(
    client: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    series = factories.series(allows_repeats=True, now=now)
    runs = [factories.run(series, day, capacity=1, now=now) for day in range(number + 1)]
    for run in runs[:number]:
        factories.register(run, 100 + run.pk, accepts=[run], now=now)
        factories.register(run, 1, accepts=[run], now=now)
    enter(client, now=now)

    with django_assert_num_queries(12):
        page = client.get("/en/my/")

    assert len(headings(page)) == number
