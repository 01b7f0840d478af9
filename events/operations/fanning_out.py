"""Fan out: each webhook that a change concerns has its messages, numbered without gaps (docs/decisions/0032).

Called by the sequencer in the transaction in which changes get their place, under its lock: whoever dies before the
commit leaves nothing, and whoever comes after it finds the changes placed, so no message is missing or there twice.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from events.hooks import bodies, telling
from events.hooks.telling import News
from events.models import Change, Event, LastTold, Partner, Webhook, WebhookMessage
from events.operations import turning

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (10, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # fmt: skip
IS_TRIED = sum(PAUSES, timedelta())  # three days and a few hours: with each of these pauses once

log = logging.getLogger(__name__)

LISTED = frozenset({"listed"})  # what a partner is shown of an event
SHOWN = frozenset({"listed", "unlisted"})  # and its owner


class Told(NamedTuple):
    """A piece of news, the change that it comes from, and who hears it: the event's owner, the programme's partners."""

    news: News
    change: Change
    is_for_owner: bool
    is_for_partners: bool


def tell(changes: Sequence[Change], *, last_place: int) -> int:
    """Every active webhook has the messages that these placed changes mean for it, in their order.

    Where the seats of an event turned with them, that is a change as well, with a place behind them: how many are such.
    """
    about, events = _concerned(changes)
    told = {row.event_id: row for row in LastTold.objects.filter(event__in=events)}
    told = {pk: told.get(pk) or LastTold(event_id=pk) for pk in events}
    before = {pk: (row.shown, row.level, row.waits) for pk, row in told.items()}
    found = [one for change in changes for pk in about[change.pk] for one in _told(change, events[pk], told[pk])]
    turned = turning.turned(events=events, told=told, before=before, changes=changes, last_place=last_place)
    for change in turned:
        pk = change.event_id or 0
        found.append(Told(telling.of_seats(change, events[pk]), change, True, told[pk].shown in LISTED))
    turning.remember(told=told, before=before)
    if found:
        _order(found)
    return len(turned)


def message(
    webhook: Webhook, kind: str, subject: UUID, body: str, change: Change | None, now: datetime
) -> WebhookMessage:
    """The message with the number that the webhook's row has come to; not stored."""
    return WebhookMessage(
        webhook=webhook, change=change, kind=kind, subject=subject, seq=webhook.seq, body=body, created_at=now,
        gives_up_at=now + IS_TRIED,
    )  # fmt: skip


def _concerned(changes: Sequence[Change]) -> tuple[dict[int, list[int]], dict[int, Event]]:
    """Which events each change is about, by its id; and all whose seats may be others now, each loaded once.

    A change that names no event is about a thing that many show (a programme, a venue, a speaker): about those that
    were published with it. Who went from one run to another is about the new one, and leaves a seat in the old one.
    """
    versions = {change.version for change in changes if change.event_id is None and change.version is not None}
    stamped = Event.objects.filter(version__in=versions).order_by("pk")  # unlisted ones too: their owner hears of them
    shared: dict[int | None, list[int]] = {}
    for version, pk in stamped.values_list("version", "pk") if versions else ():
        shared.setdefault(version, []).append(pk)
    about = {
        change.pk: [change.event_id] if change.event_id is not None else shared.get(change.version, [])
        for change in changes
    }
    ids = {pk for own in about.values() for pk in own}
    left = {str(change.before["event"]) for change in changes if change.registration_id and "event" in change.before}
    if not ids and not left:
        return about, {}
    rows = Event.objects.filter(Q(pk__in=ids) | Q(slug__in=left)).select_related("programme__organization")
    return about, {event.pk: event for event in rows.order_by("pk")}


def _told(change: Change, event: Event, row: LastTold) -> list[Told]:
    """Its news; none where it cannot be read, which must not hold up all that comes behind it, nor the deltas."""
    try:
        return list(_news(change, event, row))
    except Exception:
        log.exception("Webhooks are not told of change %s about event %s.", change.uid, event.pk)
        return []


def _news(change: Change, event: Event, row: LastTold) -> Iterable[Told]:
    """What the change says of the event, and to whom; the row knows afterwards whether the event is shown."""
    if change.registration_id is not None:
        return [Told(telling.of_registration(change, event), change, True, False)]
    if change.version is None:
        return []  # among drafts, or nobody's business
    was, row.shown = row.shown, turning.shown(event)
    own, others = (
        telling.of_schedule(change, event, was_shown=was in shown, is_shown=row.shown in shown)
        for shown in (SHOWN, LISTED)
    )
    return [
        *(Told(news, change, True, news in others) for news in own),
        *(Told(news, change, False, True) for news in others if news not in own),
    ]


def _order(found: Sequence[Told]) -> None:
    """The messages exist. Locks the webhooks, by id."""
    programmes = {one.news.event.programme for one in found}
    partners: dict[int, set[int]] = {programme.pk: set() for programme in programmes}
    for programme, organization in Partner.objects.filter(programme__in=partners).values_list(
        "programme", "organization"
    ):
        partners[programme].add(organization)
    concerned = {programme.organization_id for programme in programmes}.union(*partners.values())
    rows = Webhook.objects.filter(organization__in=concerned, stopped="").annotate(now=Now())
    webhooks = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    messages = []
    for one in found:
        for webhook in webhooks:
            if _hears(webhook, one, partners):
                webhook.seq += 1
                body = bodies.of_news(one.news, one.change, seq=webhook.seq)
                now = webhook.now  # type: ignore[attr-defined]  # by the database
                messages.append(message(webhook, one.news.kind, one.news.subject, body, one.change, now))
    if messages:
        WebhookMessage.objects.bulk_create(messages, batch_size=500)
        Webhook.objects.bulk_update(webhooks, ["seq"])


def _hears(webhook: Webhook, one: Told, partners: Mapping[int, set[int]]) -> bool:
    programme = one.news.event.programme
    if webhook.organization_id == programme.organization_id:
        is_meant = one.is_for_owner
    else:
        is_meant = one.is_for_partners and webhook.organization_id in partners[programme.pk]
    is_of_its_programme = webhook.programme_id in (None, programme.pk)
    return is_meant and is_of_its_programme and (not webhook.kinds or one.news.kind in webhook.kinds)
