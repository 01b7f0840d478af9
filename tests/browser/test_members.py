"""What members do in a browser: sign in by a mailed code or a link, look, sign out."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Person
from events.operations import organizing
from tests import factories
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_signs_in_by_code_and_out_again(visit: Visit) -> None:
    now = timezone.now()
    factories.event(of=factories.programme(title_ko="부산 워크숍", now=now), capacity=5, now=now)

    page = visit("/organize/", java_script_enabled=False)
    page.get_by_label("이메일 주소").fill("owner@demo.example")
    page.get_by_role("button", name="코드 받기").click()
    page.get_by_label("메일로 받은 코드").fill(re.findall(r"\b\d{8}\b", mail.outbox[0].body)[0])
    page.get_by_role("button", name="로그인").click()

    expect(page).to_have_url("/organize/")
    expect(page.get_by_role("row").nth(1)).to_contain_text("0 / 5")
    page.get_by_role("button", name="로그아웃").click()
    expect(page.get_by_label("이메일 주소")).to_be_visible()


def test_a_link_signs_in_when_its_button_is_pressed(visit: Visit) -> None:
    now = timezone.now()
    factories.organization(now=now)
    chance = organizing.chance(person=Person.objects.get(), now=now)

    page = visit(f"/organize/sign-in/{chance.link}/")
    page.get_by_role("button", name="지금 로그인").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("담당자 화면")


def test_the_console_changes_its_language_in_place(visit: Visit) -> None:
    page = visit("/organize/sign-in/?next=/organize/")

    page.get_by_role("button", name="English").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page).to_have_url("/organize/sign-in/")
