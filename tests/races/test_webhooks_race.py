"""Two workers at once, as they run: each webhook hears of everything once, in order, and nobody waits for the slow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.db import connections, transaction
from pytest_django import Settings

from events import tasks
from events.models import SYSTEM, Change, Webhook, WebhookMessage
from events.notices import calling as channel
from events.operations import calling, hooking, sequencing
from events.reports import audit
from tests import factories
from tests.factories import NOW
from tests.races.crowd import outcome, rush
from tests.webhooks import Receiver, webhook

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PEOPLE = 30
SLOW_SECONDS = 4


@contextmanager
def workers(settings: Settings, folder: Path, number: int = 2) -> Iterator[None]:
    """So many consumers of the lane, with all their threads, on one queue of their own."""
    settings.TASK_URL = f"sqlite:///{folder / 'tasks.sqlite3'}"
    tasks.lane.cache_clear()
    lane = tasks.lane("hooks")
    consumers = [
        lane.engine.create_consumer(
            workers=lane.threads,
            periodic=False,
            initial_delay=0.1,
            max_delay=lane.longest_pause,
            check_worker_health=False,
        )
        for _number in range(number)
    ]
    for consumer in consumers:
        consumer._set_signal_handlers = lambda: None
        consumer.start()
    try:
        yield
    finally:
        for consumer in consumers:
            consumer.stop_flag.set()
        for consumer in consumers:
            consumer.stop(graceful=True)
        lane.engine.storage.close()
        tasks.lane.cache_clear()
        connections.close_all()


def until_all_is_sent(webhooks: list[Webhook], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    waiting = WebhookMessage.objects.filter(webhook__in=webhooks, status="waiting")
    while Change.objects.filter(place=None).exists() or waiting.exists():
        assert time.monotonic() < end, "it did not come to an end"
        time.sleep(0.02)


def test_everybody_hears_of_everything_once_in_order_and_the_slow_one_delays_nobody(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "LONGEST_SECONDS", 1)  # they stop when what they do is done
    event = factories.event(capacity=None)
    organization = event.programme.organization
    settings.WEBHOOK_EXTRA_TARGETS = []
    with Receiver() as quick, Receiver(slow=SLOW_SECONDS) as slow:
        hooks = [webhook(organization, quick.url), webhook(organization, slow.url)]
        with workers(settings, tmp_path):
            longest = 0.0
            for number in range(PEOPLE):
                began, before = time.monotonic(), len(quick.taken)
                factories.register(event, number)
                tasks.wake(["hooks"])
                if number % 10 == 9:
                    until_all_is_sent(hooks[:1], seconds=10)
                    longest = max(longest, time.monotonic() - began)
                    assert len(quick.taken) > before
            until_all_is_sent(hooks[:1], seconds=10)

        assert [message["data"]["seq"] for message in quick.messages] == list(range(1, PEOPLE + 1))
        assert (quick.most_at_once, slow.most_at_once) == (1, 1)
        taken = [message["data"]["seq"] for message in slow.messages]
        assert taken == list(range(1, len(taken) + 1))
        assert longest < SLOW_SECONDS - 1  # a second, and the machine's own slowness
    assert sequencing.number_all() == 0
    assert list(audit.run()) == []


def test_who_removes_one_waits_for_who_adds_to_its_log() -> None:
    hook = webhook(factories.organization())

    def act(client: int) -> list[str]:
        if client:
            time.sleep(0.2)
            return [outcome(lambda: hooking.remove(webhook=hook, actor=SYSTEM, now=NOW))]
        with transaction.atomic():
            hooking.try_out(webhook=hook, now=NOW)
            time.sleep(0.5)
        return ["added"]

    assert rush(act, clients=2) == ["added", "ok"]
    assert not WebhookMessage.objects.exists()


def test_control_a_claim_that_ends_at_once_has_two_on_their_way(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LEASE", timedelta(0))
    event = factories.event(capacity=None)
    settings.WEBHOOK_EXTRA_TARGETS = []
    with Receiver(slow=0.5) as receiver:
        webhook(event.programme.organization, receiver.url)
        end = time.monotonic() + 10
        with workers(settings, tmp_path):
            for number in count():
                if receiver.most_at_once > 1 or time.monotonic() > end:
                    break
                factories.register(event, number)
                tasks.wake(["hooks"])
                time.sleep(0.2)

        assert receiver.most_at_once > 1
