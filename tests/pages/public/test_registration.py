"""The page of one registration: whoever holds its address sees and cancels it, nobody else finds it."""

from datetime import datetime
from typing import get_args

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events import capacity
from events.models import SYSTEM, Change, Registration, SeatPool
from events.operations import falling_due, publishing, registering, selecting
from pages import clock
from pages.public import states
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


def privacy(response: HttpResponse) -> tuple[set[str], str]:
    return set(response.headers["Cache-Control"].split(", ")), response.headers["X-Robots-Tag"]


def test_it_shows_state_event_sessions_and_a_calendar_that_opens(client: Client, now: datetime) -> None:
    registration = factories.register(factories.event(title_ko="조명 실습", sessions=2, now=now), now=now)

    response = client.get(f"/ko/my/registrations/{registration.code}/")

    assert one(response, "h1").text == "조명 실습"
    assert one(response, role="status").text == "신청이 완료되었습니다. 좌석이 확정되었습니다."
    assert len(elements(response, "li", class_="row")) == 2
    assert one(response, "dl", class_="facts").text == "이름 김하늘 1 이메일 주소 person1@mail.example 상태 확정"
    assert (
        one(response, id="own-address")["value"] == f"https://callboard.test/ko/my/registrations/{registration.code}/"
    )
    calendar = one(response, id="calendar-address")["value"]
    feed = client.get(calendar.removeprefix("https://callboard.test"))
    assert feed.content.count(b"BEGIN:VEVENT") == 2


def test_nobody_keeps_it_finds_it_or_hears_of_its_address(client: Client, now: datetime) -> None:
    registration = factories.register(factories.event(now=now), now=now)

    page = client.get(f"/ko/my/registrations/{registration.code}/")
    confirm = client.get(f"/ko/my/registrations/{registration.code}/cancel/")

    assert privacy(page) == privacy(confirm) == ({"private", "no-store"}, "noindex, nofollow")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    # A form on a page that sends no referrer comes with "Origin: null", which the CSRF check refuses.
    assert elements(page, "form") == []
    assert confirm.headers["Referrer-Policy"] == "same-origin"
    assert [element["content"] for element in elements(page, "meta", name="robots")] == ["noindex"]


def test_the_joining_link_is_for_a_confirmed_seat_only(client: Client, now: datetime) -> None:
    event = factories.draft(now=now)
    factories.session(event, online=True, joining_url="https://meet.example/abc", now=now)
    factories.publish(event, now=now)
    registration = factories.register(event, now=now)
    address = f"/en/my/registrations/{registration.code}/"

    before = [e["href"] for e in elements(client.get(address), "a") if e.text == "Join here"]
    client.post(f"{address}cancel/")
    after = [e for e in elements(client.get(address), "a") if e.text == "Join here"]
    public = client.get(f"/en/events/{event.slug}/")

    assert (before, after) == (["https://meet.example/abc"], [])
    assert b"meet.example" not in public.content


def test_opening_the_cancel_page_cancels_nothing(client: Client, now: datetime) -> None:
    registration = factories.register(factories.event(now=now), now=now)

    response = client.get(f"/ko/my/registrations/{registration.code}/cancel/")

    assert one(response, "form")["method"] == "post"
    assert Registration.objects.get().status == "confirmed"


def test_the_button_cancels_and_frees_the_seat(client: Client, now: datetime) -> None:
    registration = factories.register(factories.event(capacity=1, now=now), now=now)
    address = f"/ko/my/registrations/{registration.code}/"

    response = client.post(f"{address}cancel/")

    assert (response.status_code, response.headers["Location"]) == (303, address)
    page = client.get(address)
    assert one(page, role="status").text == "취소된 신청입니다."
    assert [e for e in elements(page, "a") if e["href"] == f"{address}cancel/"] == []
    assert SeatPool.objects.get().taken == 0
    assert Change.objects.filter(kind="registration.cancelled").get().actor_kind == "anonymous"


