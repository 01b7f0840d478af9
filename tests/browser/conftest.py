"""A Chromium that is already on the machine, and the pages it opens; without one these tests are skipped by name."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.fixtures import Settings

# No picture leaves the machine, so none is made by a graphics card that is not there; and nobody is called.
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP = {"width": 1280, "height": 900}
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file of tests: while it is open, an event loop runs in this thread, in nobody else's way."""
    if connection.vendor != "sqlite" and "CALLBOARD_TEST_BROWSER" not in os.environ:
        pytest.skip("browser: pages are opened on SQLite; CALLBOARD_TEST_BROWSER=on opens them on PostgreSQL too")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("browser: no Chromium on this machine (Debian: apt-get install chromium fonts-nanum)")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Django takes that loop for asynchronous code; the tests themselves are not.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Its sandbox needs what containers do not give; it opens nothing but our own pages.
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *QUIET])
        yield opened
        opened.close()


@pytest.fixture
def site(live_server: Any, settings: Settings) -> str:
    """The address of a server that is opened without TLS."""
    settings.CALLBOARD_URL = live_server.url
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.RATE_LIMITS = False
    cache.clear()
    return str(live_server.url)


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """`visit("/ko/events/", width=360)` opens a page; in the end no page may have complained, as about its policy."""
    contexts, complaints = [], []

    def open_page(path: str, *, width: int = 1280, **wishes: Any) -> Page:
        context = browser.new_context(
            base_url=site, viewport={"width": width, "height": DESKTOP["height"]}, locale="ko-KR", **wishes
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # What a page answers (404, 409, 422) is told by the browser too, and is not meant here.
    assert [text for text in complaints if not text.startswith("Failed to load resource: the server responded")] == []
