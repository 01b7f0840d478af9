"""Statements written once do what the ORM does, on both databases."""

import pytest
from django.db import connection
from django.db.models import CharField, F, IntegerField
from django.test.utils import CaptureQueriesContext

from events.models import Event, Registration, SeatPool
from events.models.prepared import Prepared, PreparedUpdate, Slot, among, ids, insert
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


def test_one_of_several_ids_is_what_the_orm_finds_however_many_they_are() -> None:
    pools = [factories.event(f"Event {number}", capacity=2).pools.get() for number in range(4)]
    wanted = [pools[2], pools[0]]
    prepared = [
        Prepared(lambda number=number: SeatPool.objects.filter(among("event", number)).order_by("pk").values_list("pk"))
        for number in (1, 2)
    ]

    found = [prepared[0].rows(**ids("event", [wanted[0].event_id]))]
    found += [prepared[1].rows(**ids("event", [pool.event_id for pool in wanted]))]

    assert found == [[(pools[2].pk,)], [(pools[0].pk,), (pools[2].pk,)]]


def test_an_update_brings_its_number_with_it() -> None:
    pools = [factories.event(title, capacity=3).pools.get() for title in ("One", "Other")]
    number = Slot("number", IntegerField())
    take = PreparedUpdate(
        lambda: SeatPool.objects.filter(among("pk", 2), taken__lte=F("seats") - number), taken=F("taken") + number
    )

    counts = [take.run(number=number, **ids("pk", [pool.pk for pool in pools])) for number in (2, 1, 1)]

    assert counts == [2, 2, 0]
    assert [SeatPool.objects.get(pk=pool.pk).taken for pool in pools] == [3, 3]
