"""Every page on a small phone, at twice the letter size, in both languages: nothing needs scrolling sideways."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from events.models import SYSTEM, Person
from events.operations import organizing, publishing
from tests import factories
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_KO = "아주긴띄어쓰기없는제목도작은화면에서옆으로넘치지않아야합니다그리고계속됩니다"
LONG_EN = "Supercalifragilisticexpialidocious-window-background-cinematography-masterclass"


def furnish() -> list[str]:
    """A world of long words; the addresses of one page of each kind."""
    now = timezone.now()
    office = factories.organization(LONG_EN, title_ko=LONG_KO, now=now)
    programme = factories.programme(LONG_EN, title_ko=LONG_KO, of=office, now=now)
    venue = factories.venue(
        LONG_EN, title_ko=LONG_KO, of=office, address_en=LONG_EN, latitude="35.1", longitude="129.1", now=now
    )
    room = factories.room(LONG_EN, title_ko=LONG_KO, at=venue, now=now)
    speaker = factories.speaker(LONG_EN, name_ko=LONG_KO, of=office, bio_en=f"`{LONG_EN}`" * 3, now=now)
    event = factories.event(
        LONG_EN, title_ko=LONG_KO, of=programme, sessions=3, room=room, speakers=[speaker], capacity=12,
        audiences=[factories.audience("student")], topics=[factories.topic(LONG_EN, title_ko=LONG_KO, now=now)],
        description_en=f"| a | b |\n|---|---|\n| {LONG_EN} | {LONG_EN} |\n\n```\n{LONG_EN * 3}\n```", now=now,
    )  # fmt: skip
    registration = factories.register(event, now=now)
    called_off = factories.event("Off", of=programme, now=now)
    publishing.cancel(event=called_off, actor=SYSTEM, now=now, reason=LONG_KO)
    return [
        "events/?when=upcoming", f"events/?topic={LONG_EN.lower()[:70]}&q=none", "events/?wrong=1", "nothing/", "my/",
        f"events/{event.slug}/", f"events/{called_off.slug}/", f"programmes/{programme.slug}/", f"venues/{venue.slug}/",
        f"my/registrations/{registration.code}/", f"my/registrations/{registration.code}/cancel/",
    ]  # fmt: skip


def too_wide(page: Page) -> list[str]:
    """What sticks out of the page to the right, unless it lies in a box that scrolls by itself."""
    return list(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
                [...document.querySelectorAll("body *")]
                    .filter(e => e.getBoundingClientRect().right > window.innerWidth && !e.closest("pre, .scroll"))
                    .map(e => e.tagName + "." + e.className)"""
        )
    )


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [360, 320], ids=["small phone", "1280 px at 400 %"])
def test_no_page_scrolls_sideways(visit: Visit, language: str, width: int) -> None:
    paths = furnish()
    page = visit(f"/{language}/events/", width=width)

    found = {}
    for path in paths:
        page.goto(f"/{language}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        found[path] = too_wide(page)

    assert found == {path: [] for path in paths}


def test_the_console_does_not_scroll_sideways_either(visit: Visit) -> None:
    furnish()
    chance = organizing.chance(person=Person.objects.get(), now=timezone.now())
    page = visit("/organize/sign-in/", width=360)
    before = too_wide(page)

    page.goto(f"/organize/sign-in/{chance.link}/")
    page.locator("main button").click()

    assert (before, too_wide(page)) == ([], [])
    assert page.locator("tbody tr").count() == 2


def test_letters_of_twice_the_size_still_fit(visit: Visit) -> None:
    paths = furnish()
    page = visit("/en/events/", width=640)

    found = {}
    for path in paths:
        page.goto(f"/en/{path}")
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        found[path] = too_wide(page)

    assert found == {path: [] for path in paths}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_letter_has_enough_contrast(visit: Visit, scheme: str) -> None:
    paths = furnish()
    page = visit("/ko/events/", color_scheme=scheme)

    found = {}
    for path in paths:
        page.goto(f"/ko/{path}")
        found[path] = page.evaluate(FAINT)

    assert found == {path: [] for path in paths}


# The contrast of WCAG 2.2 (1.4.3) of every element with text of its own against the nearest ground below it.
FAINT = """() => {
    const channels = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = channels(getComputedStyle(e).backgroundColor);
            if (colour.length < 4 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("body *")]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility())
        .map(e => {
            const pair = [light(channels(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a);
            return [e.tagName + "." + e.className, (pair[0] + 0.05) / (pair[1] + 0.05)];
        })
        .filter(([, ratio]) => ratio < 4.5);
}"""
