"""An organization's webhooks: made, tried out, changed, stopped, and what was sent to each; for its owners."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from events import policies
from events.errors import DomainError, NotFound
from events.hooks import kinds
from events.models import Actor, Organization, Person, Webhook, WebhookMessage, worded
from events.models.actor import READING
from events.operations import hooking
from pages import clock
from pages.organizer.webhook_form import WebhookForm

ROWS = 50
NEW = "webhook-with-new-secret"  # in the session: which one shows its secret, once
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Office:
    """Who acts, for which organization, and since when this request runs."""

    request: HttpRequest
    organization: Organization
    actor: Actor
    now: datetime

    def moment(self, value: datetime | None) -> str:
        return clock.moment(value, self.organization.timezone) if value else ""

    def found(self, uid: UUID) -> Webhook:
        rows = Webhook.objects.filter(organization=self.organization).select_related("organization", "programme")
        webhook = rows.filter(uid=uid).first()
        if webhook is None:
            raise Http404
        return webhook

    def form(self, webhook: Webhook | None = None, *, is_sent: bool = False) -> WebhookForm:
        language = get_language() or "ko"
        programmes = hooking.concerning(self.organization).order_by("pk")
        titles = [(programme, worded(programme, "title", language)) for programme in programmes]
        own = webhook.programme if webhook is not None else None
        if own is not None and own not in programmes:  # no longer theirs; saving must not make it "all" unasked
            titles.append((own, own.slug))
        return WebhookForm(titles, webhook, self.request.POST if is_sent else None)

    def done(self, said: str, webhook: Webhook | None = None) -> HttpResponse:
        """It is done: the page, read afresh, says so."""
        messages.success(self.request, said)
        rest = [webhook.uid] if webhook is not None else []
        name = "organize-webhook" if webhook is not None else "organize-webhooks"
        return HttpResponseRedirect(reverse(name, args=[self.organization.slug, *rest]), status=303)

    def done_with_secret(self, webhook: Webhook) -> HttpResponse:
        """The page, read afresh, shows the secret once: sending the form again by a reload would make another one.

        Only whose it is is kept meanwhile; the secret itself is derived anew.
        """
        self.request.session[NEW] = [str(webhook.uid), webhook.generation]
        return HttpResponseRedirect(
            reverse("organize-webhook", args=[self.organization.slug, webhook.uid]), status=303
        )  # fmt: skip

    def new_secret(self, webhook: Webhook) -> str:
        """What is to be shown now, and never again; empty: nothing."""
        if self.request.method != "GET" or self.request.session.get(NEW) != [str(webhook.uid), webhook.generation]:
            return ""
        del self.request.session[NEW]
        return hooking.secret_of(webhook)

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        shared = {"organization": self.organization} | context
        return render(self.request, template, shared, status=status)


def _guarded(view: View, *, only_post: bool) -> View:
    @wraps(view)
    def answer(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
        office = _enter(request, slug)
        if only_post and request.method != "POST":
            return HttpResponseRedirect(reverse("organize-webhooks", args=[office.organization.slug]))
        try:
            return view(office, **rest)
        except NotFound:  # another owner removed it meanwhile
            raise Http404 from None

    return never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(answer)))


def _enter(request: HttpRequest, slug: str) -> Office:
    """404 for who is no member, 403 for who is no owner."""
    person: Person = request.user  # type: ignore[assignment]  # login_required has seen to it
    actor = person.as_actor()
    rows = Organization.objects.filter(slug=slug)
    organization = (rows if actor.is_operator else rows.filter(pk__in=actor.organizations(READING))).first()
    if organization is None:
        raise Http404
    if not policies.can_manage_people(actor, organization):
        raise PermissionDenied
    return Office(request, organization, actor, timezone.now())


def for_owners(view: View) -> View:
    return _guarded(view, only_post=False)


def action(view: View) -> View:
    """What an owner does, by POST only. Whoever opens its address comes to the list."""
    return _guarded(view, only_post=True)


@for_owners
def webhooks_page(office: Office) -> HttpResponse:
    return _list(office, office.form())


@action
def add(office: Office) -> HttpResponse:
    form = office.form(is_sent=True)
    made: list[Webhook] = []

    def act() -> None:
        webhook, _secret = hooking.create(
            organization=office.organization, fields=form.values(), actor=office.actor, now=office.now
        )
        made.append(webhook)

    if not form.submit(act):
        return _list(office, form)
    return office.done_with_secret(made[0])


@for_owners
def webhook_page(office: Office, uid: UUID) -> HttpResponse:
    webhook = office.found(uid)
    return _one(office, webhook, secret=office.new_secret(webhook))


@action
def amend(office: Office, uid: UUID) -> HttpResponse:
    webhook = office.found(uid)
    form = office.form(webhook, is_sent=True)

    def act() -> None:
        hooking.amend(webhook=webhook, fields=form.values(), actor=office.actor, now=office.now)

    if not form.submit(act):
        return _one(office, webhook, form=form, status=form.status)
    return office.done(_("Saved."), webhook)


@action
def switch(office: Office, uid: UUID) -> HttpResponse:
    webhook = office.found(uid)
    is_active = office.request.POST.get("to") == "on"
    hooking.amend(webhook=webhook, fields={"is_active": is_active}, actor=office.actor, now=office.now)
    said = _("Switched on: it hears of what happens from now on.") if is_active else _("Switched off.")
    return office.done(said, webhook)


@action
def rotate(office: Office, uid: UUID) -> HttpResponse:
    webhook, _secret = hooking.rotate(webhook=office.found(uid), actor=office.actor, now=office.now)
    return office.done_with_secret(webhook)


@action
def try_out(office: Office, uid: UUID) -> HttpResponse:
    webhook = office.found(uid)
    try:
        hooking.try_out(webhook=webhook, now=office.now)
    except DomainError as refusal:
        return _one(office, webhook, problem=refusal.message, status=refusal.status)
    return office.done(_("A test message is on its way. Reload this page to see the answer."), webhook)


@action
def resend(office: Office, uid: UUID) -> HttpResponse:
    """One message that has ended, or all that were given up."""
    webhook, wanted = office.found(uid), office.request.POST.get("message", "")
    try:
        if not wanted:
            number = hooking.resend_given_up(webhook=webhook, actor=office.actor, now=office.now)
            said = ngettext("%(number)d message is sent again.", "%(number)d messages are sent again.", number)
            return office.done(said % {"number": number}, webhook)
        message = webhook.messages.filter(uid=_uid(wanted)).first()
        if message is None:
            raise Http404
        hooking.resend(message=message, actor=office.actor, now=office.now)
    except DomainError as refusal:
        return _one(office, webhook, problem=refusal.message, status=refusal.status)
    return office.done(_("The message is sent again."), webhook)


@for_owners
def remove(office: Office, uid: UUID) -> HttpResponse:
    """Asked by GET, done by POST."""
    webhook = office.found(uid)
    if office.request.method == "POST":
        hooking.remove(webhook=webhook, actor=office.actor, now=office.now)
        return office.done(_("The webhook is gone."))
    return office.page("pages/organize_webhook_removal.html", {"webhook": webhook})


def _list(office: Office, form: WebhookForm) -> HttpResponse:
    given_up = Count("messages", filter=Q(messages__status="dead"))
    waiting = Count("messages", filter=Q(messages__status="waiting"))
    rows = Webhook.objects.filter(organization=office.organization).annotate(given_up=given_up, waiting=waiting)
    context = {"rows": rows.order_by("pk"), "form": form}
    return office.page("pages/organize_webhooks.html", context, status=form.status)


def _one(
    office: Office, webhook: Webhook, *, form: WebhookForm | None = None, secret: str = "", problem: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    wanted = office.request.GET.get("status", "")
    rows = webhook.messages.order_by("-seq")
    if wanted in WebhookMessage.Status.values:
        rows = rows.filter(status=wanted)
    shown = Paginator(rows, ROWS).get_page(office.request.GET.get("page"))
    numbers = dict(webhook.messages.order_by().values_list("status").annotate(number=Count("pk")))
    context = {
        "webhook": webhook,
        "form": form or office.form(webhook),
        "secret": secret,
        "problem": problem,
        "page": shown,
        "rows": [(row, kinds.label(row.kind), office.moment(row.tried_at or row.created_at)) for row in shown],
        "numbers": [(value, label, numbers.get(value, 0)) for value, label in WebhookMessage.Status.choices],
        "given_up": numbers.get("dead", 0),
        "wanted": wanted,
        "elsewhere": f"status={wanted}" if wanted in WebhookMessage.Status.values else "",
        "stopped_at": office.moment(webhook.stopped_at),
        "next_attempt": office.moment(webhook.not_before) if webhook.failures else "",
        "overlap": office.moment(webhook.previous_until) if _overlaps(webhook, office.now) else "",
    }
    return office.page("pages/organize_webhook.html", context, status=status)


def _overlaps(webhook: Webhook, now: datetime) -> bool:
    return webhook.previous_until is not None and now < webhook.previous_until


def _uid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise Http404 from None