def test_cancelling_twice_is_no_error(client: Client, now: datetime) -> None:
    registration = factories.register(factories.event(now=now), now=now)
    address = f"/ko/my/registrations/{registration.code}/cancel/"

    answers = [client.post(address), client.post(address)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert Change.objects.filter(kind="registration.cancelled").count() == 1


def test_a_called_off_event_says_so_on_the_registration(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    registration = factories.register(event, now=now)
    publishing.cancel(event=event, actor=SYSTEM, now=now, reason="강사 사정")

    response = client.get(f"/ko/my/registrations/{registration.code}/")

    assert one(response, role="status").text == "취소된 신청입니다. 강사 사정"


def test_a_code_that_nobody_has_is_not_found(client: Client, now: datetime) -> None:
    factories.register(factories.event(now=now), now=now)

    answers = [client.get(f"/ko/my/registrations/{'A' * 26}/{end}") for end in ("", "cancel/")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_code_may_be_typed_in_small_letters(client: Client, now: datetime) -> None:
    registration = factories.register(factories.event(now=now), now=now)

    response = client.get(f"/en/my/registrations/{registration.code.lower()}/")

    assert one(response, "h1").text == "Lighting an LED wall"


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_whatever_the_event_has(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registration = factories.register(factories.event(sessions=number, now=now), now=now)

    with django_assert_num_queries(3):
        response = client.get(f"/ko/my/registrations/{registration.code}/")

    assert len(elements(response, "li", class_="row")) == number


def test_who_waits_reads_place_reason_and_dates(client: Client, now: datetime) -> None:
    runs = factories.runs(3, capacity=1, waitlist="offer", now=now)
    factories.crowd(runs[0], [1, 2], now=now)
    chosen = factories.register(runs[0], 3, accepts=[runs[2]], now=now)
    Registration.objects.filter(pk=chosen.pk).update(passed_for="reserved")

    page = client.get(f"/en/my/registrations/{chosen.code}/")

    assert one(page, role="status").text == (
        "You are number 2 of 2 on the waitlist. Somebody behind you was served first: that seat was reserved for "
        "others. When a seat becomes free for you, we hold it for 24 hours and ask you by mail."
    )
    begins = clock.moment(runs[2].first_starts_at, "Asia/Seoul")
    assert f"Would also take a seat on {begins}" in one(page, "dl", class_="facts").text
    assert [e.text for e in elements(page, "a", class_="danger")] == ["Leave the waitlist"]


def test_every_reason_for_being_passed_has_its_words() -> None:
    told = {"full", "reserved", "ceiling", "over_committed", "clash", "group"}

    assert states.PASSED.keys() == told
    assert told == {*get_args(capacity.Reason), "clash", "group"}


def test_an_offer_is_answered_on_the_page(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="offer", now=now)
    first, second = factories.crowd(event, [1, 2], now=now)
    registering.cancel(registration=first, actor=SYSTEM, now=now)
    address = f"/en/my/registrations/{second.code}/"

    page = client.get(address)
    opened = client.get(f"{address}accept/")
    asked = client.get(f"{address}decline/")
    before = Registration.objects.get(pk=second.pk).status
    accepted = client.post(f"{address}accept/")
    again = client.post(f"{address}accept/")
    too_late = client.post(f"{address}decline/")

    assert one(page, role="status").text.endswith("Accept it, or give it back for the next person.")
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert (opened.status_code, opened.headers["Location"], asked.status_code, before) == (302, address, 200, "offered")
    assert [(answer.status_code, answer.headers.get("Location")) for answer in (accepted, again)] == [
        (303, address)
    ] * 2
    assert (too_late.status_code, one(too_late, role="alert").text) == (409, "This offer has ended.")
    assert Registration.objects.get(pk=second.pk).status == "confirmed"


def test_an_offer_that_was_given_back_can_be_joined_again(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="offer", now=now)
    first, second = factories.crowd(event, [1, 2], now=now)
    registering.cancel(registration=first, actor=SYSTEM, now=now)
    address = f"/en/my/registrations/{second.code}/"

    client.post(f"{address}decline/")
    page = client.get(address)

    assert one(page, role="status").text == "You gave the offered seat back."
    assert one(page, "a", class_="button").text == "Register again"
    assert one(page, "a", class_="button")["href"] == f"/en/events/{event.slug}/#register"


def test_whom_the_organizer_refused_is_not_asked_to_come_back(client: Client, now: datetime) -> None:
    event = factories.event(registration="approval", now=now)
    registration = factories.register(event, now=now)
    waits = one(client.get(f"/en/my/registrations/{registration.code}/"), role="status").text
    selecting.decline(event=event, registrations=[registration], actor=SYSTEM, now=now, reason="No papers.")

    page = client.get(f"/en/my/registrations/{registration.code}/")

    assert waits == "Your application has arrived and waits for the organizer."
    assert one(page, role="status").text == "There is no seat for you in this event. No papers."
    assert elements(page, "a", class_="button") == []


def test_who_waited_until_it_began_is_told_so(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="automatic", now=now)
    _first, second = factories.crowd(event, [1, 2], now=now)
    falling_due.end_waitlists(now=now + factories.WEEK)

    page = client.get(f"/en/my/registrations/{second.code}/")

    assert one(page, role="status").text == "The event has begun, and no seat has become free for you."


def test_an_overlap_is_told_without_detail_where_it_is_allowed(client: Client, now: datetime) -> None:
    programme = factories.programme(now=now)
    there, here = factories.event("There", of=programme, now=now), factories.event("Here", of=programme, now=now)
    factories.register(there, now=now)
    registration = factories.register(here, now=now)
    address = f"/en/my/registrations/{registration.code}/"

    page = client.get(address)
    registering.cancel(registration=registration, actor=SYSTEM, now=now)
    after = client.get(address)

    said = "This overlaps another event that you are registered for."
    assert [said in one(answer, "main").text for answer in (page, after)] == [True, False]
    assert "There" not in page.content.decode()


@pytest.mark.parametrize("number", [1, 5])
def test_waiting_costs_the_same_however_many_wait(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = factories.runs(2, capacity=1, now=now)[0]
    rows = factories.crowd(run, range(number + 1), now=now)

    with django_assert_num_queries(6):
        response = client.get(f"/en/my/registrations/{rows[-1].code}/")

    assert f"number {number} of {number}" in one(response, role="status").text
