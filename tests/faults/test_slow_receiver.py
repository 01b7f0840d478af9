"""One receiver that takes its time, five that do not, and the real worker: nobody waits for who is slow."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import LazySettings
from django.utils import timezone

from events.models import Event, Webhook
from events.operations import sequencing
from tests import factories
from tests.faults import dying
from tests.faults.dying import Child
from tests.webhooks import Receiver, webhook

pytestmark = pytest.mark.django_db(transaction=True)
QUICK, PEOPLE, SLOW_SECONDS = 5, 10, 10
PATIENCE_SECONDS = 60


@contextmanager
def told(event: Event, receivers: list[Receiver], settings: LazySettings) -> Iterator[None]:
    """The real worker, all lanes, in a process of its own, forked before any receiver has a thread."""
    settings.WEBHOOK_EXTRA_TARGETS = [receiver.pair for receiver in receivers]
    sequencing.number_all()
    Webhook.objects.all().delete()
    for receiver in receivers:
        webhook(event.programme.organization, receiver.url)
    child = Child(dying.work_as_worker, {}, 0)
    try:
        with ExitStack() as stack:
            for receiver in receivers:
                stack.enter_context(receiver)
            yield
    finally:
        child.signal(signal.SIGKILL)
        os.waitpid(child.pid, 0)


def seconds_until_all_have_it(
    event: Event, quick: list[Receiver], slow: list[Receiver], settings: LazySettings
) -> float:
    """From when ten people begin to register until each quick one has heard of all of them. The worker runs already."""
    already = event.registrations.count()
    with told(event, [*quick, *slow], settings):
        factories.register(event, already, now=timezone.now())
        _wait_for(quick, 1)
        began = time.monotonic()
        factories.crowd(event, range(already + 1, already + 1 + PEOPLE), now=timezone.now())
        _wait_for(quick, 1 + PEOPLE)
    return max(receiver.taken[-1].at for receiver in quick) - began


def test_one_slow_receiver_keeps_the_others_waiting_for_a_second_at_most(settings: LazySettings) -> None:
    event = factories.event(capacity=None, now=timezone.now())

    alone = seconds_until_all_have_it(event, _quick(), [], settings)
    for _attempt in range(2):  # a machine with other work may be slow by itself, but hardly twice
        slow = Receiver(slow=SLOW_SECONDS)
        beside = seconds_until_all_have_it(event, _quick(), [slow], settings)
        assert len(slow.taken) == 1
        print(f"quick ones alone: {alone:.2f} s; beside one that takes {SLOW_SECONDS} s for each: {beside:.2f} s")
        if beside - alone <= 1:
            return
    pytest.fail(f"they waited {beside - alone:.1f} s")


def _quick() -> list[Receiver]:
    return [Receiver() for _ in range(QUICK)]


def _wait_for(receivers: list[Receiver], number: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not all(len(receiver.taken) >= number for receiver in receivers):
        assert time.monotonic() < end, "they did not hear of it"
        time.sleep(0.01)
