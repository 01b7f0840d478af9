"""The demo's mailbox in a browser: a mail arrives without a reload, and a hostile one can do nothing."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from pages.mailbox import folder
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = """From: a@b.example\r\nTo: mina@mail.example\r\nSubject: {long}\r\nContent-Type: text/html\r\n\r\n
<script>top.document.title = "taken"; fetch("/demo/mailbox/")</script>
<img src="https://evil.example/seen.png" onerror="top.document.title = 'taken'">
<meta http-equiv="refresh" content="0; url=https://evil.example/">
<a id="away" href="https://evil.example/" target="_top">away</a>
<a id="code" href="javascript:top.document.title='taken'" target="_self">code</a>
<form action="/organize/" target="_top"><button id="send">send</button></form><p>the mail itself</p>
"""


@pytest.fixture
def mails(tmp_path: Path, settings: Any) -> Path:
    settings.DEMO, settings.DEMO_MAIL, settings.DEMO_MAIL_IS_KEPT = True, tmp_path, True
    return tmp_path


def test_a_mail_appears_without_a_reload(visit: Visit, mails: Path) -> None:
    page = visit("/demo/mailbox/", width=360)

    folder.keep(mails, HOSTILE.format(long="도착").encode())

    expect(page.get_by_role("link", name="도착")).to_be_visible(timeout=10_000)


def test_a_hostile_mail_runs_nothing_and_stays_where_it_is(visit: Visit, mails: Path) -> None:
    name = folder.keep(mails, HOSTILE.format(long="Supercalifragilistic" * 9).encode())
    asked: list[str] = []
    stopped: list[tuple[str, str | None]] = []
    complaints: list[str] = []

    page = visit("/demo/mailbox/", width=360).context.new_page()  # one that may complain: its policy is to stop things
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: stopped.append((request.url, request.failure)))
    page.goto(f"/demo/mailbox/{name}/")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("the mail itself")).to_be_visible()
    frame.locator("#send").click()
    frame.locator("#code").click()
    page.wait_for_timeout(500)

    assert page.url.endswith(f"/demo/mailbox/{name}/")
    assert "taken" not in page.title()
    assert [url for url in asked if "evil.example" in url or "/organize/" in url] == ["https://evil.example/seen.png"]
    assert stopped == [("https://evil.example/seen.png", "csp")]  # by the policy, before it left
    assert len(complaints) >= 2
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
