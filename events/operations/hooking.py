"""Hook: an organization's webhooks are made, changed, stopped and tried, and their messages sent again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid, NotFound
from events.hooks import addresses, bodies
from events.hooks.kinds import KINDS, TEST
from events.models import SYSTEM, Actor, Delivery, Member, Organization, Programme, Webhook, WebhookMessage
from events.models.tokens import signing_secret
from events.models.webhook import LOGGED
from events.operations import fanning_out
from events.operations.committing import all_or_nothing

MOST = 20  # of an organization
MOST_TRIALS = 5  # test messages that wait at the same time
OVERLAP = timedelta(hours=24)  # so long the secret before the newest one signs too
LANE = "hooks"
STOPPED = "webhook.stopped"  # the mail to owners
AWAKE: dict[str, Any] = {
    "stopped": "", "stopped_at": None, "failures": 0, "failing_since": None, "not_before": None,
}  # fmt: skip


class TooManyWebhooks(DomainError):
    """An organization has so many already."""

    code = "too_many_webhooks"


class NothingToResend(DomainError):
    """Only what has ended can be sent again."""

    code = "still_waiting"


class WebhookStopped(DomainError):
    """Nothing is sent to a webhook that is stopped."""

    code = "webhook_stopped"


@all_or_nothing
def create(
    *, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime
) -> tuple[Webhook, str]:
    """The organization has this webhook; and its secret, which is shown this once.

    `fields`: url, and name, kinds, programme. Locks the organization. Raises Invalid, TooManyWebhooks.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if Webhook.objects.filter(organization=organization).count() >= MOST:
        raise TooManyWebhooks(_("An organization has at most %(most)d webhooks.") % {"most": MOST})
    webhook = Webhook(organization=organization, created_at=now, updated_at=now, **_checked(organization, fields))
    webhook.save(force_insert=True)
    _tell("webhook.created", webhook, sorted(fields), actor, now)
    return webhook, secret_of(webhook)


