"""The page that writes markup for other sites: each choice is seen at once, and the form does without JavaScript."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def furnish() -> None:
    programme = factories.programme(now=timezone.now())
    for title in ("Colour", "Sound", "Light"):
        factories.event(title, of=programme, capacity=20, now=timezone.now())


def test_preview_and_markup_follow_each_choice(visit: Visit, site: str) -> None:
    furnish()
    page = visit("/en/embed/", permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_role("link", name="Sound").first).to_be_visible()

    page.get_by_text("Cards").click()
    expect(page.locator("callboard-events")).to_have_attribute("view", "grid")
    page.get_by_text("Frame", exact=True).click()
    frame = page.frame_locator("#made iframe")
    expect(frame.get_by_role("heading", level=2)).to_have_count(3)
    page.get_by_label("Events at most").fill("1")
    expect(frame.get_by_role("heading", level=2)).to_have_count(1)
    page.wait_for_function("document.querySelector('#made iframe').offsetHeight < 500")
    page.locator('[data-copy="made-html"]').click()

    expect(page.get_by_role("status")).to_have_text("Preview and markup are up to date.")
    expect(page.locator('[data-copy="made-html"]')).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        f'<iframe src="{site}/embed/events/?when=upcoming&amp;lang=en&amp;view=grid&amp;page_size=1" title="Schedule"'
    )
    assert page.url == f"{site}/en/embed/?when=upcoming&way=frame&view=grid&theme=auto&lang=en&page_size=1"
    page.reload()
    expect(page.get_by_label("Frame", exact=True)).to_be_checked()


def test_without_javascript_the_button_shows_what_was_chosen(visit: Visit) -> None:
    furnish()
    page = visit("/ko/embed/?when=upcoming", java_script_enabled=False)

    page.locator('input[name="way"][value="frame"]').check()
    page.locator('input[name="lang"][value="en"]').check()
    page.locator("form.builder > button").click()

    expect(page.frame_locator("#made iframe").get_by_role("link", name="Sound")).to_be_visible()
    assert 'lang=en" title="Schedule"' in page.locator("#made-html").input_value().replace("&amp;", "&")
    assert page.locator("button[data-copy]:visible").count() == 0
