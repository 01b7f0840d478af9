"""What the filter form offers: the values that something public has, and nothing that is hidden."""

from datetime import datetime

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from pages.public import choices
from tests import factories

pytestmark = pytest.mark.django_db


def offered(name: str) -> list[tuple[str, str]]:
    with translation.override("en"):
        field = next(field for field in choices.fields({}) if field.name == name)
    return [(choice.label, choice.group) for choice in field.choices]


def test_only_what_is_public_is_offered(now: datetime) -> None:
    office, other = factories.organization("Office", now=now), factories.organization("Other", now=now)
    programme = factories.programme("Public", of=office, campaign=factories.campaign(of=office, now=now), now=now)
    hidden = factories.programme("Hidden", of=other, campaign=factories.campaign("Quiet", of=other, now=now),
                                 is_public=False, now=now)  # fmt: skip
    for within, suffix in ((programme, ""), (hidden, " behind")):
        venue = factories.venue(f"Venue{suffix}", of=within.organization, now=now)
        speaker = factories.speaker(f"Speaker{suffix}", of=within.organization, now=now)
        room = factories.room(f"Room{suffix}", at=venue, now=now)
        factories.event(f"Event{suffix}", of=within, room=room, speakers=[speaker], language="en", now=now)
    factories.session(factories.draft("Draft", of=programme, language="ja", now=now), now=now)

    assert offered("programme") == [("Public", "")]
    assert offered("campaign") == [("Grow Creative", "")]
    assert offered("organization") == [("Office", "")]
    assert offered("venue") == [("Venue", "")]
    assert offered("room") == [("Room", "Venue")]
    assert offered("speaker") == [("Speaker", "")]
    assert offered("language") == [("English", "")]


def test_topics_stand_under_their_areas(now: datetime) -> None:
    area = factories.topic("Technology", now=now)
    factories.topic("Talent", now=now)
    factories.topic("Virtual production", parent=area, now=now)

    assert offered("topic") == [("Technology", "Technology"), ("Virtual production", "Technology"), ("Talent", "")]


def test_partners_are_offered_as_organizations_too(now: datetime) -> None:
    office, partner = factories.organization("Office", now=now), factories.organization("Partner", now=now)
    factories.programme(of=office, partners=[(partner, "host"), (partner, "funder")], now=now)

    assert sorted(offered("organization")) == [("Office", ""), ("Partner", "")]


def test_too_many_speakers_are_no_choice(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST_SPEAKERS", 1)
    office = factories.organization(now=now)
    people = [factories.speaker(name, of=office, now=now) for name in ("Yoon", "Han")]
    event = factories.event(of=factories.programme(of=office, now=now), speakers=people[:1], now=now)
    one = offered("speaker")
    factories.session(event, starts=now + 2 * factories.WEEK, speakers=people[1:], now=now)
    factories.publish(event, now=now)

    assert (one, offered("speaker")) == ([("Yoon", "")], [])


def test_a_value_that_is_no_longer_offered_stays_chosen(now: datetime) -> None:
    fields = {field.name: field for field in choices.fields({"venue": "old-hall", "topic": "mixing,gone"})}

    assert [(c.value, c.chosen) for c in fields["venue"].choices] == [("old-hall", True)]
    assert [(c.value, c.chosen) for c in fields["topic"].choices] == [("mixing", True), ("gone", True)]


@pytest.mark.parametrize("number", [1, 5])
def test_the_form_costs_the_same_whatever_it_offers(
    now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        room = factories.room(f"Room {index}", at=factories.venue(f"Venue {index}", now=now), now=now)
        factories.event(f"Event {index}", room=room, topics=[factories.topic(f"T {index}", now=now)], now=now)

    with django_assert_num_queries(9):
        fields = choices.fields({})

    assert len(next(field for field in fields if field.name == "venue").choices) == number
