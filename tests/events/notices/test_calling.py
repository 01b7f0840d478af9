"""Webhooks go out to a real receiver on this machine: signed, in order, again after a failure, and not for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from events.models import SYSTEM, Event, Webhook, WebhookMessage
from events.notices import calling
from events.operations import calling as claims
from events.operations import hooking, sequencing
from tests import factories
from tests.webhooks import Received, Receiver, webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(settings: Settings) -> Event:
    settings.WEBHOOK_EXTRA_TARGETS = []
    return factories.event(capacity=None)


@pytest.fixture
def receiver(event: Event) -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def hook_of(event: Event, receiver: Receiver) -> Webhook:
    return webhook(event.programme.organization, receiver.url, name="Our site")


def register(event: Event, *numbers: int) -> None:
    """These people register, and the worker has seen it."""
    for number in numbers:
        factories.register(event, number)
    sequencing.number_all()


def deliver() -> None:
    """The worker sends until nothing is due."""
    while calling.deliver()[0]:
        pass


def pauses_are_over() -> None:
    Webhook.objects.update(not_before=None)
    WebhookMessage.objects.update(not_before=None)


def states() -> list[tuple[int, str, int, int | None]]:
    rows = WebhookMessage.objects.order_by("seq")
    return list(rows.values_list("seq", "status", "attempts", "status_code"))


def test_what_arrives_is_what_was_stored_and_can_be_verified(event: Event, receiver: Receiver) -> None:
    hook = hook_of(event, receiver)
    register(event, 1)

    deliver()

    [got] = receiver.taken
    [row] = WebhookMessage.objects.all()
    assert got.body == row.body.encode()
    assert (got.headers["webhook-id"], got.headers["content-type"]) == (f"msg_{row.uid.hex}", "application/json")
    assert Verifier(hooking.secret_of(hook)).verify(got.body, got.headers) == got.message
    assert (row.status, row.attempts, row.status_code, row.error) == ("sent", 1, 204, "")
    assert row.milliseconds is not None
    assert row.ended_at is not None
    hook.refresh_from_db()
    assert (hook.is_quick, hook.failures, hook.claimed_until) == (True, 0, None)


def test_who_does_not_answer_well_is_asked_once_for_each_pause_and_then_has_all_of_it_in_order(event: Event) -> None:
    down = True
    with Receiver(lambda _received: 503 if down else 200) as receiver:
        hook_of(event, receiver)
        register(event, 1, 2, 3)
        deliver()
        assert states() == [(1, "waiting", 1, 503), (2, "waiting", 0, None), (3, "waiting", 0, None)]
        deliver()
        pauses_are_over()
        deliver()
        assert len(receiver.taken) == 2
        down = False
        pauses_are_over()

        deliver()

        assert [message["data"]["seq"] for message in receiver.messages] == [1, 1, 1, 2, 3]
        assert len({received.headers["webhook-id"] for received in receiver.taken[:3]}) == 1
        assert len({received.body for received in receiver.taken[:3]}) == 1
    assert [row[1] for row in states()] == ["sent"] * 3
    assert Webhook.objects.get().failing_since is None


def test_a_message_that_alone_is_refused_does_not_hold_up_the_others_for_long(event: Event) -> None:
    def picky(received: Received) -> int:
        return 400 if received.message["data"]["seq"] == 1 else 200

    with Receiver(picky) as receiver:
        hook_of(event, receiver)
        register(event, 1, 2, 3)
        for _attempt in range(claims.IN_ORDER_UNTIL + 1):
            deliver()
            pauses_are_over()

    assert [row[1] for row in states()] == ["waiting", "sent", "sent"]


def test_who_is_well_again_has_soon_what_failed_when_it_was_not(event: Event) -> None:
    states = iter([500, 200])
    with Receiver(lambda _received: next(states)) as receiver:
        hook = hook_of(event, receiver)
        register(event, 1)
        Webhook.objects.update(failures=9)
        deliver()
        hooking.try_out(webhook=hook, now=timezone.now())
        deliver()

    refused = WebhookMessage.objects.get(status="waiting")
    assert (refused.seq, Webhook.objects.get().not_before) == (1, None)
    assert refused.not_before is not None
    assert refused.not_before < timezone.now() + timedelta(seconds=11)


def test_pauses_grow_and_a_receiver_may_ask_for_an_hour_at_most(event: Event) -> None:
    with Receiver(lambda _received: (429, {"Retry-After": wishes[0]})) as receiver:
        hook_of(event, receiver)
        register(event, 1)
        wishes, pauses = ["", "", "", "900", "90000"], []
        while wishes:
            pauses.append(calling.deliver()[1])
            pauses_are_over()
            wishes.pop(0)

    seconds = [pause.total_seconds() for pause in pauses if pause is not None]
    assert [10, 60, 300] <= seconds[:3] <= [11, 66, 330]
    assert 1_800 <= seconds[3] <= 1_980  # longer than it asks for
    assert 7_200 <= seconds[4] <= 7_920
    assert timedelta(hours=1) == claims.LONGEST_WISH


def test_an_hour_is_granted_where_our_own_pause_is_shorter(event: Event) -> None:
    with Receiver(lambda _received: (503, {"Retry-After": "90000"})) as receiver:
        hook_of(event, receiver)
        register(event, 1)

        assert calling.deliver() == (True, timedelta(hours=1))


def test_after_three_days_it_is_given_up_with_all_that_waited_as_long(event: Event) -> None:
    with Receiver(lambda _received: 500) as receiver:
        hook_of(event, receiver)
        register(event, 1, 2)
        WebhookMessage.objects.update(gives_up_at=timezone.now() - timedelta(seconds=1))
        register(event, 3)
        deliver()

    assert [row[1:3] for row in states()] == [("dead", 1), ("dead", 0), ("waiting", 0)]


def test_what_took_its_worker_down_again_and_again_is_given_up(event: Event, receiver: Receiver) -> None:
    hook_of(event, receiver)
    register(event, 1)
    WebhookMessage.objects.update(attempts=claims.MOST_ATTEMPTS)

    deliver()

    assert claims.give_up_due() == 1
    assert (receiver.taken, states()[0][1]) == ([], "dead")


def test_410_stops_it_and_its_owners_are_told(event: Event, mailoutbox: list[EmailMessage]) -> None:
    with Receiver(lambda _received: 410) as receiver:
        hook = hook_of(event, receiver)
        register(event, 1, 2)
        deliver()
        assert len(receiver.taken) == 1
    register(event, 3)
    factories.deliver()

    hook.refresh_from_db()
    assert hook.stopped == "gone"
    assert [row[1] for row in states()] == ["dead", "dead"]
    [mail] = [mail for mail in mailoutbox if mail.to == ["owner@demo.example"]]
    assert mail.subject == "웹훅 중지: Our site"
    assert f"/organize/organizations/{event.programme.organization.slug}/webhooks/" in mail.body


def test_who_fails_for_five_days_is_stopped_until_somebody_switches_it_on(
    event: Event, mailoutbox: list[EmailMessage]
) -> None:
    with Receiver(lambda _received: 302) as receiver:
        hook = hook_of(event, receiver)
        register(event, 1)
        deliver()
        Webhook.objects.update(failing_since=F("failing_since") - timedelta(days=5, seconds=1), not_before=None)
        WebhookMessage.objects.update(not_before=None)
        deliver()
        hook.refresh_from_db()
        assert (hook.stopped, hook.failures) == ("failing", 2)
        receiver.answers = lambda _received: 200
        hook = hooking.amend(webhook=hook, fields={"is_active": True}, actor=SYSTEM, now=factories.NOW)
        assert (hook.stopped, hook.failures, hook.failing_since) == ("", 0, None)
        assert hooking.resend_given_up(webhook=hook, actor=SYSTEM, now=timezone.now()) == 1
        factories.deliver()

        deliver()

        assert [row[:2] for row in states()] == [(1, "sent")]
    assert mailoutbox[-1].to != ["owner@demo.example"]  # a mail about what is no longer so is not sent


def test_a_failure_weeks_after_the_last_one_is_another_trouble(event: Event) -> None:
    with Receiver(lambda _received: 500) as receiver:
        hook = hook_of(event, receiver)
        register(event, 1)
        deliver()
        before = timezone.now()
        weeks = timedelta(weeks=3)
        Webhook.objects.update(failing_since=F("failing_since") - weeks, not_before=F("not_before") - weeks)
        WebhookMessage.objects.update(not_before=None)

        deliver()

    hook.refresh_from_db()
    assert (hook.stopped, hook.failures) == ("", 2)
    assert hook.failing_since is not None
    assert hook.failing_since >= before - timedelta(seconds=1)


def test_pressing_the_button_puts_nothing_off_for_longer(event: Event) -> None:
    with Receiver(lambda _received: 500) as receiver:
        hook = hook_of(event, receiver)
        for _press in range(3):
            hooking.try_out(webhook=hook, now=timezone.now())
            deliver()

    hook.refresh_from_db()
    assert (len(receiver.taken), hook.failures) == (3, 0)
    assert hook.not_before is not None
    assert hook.not_before < timezone.now() + 2 * claims.PAUSES[0]


def test_nobody_listening_is_a_failure_like_others(event: Event) -> None:
    with Receiver() as receiver:
        hook = hook_of(event, receiver)
    register(event, 1)

    deliver()

    [row] = WebhookMessage.objects.all()
    assert (row.status, row.status_code, row.error) == ("waiting", None, "address not allowed")
    assert Webhook.objects.get(pk=hook.pk).failures == 1


def test_two_secrets_sign_for_a_day_after_rotation(event: Event, receiver: Receiver) -> None:
    hook = hook_of(event, receiver)
    old = hooking.secret_of(hook)
    hook, new = hooking.rotate(webhook=hook, actor=SYSTEM, now=timezone.now())
    register(event, 1)
    deliver()
    Webhook.objects.update(previous_until=timezone.now())
    register(event, 2)
    deliver()

    during, after = receiver.taken
    assert [Verifier(secret).verify(during.body, during.headers) for secret in (old, new)] == [during.message] * 2
    assert len(during.headers["webhook-signature"].split()) == 2
    assert Verifier(new).verify(after.body, after.headers) == after.message
    assert len(after.headers["webhook-signature"].split()) == 1


def test_who_slept_past_their_claim_changes_nothing(event: Event, receiver: Receiver) -> None:
    hook_of(event, receiver)
    register(event, 1)
    sleeper = claims.claim(may_be_slow=True)
    assert sleeper is not None
    message = claims.next_message(webhook=sleeper)
    assert message is not None
    assert claims.claim(may_be_slow=True) is None
    Webhook.objects.update(claimed_until=timezone.now() - timedelta(minutes=1))
    deliver()

    assert claims.failed(webhook=sleeper, message=message, status=410, milliseconds=1) is None
    assert not claims.taken(webhook=sleeper, message=message, status=200, milliseconds=1)
    assert claims.next_message(webhook=sleeper) is None
    assert (states(), Webhook.objects.get().stopped) == ([(1, "sent", 2, 204)], "")


def test_what_is_next_is_found_in_the_order_of_the_index_however_much_waits(event: Event, receiver: Receiver) -> None:
    hook_of(event, receiver)
    register(event, 1, 2)
    WebhookMessage.objects.update(attempts=claims.IN_ORDER_UNTIL)
    with CaptureQueriesContext(connection) as statements:
        claimed = claims.claim(may_be_slow=True)
        assert claimed is not None
        assert claims.next_message(webhook=claimed) == WebhookMessage.objects.get(seq=1)

    orders = [row["sql"].rpartition(" ORDER BY ")[2] for row in statements if " ORDER BY " in row["sql"]]
    assert [order.split(" LIMIT ")[0] for order in orders[1:3]] == ['"events_webhookmessage"."seq" ASC'] * 2


def test_those_that_answer_quickly_never_wait_for_the_others(event: Event, receiver: Receiver) -> None:
    quick, unknown = hook_of(event, receiver), hook_of(event, receiver)
    Webhook.objects.filter(pk=quick.pk).update(is_quick=True)
    WebhookMessage.objects.all().delete()
    register(event, 1)
    assert unknown.messages.count() == 1
    for _thread in range(calling.THREADS // 2):
        assert calling.MOST_SLOW.acquire(blocking=False)
    try:
        deliver()
    finally:
        for _thread in range(calling.THREADS // 2):
            calling.MOST_SLOW.release()

    assert list(WebhookMessage.objects.filter(status="sent").values_list("webhook", flat=True)) == [quick.pk]
    deliver()
    assert WebhookMessage.objects.filter(status="waiting").count() == 0