@all_or_nothing
def amend(*, webhook: Webhook, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Webhook:
    """The webhook has these values; `is_active` stops it, or wakes it as if it had never failed. Raises Invalid.

    While it is stopped nothing is kept for it; what waited before goes on waiting. With another address it is nobody's
    any more: whoever is sending to the old one stops, and what came of it says nothing about the new one. Locks it.
    """
    locked = _lock(webhook)
    values = dict(fields)
    is_active = values.pop("is_active", None)
    changes = _checked(locked.organization, values)
    if is_active is True and not locked.is_active:
        changes |= AWAKE
        locked.messages.filter(status="waiting").update(gives_up_at=now + fanning_out.IS_TRIED)
    elif is_active is False and locked.is_active:
        changes |= {"stopped": Webhook.Stop.PAUSED, "stopped_at": now}
    if changes.get("url", locked.url) != locked.url:
        changes |= {"is_quick": False, "failures": 0, "failing_since": None, "not_before": None}
        changes |= {"lease": locked.lease + 1, "claimed_until": None}
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.updated_at = now
    locked.save(update_fields=[*changes, "updated_at"])
    switched = {} if is_active is None else {"is_active": is_active}
    _tell("webhook.amended", locked, sorted(fields), actor, now, **switched)
    return locked


@all_or_nothing
def remove(*, webhook: Webhook, actor: Actor, now: datetime) -> None:
    """The webhook and its log are gone. Locks it, so that nobody adds to the log meanwhile."""
    locked = _lock(webhook)
    _tell("webhook.removed", locked, [], actor, now)
    locked.delete()


@all_or_nothing
def rotate(*, webhook: Webhook, actor: Actor, now: datetime) -> tuple[Webhook, str]:
    """A new secret signs, shown this once; the one before it signs too, for a day. One before that never again."""
    locked = _lock(webhook)
    locked.generation += 1
    locked.previous_until, locked.updated_at = now + OVERLAP, now
    locked.save(update_fields=["generation", "previous_until", "updated_at"])
    _tell("webhook.rotated", locked, [], actor, now)
    return locked, secret_of(locked)


@all_or_nothing
def try_out(*, webhook: Webhook, now: datetime) -> WebhookMessage:
    """A message that says nothing is sent at once, whatever pause there is. Raises WebhookStopped.

    Where several wait already it is the newest of them: a button that is pressed for ever fills no table.
    """
    locked = _lock(webhook)
    if not locked.is_active:
        raise WebhookStopped(_("This webhook is stopped. Switch it on first."))
    waiting = locked.messages.filter(kind=TEST, status="waiting").order_by("-seq")[:MOST_TRIALS]
    if len(waiting) == MOST_TRIALS:
        message = waiting[0]
        message.attempts, message.not_before = 0, None
        message.save(update_fields=["attempts", "not_before"])
    else:
        locked.seq += 1
        body = bodies.of_trial(locked, seq=locked.seq, at=now)
        message = fanning_out.message(locked, TEST, locked.uid, body, None, now)
        message.save(force_insert=True)
    locked.not_before = None
    locked.save(update_fields=["seq", "not_before"])
    outbox.wake([LANE])
    return message


@all_or_nothing
def resend(*, message: WebhookMessage, actor: Actor, now: datetime) -> WebhookMessage:
    """A message that was sent or given up is sent again, with the same id and bytes. Raises NothingToResend."""
    if not _again(WebhookMessage.objects.filter(pk=message.pk), message.webhook, actor, now):
        raise NothingToResend(_("This message waits to be sent."))
    message.refresh_from_db()
    return message


@all_or_nothing
def resend_given_up(*, webhook: Webhook, actor: Actor, now: datetime) -> int:
    """All that was given up is sent again; how many."""
    return _again(WebhookMessage.objects.filter(webhook=webhook, status="dead"), webhook, actor, now)


def give_up(messages: QuerySet[WebhookMessage]) -> int:
    """These will not be tried again, for everybody to see; how many."""
    return messages.update(status="dead", not_before=None, ended_at=Now())


def stop(*, webhook: Webhook, why: str) -> None:
    """Nothing is sent there any more, what waits is given up, and the organization's owners have a mail.

    Called in the transaction of the failure that was the last one.
    """
    if not Webhook.objects.filter(pk=webhook.pk, stopped="").update(stopped=why, stopped_at=Now()):
        return
    give_up(WebhookMessage.objects.filter(webhook=webhook, status="waiting"))
    stopped = Webhook.objects.select_related("organization").get(pk=webhook.pk)
    assert stopped.stopped_at is not None
    _tell(STOPPED, stopped, [], SYSTEM, stopped.stopped_at, why=why)
    owners = Member.objects.filter(organization=stopped.organization_id, role="owner").order_by("pk")
    outbox.order(
        Delivery(
            channel="mail", lane="mail", kind=STOPPED, organization_id=stopped.organization_id, webhook=stopped,
            person_id=person, created_at=stopped.stopped_at,
        )
        for person in owners.values_list("person", flat=True)
    )  # fmt: skip


def secret_of(webhook: Webhook, *, before: int = 0) -> str:
    """What messages are signed with now; `before`: so many rotations ago."""
    return signing_secret(kind="webhook", uid=webhook.uid, generation=webhook.generation - before)


def secrets_of(webhook: Webhook, *, now: datetime) -> list[str]:
    """All that sign a message now, the newest first."""
    overlaps = webhook.previous_until is not None and now < webhook.previous_until
    return [secret_of(webhook), *([secret_of(webhook, before=1)] if overlaps else [])]


def forget_old(*, now: datetime) -> int:
    """Messages that ended a month ago are gone; how many."""
    return WebhookMessage.objects.filter(ended_at__lt=now - LOGGED).delete()[0]


def concerning(organization: Organization) -> QuerySet[Programme]:
    """The programmes whose events an organization's webhooks hear of: its own, and where it is a partner of others."""
    partnered = Q(is_public=True, partners__organization=organization)
    return Programme.objects.filter(Q(organization=organization) | partnered).distinct()


def _again(messages: QuerySet[WebhookMessage], webhook: Webhook, actor: Actor, now: datetime) -> int:
    locked = _lock(webhook)
    if not locked.is_active:
        raise WebhookStopped(_("This webhook is stopped. Switch it on first."))
    again = messages.exclude(status="waiting").update(
        status="waiting", attempts=0, not_before=None, ended_at=None, error="", gives_up_at=now + fanning_out.IS_TRIED
    )
    if again:
        Webhook.objects.filter(pk=locked.pk).update(not_before=None)
        _tell("webhook.resent", locked, [], actor, now, messages=again)
        outbox.wake([LANE])
    return again


def _lock(webhook: Webhook) -> Webhook:
    """The webhook as it is now. Raises NotFound for one that was removed meanwhile."""
    rows = Webhook.objects.select_for_update(of=("self",), no_key=True).select_related("organization", "programme")
    locked = rows.filter(pk=webhook.pk).first()
    if locked is None:
        raise NotFound(_("There is nothing at this address."))
    return locked


def _checked(organization: Organization, fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    if "url" in values:
        values["url"] = addresses.check_url(values["url"]).url
    unknown = [kind for kind in values.get("kinds", []) if kind not in KINDS]
    if unknown:
        raise Invalid(_("There is no kind of news “%(kind)s”.") % {"kind": str(unknown[0])[:40]}, field="kinds")
    if "kinds" in values:
        values["kinds"] = [kind for kind in KINDS if kind in values["kinds"]]
    programme = values.get("programme")
    if programme is not None and not concerning(organization).filter(pk=programme.pk).exists():
        raise Invalid(_("The organization takes no part in this programme."), field="programme")
    return values


def _tell(kind: str, webhook: Webhook, fields: list[str], actor: Actor, now: datetime, **more: Any) -> None:
    """Its history. Never the address, which may hold a secret of the receiver's."""
    outbox.record_change(
        kind=kind, actor=actor, now=now, organization_id=webhook.organization_id,
        after={"webhook": str(webhook.uid), **({"fields": fields} if fields else {}), **more},
    )  # fmt: skip
