"""Addresses: from the English title, else the kind and six letters; nobody's twice (RULES 6)."""

import re

import pytest

from events.models import SYSTEM, Event
from events.operations import naming, organizing, placing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Lighting for the Volume!", "lighting-for-the-volume"),
        ("  5.1 -> Atmos  ", "51-atmos"),
        ("Éclairage", "eclairage"),
        ("a" * 200, "a" * 70),
        ("a" * 69 + " b", "a" * 69),
    ],
)
def test_an_address_is_made_from_the_english_title(title: str, slug: str) -> None:
    assert factories.draft(title).slug == slug


@pytest.mark.parametrize(("kind", "title_ko"), [("masterclass", "볼륨의 빛"), ("talk", "!!!")])
def test_without_an_english_title_it_is_the_kind_and_six_letters(kind: str, title_ko: str) -> None:
    event = factories.draft("", title_ko=title_ko, kind=kind)

    assert re.fullmatch(rf"{kind}-[a-z]{{6}}", event.slug)


def test_equal_titles_are_numbered() -> None:
    slugs = [factories.draft("Opening night").slug for _ in range(3)]

    assert slugs == ["opening-night", "opening-night-2", "opening-night-3"]


def test_a_hundred_equal_titles_still_get_addresses() -> None:
    programme = factories.programme()
    Event.objects.bulk_create(
        Event(slug=f"opening-night{suffix}", programme=programme, title_en="x", created_at=NOW, updated_at=NOW)
        for suffix in ["", *(f"-{number}" for number in range(2, 100))]
    )

    assert re.fullmatch(r"opening-night-[a-z]{6}", factories.draft("Opening night").slug)


def test_a_wanted_address_that_is_taken_is_refused_by_name() -> None:
    factories.draft("Opening night")

    with pytest.raises(naming.SlugTaken) as refusal:
        factories.draft(slug="opening-night")

    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("slug_taken", "slug", 409)


def test_venues_rooms_and_organizations_follow_the_same_rule() -> None:
    organization = factories.organization("School", slug="school")
    venue = factories.venue("House", of=organization)
    room = factories.room("Room", at=venue)
    factories.venue("Other house", of=organization)
    factories.room("Other", at=venue)

    with pytest.raises(naming.SlugTaken):
        placing.amend_venue(
            venue=venue, organization=organization, fields={"slug": "other-house"}, actor=SYSTEM, now=NOW
        )
    with pytest.raises(naming.SlugTaken):
        placing.amend_room(room=room, organization=organization, fields={"slug": "other"}, actor=SYSTEM, now=NOW)
    with pytest.raises(naming.SlugTaken):
        factories.organization("Again", slug="school")
    organizing.amend(organization=organization, fields={"slug": "academy"}, now=NOW)
    with pytest.raises(naming.SlugTaken):
        factories.organization("Again", slug="school")  # the alias keeps it
