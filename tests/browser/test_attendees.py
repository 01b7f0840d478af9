"""What attendees do in a browser: find, register once, wait, take a seat, cancel. With and without JavaScript."""

import re
from datetime import datetime

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import SYSTEM, Event, Registration, SeatPool
from events.notices import mailing
from events.operations import planning, questioning, registering
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


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_somebody_waits_is_offered_a_seat_and_takes_it(
    visit: Visit, workshop: Event, now: datetime, javascript: bool
) -> None:
    planning.amend_event(event=workshop, fields={"waitlist": "offer", "capacity": 1}, actor=SYSTEM, now=now)
    first = factories.register(workshop, now=now)

    page = visit("/ko/events/?when=upcoming", java_script_enabled=javascript)
    page.get_by_role("link", name="시리즈 믹싱").click()
    fill_in(page)
    page.get_by_role("button", name="대기 신청하기").click()
    expect(page.get_by_role("status")).to_contain_text("대기자 1명 중 1번째입니다.")

    registering.cancel(registration=first, actor=SYSTEM, now=now)
    mailing.deliver(lane="urgent", now=now)  # that she waits is no news any more
    mailing.deliver(lane="mail", now=now)
    [message] = [message for message in mail.outbox if message.to == ["haneul@mail.example"]]
    page.goto(re.findall(r"/ko/offers/\S+", message.body)[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("좌석을 잡아 두었습니다")
    page.get_by_role("link", name="포기하기").click()
    page.get_by_role("link", name="아니요, 돌아갑니다").click()
    page.get_by_role("button", name="좌석 수락").click()
    expect(page.get_by_role("status")).to_have_text("신청이 완료되었습니다. 좌석이 확정되었습니다.")

    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("좌석이 확정되었습니다")
    assert [(row.name, row.status) for row in Registration.objects.filter(event=workshop).order_by("pk")] == [
        ("김하늘 1", "cancelled"), ("김하늘", "confirmed"),
    ]  # fmt: skip


def test_an_offer_is_taken_on_ones_own_page_too(visit: Visit, workshop: Event, now: datetime) -> None:
    planning.amend_event(event=workshop, fields={"waitlist": "offer", "capacity": 1}, actor=SYSTEM, now=now)
    first, second = factories.crowd(workshop, [1, 2], now=now)
    registering.cancel(registration=first, actor=SYSTEM, now=now)

    page = visit(f"/ko/my/registrations/{second.code}/")
    page.get_by_role("button", name="좌석 수락").dblclick()

    expect(page.get_by_role("status")).to_have_text("신청이 완료되었습니다. 좌석이 확정되었습니다.")
    assert Registration.objects.get(pk=second.pk).status == "confirmed"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_group_is_registered_row_by_row(visit: Visit, workshop: Event, javascript: bool) -> None:
    page = visit(f"/ko/events/{workshop.slug}/", java_script_enabled=javascript)
    page.get_by_role("link", name="여러 명 함께 신청하기").click()
    booker = page.get_by_role("group", name="신청하시는 분")
    booker.get_by_label("이름").fill("이교수")
    booker.get_by_label("이메일 주소").fill("lee@school.example")
    for number in (1, 2, 3):
        if number == 3:
            page.get_by_role("button", name="참가자 추가").click()
            expect(page.get_by_role("group", name="참가자 2").get_by_label("이름")).to_have_value("학생 2")
        person = page.get_by_role("group", name=f"참가자 {number}")
        person.get_by_label("이름").fill(f"학생 {number}")
        person.get_by_label("이메일 주소").fill(
            f"student{number}@mail.example" if number < 3 else "student2@mail.example"
        )
        person.get_by_label("참가 구분").select_option(label="학생")

    page.get_by_role("button", name="신청하기").click()
    third = page.get_by_role("group", name="참가자 3")
    expect(third.get_by_label("이메일 주소")).to_have_accessible_description(
        "사람마다 서로 다른 이메일 주소가 필요합니다."
    )
    third.get_by_label("이메일 주소").fill("student3@mail.example")
    page.get_by_role("button", name="신청하기").click()

    expect(page.get_by_role("listitem").filter(has_text="학생")).to_have_text(
        ["학생 1 확정", "학생 2 확정", "학생 3 확정"]
    )
    assert Registration.objects.filter(event=workshop, status="confirmed").count() == 3


def test_questions_are_answered_by_keyboard_and_kept(visit: Visit, workshop: Event, now: datetime) -> None:
    asked = [
        {"key": "why", "kind": "text", "title_ko": "지원 동기", "help_ko": "두 줄 이내", "is_required": True},
        {"key": "photo", "kind": "consent", "title_ko": "촬영에 동의합니다.", "is_required": True},
    ]
    questioning.set_questions(event=workshop, questions=asked, actor=SYSTEM, now=now)
    page = visit(f"/ko/events/{workshop.slug}/")
    fill_in(page)
    page.get_by_label("지원 동기").fill("배우고 싶습니다.")

    page.get_by_role("button", name="신청하기").click()
    box = page.get_by_label("촬영에 동의합니다.")
    expect(box).to_be_focused()
    expect(box).to_have_accessible_description("신청하시려면 다음 항목에 동의해 주십시오: “촬영에 동의합니다.”")
    expect(page.get_by_label("지원 동기")).to_have_accessible_description("두 줄 이내")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("신청이 완료되었습니다. 좌석이 확정되었습니다.")
    assert Registration.objects.get().answers == {"why": "배우고 싶습니다.", "photo": True}
