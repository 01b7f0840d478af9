"""The script embed never breaks the page around it, and is not broken by it: hostile styles, old browsers, phones."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.embeds.conftest import LINKS, LOOSE, SCRIPT, Show, inside
from tests.browser.embeds.test_script import TAG, furnish
from tests.browser.test_screens import LONG_EN, LONG_KO, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = """<style>
* { all: unset !important; display: none !important; font-size: 90px !important; visibility: hidden !important;
    float: left !important; color: inherit !important }
html, body, main { display: block !important; float: none !important }
html { letter-spacing: 1em; word-spacing: 2em; line-height: 0; white-space: nowrap; text-indent: -999px;
    text-transform: uppercase; direction: rtl; pointer-events: none; user-select: none }
</style>"""
# What old themes and their libraries leave behind (Prototype.js, MooTools, jQuery plugins).
BENT = """
Array.prototype.toJSON = () => "bent"; Array.prototype.extra = () => "bent"; Array.prototype.reduce = undefined;
Array.from = () => { throw new Error("bent"); }; Function.prototype.extra = 1; String.prototype.toJSON = () => "bent";
for (const name of ["append", "remove", "replaceChildren", "replaceWith", "before", "after", "prepend"])
  Element.prototype[name] = () => { throw new Error("bent"); };
window.Node = {}; window.Event = {}; window.$ = window.jQuery = () => { throw new Error("bent"); };
"""
# As WordPress wraps what is pasted into its editor, with the script as themes enqueue it: no module.
WORDPRESS = """<div class="entry-content"><p><callboard-events src="{site}/ko/events/" view="grid"><br />
<a href="{site}/ko/events/">Schedule on Callboard</a><br />
</callboard-events></p>
<p>The end.</p></div>"""
THEME = """<style>
* { box-sizing: border-box } body { font: 17px/1.7 Georgia, serif; color: #333 } a { color: #06c; box-shadow: 0 1px }
ul, ol { margin-left: 3em; list-style: square } li { float: left; width: 30% } h1, h2, h3 { text-transform: uppercase }
p { margin: 2em 0 } time, span, div { display: inline } .item, .grid, .date { display: none } [hidden] { all: unset }
</style>"""


def test_hostile_styles_of_the_page_do_not_reach_in(show: Show) -> None:
    furnish()

    page = show(TAG, head=SCRIPT + HOSTILE, policy=LOOSE, width=390)

    expect(inside(page, "item")).to_have_count(8)
    for part in ("item", "title", "link", "badge", "action", "foot-link"):
        expect(inside(page, part).first).to_be_visible()
    found = inside(page, "title").first.evaluate(
        "e => [parseFloat(getComputedStyle(e).fontSize) <= 45, getComputedStyle(e).direction, e.offsetWidth > 200]"
    )
    assert found == [True, "ltr", True]
    assert inside(page, "badge").nth(1).inner_text() == "1석 남음"
    inside(page, "link").first.click(trial=True)
    assert too_wide(page) == []


def test_a_wordpress_page_with_everything_bent(show: Show) -> None:
    furnish()
    plain = SCRIPT.replace('type="module"', "defer")

    page = show(WORDPRESS, head=THEME + plain * 2, policy=LOOSE, before=BENT, width=390)

    expect(inside(page, "item")).to_have_count(8)
    expect(inside(page, "item").first).to_be_visible()
    expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_hidden()
    expect(page.get_by_text("The end.")).to_be_visible()
    assert '"itemListElement":[{' in (page.locator("callboard-events script").text_content() or "")
    assert inside(page, "title").first.evaluate("e => getComputedStyle(e).textTransform") == "none"
    assert inside(page, "item").first.evaluate("e => getComputedStyle(e).float") == "none"
    assert too_wide(page) == []


def test_an_old_browser_shows_the_links(show: Show) -> None:
    for missing in ("window.customElements", "CSSStyleSheet.prototype.replaceSync", "Element.prototype.attachShadow"):
        page = show(TAG, before=f"delete {missing}")
        expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_visible()
    assert show.asked() == []


def test_without_scripts_the_links_are_there(show: Show) -> None:
    page = show(TAG, java_script_enabled=False)

    expect(page.get_by_role("link", name="Schedule on Callboard")).to_be_visible()
    assert show.asked() == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_phone_does_not_scroll_sideways(show: Show, language: str) -> None:
    now = timezone.now()
    room = factories.room(LONG_EN, title_ko=LONG_KO, now=now)
    topics = [factories.topic(LONG_EN, title_ko=LONG_KO, now=now)]
    speakers = [factories.speaker(LONG_EN, name_ko=LONG_KO, of=factories.organization(now=now), now=now)]
    event = factories.event(LONG_EN, title_ko=LONG_KO, summary_en=LONG_EN, summary_ko=LONG_KO, capacity=1, sessions=3,
                            waitlist="automatic", room=room, topics=topics, speakers=speakers, now=now)  # fmt: skip
    factories.crowd(event, range(2), now=now)
    tags = "".join(
        f'<callboard-events src="{{site}}/{language}/events/" lang="{language}" view="{view}" theme="dark">'
        f"{LINKS}</callboard-events>"
        for view in ("list", "agenda", "grid")
    )

    page = show(tags, width=390, timezone_id="Europe/Berlin")
    expect(inside(page, "item")).to_have_count(1 + 3 + 1)

    found = {}
    for width, zoom in ((390, 100), (320, 100), (320, 200), (280, 100), (1280, 200)):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("percent => { document.documentElement.style.fontSize = percent + '%'; }", zoom)
        found[width, zoom] = too_wide(page)
    assert set(map(tuple, found.values())) == {()}


def test_a_narrow_place_on_a_wide_page_looks_like_a_phone(show: Show) -> None:
    """What counts is the room that the element has, also where it is an item of a flexible row."""
    factories.event(now=timezone.now())
    tag = '<div class="{way}">{tag}<div>beside</div></div>'
    style = "<style>.row { display: flex } .narrow callboard-events { width: 280px }</style>"
    body = tag.format(way="row", tag=TAG) + tag.format(way="narrow", tag=TAG)

    page = show(body, head=SCRIPT + style, policy=LOOSE)

    expect(inside(page, "item")).to_have_count(2)
    columns = [
        len(item.evaluate("e => getComputedStyle(e).gridTemplateColumns").split())
        for item in inside(page, "item").all()
    ]
    assert columns == [3, 1]
