"""The script embed asks again: seats are true within one poll, nobody is disturbed, and a list that is there stays."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests import factories
from tests.browser.embeds.conftest import LINKS, Show, inside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAG = f'<callboard-events src="{{site}}/en/events/" lang="en">{LINKS}</callboard-events>'
ONE_POLL = "01:07"  # a minute and its jitter
FAILED = "The current list could not be loaded."


def register(site: str, slug: str) -> None:
    """Somebody registers through the API."""
    body = json.dumps({"name": "김하늘", "email": "person9@mail.example"}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    with urlopen(Request(f"{site}/api/v1/events/{slug}/registrations/", data=body, headers=headers)) as answer:
        assert answer.status == 201


def wait_for(page: Page, said: Callable[[], bool]) -> None:
    for _attempt in range(100):
        if said():
            return
        page.wait_for_timeout(50)
    assert said()


def test_seats_are_true_within_one_poll_and_nobody_is_disturbed(show: Show) -> None:
    now = timezone.now()
    events = [factories.event(f"Event {number}", capacity=30, now=now) for number in range(8)]
    page = show(TAG, ticking=True, width=390)
    expect(inside(page, "badge")).to_have_text(["30 of 30 seats left"] * 8)

    page.clock.fast_forward(ONE_POLL)
    wait_for(page, lambda: len(show.asked()) == 2)
    again = [request for request in show.requests if "/feeds/" in request.url][1]
    assert "if-none-match" in again.all_headers()

    seventh = inside(page, "action").nth(6)
    seventh.focus()
    page.evaluate("""() => { window.before = document.querySelector("callboard-events").shadowRoot.activeElement;
        window.top = scrollY; }""")
    assert page.evaluate("scrollY") > 500
    register(show.site, events[5].slug)
    earlier = factories.draft("Sooner", now=now)
    factories.session(earlier, starts=now + timedelta(days=1), now=now)
    factories.publish(earlier, now=now)
    at = seventh.bounding_box()
    page.clock.fast_forward(ONE_POLL)

    expect(inside(page, "badge").nth(6)).to_have_text("29 of 30 seats left")
    expect(inside(page, "title").first).to_contain_text("Sooner")
    assert page.evaluate('document.querySelector("callboard-events").shadowRoot.activeElement === window.before')
    expect(inside(page, "action").nth(7)).to_be_focused()
    moved = inside(page, "action").nth(7).bounding_box()
    assert at is not None
    assert moved is not None
    assert abs(moved["y"] - at["y"]) < 2
    assert page.locator("callboard-events [aria-live], callboard-events [role=status]").count() == 0


def test_a_page_that_nobody_sees_asks_nothing(show: Show) -> None:
    factories.event(now=timezone.now())
    page = show(TAG, ticking=True)
    expect(inside(page, "item")).to_have_count(1)

    see = """hidden => { Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange")); }"""
    page.evaluate(see, True)
    page.clock.fast_forward("02:00:00")
    assert len(show.asked()) == 1
    page.evaluate(see, False)
    wait_for(page, lambda: len(show.asked()) == 2)
    page.evaluate("document.querySelector('callboard-events').remove()")
    page.clock.fast_forward("02:00:00")
    page.wait_for_timeout(200)
    assert len(show.asked()) == 2


def test_the_links_stay_until_there_is_a_list_and_a_list_that_is_there_stays(show: Show) -> None:
    factories.event("Colour", capacity=9, now=timezone.now())
    works: list[Any] = []

    def answer(route: Route) -> None:
        if works:
            route.continue_()
        else:
            route.fulfill(status=503, body="{}", headers={"Access-Control-Allow-Origin": "*"})

    bare = '<callboard-events src="{site}/en/events/?kind=workshop" lang="en"></callboard-events>'
    page = show(TAG + bare, ticking=True, route=answer)
    expect(page.get_by_role("status")).to_have_text([FAILED] * 2)
    expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_visible()
    expect(inside(page, "foot-link")).to_have_attribute("href", f"{show.site}/en/events/")  # where no link was written

    works.append(True)
    page.clock.fast_forward("02:20")
    expect(inside(page, "badge")).to_have_text(["9 of 9 seats left"] * 2)
    expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_hidden()
    expect(page.get_by_role("status")).to_have_count(0)

    works.clear()
    for asked, later in ((6, ONE_POLL), (8, "02:20")):
        page.clock.fast_forward(later)
        wait_for(page, lambda asked=asked: len(show.asked()) == asked)
    expect(inside(page, "status").first).to_contain_text("Not up to date since")
    expect(inside(page, "badge")).to_have_text(["9 of 9 seats left"] * 2)
    show.complaints[:] = [text for text in show.complaints if "503" not in text]


def test_a_filter_that_does_not_exist_is_told_to_whoever_wrote_it(show: Show) -> None:
    tag = TAG.replace("/en/", "/ko/").replace('lang="en"', 'topic="nothing"')

    page = show(tag, ticking=True)

    expect(page.get_by_role("status")).to_have_text("최신 일정을 불러오지 못했습니다.")
    expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_visible()
    said = [text for text in show.complaints if text.startswith("callboard-events: ")]
    assert len(said) == 1
    assert "topic" in said[0]
    page.clock.fast_forward("10:00")
    page.wait_for_timeout(200)
    assert len(show.asked()) == 1
    show.complaints.clear()
