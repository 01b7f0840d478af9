"""API keys at once: one successor however many rotate, and all that many processes count is there in the end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import SYSTEM, ApiKey, ApiKeyUsage
from events.operations import keying, metering
from tests import factories
from tests.races.crowd import outcome, rush

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
CLIENTS = 4


def test_of_rotations_at_once_one_makes_the_successor() -> None:
    now = timezone.now()
    key, _secret = factories.issued(factories.organization(now=now), now=now)

    said = rush(
        lambda _client: [outcome(lambda: keying.rotate(key=key, actor=SYSTEM, now=timezone.now()))], clients=CLIENTS
    )

    assert sorted(said) == ["key_ended"] * (CLIENTS - 1) + ["ok"]
    assert ApiKey.objects.filter(replaces=key).count() == 1


def test_what_processes_count_at_once_adds_up() -> None:
    now = timezone.now()
    secrets = [factories.key(factories.organization(now=now), now=now) for _number in range(2)]

    def use(client: int) -> list[int]:
        for number in range(50):
            key = keying.key_of(secret=secrets[(client + number) % 2], now=now)
            assert key is not None
            metering.count(key=key, now=now, registrations=1)
            if number % 5 == 0:
                metering.write_down(now=now + timedelta(seconds=number))
        metering.write_down(now=now)
        return [client]

    assert rush(use, clients=CLIENTS) == list(range(CLIENTS))
    counted = ApiKeyUsage.objects.order_by("key").values_list("requests", "registrations")
    assert list(counted) == [(CLIENTS * 25, CLIENTS * 25)] * 2
