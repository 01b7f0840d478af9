"""Re-planning in a browser: on a phone, without JavaScript, with long words and a rich preview."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import SYSTEM, Event, Release, Session
from events.operations import releasing, replanning
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.test_screens import FAINT, LONG_EN, LONG_KO, sit_down, too_wide
from venues.models import OpeningHours

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def furnish() -> list[str]:
    """A programme in which a move meets everything that can stand in its way; the addresses of its pages."""
    now = timezone.now()
    office = factories.organization(LONG_EN, title_ko=LONG_KO, now=now)
    programme = factories.programme(LONG_EN, title_ko=LONG_KO, of=office, now=now)
    venue = factories.venue(LONG_EN, title_ko=LONG_KO, of=office, now=now)
    room, small = (factories.room(LONG_EN, title_ko=LONG_KO, at=venue, seats=seats, now=now) for seats in (40, 1))
    speaker = factories.speaker(LONG_EN, name_ko=LONG_KO, of=office, now=now)
    starts = now + factories.WEEK
    events = []
    for number, (place, hours) in enumerate([(room, 0), (None, 3), (small, 0)]):
        made = factories.draft(LONG_EN, title_ko=LONG_KO, of=programme, capacity=None if number == 1 else 1, now=now)
        at = starts + hours * factories.HOUR
        factories.session(made, starts=at, room=place, speakers=[speaker] if number < 2 else [], now=now)
        events.append(factories.publish(made, now=now))
        factories.register(made, 1, now=now)
    session = Session.objects.get(event=events[0])
    day = session.starts_on + timedelta(days=1)
    OpeningHours.objects.create(venue=venue, weekday=day.weekday(), opens_at="03:00", closes_at="03:30")
    draft = releasing.begin(programme=programme, fields={"title": LONG_EN, "note_en": LONG_EN}, actor=SYSTEM, now=now)
    releasing.edit(release=draft, session=session, fields={"room": small, "title_en": LONG_EN}, actor=SYSTEM, now=now)
    made = replanning.apply(
        programme=programme, asked=replanning.Later(minutes=-5), note={"note_ko": LONG_KO, "note_en": LONG_EN},
        override=["speaker_clash", "room_closed"], actor=SYSTEM, now=now,
    )  # fmt: skip
    whole_day = f"starts_at={session.starts_on}T00:00&ends_at={session.starts_on}T23:59"
    desk = f"/organize/programmes/{programme.slug}/"
    replan = f"{desk}replan/?preview=1&kind="
    return [
        f"{replan}later&minutes=190&event={events[0].slug}",
        f"{replan}room_gone&place=room:{room.slug}&{whole_day}&to_room={small.slug}",
        f"{replan}day&day={session.starts_on}&to_day={day}",
        f"{desk}replan/?kind=swap",
        f"{desk}releases/",
        f"{desk}releases/{draft.uid}/",
        f"{desk}releases/{draft.uid}/edit/?session={session.uid}",
        f"{desk}releases/{made.uid}/",
        f"/ko/programmes/{programme.slug}/changes/",
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_page_of_re_planning_scrolls_sideways_or_is_faint(visit: Visit, language: str) -> None:
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


def test_an_organizer_moves_a_day_by_phone_and_takes_it_back(visit: Visit) -> None:
    now = timezone.now()
    programme = factories.programme("BIFF Workshops", now=now)
    event = factories.event("Lighting", of=programme, now=now)
    factories.register(event, 1, now=now)
    before = Session.objects.get(event=event)
    page = sit_down(visit, width=360, java_script_enabled=False)
    page.get_by_role("button", name="English").click()

    page.get_by_role("link", name="Re-plan").click()
    page.get_by_role("link", name="Move a day").click()
    page.get_by_label("This day").fill(f"{before.starts_on}")
    page.get_by_label("Moves to").fill(f"{before.starts_on + timedelta(days=2)}")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("dl.numbers")).to_contain_text("about 1 registration")
    page.get_by_label("For the public, in English").fill("The studio is under water.")
    page.get_by_role("button", name="Make it so").click()

    expect(page.get_by_role("status")).to_have_text("Done: 1 session has moved.")
    assert starts_of(event) - before.starts_at == timedelta(days=2)
    page.get_by_role("link", name="Public changelog").click()
    expect(page.locator("main")).to_contain_text("The studio is under water.")
    page.go_back()
    page.get_by_role("button", name="Undo it").click()

    expect(page.get_by_role("status")).to_have_text("Undone: everything is as it was before.")
    assert starts_of(event) == before.starts_at
    assert Release.objects.filter(kind="undo").count() == 1


def starts_of(event: Event) -> object:
    return Session.objects.get(event=event).starts_at
