"""The order of registrations' changes: given once they are there, without gaps, and never again."""

import pytest
from pytest_django.asserts import assertNumQueries

from events.models import ANONYMOUS, Change, Sequencer
from events.operations import registering, sequencing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def positions() -> list[tuple[str, int | None]]:
    return list(Change.objects.order_by("pk").values_list("kind", "position"))


def test_changes_of_registrations_and_no_others_have_a_place() -> None:
    event = factories.event()
    registering.cancel(registration=factories.register(event, 1), actor=ANONYMOUS, now=NOW)
    assert {position for _kind, position in positions()} == {None}

    assert (sequencing.number_all(), sequencing.number_all()) == (2, 0)

    assert [row for row in positions() if row[0].startswith("registration.")] == [
        ("registration.confirmed", 1), ("registration.cancelled", 2),
    ]  # fmt: skip
    assert {position for kind, position in positions() if not kind.startswith("registration.")} == {None}
    assert sequencing.last() == 2


def test_later_ones_come_behind_however_many_are_taken_at_a_time() -> None:
    event = factories.event(capacity=20)
    factories.crowd(event, range(5))
    assert sequencing.number_all(most=2) == 5
    factories.crowd(event, range(5, 8))

    assert sequencing.number_all(most=3) == 3

    rows = Change.objects.filter(registration__isnull=False).order_by("pk")
    assert list(rows.values_list("position", flat=True)) == list(range(1, 9))


def test_nothing_to_do_writes_nothing() -> None:
    sequencing.number_all()

    with assertNumQueries(1):  # whether there is anything
        assert sequencing.number_all() == 0
    assert (sequencing.last(), Sequencer.objects.count()) == (0, 0)
