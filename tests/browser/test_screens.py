"""Every page on a small phone, at twice the letter size, in both languages: nothing needs scrolling sideways."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from events.models import SYSTEM
from events.operations import (
    grouping,
    offering,
    planning,
    publishing,
    questioning,
    registering,
    selecting,
)
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
        "embed/?when=upcoming", "embed/?way=frame&view=grid", "../embed/events/?lang=en",
        "../embed/events/?view=agenda", "../embed/events/?view=grid", "../embed/events/?wrong=1",
    ]  # fmt: skip


def furnish_ways_in() -> list[str]:
    """Events that are entered in every way there is, all of long words; the addresses of their pages."""
    now = timezone.now()
    office = factories.organization(LONG_EN, title_ko=LONG_KO, now=now)
    programme = factories.programme(LONG_EN, title_ko=LONG_KO, of=office, now=now)
    series = factories.series(LONG_EN, title_ko=LONG_KO, of=programme, now=now)
    full, _other = (
        factories.event(
            LONG_EN, title_ko=LONG_KO, of=programme, series=series, capacity=2, waitlist="offer", minimum=9,
            decides_at=now + timedelta(days=1), now=now,
        )
        for _run in range(2)
    )  # fmt: skip
    choices = [{"value": "a", "title_en": LONG_EN, "title_ko": LONG_KO}]
    asked = [
        {"key": kind, "kind": kind, "title_en": LONG_EN, "title_ko": LONG_KO, "help_en": LONG_EN, "help_ko": LONG_KO}
        | ({"choices": choices} if kind == "choice" else {})
        for kind in ("text", "choice", "number", "consent")
    ]
    questioning.set_questions(event=full, questions=asked, actor=SYSTEM, now=now)
    factories.code(full, now=now)
    first, _second, third, waiting = factories.crowd(full, range(1, 5), name=LONG_KO, now=now)
    registering.cancel(registration=first, actor=SYSTEM, now=now)
    people = [factories.applicant(number, name=LONG_EN) for number in (5, 6)]
    booked = grouping.register(event=full, booker=people[0], people=people, actor=SYSTEM, now=now)
    before = now - timedelta(days=2)
    chosen = factories.event(
        LONG_EN, of=programme, registration="approval", registration_closes_at=now - timedelta(days=1), now=before
    )  # fmt: skip
    selecting.announce_draw(event=chosen, seed=LONG_EN * 2, actor=SYSTEM, now=before)
    drawn = factories.crowd(chosen, range(2), now=before)[0]
    selecting.draw(event=chosen, actor=SYSTEM, now=now)
    offer, own = f"offers/{offering.token_of(third)}/", f"my/registrations/{third.code}/"
    return [
        f"events/{full.slug}/", f"events/{full.slug}/group/", f"events/{chosen.slug}/draw/", offer, f"{offer}decline/",
        own, f"{own}decline/", f"my/registrations/{waiting.code}/", f"my/registrations/{waiting.code}/cancel/",
        f"my/registrations/{drawn.code}/", f"offers/{offering.token_of(drawn)}/", f"my/groups/{booked.group.code}/",
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
    paths = [*furnish(), *furnish_ways_in()]
    page = visit(f"/{language}/events/", width=width)

    found = {}
    for path in paths:
        page.goto(f"/{language}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        found[path] = too_wide(page)

    assert found == {path: [] for path in paths}


def test_the_console_does_not_scroll_sideways_either(visit: Visit) -> None:
    furnish()
    link = factories.member_link(now=timezone.now())
    page = visit("/organize/sign-in/", width=360)
    before = too_wide(page)

    page.goto(f"/organize/sign-in/{link}/")
    page.locator("main button").click()

    assert (before, too_wide(page)) == ([], [])
    assert page.locator("tbody tr").count() == 2


DESK = (
    "", "seats/", "registration/", "registration/decide/call-off/", "questions/", "codes/", "draw/", "messages/",
    "mails/",
)  # fmt: skip


def furnish_desk() -> list[str]:
    """An event with something long in every part of its desk; the addresses of these parts."""
    now = timezone.now()
    office = factories.organization(LONG_EN, title_ko=LONG_KO, now=now)
    programme = factories.programme(LONG_EN, title_ko=LONG_KO, of=office, partners=[(office, "host")], now=now)
    student = factories.audience("student")
    event = factories.event(
        LONG_EN, title_ko=LONG_KO, of=programme, capacity=4, registration="approval", waitlist="offer", minimum=2,
        decides_at=now + timedelta(days=2), audiences=[student], now=now,
    )  # fmt: skip
    question = {
        "key": LONG_EN[:40].lower(),
        "kind": "text",
        "title_en": LONG_EN,
        "title_ko": LONG_KO,
        "help_en": LONG_EN,
    }
    questioning.set_questions(event=event, questions=[question], actor=SYSTEM, now=now)
    factories.quota(event, 2, audience=student, now=now)
    factories.quota(event, 1, "allotment", partner=office, now=now)
    code = factories.code(event, LONG_EN[:40].upper(), label=LONG_EN, pool=event.pools.get(kind="allotment"), now=now)
    factories.enter(event, 1, name=LONG_EN, partner=office, now=now)
    factories.register(
        event, 2, name=LONG_KO, email=f"{LONG_EN[:60]}@mail.example", answers={question["key"]: LONG_EN * 2},
        code=code.code, now=now,
    )  # fmt: skip
    selecting.announce_draw(event=event, actor=SYSTEM, now=now)
    planning.amend_event(event=event, fields={"capacity": 3}, over_commit=True, actor=SYSTEM, now=now)
    return [f"/organize/events/{event.slug}/{part}" for part in DESK]


def sit_down(visit: Visit, **wishes: Any) -> Page:
    link = factories.member_link(now=timezone.now())
    page = visit(f"/organize/sign-in/{link}/", **wishes)
    page.locator("main button").click()
    return page


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [360, 320])
def test_no_part_of_the_desk_scrolls_sideways(visit: Visit, language: str, width: int) -> None:
    paths = furnish_desk()
    page = sit_down(visit, width=width)
    if language == "en":
        page.get_by_role("button", name="English").click()

    found = {}
    for path in paths:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        found[path] = too_wide(page)

    assert found == {path: [] for path in paths}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_letter_at_the_desk_has_enough_contrast(visit: Visit, scheme: str) -> None:
    paths = furnish_desk()
    page = sit_down(visit, color_scheme=scheme)

    found = {}
    for path in paths:
        page.goto(path)
        found[path] = page.evaluate(FAINT)

    assert found == {path: [] for path in paths}


def test_the_desk_bears_letters_of_twice_the_size(visit: Visit) -> None:
    paths = furnish_desk()
    page = sit_down(visit, width=640)

    found = {}
    for path in paths:
        page.goto(path)
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        found[path] = too_wide(page)

    assert found == {path: [] for path in paths}


def test_letters_of_twice_the_size_still_fit(visit: Visit) -> None:
    paths = [*furnish(), *furnish_ways_in()]
    page = visit("/en/events/", width=640)

    found = {}
    for path in paths:
        page.goto(f"/en/{path}")
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        found[path] = too_wide(page)

    assert found == {path: [] for path in paths}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_letter_has_enough_contrast(visit: Visit, scheme: str) -> None:
    paths = [*furnish(), *furnish_ways_in()]
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
