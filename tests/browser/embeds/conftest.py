"""A partner's site on another origin (`127.0.0.1`, while ours is `localhost`) that shows a slice of our events."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

# What a careful partner writes: our address and nothing else; no style may be inline, not even one of their own.
STRICT = (
    "default-src 'none'; script-src {site}; connect-src {site}; frame-src {site}; style-src 'none'; "
    "require-trusted-types-for 'script'"
)
LOOSE = "default-src * 'unsafe-inline'"
PAGE = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>Partner</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><main><h1>Partner</h1><h2>Workshops</h2>{body}</main></body></html>"""
SCRIPT = '<script type="module" src="{site}/embed/v1.js"></script>'
LINKS = '<ul><li><a href="{site}/ko/events/">Schedule on Callboard</a></li></ul>'
# Whatever a browser can keep of a visitor.
KEPT = """async () => { try {
    return [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, document.cookie];
} catch { return [0, 0, 0, ""]; } }"""  # where a frame may not keep anything, it cannot be asked either


class Partner:
    """A server with one page, and the policy that goes with it."""

    def __init__(self) -> None:
        self.html = self.policy = ""
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = partner.html.encode() if self.path.startswith("/schedule") else b""
                self.send_response(200 if body else 204)  # no icon
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", partner.policy)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Show:
    """Opens the partner's page, and remembers what the browser complained of, whom it asked and with what."""

    def __init__(self, browser: Browser, site: str, partner: Partner) -> None:
        self.browser, self.site, self.partner = browser, site, partner
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.requests: list[Any] = []

    def __call__(
        self, body: str, *, head: str = SCRIPT, policy: str = STRICT, lang: str = "ko", width: int = 1280,
        query: str = "", before: str = "", ticking: bool = False, route: Any = None, **wishes: Any,
    ) -> Page:  # fmt: skip
        """`{site}` stands for our origin.

        `before` runs first of all; `ticking`: the test turns the page's clock; `route` answers instead of our feeds.
        """
        filled = PAGE.replace("{head}", head).replace("{body}", body).replace("{lang}", lang)
        self.partner.html = filled.replace("{site}", self.site)
        self.partner.policy = policy.replace("{site}", self.site)
        usual = {"locale": "ko-KR", "timezone_id": "Asia/Seoul", "viewport": {"width": width, "height": 900}}
        context = self.browser.new_context(**usual | wishes)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))
        if before:
            page.add_init_script(before)
        if route:
            page.route("**/feeds/**", route)
        if ticking:
            page.clock.install()
        page.goto(f"{self.partner.url}/schedule/{query}")
        return page

    def asked(self, path: str = "/feeds/") -> list[str]:
        """The addresses of our server that were asked for, after the origin."""
        whole = [request.url.removeprefix(self.site) for request in self.requests]
        return [address for address in whole if address.startswith(path)]


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    made = Partner()
    Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def show(browser: Browser, site: str, partner: Partner) -> Iterator[Show]:
    """`show('<callboard-events src="{site}"></callboard-events>')`; in the end nothing is kept, nobody complained."""
    shown = Show(browser, site, partner)
    yield shown
    left = [cookie for context in shown.contexts for cookie in context.cookies() if cookie["name"] != "planted"]
    frames = [frame for context in shown.contexts for page in context.pages for frame in page.frames]
    kept = [frame.evaluate(KEPT) for frame in frames]
    for context in shown.contexts:
        context.close()
    assert left == []
    assert [values for values in kept if values != [0, 0, 0, ""]] == []
    assert {request.url.startswith((site, partner.url)) for request in shown.requests} == {True}
    assert shown.complaints == []


def inside(page: Page, part: str) -> Locator:
    """What lies in the shadow of an element of ours, by its documented part."""
    return page.locator(f'callboard-events [part~="{part}"]')
