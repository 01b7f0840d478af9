"""Seats turn: few left, none, free again, a waitlist; told once for each turn, with the figure that is so."""

import pytest

from events.models import ANONYMOUS, SYSTEM, Change, Event, Webhook
from events.operations import planning, publishing, registering, sequencing, switching
from tests import factories
from tests.factories import NOW
from tests.webhooks import bodies, heard, webhook

pytestmark = pytest.mark.django_db

SEATS = ["availability.few_left", "availability.full", "availability.open_again", "waitlist.opened"]


def arranged(**fields: object) -> tuple[Event, Webhook]:
    """An event that a partner's webhook follows for its seats."""
    partner = factories.organization("Partner", owner="partner@demo.example")
    programme = factories.programme(partners=[(partner, "host")])
    hook = webhook(partner, kinds=SEATS)
    return factories.event(of=programme, **fields), hook  # type: ignore[arg-type]


def test_each_turn_is_told_with_the_seats_that_are_left() -> None:
    event, hook = arranged(capacity=12)

    for number in range(10):
        factories.register(event, number)
    assert heard(hook) == ["availability.few_left"]
    registrations = [factories.register(event, number) for number in (10, 11)]
    assert heard(hook)[1:] == ["availability.full"]
    registering.cancel(registration=registrations[0], actor=ANONYMOUS, now=NOW)
    assert heard(hook)[2:] == ["availability.open_again"]

    told = [(body["data"]["level"], body["data"]["seats_left"]) for body in bodies(hook)]
    assert told == [("few", 2), ("full", 0), ("few", 1)]
    change = Change.objects.get(kind="availability.full")
    assert (change.actor_kind, change.before, change.after) == (
        "system", {"level": "few"}, {"level": "full", "seats_left": 0},
    )  # fmt: skip
    assert bodies(hook)[1]["data"]["url"] == f"https://callboard.test/api/v1/events/{event.slug}/"


def test_what_comes_and_goes_between_two_looks_is_not_told() -> None:
    event, hook = arranged(capacity=12)
    sequencing.number_all()

    for registration in factories.crowd(event, range(12)):
        registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)

    assert heard(hook) == []


def test_a_full_event_can_be_waited_for_from_its_last_seat_on_or_from_when_the_organizer_says() -> None:
    kept, hook = arranged(capacity=1, waitlist="automatic")
    factories.register(kept)
    assert heard(hook) == ["availability.full", "waitlist.opened"]

    later = factories.event(of=kept.programme, capacity=1, waitlist="off")
    factories.register(later)
    assert heard(hook)[2:] == ["availability.full"]
    planning.amend_event(event=later, fields={"waitlist": "automatic"}, actor=SYSTEM, now=NOW)

    assert heard(hook)[3:] == ["waitlist.opened"]


def test_more_seats_are_told_and_an_event_that_is_called_off_is_not_free_again() -> None:
    event, hook = arranged(capacity=1)
    factories.register(event)
    planning.amend_event(event=event, fields={"capacity": 50}, actor=SYSTEM, now=NOW)
    assert heard(hook) == []  # it was full for nobody who looked

    event.refresh_from_db()
    planning.amend_event(event=event, fields={"capacity": 1}, actor=SYSTEM, now=NOW)
    assert heard(hook) == ["availability.full"]
    event.refresh_from_db()
    planning.amend_event(event=event, fields={"capacity": 50}, actor=SYSTEM, now=NOW)
    assert heard(hook)[1:] == ["availability.open_again"]
    event.refresh_from_db()
    planning.amend_event(event=event, fields={"capacity": 1}, actor=SYSTEM, now=NOW)
    assert heard(hook)[2:] == ["availability.full"]
    event.refresh_from_db()
    publishing.cancel(event=event, actor=SYSTEM, now=NOW)

    assert heard(hook)[3:] == []


def test_a_draft_and_an_event_without_seats_to_take_say_nothing() -> None:
    event, hook = arranged(capacity=1, registration="none")
    draft = factories.draft(of=event.programme, capacity=1)
    planning.amend_event(event=draft, fields={"capacity": 0}, actor=SYSTEM, now=NOW)

    assert heard(hook) == []


def test_who_leaves_one_run_for_another_frees_a_seat_in_the_first() -> None:
    first, second = factories.runs(2, capacity=1)
    factories.register(first, 1)
    sequencing.number_all()
    hook = webhook(first.programme.organization, kinds=SEATS)
    registration = first.registrations.get()

    switching.switch(registration=registration, run=second, now=NOW)

    told = [(body["type"], body["data"]["event"]) for body in (heard(hook) and bodies(hook))]
    assert sorted(told) == [
        ("availability.full", second.slug), ("availability.open_again", first.slug), ("waitlist.opened", second.slug),
    ]  # fmt: skip
