"""What an attendee does behind a mailed code: see all, move, cancel, and be forgotten. Without JavaScript."""

import re
from datetime import datetime

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Attendee, Registration
from events.operations import signing_in, subscribing
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.test_screens import LONG_EN, LONG_KO, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL = "person1@mail.example"


def sign_in(visit: Visit, now: datetime, **wishes: object) -> Page:
    """By the link of the mail, in English."""
    link = signing_in.link_of(signing_in.chance(door="my", key=EMAIL, now=now))
    page = visit(f"/en/my/sign-in/{link}/", **wishes)
    page.get_by_role("button", name="Show my registrations").click()
    return page


def test_by_a_code_to_another_date_and_out(visit: Visit) -> None:
    now = timezone.now()
    first, second = factories.runs(2, capacity=1, now=now)
    row = factories.register(first, 1, now=now)
    factories.deliver(now=now)
    mail.outbox.clear()

    page = visit("/en/my/", java_script_enabled=False)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("button", name="Mail me a code").click()
    factories.deliver(now=timezone.now())
    page.get_by_label("Code from the mail").fill(re.findall(r"\b\d{8}\b", mail.outbox[0].body)[0])
    page.get_by_role("button", name="Show my registrations").click()
    page.get_by_role("link", name="Move to another date").click()
    page.get_by_role("listitem").get_by_role("link").click()
    page.get_by_role("button", name="Yes, move me").click()

    expect(page).to_have_url("/en/my/")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Run of day 1")
    assert Registration.objects.get(pk=row.pk).event_id == second.pk
    page.get_by_role("link", name="Cancel my registration").click()
    page.get_by_role("button", name="Yes, cancel my registration").click()
    expect(page.get_by_text("Nothing is to come at the moment.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail address")).to_be_visible()


def test_erased_by_typing_the_address(visit: Visit) -> None:
    now = timezone.now()
    row = factories.register(factories.event(now=now), 1, now=now)

    page = sign_in(visit, now)
    page.get_by_role("link", name="Erase my data").click()
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_label("Type your e-mail address to confirm")).to_have_accessible_description(
        "Write your e-mail address."
    )
    page.get_by_label("Type your e-mail address to confirm").fill(EMAIL)
    page.get_by_role("button", name="Erase everything").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your data is erased")
    assert Registration.objects.get(pk=row.pk).is_erased


@pytest.mark.parametrize("language", ["ko", "en"])
def test_these_pages_do_not_scroll_sideways(visit: Visit, language: str) -> None:
    now = timezone.now()
    names = {"title_ko": LONG_KO, "now": now}
    series = factories.series(LONG_EN, **names)
    runs = [factories.run(series, day, title_ko=LONG_KO, capacity=1, now=now) for day in (0, 1, 2)]
    row = factories.register(runs[0], 1, now=now)
    offered = factories.register(factories.event(LONG_EN, needs_proof=True, **names), 1, now=now)
    full = factories.event(LONG_EN, capacity=1, waitlist="automatic", **names)
    factories.crowd(full, [2, 1], now=now)
    page = sign_in(visit, now, width=320)
    subscribing.add_link(attendee=Attendee.objects.get(), name=LONG_EN[:60], now=now)

    found = {}
    for path in ["", f"move/{row.code}/", f"move/{row.code}/{runs[2].slug}/", f"accept/{offered.code}/", "erase/"]:
        page.goto(f"/{language}/my/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        found[path] = too_wide(page)

    assert set(map(tuple, found.values())) == {()}
