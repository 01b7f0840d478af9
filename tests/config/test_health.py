"""What operators ask of a running process."""

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import health


def test_a_living_process_says_so_without_asking_the_database(client: Client) -> None:
    answer = client.get("/health/live", secure=True)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_a_process_with_a_migrated_database_is_ready(client: Client) -> None:
    answer = client.get("/health/ready", secure=True)

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}


@pytest.mark.django_db
def test_a_process_with_an_unapplied_migration_is_not_ready(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    answer = client.get("/health/ready", secure=True)

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"database": "ok", "migrations": "1 not applied"},
    }


def test_a_process_whose_database_is_away_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise DatabaseError("the database is away")

    monkeypatch.setattr(health, "unapplied_migrations", away)

    answer = client.get("/health/ready", secure=True)

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"database": "does not answer", "migrations": "unknown"},
    }


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_is_never_cached_and_takes_only_reads(client: Client, address: str) -> None:
    answer = client.post(address, secure=True)

    assert answer.status_code == 405
    assert "no-store" in answer.headers["Cache-Control"]
