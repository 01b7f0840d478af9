"""What stands on other people's sites, for keyboards and screen readers: axe finds nothing, and focus is seen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.embeds.conftest import LOOSE, SCRIPT, Show, inside
from tests.browser.embeds.test_script import TAG, furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VIEWS = ("list", "agenda", "grid")
PAGES = (
    "/embed/events/?lang=ko&view=agenda", "/embed/events/?lang=en&view=grid&theme=dark",
    "/embed/events/?lang=en&theme=light", "/embed/events/?topic=nothing",
    "/ko/embed/?when=upcoming&view=agenda", "/en/embed/?way=frame&view=grid",
)  # fmt: skip


def violations(page: Page) -> dict[str, list[str]]:
    """Which rules of axe are broken, and by what."""
    found = Axe().run(page).response["violations"]
    return {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in found}


def test_axe_finds_nothing_in_the_script_embed(show: Show) -> None:
    furnish()
    tag = '<callboard-events src="{site}" lang="{lang}" view="%s" theme="%s"></callboard-events>'
    dark = "<style>body { background: #123; color: #eee }</style>"

    found = {}
    for theme, language, head in (("light", "ko", SCRIPT), ("dark", "en", SCRIPT), ("auto", "ko", SCRIPT + dark)):
        page = show("".join(tag % (view, theme) for view in VIEWS), head=head, policy=LOOSE, lang=language)
        expect(inside(page, "item")).to_have_count(8 + 9 + 8)
        found[theme] = violations(page)

    assert found == {"light": {}, "dark": {}, "auto": {}}


def test_axe_finds_nothing_on_pages_of_ours_for_partners(show: Show) -> None:
    furnish()
    page = show("")

    found = {}
    for path in PAGES:
        page.goto(show.site + path)
        page.wait_for_load_state("networkidle")
        found[path] = violations(page)

    assert found == {path: {} for path in PAGES}
    show.complaints[:] = [text for text in show.complaints if "400 (Bad Request)" not in text]


def test_axe_would_find_something(show: Show) -> None:
    page = show(
        '<img src="{site}/static/callboard.svg"><p>text</p>', head="<style>p { color: #ccc }</style>", policy=LOOSE
    )

    assert {"image-alt", "color-contrast"} <= violations(page).keys()


def test_everything_is_reached_by_the_keyboard_in_order_and_seen(show: Show) -> None:
    furnish()
    page = show(TAG)
    expect(inside(page, "item")).to_have_count(8)
    where = """() => { const at = document.querySelector("callboard-events").shadowRoot.activeElement;
        if (!at) return null;
        const { outlineStyle: line, outlineWidth: width } = getComputedStyle(at);
        return [at.getAttribute("part"), line, parseFloat(width) >= 2, at.getBoundingClientRect().height >= 24]; }"""

    found = []
    for _press in range(8 + 4 + 3):
        page.keyboard.press("Tab")
        found.append(page.evaluate(where))
    page.keyboard.press("Tab")

    pairs = ["link", "action"]
    assert [part for part, *_seen in found] == [*pairs * 3, "link", "link", *pairs, "link", "link", *["foot-link"] * 3]
    assert {tuple(seen) for _part, *seen in found} == {("solid", True, True)}
    assert page.evaluate(where) is None  # and out of it again
