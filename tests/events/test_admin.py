"""Django's admin: operators read every domain table and write none; nobody else gets in."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from events.models import ApiKeyUsage, Change, Delivery, Person, Registration, Webhook, WebhookMessage
from events.operations import hooking, keying
from tests import factories
from tests.webhooks import webhook

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label in {"events", "venues"}]


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(Person.objects.create_superuser("operator@demo.example"))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def world() -> Registration:
    office = factories.organization()
    campaign = factories.campaign(of=office)
    programme = factories.programme(of=office, campaign=campaign, partners=[(office, "host")])
    event = factories.event(
        of=programme, room=factories.room(), speakers=[factories.speaker(of=office)], topics=[factories.topic()],
        audiences=[factories.audience()],
    )  # fmt: skip
    factories.key(office)
    hooking.try_out(webhook=webhook(office), now=factories.NOW)
    return factories.register(event)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_operators_read_a_table_and_cannot_write_it(operator: Client, world: Registration, model: type[Model]) -> None:
    table = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    row = model._default_manager.first()

    listing = operator.get(table)
    adding = operator.get(f"{table}add/")

    assert (listing.status_code, adding.status_code) == (200, 403)
    if row is not None:
        shown = operator.get(f"{table}{row.pk}/change/")
        deleting = operator.post(f"{table}{row.pk}/delete/", {"post": "yes"})
        assert (shown.status_code, deleting.status_code) == (200, 403)
        assert b'name="_save"' not in shown.content


def test_operators_do_not_read_the_secrets_of_others(operator: Client, world: Registration) -> None:
    page = operator.get(f"/admin/events/registration/{world.pk}/change/").content.decode()

    assert world.email in page
    assert world.code not in page
    assert world.ticket not in page


def test_operators_send_again_what_was_given_up(operator: Client, world: Registration) -> None:
    dead = world.deliveries.get()
    Delivery.objects.update(status="dead", attempts=20, error="SMTPDataError 554", message=b"its words")
    waiting = factories.register(world.event, 2).deliveries.get()

    listing = operator.get("/admin/events/delivery/?status=dead&lane=urgent").content.decode()
    page = operator.get(f"/admin/events/delivery/{dead.pk}/change/").content.decode()
    sent = {"action": "send_again", "_selected_action": [dead.pk, waiting.pk], "index": "0"}
    answer = operator.post("/admin/events/delivery/", sent, follow=True)

    assert ("SMTPDataError 554" in listing, "its words" in page, world.code in page) == (True, False, False)
    assert "1 message is on its way again." in answer.content.decode()
    assert list(Delivery.objects.order_by("pk").values_list("status", "attempts")) == [("waiting", 0)] * 2


def test_operators_see_how_much_keys_are_used_and_revoke_them(operator: Client, world: Registration) -> None:
    key, secret = factories.issued(world.event.programme.organization, scopes=["register"], now=timezone.now())
    for days, requests in ((0, 7_001), (29, 5_002), (40, 9_003)):
        ApiKeyUsage.objects.create(key=key, day=timezone.localdate() - timedelta(days=days), requests=requests)

    listing = operator.get("/admin/events/apikey/").content.decode()
    page = operator.get(f"/admin/events/apikey/{key.pk}/change/").content.decode()
    answer = operator.post(
        "/admin/events/apikey/", {"action": "revoke", "_selected_action": [key.pk], "index": "0"}, follow=True
    )

    assert [text in listing for text in ("12003", "register", "active", secret, key.digest)] == [True] * 3 + [False] * 2
    assert [text in page for text in ("7001", "5002", "9003", key.digest)] == [True, True, False, False]
    assert "1 key is revoked." in answer.content.decode()
    assert keying.key_of(secret=secret, now=timezone.now()) is None
    assert Change.objects.get(kind="key.revoked").actor_kind == "person"


def test_operators_send_webhook_messages_again_and_switch_webhooks_off(
    operator: Client, world: Registration, settings: Settings
) -> None:
    settings.WEBHOOK_EXTRA_TARGETS = ["hooks.intern:8443"]
    hook, message = Webhook.objects.get(), WebhookMessage.objects.get()
    tables = {"webhook": hook.pk, "webhookmessage": message.pk}

    def press(table: str, action: str) -> str:
        sent = {"action": action, "_selected_action": [tables[table]]}
        return operator.post(f"/admin/events/{table}/", sent, follow=True).content.decode()

    for table, action in (("webhook", "resend_given_up"), ("webhookmessage", "resend")):
        WebhookMessage.objects.update(status="dead", ended_at=factories.NOW)
        assert "1 message is sent again." in press(table, action)
        message.refresh_from_db()
        assert message.status == "waiting"
    assert "0 messages are sent again." in press("webhookmessage", "resend")
    page = press("webhook", "switch_off")
    hook.refresh_from_db()
    assert hook.stopped == "paused"
    assert "hooks.intern:8443" in page


def test_whoever_is_not_signed_in_is_led_to_our_own_page(client: Client) -> None:
    response = client.get("/admin/events/event/")

    first = client.get(response.headers["Location"])
    assert response.headers["Location"] == "/admin/login/?next=/admin/events/event/"
    assert first.headers["Location"] == "/organize/sign-in/?next=/admin/events/event/"


def test_members_are_refused(client: Client) -> None:
    client.force_login(factories.person())

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
