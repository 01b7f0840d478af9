"""`manage.py sweep` forgets what has had its time, and only that."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from events.models import IdempotencyKey, Person, SignIn
from events.operations import organizing

pytestmark = pytest.mark.django_db


def test_what_has_had_its_time_goes_and_the_rest_stays(capsys: pytest.CaptureFixture[str]) -> None:
    now = timezone.now()
    person = Person.objects.create_user("mina@example.org")
    for days in (0, 3):
        IdempotencyKey.objects.create(scope=f"{days}", body_hash="", created_at=now - timedelta(days=days))
        organizing.chance(person=person, now=now - timedelta(days=days))

    call_command("sweep")

    assert list(IdempotencyKey.objects.values_list("scope", flat=True)) == ["0"]
    assert [row.created_at for row in SignIn.objects.all()] == [now]
    assert capsys.readouterr().out == "Forgotten: 1 idempotency keys, 1 sign-in codes, 0 browser sessions.\n"
