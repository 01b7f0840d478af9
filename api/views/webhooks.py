"""Webhooks: addresses that are told of every change, what was sent to each, and again what was given up."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import webhooks as shapes
from api.serializers.events import NothingInput
from api.views import references
from api.views.attendees import private
from api.views.base import Collection, View, answer
from api.views.keys import with_secret
from events import policies
from events.hooks.kinds import KINDS, TEST
from events.models import Organization, Webhook, WebhookMessage
from events.operations import hooking


class Webhooks(Collection):
    """The webhooks of your organizations, without their secrets. For owners in person."""

    output = shapes.WebhookOutput
    takes = shapes.WebhookInput()
    made = shapes.NewWebhookOutput
    post_status = 201
    open_to_all = frozenset()
    orders = {"created_at": Order("created_at")}
    asks = {"organization": "Slug of an organization."}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(policies.can_manage_somewhere(self.actor))
        return private(super().get(request, *args, **kwargs))

    def rows(self) -> QuerySet[Webhook]:
        rows = loaded(Webhook.objects.visible_to(self.actor))
        return self.narrowed(rows, "organization", Organization.objects.all())

    def shown(self, rows: list[Webhook]) -> list[dict[str, Any]]:
        return [shapes.webhook(row) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Make a webhook. Its secret is in this answer and never again. For owners in person."""
        self.allow(policies.can_manage_somewhere(self.actor))
        values = self.body(self.takes)
        organization = references.named(Organization.objects.all(), values.pop("organization"), "organization")
        self.allow(policies.can_manage_people(self.actor, organization))
        values = references.given(hooking.concerning(organization), values, "programme")

        def make() -> tuple[dict[str, Any], str]:
            made, secret = hooking.create(organization=organization, fields=values, actor=self.actor, now=self.now)
            return shapes.webhook(made), secret

        return with_secret(self, make)


class OneWebhook(View):
    """One webhook. For owners in person."""

    output = shapes.WebhookOutput
    changes = shapes.WebhookChanges(partial=True)
    is_revised = False
    open_to_all = frozenset()

    def get(self, request: Any, uid: Any) -> HttpResponse:
        return self.one(shapes.webhook(managed(self, uid)), is_private=True)

    def patch(self, request: Any, uid: Any) -> HttpResponse:
        """Change a webhook, stop it, or wake it."""
        webhook = managed(self, uid)
        values = self.body(self.changes)
        values = references.given(hooking.concerning(webhook.organization), values, "programme")
        changed = hooking.amend(webhook=webhook, fields=values, actor=self.actor, now=self.now)
        return self.one(shapes.webhook(changed), is_private=True)

    def delete(self, request: Any, uid: Any) -> HttpResponse:
        """Remove a webhook and its log."""
        webhook = managed(self, uid)
        self.refuse_unknown_parameters()
        hooking.remove(webhook=webhook, actor=self.actor, now=self.now)
        return HttpResponse(status=204)


class Rotation(View):
    """Rotates the secret of a webhook."""

    takes = NothingInput()
    output = shapes.NewWebhookOutput
    post_status = 201
    is_revised = False
    open_to_all = frozenset()

    def post(self, request: Any, uid: Any) -> HttpResponse:
        """Give it a new secret, in this answer and never again; the one before signs too for a day."""
        webhook = managed(self, uid)
        self.body(self.takes)

        def make() -> tuple[dict[str, Any], str]:
            rotated, secret = hooking.rotate(webhook=webhook, actor=self.actor, now=self.now)
            return shapes.webhook(rotated), secret

        return with_secret(self, make)


class Test(View):
    """Orders a `webhook.test` message, which is sent at once; 409 `webhook_stopped` for one that is stopped.

    Five wait at most: then the newest of them is sent at once, and is the answer.
    """

    takes = NothingInput()
    output = shapes.WebhookMessageOutput
    post_status = 201
    may_be_repeated = False  # twice is two messages, which harms nobody
    is_revised = False
    open_to_all = frozenset()

    def post(self, request: Any, uid: Any) -> HttpResponse:
        webhook = managed(self, uid)
        self.body(self.takes)
        message = hooking.try_out(webhook=webhook, now=self.now)
        return private(answer(shapes.message(message), status=201))


class Resending(View):
    """Sends everything again that was given up, with the same ids and bodies."""

    takes = NothingInput()
    output = shapes.ResentOutput
    is_revised = False
    open_to_all = frozenset()

    def post(self, request: Any, uid: Any) -> HttpResponse:
        webhook = managed(self, uid)
        self.body(self.takes)
        again = hooking.resend_given_up(webhook=webhook, actor=self.actor, now=self.now)
        return private(answer({"messages": again}))


class Deliveries(Collection):
    """What was sent to a webhook, or waits, or was given up: the newest first, kept for a month after its end."""

    output = shapes.WebhookMessageOutput
    open_to_all = frozenset()
    orders = {"seq": Order("seq")}
    usual = "-seq"
    asks = {"status": "waiting, sent or dead (given up).", "kind": "What it tells, such as `session.moved`."}

    def get(self, request: Any, uid: Any) -> HttpResponse:
        rows = messages(managed(self, uid))
        self.refuse_unknown_parameters()
        if "status" in request.GET:
            rows = rows.filter(status=self.one_of("status", WebhookMessage.Status.values))
        if "kind" in request.GET:
            rows = rows.filter(kind=self.one_of("kind", [*KINDS, TEST]))
        return private(self.listing(rows))

    def shown(self, rows: list[WebhookMessage]) -> list[dict[str, Any]]:
        return [shapes.message(row) for row in rows]


class DeliveryResending(View):
    """Sends one message again that was sent or given up, with the same id and body; 409 `still_waiting` otherwise."""

    takes = NothingInput()
    output = shapes.WebhookMessageOutput
    is_revised = False
    open_to_all = frozenset()

    def post(self, request: Any, uid: Any, delivery: Any) -> HttpResponse:
        webhook = managed(self, uid)
        message = self.found(messages(webhook), uid=delivery)
        self.body(self.takes)
        hooking.resend(message=message, actor=self.actor, now=self.now)
        return private(answer(shapes.message(self.found(messages(webhook), uid=delivery))))


def loaded(rows: QuerySet[Webhook]) -> QuerySet[Webhook]:
    """With all that `shapes.webhook` shows."""
    return rows.select_related("organization", "programme")


def managed(view: View, uid: Any) -> Webhook:
    """The webhook, if the actor owns its organization in person; else there is none."""
    webhook: Webhook = view.found(loaded(Webhook.objects.visible_to(view.actor)), uid=uid)
    return webhook


def messages(webhook: Webhook) -> QuerySet[WebhookMessage]:
    return WebhookMessage.objects.filter(webhook=webhook).select_related("change", "webhook")
