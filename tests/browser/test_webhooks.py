"""The webhooks of an organization in a browser: on a small phone, with long words, without JavaScript."""

import os

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Webhook
from events.operations import hooking
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.test_screens import FAINT, LONG_EN, LONG_KO, sit_down, too_wide
from tests.webhooks import webhook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def furnish() -> list[str]:
    """A webhook whose messages ended in every way, and one that was stopped; the addresses of their pages."""
    now = timezone.now()
    office = factories.organization(LONG_EN, title_ko=LONG_KO, now=now)
    programme = factories.programme(LONG_EN, title_ko=LONG_KO, of=office, now=now)
    long = f"https://{LONG_EN[:60]}.example/{LONG_EN * 3}"
    failing = webhook(office, long, name=LONG_EN, programme=programme, kinds=["session.moved"])
    for _number in range(3):
        hooking.try_out(webhook=failing, now=now)
    failing.messages.filter(seq=1).update(status="sent", ended_at=now, status_code=204, milliseconds=120)
    failing.messages.filter(seq=2).update(status="dead", ended_at=now, error="certificate not valid", milliseconds=9)
    Webhook.objects.filter(pk=failing.pk).update(failures=4, failing_since=now, not_before=now, previous_until=now)
    stopped = webhook(office, long)
    Webhook.objects.filter(pk=stopped.pk).update(stopped="failing", stopped_at=now)
    own = f"/organize/organizations/{office.slug}/webhooks/"
    return [own, *(f"{own}{hook.uid}/{rest}" for hook in (failing, stopped) for rest in ("", "remove/"))]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_page_scrolls_sideways_or_is_faint(visit: Visit, language: str) -> None:
    paths = furnish()
    page = sit_down(visit, width=320)
    if language == "en":
        page.get_by_role("button", name="English").click()

    found = {}
    for number, path in enumerate(paths):
        page.goto(path)
        found[path] = (too_wide(page), page.evaluate(FAINT))
        if os.environ.get("SHOTS"):
            page.screenshot(path=f"{os.environ['SHOTS']}/{language}-{number}.png", full_page=True)

    assert found == {path: ([], []) for path in paths}


def test_an_owner_makes_one_tries_it_and_takes_a_new_secret(visit: Visit) -> None:
    factories.programme("BIFF Workshops", now=timezone.now())
    page = sit_down(visit, java_script_enabled=False)
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_label("Address").fill("http://receiver.example/hook")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".error")).to_have_text("Webhooks are sent by https, to port 443.")
    page.get_by_label("Address").fill("https://receiver.example/hook")
    page.get_by_label("A session has another time or place").check()
    page.get_by_role("button", name="Add").click()

    hook = Webhook.objects.get()
    expect(page.get_by_role("status")).to_contain_text(hooking.secret_of(hook))
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_role("status")).to_contain_text("A test message is on its way.")
    expect(page.locator(".message-list li")).to_have_count(1)
    page.get_by_role("button", name="New secret").click()

    hook.refresh_from_db()
    expect(page.get_by_role("status")).to_contain_text(hooking.secret_of(hook))
    assert (hook.generation, hook.kinds) == (1, ["session.moved"])
