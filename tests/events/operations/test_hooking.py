"""An organization's webhooks: made within limits, changed, stopped, tried out, and their messages sent again."""

from datetime import timedelta

import pytest

from events.errors import Invalid, NotFound
from events.models import SYSTEM, Change, Organization, Webhook, WebhookMessage
from events.operations import calling, hooking, tidying
from events.reports import audit
from tests import factories
from tests.factories import NOW
from tests.webhooks import heard, webhook

pytestmark = pytest.mark.django_db
URL = "https://receiver.example/hook"


@pytest.fixture
def owner() -> Organization:
    return factories.organization("Owner")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "http://receiver.example/"}, "url"),
        ({"url": "https://user:word@receiver.example/"}, "url"),
        ({"url": "https://receiver.example:8443/"}, "url"),
        ({"url": "ftp://receiver.example/"}, "url"),
        ({"url": URL, "kinds": ["event.published", "event.unknown"]}, "kinds"),
    ],
)
def test_what_could_never_be_sent_is_refused(owner: Organization, fields: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        hooking.create(organization=owner, fields=fields, actor=SYSTEM, now=NOW)

    assert refusal.value.field == field
    assert not Webhook.objects.exists()


def test_a_programme_must_be_one_that_it_takes_part_in(owner: Organization) -> None:
    other = factories.organization("Other", owner="other@demo.example")
    shared = factories.programme("Shared", of=other, partners=[(owner, "host")])
    closed = factories.programme("Closed", of=other, partners=[(owner, "host")], is_public=False)
    strange = factories.programme("Strange", of=other)

    assert webhook(owner, programme=shared).programme == shared
    for programme in (closed, strange):
        with pytest.raises(Invalid, match=r"takes no part|참여"):
            webhook(owner, programme=programme)


def test_an_organization_has_so_many_at_most(owner: Organization) -> None:
    for _number in range(hooking.MOST):
        webhook(owner)

    with pytest.raises(hooking.TooManyWebhooks):
        webhook(owner)
    webhook(factories.organization("Other", owner="other@demo.example"))


def test_the_secret_is_derived_and_each_rotation_has_another(owner: Organization) -> None:
    hook, first = hooking.create(organization=owner, fields={"url": URL}, actor=SYSTEM, now=NOW)
    hook, second = hooking.rotate(webhook=hook, actor=SYSTEM, now=NOW)
    _other, third = hooking.create(organization=owner, fields={"url": URL}, actor=SYSTEM, now=NOW)

    assert len({first, second, third}) == 3
    assert first.startswith("whsec_")
    assert hooking.secrets_of(hook, now=NOW + timedelta(hours=23)) == [second, first]
    assert hooking.secrets_of(hook, now=NOW + timedelta(hours=24)) == [second]
    told = Change.objects.filter(kind__startswith="webhook.").order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["webhook.created", "webhook.rotated", "webhook.created"]
    assert not any(secret in str(row.after) or URL in str(row.after) for row in told for secret in (first, second))


def test_while_it_is_off_nothing_is_kept_for_it_and_what_waited_goes_on_waiting(owner: Organization) -> None:
    programme = factories.programme(of=owner)
    hook = webhook(owner)
    factories.event(of=programme)
    assert heard(hook) == ["event.published"]

    hooking.amend(webhook=hook, fields={"is_active": False}, actor=SYSTEM, now=NOW)
    factories.event(of=programme)
    assert heard(hook) == ["event.published"]
    with pytest.raises(hooking.WebhookStopped):
        hooking.try_out(webhook=hook, now=NOW)
    hooking.amend(webhook=hook, fields={"is_active": True, "name": "Again"}, actor=SYSTEM, now=NOW)
    hooking.try_out(webhook=hook, now=NOW)
    factories.event(of=programme)

    assert heard(hook) == ["event.published", "webhook.test", "event.published"]
    amended = Change.objects.filter(kind="webhook.amended").order_by("pk").values_list("after", flat=True)
    assert [(after["fields"], after["is_active"]) for after in amended] == [
        (["is_active"], False), (["is_active", "name"], True),
    ]  # fmt: skip
    assert list(hook.messages.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert list(audit.run()) == []


def test_what_has_ended_is_sent_again_as_the_same_message(owner: Organization) -> None:
    hook = webhook(owner)
    message = hooking.try_out(webhook=hook, now=NOW)
    with pytest.raises(hooking.NothingToResend):
        hooking.resend(message=message, actor=SYSTEM, now=NOW)
    WebhookMessage.objects.update(status="sent", ended_at=NOW, attempts=3)

    again = hooking.resend(message=message, actor=SYSTEM, now=NOW)

    assert (again.status, again.attempts, again.ended_at) == ("waiting", 0, None)
    assert (again.uid, again.body, again.seq) == (message.uid, message.body, 1)


def test_a_log_is_kept_for_a_month_and_a_webhook_takes_its_own_along(owner: Organization) -> None:
    hook = webhook(owner)
    for _number in range(3):
        hooking.try_out(webhook=hook, now=NOW)
    WebhookMessage.objects.filter(seq=1).update(status="sent", ended_at=NOW)
    WebhookMessage.objects.filter(seq=2).update(status="dead", ended_at=NOW + timedelta(days=1))

    assert tidying.forget_old(now=NOW + timedelta(days=30, seconds=1))["webhook messages"] == 1
    assert list(audit.run()) == []  # the oldest went; what is left has no gap
    hooking.remove(webhook=hook, actor=SYSTEM, now=NOW)

    assert WebhookMessage.objects.count() == 0
    assert list(Change.objects.filter(kind="webhook.removed").values_list("after", flat=True)) == [
        {"webhook": str(hook.uid)}
    ]


def test_one_that_was_removed_meanwhile_is_not_found_by_whoever_still_holds_it(owner: Organization) -> None:
    hook = webhook(owner)
    message = hooking.try_out(webhook=hook, now=NOW)
    hooking.remove(webhook=Webhook.objects.get(), actor=SYSTEM, now=NOW)

    for act in (
        lambda: hooking.amend(webhook=hook, fields={"name": "Late"}, actor=SYSTEM, now=NOW),
        lambda: hooking.rotate(webhook=hook, actor=SYSTEM, now=NOW),
        lambda: hooking.try_out(webhook=hook, now=NOW),
        lambda: hooking.resend(message=message, actor=SYSTEM, now=NOW),
        lambda: hooking.remove(webhook=hook, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(NotFound):
            act()
    assert Change.objects.filter(kind="webhook.removed").count() == 1


def test_however_often_it_is_tried_out_five_messages_wait(owner: Organization) -> None:
    hook = webhook(owner)
    for _number in range(5):
        newest = hooking.try_out(webhook=hook, now=NOW)
    WebhookMessage.objects.update(attempts=4, not_before=NOW + timedelta(hours=1))
    Webhook.objects.update(not_before=NOW + timedelta(hours=1))

    again = hooking.try_out(webhook=hook, now=NOW)

    hook.refresh_from_db()
    assert (again.pk, again.attempts, again.not_before, hook.not_before, hook.seq) == (newest.pk, 0, None, None, 5)
    WebhookMessage.objects.filter(seq=1).update(status="sent", ended_at=NOW)
    assert hooking.try_out(webhook=hook, now=NOW).seq == 6


def test_what_comes_of_an_old_address_says_nothing_about_a_new_one(owner: Organization) -> None:
    message = hooking.try_out(webhook=webhook(owner), now=NOW)
    claimed = calling.claim(may_be_slow=True)
    assert claimed is not None
    assert calling.next_message(webhook=claimed) == message
    hooking.amend(webhook=claimed, fields={"url": f"{URL}/new"}, actor=SYSTEM, now=NOW)

    said = calling.failed(webhook=claimed, message=message, status=410, milliseconds=1)

    message.refresh_from_db()
    assert (said, message.status, calling.next_message(webhook=claimed)) == (None, "waiting", None)
    hook = Webhook.objects.get()
    assert (hook.stopped, hook.failures) == ("", 0)
    assert calling.claim(may_be_slow=True) == hook


def test_one_with_the_number_of_another_has_another_secret(owner: Organization) -> None:
    hook, secret = hooking.create(organization=owner, fields={"url": URL}, actor=SYSTEM, now=NOW)
    hooking.remove(webhook=hook, actor=SYSTEM, now=NOW)

    same = Webhook.objects.create(pk=hook.pk, organization=owner, url=URL, created_at=NOW, updated_at=NOW)

    assert hooking.secret_of(same) != secret
