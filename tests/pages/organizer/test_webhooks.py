"""The page of an organization's webhooks: its owners make, try, change and remove them, and see what was sent."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import SYSTEM, Organization, Programme, Webhook, WebhookMessage
from events.operations import hooking
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.conftest import signed_in
from tests.webhooks import webhook

pytestmark = pytest.mark.django_db
SENT = {"url": "https://receiver.example/hook", "name": "Our site", "programme": "", "kinds": ["session.moved"]}


@pytest.fixture
def owner(office: Organization) -> Client:
    return signed_in(office, "owner")


def address(office: Organization, rest: str = "") -> str:
    return f"/organize/organizations/{office.slug}/webhooks/{rest}"


def test_one_is_made_and_its_secret_is_seen_once(owner: Client, office: Organization, programme: Programme) -> None:
    page = owner.get(address(office))
    assert [option.text for option in elements(page, "option")] == [
        "all programmes that concern the organization", programme.title_en,
    ]  # fmt: skip

    made = owner.post(address(office, "add/"), SENT)

    hook = Webhook.objects.get()
    secret = hooking.secret_of(hook)
    assert (made.status_code, hook.url, hook.kinds) == (303, SENT["url"], ["session.moved"])
    assert secret not in str(dict(owner.session))
    owner.head(made.headers["Location"])
    shown, again = owner.get(made.headers["Location"]), owner.get(made.headers["Location"])
    assert "no-store" in shown.headers["Cache-Control"]
    assert [secret in page.content.decode() for page in (shown, again)] == [True, False]
    assert Webhook.objects.count() == 1
    assert elements(owner.get("/organize/"), "a", href=address(office))[0].text == "Webhooks"
    assert "Our site" in one(owner.get(address(office)), "table").text


def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(owner: Client, office: Organization) -> None:
    answer = owner.post(address(office, "add/"), SENT | {"url": "https://receiver.example:8443/hook"})

    assert answer.status_code == 400
    assert one(answer, "p", id="webhook-url_error").text == "Webhooks are sent by https, to port 443."
    assert one(answer, "input", id="webhook-url")["value"] == "https://receiver.example:8443/hook"
    assert not Webhook.objects.exists()


def test_it_is_tried_sent_again_switched_rotated_changed_and_removed(owner: Client, office: Organization) -> None:
    hook = webhook(office)
    own = f"{hook.uid}/"

    def press(rest: str, **sent: str) -> str:
        answer = owner.post(address(office, own + rest), sent)
        return one(owner.get(answer.headers["Location"]), role="status").text

    assert press("test/") == "A test message is on its way. Reload this page to see the answer."
    message = hook.messages.get()
    waiting = owner.post(address(office, own + "resend/"), {"message": str(message.uid)})
    assert one(waiting, role="alert").text == "This message waits to be sent."
    WebhookMessage.objects.update(
        status="dead", ended_at=timezone.now(), status_code=500, milliseconds=7, error="timed out"
    )
    page = owner.get(address(office, own))
    assert "given up" in one(page, "ul", class_="message-list").text
    assert "500 · 7 ms · timed out" in " ".join(one(page, "ul", class_="message-list").text.split())
    assert press("resend/", message=str(message.uid)) == "The message is sent again."
    WebhookMessage.objects.update(status="dead", ended_at=timezone.now())
    assert press("resend/") == "1 message is sent again."
    assert press("switch/", to="off") == "Switched off."
    assert owner.post(address(office, own + "test/")).status_code == 409
    assert press("switch/", to="on") == "Switched on: it hears of what happens from now on."
    rotated = owner.post(address(office, own + "rotate/"))
    hook.refresh_from_db()
    assert hooking.secret_of(hook) in owner.get(rotated.headers["Location"]).content.decode()
    owner.post(address(office, own + "rotate/"))
    hooking.rotate(webhook=hook, actor=SYSTEM, now=timezone.now())  # by somebody else, before the page was read
    assert "whsec_" not in owner.get(address(office, own)).content.decode()
    assert press("change/", url=SENT["url"], name="New") == "Saved."  # type: ignore[arg-type]
    hook.refresh_from_db()
    assert (hook.name, hook.kinds) == ("New", [])
    assert owner.get(address(office, own + "remove/")).status_code == 200
    assert press("remove/") == "The webhook is gone."


@pytest.mark.parametrize(("role", "status"), [("editor", 403), ("viewer", 403), ("door", 404)])
def test_others_than_owners_see_nothing(office: Organization, role: str, status: int) -> None:
    hook = webhook(office)
    browser = signed_in(office, role)  # type: ignore[arg-type]

    for rest in ("", f"{hook.uid}/", f"{hook.uid}/remove/"):
        assert browser.get(address(office, rest)).status_code == status
    assert browser.post(address(office, f"{hook.uid}/rotate/")).status_code == status
    assert "Webhooks" not in browser.get("/organize/").content.decode()


def test_saving_does_not_widen_one_whose_programme_is_no_longer_theirs(owner: Client, office: Organization) -> None:
    other = factories.organization("Other", owner="other@demo.example")
    shared = factories.programme("Shared", of=other, partners=[(office, "host")])
    hook = webhook(office, programme=shared)
    shared.partners.all().delete()

    shown = elements(owner.get(address(office, f"{hook.uid}/")), "option")
    saved = owner.post(address(office, f"{hook.uid}/change/"), SENT | {"programme": "shared"})

    assert [option["value"] for option in shown if "selected" in option.attributes] == ["shared"]
    hook.refresh_from_db()
    assert (saved.status_code, hook.programme, hook.name) == (400, shared, "")


def test_an_owner_of_another_organization_finds_nothing(owner: Client, office: Organization) -> None:
    other = factories.organization("Other", owner="other@demo.example")
    hook = webhook(other)
    tries = [address(other), address(other, f"{hook.uid}/"), address(office, f"{hook.uid}/")]

    assert [owner.get(path).status_code for path in tries] == [404] * 3
    assert owner.post(address(office, f"{hook.uid}/remove/")).status_code == 404
    assert Webhook.objects.filter(pk=hook.pk).exists()


@pytest.mark.parametrize("rows", [1, 5])
def test_pages_cost_as_much_for_one_as_for_five(owner: Client, office: Organization, rows: int) -> None:
    hooks = [webhook(office) for _number in range(rows)]
    for _number in range(rows):
        hooking.try_out(webhook=hooks[0], now=timezone.now())
    asked = []
    for rest in ("", f"{hooks[0].uid}/"):
        with CaptureQueriesContext(connection) as statements:
            assert owner.get(address(office, rest)).status_code == 200
        asked.append(len(statements))

    assert asked == [6, 9]  # session, person, roles, organization; programmes; and the list, or one with its log
