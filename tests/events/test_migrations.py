"""Upgrades of databases that are in use: what was landed before, with rows in it, to what is here."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
LANDED = [("events", "0003_what_people_were_told")]


@pytest.fixture
def landed() -> Iterator[MigrationExecutor]:
    """The database as it was; afterwards it is as it is here again."""
    executor = MigrationExecutor(connection)
    executor.migrate(LANDED)
    yield MigrationExecutor(connection)
    newest = MigrationExecutor(connection)
    newest.migrate(newest.loader.graph.leaf_nodes())


def test_who_had_not_been_told_yet_has_a_message_waiting(landed: MigrationExecutor) -> None:
    old = landed.loader.project_state(LANDED).apps
    organization = old.get_model("events", "Organization").objects.create(slug="o", title_en="O", updated_at=NOW)
    programme = old.get_model("events", "Programme").objects.create(
        slug="p", title_en="P", organization=organization, timezone="Asia/Seoul", updated_at=NOW
    )
    event = old.get_model("events", "Event").objects.create(
        slug="e", title_en="E", programme=programme, created_at=NOW, updated_at=NOW
    )
    for number, told in enumerate(["", "cancelled"]):
        row = old.get_model("events", "Registration").objects.create(
            event=event, status="cancelled", told_status=told, name="Kim", email=f"{number}@mail.example",
            email_key=f"{number}@mail.example", code=f"code{number}", ticket=f"ticket{number}", created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        old.get_model("events", "Change").objects.create(
            kind="registration.cancelled", organization=organization, event=event, registration=row,
            actor_kind="system", at=NOW,
        )  # fmt: skip

    leaves = landed.loader.graph.leaf_nodes()
    landed.migrate(leaves)

    new = landed.loader.project_state(leaves).apps.get_model("events", "Delivery")
    assert list(new.objects.values_list("registration__email", "kind", "status", "lane")) == [
        ("0@mail.example", "registration.cancelled", "waiting", "mail")
    ]
