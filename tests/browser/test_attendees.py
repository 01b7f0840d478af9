"""What attendees do in a browser: find, register once, keep the page, cancel. With and without JavaScript."""

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Event, Registration, SeatPool
from tests import factories
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def workshop(now: datetime) -> Event:
    programme = factories.programme(title_ko="부산 워크숍", now=now)
    room = factories.room(at=factories.venue(of=programme.organization, now=now), now=now)
    mixing = factories.topic("Mixing", title_ko="믹싱", now=now)
    factories.event("Something else", title_ko="다른 행사", of=programme, now=now)
    return factories.event(
        "Mixing for series", title_ko="시리즈 믹싱", of=programme, room=room, capacity=5, topics=[mixing],
        audiences=[factories.audience("student")], now=now,
    )  # fmt: skip


def fill_in(page: Page, name: str = "김하늘", email: str = "haneul@mail.example") -> None:
    page.get_by_label("이름").fill(name)
    page.get_by_label("이메일 주소").fill(email)
    page.get_by_label("참가 구분").select_option(label="학생")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_somebody_finds_a_workshop_registers_and_cancels(visit: Visit, workshop: Event, javascript: bool) -> None:
    page = visit("/", java_script_enabled=javascript)
    expect(page).to_have_url("/ko/events/?when=upcoming")
    expect(page.locator("h3")).to_have_text(["다른 행사", "시리즈 믹싱"])

    page.get_by_text("조건 더 보기").click()
    page.get_by_label("믹싱").check()
    page.get_by_role("button", name="보기", exact=True).first.click()
    expect(page).to_have_url("/ko/events/?when=upcoming&topic=mixing")
    expect(page.locator("h3")).to_have_text(["시리즈 믹싱"])

    page.get_by_role("link", name="시리즈 믹싱").click()
    fill_in(page)
    page.get_by_role("button", name="신청하기").click()
    expect(page.get_by_role("status")).to_have_text("신청이 완료되었습니다. 좌석이 확정되었습니다.")

    page.get_by_role("link", name="신청 취소").click()
    page.get_by_role("button", name="예, 취소합니다").click()
    expect(page.get_by_role("status")).to_have_text("취소된 신청입니다.")
    assert [(r.name, r.status) for r in Registration.objects.all()] == [("김하늘", "cancelled")]
    assert SeatPool.objects.get(event=workshop).taken == 0


def test_a_double_click_makes_one_registration(visit: Visit, workshop: Event) -> None:
    page = visit(f"/ko/events/{workshop.slug}/")
    fill_in(page)

    page.get_by_role("button", name="신청하기").dblclick()

    expect(page.get_by_role("status")).to_have_text("신청이 완료되었습니다. 좌석이 확정되었습니다.")
    assert Registration.objects.count() == 1


def test_the_back_button_sends_the_same_form_again_and_leads_to_the_same_registration(
    visit: Visit, workshop: Event
) -> None:
    page = visit(f"/ko/events/{workshop.slug}/")
    page.reload()  # the browser keeps a page for going back once it has our cookie, as it has after the first page
    fill_in(page)
    page.get_by_role("button", name="신청하기").click()
    expect(page.get_by_role("status")).to_be_visible()
    first = page.url

    page.go_back()
    fill_in(page)
    page.get_by_role("button", name="신청하기").click()

    expect(page).to_have_url(first)
    assert Registration.objects.count() == 1


def test_what_was_typed_is_kept_beside_what_is_wrong(visit: Visit, workshop: Event) -> None:
    page = visit(f"/ko/events/{workshop.slug}/")
    fill_in(page, email="haneul")

    page.get_by_role("button", name="신청하기").click()

    expect(page.get_by_label("이메일 주소")).to_have_accessible_description("올바른 이메일 주소가 아닙니다.")
    expect(page.get_by_label("이름")).to_have_value("김하늘")
    expect(page.get_by_label("참가 구분")).to_have_value("student")


def test_the_language_switch_stays_where_one_is(visit: Visit, workshop: Event) -> None:
    page = visit("/ko/events/?topic=mixing")

    page.get_by_role("link", name="English").click()

    expect(page).to_have_url("/en/events/?topic=mixing")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h3")).to_have_text(["Mixing for series"])


def test_the_calendar_address_is_copied_by_a_button_that_needs_javascript(visit: Visit, workshop: Event) -> None:
    page = visit(f"/ko/events/{workshop.slug}/", permissions=["clipboard-read", "clipboard-write"])
    without = visit(f"/ko/events/{workshop.slug}/", java_script_enabled=False)

    page.get_by_role("button", name="복사").click()

    expect(page.get_by_role("button", name="복사했습니다")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#calendar-address").input_value()
    expect(without.get_by_role("button", name="복사")).to_have_count(0)


def test_the_keyboard_reaches_the_content_first(visit: Visit, workshop: Event) -> None:
    page = visit("/ko/events/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="본문으로 건너뛰기")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
