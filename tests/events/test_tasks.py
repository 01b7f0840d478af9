"""What wakes the worker, and what it does when it is awake."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from events import tasks
from events.models import ANONYMOUS, Registration, Webhook, WebhookMessage
from events.operations import registering
from tests import factories
from tests.webhooks import Receiver, webhook

pytestmark = pytest.mark.django_db
woken: list[str] = []


def note_waking(lanes: Collection[str]) -> None:
    woken.extend(lanes)


def look_around() -> None:
    """A job that does nothing."""


def fail_to_wake(lanes: Collection[str]) -> None:
    raise ConnectionError


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A store of this test's own, and lanes that use it."""
    settings.TASK_URL = f"sqlite:///{tmp_path / 'tasks.sqlite3'}"
    tasks.lane.cache_clear()
    yield
    for name in tasks.LANES:
        tasks.lane(name).engine.storage.close()
    tasks.lane.cache_clear()


@pytest.fixture
def wakings(settings: Settings) -> list[str]:
    """How often the worker was woken."""
    settings.OUTBOX_WAKE = f"{__name__}.note_waking"
    woken.clear()
    return woken


def scheduled() -> list[datetime]:
    return [task.eta.replace(tzinfo=UTC) for task in tasks.lane("due").engine.scheduled()]


def test_wake_ups_that_nobody_has_taken_yet_are_one() -> None:
    tasks.wake(["mail"])
    tasks.wake(["mail"])

    assert tasks.lane("mail").engine.pending_count() == 1


def test_a_wake_up_that_was_taken_is_none_any_more() -> None:
    tasks.wake(["mail"])
    tasks.lane("mail").engine.dequeue()
    tasks.wake(["mail"])

    assert tasks.lane("mail").engine.pending_count() == 1


def test_the_next_time_is_kept_once_and_an_earlier_one_beside_it() -> None:
    later = datetime(2030, 1, 1, tzinfo=UTC)
    earlier = later - timedelta(days=1)

    for at in (later, later, earlier, later, earlier):
        tasks.lane("due").wake_at(at)

    assert scheduled() == [earlier, later]


def test_a_strangers_wake_up_is_not_taken(settings: Settings) -> None:
    tasks.wake(["mail"])
    settings.SECRET_KEY = "the secret of somebody who can write into the store, but should command nobody"
    tasks.lane.cache_clear()

    with pytest.raises(ValueError, match="Signature"):
        tasks.lane("mail").engine.dequeue()


def test_the_worker_looks_again_when_the_next_thing_is_due() -> None:
    now = timezone.now()
    offer = factories.register(factories.event(needs_proof=True, now=now), now=now)

    tasks.fall_due()

    assert scheduled() == [offer.offer_expires_at]


def test_what_is_due_happens_and_whoever_it_concerns_is_told(mailoutbox: list[EmailMessage]) -> None:
    begun = timezone.now() - timedelta(hours=1)
    factories.register(factories.event(needs_proof=True, proof_minutes=30, now=begun), language="en", now=begun)

    tasks.fall_due()
    tasks.deliver_urgent()  # the offer itself is no longer so
    tasks.deliver_mail()

    assert Registration.objects.get().status == "expired"
    assert [mail.subject for mail in mailoutbox] == ["Seat not taken: Lighting an LED wall"]


def test_more_mails_than_one_job_sends_wake_the_worker_again(mailoutbox: list[EmailMessage]) -> None:
    now = timezone.now()
    event = factories.event(needs_proof=True, now=now)
    for number in range(11):
        factories.register(event, number, now=now)

    tasks.deliver_urgent()

    assert (len(mailoutbox), tasks.lane("urgent").engine.pending_count()) == (10, 1)


def test_who_waits_for_an_answer_wakes_the_urgent_lane_and_all_other_news_the_other(
    wakings: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    with django_capture_on_commit_callbacks(execute=True):
        first = factories.register(event, 1)
        factories.register(event, 2)
    own = list(wakings)
    with django_capture_on_commit_callbacks(execute=True):
        registering.cancel(registration=first, actor=ANONYMOUS, now=factories.NOW)

    assert (own, wakings[len(own) :]) == (["urgent", "urgent"], ["urgent", "mail"])  # who left, and who came in


def test_a_store_that_does_not_answer_keeps_nobody_from_registering(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.OUTBOX_WAKE = f"{__name__}.fail_to_wake"

    with django_capture_on_commit_callbacks(execute=True):
        registration = factories.register(factories.event(needs_proof=True))

    assert registration.status == "offered"


@pytest.mark.parametrize(
    ("address", "engine"), [("redis://127.0.0.1:1/2", "RedisHuey"), ("rediss://cache.test/2?db=3", "RedisHuey")]
)
def test_a_redis_can_be_named(settings: Settings, address: str, engine: str) -> None:
    settings.TASK_URL = address

    made = tasks.Lane("probe", look_around, threads=1).engine

    assert type(made).__name__ == engine
    assert made.storage.pool.connection_kwargs["socket_connect_timeout"] == tasks.PATIENCE_SECONDS


def test_whoever_is_woken_for_a_mail_wakes_the_lane_of_webhooks_and_other_changes_do_it_themselves(
    wakings: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        event = factories.event()
    assert set(wakings) == {"hooks"}
    wakings.clear()
    with django_capture_on_commit_callbacks(execute=True):
        factories.register(event)
    assert wakings == ["urgent"]

    tasks.deliver_urgent()

    assert tasks.lane("hooks").engine.pending_count() == 1


def test_a_webhook_hears_of_a_change_and_after_a_failure_the_worker_looks_again_after_the_pause(
    settings: Settings,
) -> None:
    settings.WEBHOOK_EXTRA_TARGETS = []
    statuses = iter([500, 204])
    event = factories.event()
    with Receiver(lambda _received: next(statuses)) as receiver:
        webhook(event.programme.organization, receiver.url)
        factories.register(event)

        tasks.deliver_hooks()

        assert receiver.kinds() == ["registration.registered"]
        [task] = tasks.lane("hooks").engine.scheduled()
        seconds = (task.eta.replace(tzinfo=UTC) - timezone.now()).total_seconds()
        assert 8 < seconds < 12
        WebhookMessage.objects.update(not_before=None)
        Webhook.objects.update(not_before=None)
        tasks.deliver_hooks()
        assert WebhookMessage.objects.get().status == "sent"
