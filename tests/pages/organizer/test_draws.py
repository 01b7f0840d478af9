"""A draw: announced with a seed that stays secret, run once when registration has closed, then told with its seed."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from events.models import SYSTEM, Draw, Event, Programme
from events.operations import planning, selecting
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.test_capacity import errors

pytestmark = pytest.mark.django_db
SEED = "the numbers of Saturday"


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    """Three applications for one seat."""
    made = factories.event(of=programme, capacity=1, registration="approval", waitlist="automatic", now=now)
    factories.crowd(made, [1, 2, 3], now=now)
    return Event.objects.get(pk=made.pk)


def close(event: Event, now: datetime) -> None:
    planning.amend_event(event=event, fields={"registration_closes_at": now}, actor=SYSTEM, now=now)


def page(editor: Client, event: Event) -> str:
    return one(editor.get(f"/organize/events/{event.slug}/draw/"), "main").text


def test_it_is_announced_with_a_digest_and_without_its_seed(editor: Client, event: Event) -> None:
    before = page(editor, event)

    response = editor.post(f"/organize/events/{event.slug}/draw/announce/", {"seed": SEED})

    draw = Draw.objects.get(event=event)
    after = page(editor, event)
    assert (response.status_code, draw.seed) == (303, SEED)
    assert [draw.seed_digest in text for text in (before, after)] == [False, True]
    assert SEED not in after
    assert "3 applications take part. It can be drawn when registration has closed, on " in after


def test_a_random_seed_is_chosen_where_none_is_given(editor: Client, event: Event) -> None:
    editor.post(f"/organize/events/{event.slug}/draw/announce/", {"seed": ""})

    assert len(Draw.objects.get(event=event).seed) == 32


@pytest.mark.parametrize(("seed", "status"), [("short", 400), ("x" * 201, 422), ("two\nlines of it", 400)])
def test_what_is_wrong_with_a_seed_stands_beside_it(editor: Client, event: Event, seed: str, status: int) -> None:
    response = editor.post(f"/organize/events/{event.slug}/draw/announce/", {"seed": seed})

    assert (response.status_code, list(errors(response))) == (status, ["draw-seed"])
    assert not Draw.objects.exists()


def test_it_is_drawn_once_by_its_button(editor: Client, event: Event, now: datetime) -> None:
    selecting.announce_draw(event=event, seed=SEED, actor=SYSTEM, now=now)
    close(event, now)
    address = f"/organize/events/{event.slug}/draw/run/"

    asked = editor.get(address)
    before = factories.statuses(event.registrations.order_by("pk"))
    drawn, again = editor.post(address), editor.post(address)

    assert one(asked, "h2").text == "Draw now?"
    assert before == ["applied"] * 3
    assert sorted(factories.statuses(event.registrations.order_by("pk"))) == ["confirmed", "waitlisted", "waitlisted"]
    assert (drawn.status_code, again.status_code) == (303, 409)
    assert one(again, role="alert").text == "The draw has taken place."
    assert SEED in page(editor, event)
    public = next(
        link for link in elements(editor.get(f"/organize/events/{event.slug}/draw/"), "a") if "public" in link.text
    )
    assert SEED in editor.get(public["href"]).content.decode()


def test_only_the_shortlist_takes_part_where_there_is_one(editor: Client, event: Event, now: datetime) -> None:
    selecting.announce_draw(event=event, seed=SEED, actor=SYSTEM, now=now)
    rows = list(event.registrations.order_by("pk"))[:2]
    selecting.shortlist(event=event, registrations=rows, is_shortlisted=True, actor=SYSTEM, now=now)
    close(event, now)

    response = editor.get(f"/organize/events/{event.slug}/draw/")

    assert "There is a shortlist: only 2 applications take part." in one(response, "main").text
    assert [link.text for link in elements(response, "a", class_="button")] == ["Draw"]


@pytest.mark.parametrize("is_announced", [True, False])
def test_it_waits_for_its_announcement_and_for_the_last_application(
    editor: Client, event: Event, now: datetime, is_announced: bool
) -> None:
    if is_announced:
        selecting.announce_draw(event=event, seed=SEED, actor=SYSTEM, now=now)
    else:
        close(event, now + timedelta(days=1))

    response = editor.post(f"/organize/events/{event.slug}/draw/run/")

    assert response.status_code == 409
    assert one(response, role="alert").text == (
        "People may still apply: draw when registration has closed." if is_announced else "Announce the draw first."
    )


def test_an_open_event_has_nothing_to_draw(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(of=programme, now=now)

    response = editor.post(f"/organize/events/{event.slug}/draw/announce/", {"seed": SEED})

    assert response.status_code == 409
    assert one(response, role="alert").text == "A draw is among applications: let people apply for this event."
