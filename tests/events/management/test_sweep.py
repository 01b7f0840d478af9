"""`manage.py sweep` does what is due, and forgets what has had its time, and only that."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone

from events.models import Guess, IdempotencyKey, Registration, SignIn
from events.operations import guessing, signing_in
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_has_had_its_time_goes_and_the_rest_stays(capsys: pytest.CaptureFixture[str]) -> None:
    now = timezone.now()
    for days in (0, 3):
        IdempotencyKey.objects.create(scope=f"{days}", body_hash="", created_at=now - timedelta(days=days))
        signing_in.chance(door="my", key="mina@example.org", now=now - timedelta(days=days))
        guessing.count(what="code", who=f"{days}", now=now - timedelta(days=days))

    call_command("sweep")

    assert list(IdempotencyKey.objects.values_list("scope", flat=True)) == ["0"]
    assert [row.created_at for row in SignIn.objects.all()] == [now]
    assert Guess.objects.count() == 1
    assert capsys.readouterr().out.splitlines() == [
        "Done: 0 offers, 0 quotas, 0 decisions, 0 waitlists, 0 served, 0 reminders, 0 abandoned, 0 messages.",
        "Forgotten: 1 idempotency keys, 1 sign-in codes, 1 counts of wrong guesses, 0 days of API keys, 0 messages,"
        " 0 webhook messages, 0 browser sessions.",
    ]


def test_an_operator_without_a_worker_misses_nothing(
    capsys: pytest.CaptureFixture[str], mailoutbox: list[EmailMessage]
) -> None:
    begun = timezone.now() - timedelta(hours=1)
    event = factories.event(needs_proof=True, proof_minutes=30, now=begun)
    for number in range(12):
        factories.register(event, number, now=begun)

    call_command("sweep")

    assert set(Registration.objects.values_list("status", flat=True)) == {"expired"}
    assert len(mailoutbox) == 12  # that a seat was offered is no news any more
    assert capsys.readouterr().out.startswith(
        "Done: 12 offers, 0 quotas, 0 decisions, 0 waitlists, 0 served, 0 reminders, 0 abandoned, 24 messages.\n"
    )
