"""The frame on a partner's page with a strict policy, and the way from both embeds to a seat and back."""

from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Event, Registration
from tests import factories
from tests.browser.embeds.conftest import Show, inside
from tests.browser.embeds.test_script import TAG, furnish
from tests.browser.test_screens import too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FRAME = (
    '<iframe src="{site}/embed/events/?lang=ko&amp;when=upcoming" title="Schedule" width="100%" height="200"></iframe>'
)
PLANTED = "(document.cookie = 'planted=1; SameSite=None; Secure', document.cookie)"
RESIZER = '<script src="{site}/embed/v1-frame.js" async></script>'


def of_partner(show: Show, now: datetime, **fields: object) -> Event:
    """An event of an organization whose site the partner's page is."""
    office = factories.organization(now=now)
    office.sites = [show.partner.url]
    office.save(update_fields=["sites"])
    return factories.event("Colour", title_ko="색보정", of=factories.programme(of=office, now=now), now=now, **fields)


def test_a_frame_is_as_high_as_what_is_in_it_and_knows_nobody(show: Show) -> None:
    furnish()

    page = show(FRAME, head=RESIZER, width=390)
    page.goto(f"{show.site}/embed/events/")
    assert page.evaluate(PLANTED) == "planted=1"  # where we are at home there is one, and others may have it
    page.goto(f"{show.partner.url}/schedule/")

    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=3)).to_have_count(8)
    expect(frame.get_by_text("1석 남음").or_(frame.get_by_text("3석 중 1석 남음"))).to_be_visible()
    inner = page.frames[1]
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 800")
    assert inner.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert too_wide(page) == []
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 320, "height": 700})
    expect(frame.get_by_role("heading", level=3).first).to_be_visible()
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inner.evaluate("document.cookie") == ""  # blocked, as in Safari and Firefox
    asked = [request for request in show.requests if request.url.startswith(show.site)]
    assert [request.url for request in asked if "cookie" in request.all_headers()] == []


def test_without_scripts_a_frame_shows_the_same(show: Show) -> None:
    furnish()

    page = show(FRAME, head=RESIZER, java_script_enabled=False)

    expect(page.frame_locator("iframe").get_by_role("heading", level=3)).to_have_count(8)


def test_only_sites_that_an_organization_names_may_frame_its_list(show: Show) -> None:
    now = timezone.now()
    event = of_partner(show, now)
    slug = event.programme.organization.slug
    frame = FRAME.replace("lang=ko", f"lang=ko&amp;organization={slug}")

    expect(show(frame).frame_locator("iframe").get_by_role("heading", level=3)).to_have_count(1)
    office = event.programme.organization
    office.sites = ["https://www.elsewhere.example"]
    office.save(update_fields=["sites"])
    page = show(frame)
    page.wait_for_timeout(300)
    assert len(page.frames) == 2
    assert page.frames[1].get_by_role("heading", level=3).count() == 0
    assert "frame-ancestors" in " ".join(show.complaints)
    show.complaints.clear()


def test_from_a_list_to_a_seat_and_back(show: Show) -> None:
    """A new tab of ours registers, leads back to the partner's page, and the list there says one seat less."""
    now = timezone.now()
    of_partner(show, now, capacity=5)
    page = show(TAG, query="?secret=1", ticking=True)

    with page.context.expect_page() as opened:
        inside(page, "action").click()
    ours = opened.value
    back = urlencode({"return": f"{show.partner.url}/schedule/"})
    expect(ours).to_have_url(f"{show.site}/ko/events/colour/?{back}#register")
    assert ours.evaluate("window.opener") is None
    ours.get_by_label("이름").fill("김하늘")
    ours.get_by_label("이메일").first.fill("person1@mail.example")
    ours.get_by_role("button", name="신청하기").click()
    expect(ours.locator(f'a[href="{show.partner.url}/schedule/"]')).to_be_visible()
    assert Registration.objects.count() == 1
    ours.context.clear_cookies()
    ours.close()

    page.clock.fast_forward("01:07")
    expect(inside(page, "badge")).to_have_text("5석 중 4석 남음")
