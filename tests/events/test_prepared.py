"""Statements written once do what the ORM does, on both databases."""

import pytest
from django.db import connection
from django.db.models import CharField, F, IntegerField
from django.test.utils import CaptureQueriesContext

from events.models import Event, Registration, SeatPool
from events.models.prepared import Prepared, PreparedUpdate, Slot, insert
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

READ = ("pk", "uid", "title_ko", "capacity", "capacity_override", "created_at", "programme__organization__slug")


def test_rows_are_those_of_the_queryset_with_their_types() -> None:
    made = [factories.event(f"Event {number}", capacity=number or None) for number in range(3)]
    prepared = Prepared(lambda: Event.objects.filter(slug=Slot("slug", CharField())).values_list(*READ))

    found = [prepared.rows(slug=event.slug) for event in made]

    assert found == [list(Event.objects.filter(pk=event.pk).values_list(*READ)) for event in made]
    assert prepared.first(slug="' OR 1=1 --") is None


def test_an_update_changes_what_meets_the_conditions_and_counts_it() -> None:
    one, other = (factories.event(title, capacity=2).pools.get() for title in ("One", "Other"))
    take = PreparedUpdate(
        lambda: SeatPool.objects.filter(pk=Slot("pool", IntegerField()), taken__lt=F("seats")), taken=F("taken") + 1
    )

    counts = [take.run(pool=one.pk) for _ in range(3)]

    assert counts == [1, 1, 0]
    assert [SeatPool.objects.get(pk=pool.pk).taken for pool in (one, other)] == [2, 0]


def test_an_inserted_row_is_the_saved_one_in_one_statement() -> None:
    event = factories.event(capacity=2)
    row = Registration(
        event=event, pool=event.pools.get(), status="confirmed", name="김하늘", email="a@b.example",
        email_key="a@b.example", answers={"식사": ["채식", 1, None]}, created_at=NOW, updated_at=NOW,
    )  # fmt: skip

    with CaptureQueriesContext(connection) as statements:
        insert(row)

    kept = Registration.objects.get(pk=row.pk)
    columns = [field.attname for field in Registration._meta.concrete_fields]
    assert len(statements) == 1
    assert {name: getattr(kept, name) for name in columns} == {name: getattr(row, name) for name in columns}
    assert not row._state.adding
