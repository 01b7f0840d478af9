"""What members do in a browser: sign in, look, and run an event's seats. Without JavaScript but for one test."""

import re
from datetime import datetime

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Event, Registration
from tests import factories
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_signs_in_by_code_and_out_again(visit: Visit) -> None:
    now = timezone.now()
    factories.event(of=factories.programme(title_ko="부산 워크숍", now=now), capacity=5, now=now)

    page = visit("/organize/", java_script_enabled=False)
    page.get_by_label("이메일 주소").fill("owner@demo.example")
    page.get_by_role("button", name="코드 받기").click()
    factories.deliver(now=timezone.now())
    page.get_by_label("메일로 받은 코드").fill(re.findall(r"\b\d{8}\b", mail.outbox[0].body)[0])
    page.get_by_role("button", name="로그인").click()

    expect(page).to_have_url("/organize/")
    expect(page.get_by_role("row").nth(1)).to_contain_text("0 / 5")
    page.get_by_role("button", name="로그아웃").click()
    expect(page.get_by_label("이메일 주소")).to_be_visible()


def test_a_link_signs_in_when_its_button_is_pressed(visit: Visit) -> None:
    now = timezone.now()
    factories.organization(now=now)
    link = factories.member_link(now=now)

    page = visit(f"/organize/sign-in/{link}/")
    page.get_by_role("button", name="지금 로그인").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("담당자 화면")


def test_the_console_changes_its_language_in_place(visit: Visit) -> None:
    page = visit("/organize/sign-in/?next=/organize/")

    page.get_by_role("button", name="English").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page).to_have_url("/organize/sign-in/")


@pytest.fixture
def course() -> Event:
    """Two seats, and five applications."""
    now = timezone.now()
    programme = factories.programme(title_ko="부산 워크숍", now=now)
    event = factories.event(of=programme, capacity=2, registration="approval", waitlist="automatic", now=now)
    factories.crowd(event, range(1, 6), now=now)
    return event


def sit_down(visit: Visit, event: Event, *, now: datetime, **wishes: object) -> Page:
    """The owner at the desk of the event, in English."""
    link = factories.member_link(now=now)
    page = visit(f"/organize/sign-in/{link}/", **wishes)
    page.locator("main button").click()
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name=event.title_en).click()
    return page


def seats(page: Page) -> str:
    return " ".join(page.locator("dl.numbers").inner_text().split())


def statuses(event: Event) -> list[str]:
    return factories.statuses(Registration.objects.filter(event=event).order_by("created_at"))


@pytest.mark.parametrize("width", [1280, 360])
def test_an_organizer_approves_three_and_more_seats_serve_who_waits(visit: Visit, course: Event, width: int) -> None:
    page = sit_down(visit, course, now=timezone.now(), java_script_enabled=False, width=width)
    for number in (1, 2, 3):
        page.get_by_label(f"김하늘 {number}").check()

    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_have_text("Done. confirmed: 2; on the waitlist: 1 (no seat was free)")
    approved = seats(page)
    page.get_by_role("link", name="Seats", exact=True).click()
    page.get_by_label("How many").fill("3")
    page.get_by_role("button", name="Change the capacity").click()

    expect(page.get_by_role("status")).to_contain_text("whoever waited for one has been served")
    assert approved == "Capacity 2 Taken 2 Left 0 Waiting 1 Seats offered 0 Applications 2"
    assert seats(page) == "Capacity 3 Taken 3 Left 0 Waiting 0 Seats offered 0 Applications 2"
    assert statuses(course) == ["confirmed"] * 3 + ["applied"] * 2


def test_two_organizers_do_not_write_over_one_another(visit: Visit, course: Event) -> None:
    first = sit_down(visit, course, now=timezone.now())
    first.get_by_role("link", name="Seats", exact=True).click()
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_label("How many").fill("4")
    second.get_by_role("button", name="Change the capacity").click()
    expect(second.get_by_role("status")).to_be_visible()

    first.get_by_label("How many").fill("9")
    first.get_by_role("button", name="Change the capacity").click()

    expect(first.get_by_role("alert")).to_contain_text("Nothing of yours was saved.")
    expect(first.get_by_label("How many")).to_have_accessible_description("Now it says “4”.")
    assert Event.objects.get(pk=course.pk).capacity == 4


def test_a_cut_on_purpose_shows_who_would_be_over_before_it_is_done(visit: Visit, course: Event) -> None:
    page = sit_down(visit, course, now=timezone.now(), java_script_enabled=False)
    for number in (1, 2):
        page.get_by_label(f"김하늘 {number}").check()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Seats", exact=True).click()
    page.get_by_label("How many").fill("1")
    page.get_by_role("button", name="Change the capacity").click()
    expect(page.locator("main")).to_contain_text("김하늘 2 (person2@mail.example)")

    page.get_by_label("Over-commit on purpose").check()
    page.get_by_role("button", name="Change the capacity").click()

    expect(page.locator(".bar.over")).to_contain_text("1 too many: nobody comes in here until that is worked off.")
    assert statuses(course)[:2] == ["confirmed", "confirmed"]
