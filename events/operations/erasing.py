"""Erase: nothing says any more who somebody was. Seats, counts and history stay, without a name (RULES 29)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.sessions.models import Session as BrowserSession
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from events import outbox
from events.models import ANONYMOUS, Attendee, Delivery, Event, Group, IdempotencyKey, Registration, SignIn, email_key
from events.models.registration import ERASED
from events.operations import guessing, registering, seating, subscribing, waitlisting
from events.operations.committing import all_or_nothing
from events.operations.signing_in import BROWSER

NAME = {"ko": "(삭제됨)", "en": "(erased)"}
COUNTED = ("sign-in-mail", "clash", "manage-mail")  # what is counted for an address


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: how many registrations were cancelled, and how many have no name any more."""

    cancelled: int
    blanked: int


def erase(*, attendee: Attendee, now: datetime) -> Erased:
    """The person is in no table any more. What is to come is cancelled first, so that the seats go out; what has begun
    or is over keeps its place in the counts, under a name that says nothing and an address that leads nowhere.

    An account of a member is no attendee's: it stays. Messages that wait are sent to nobody (SAFETY G2).

    Locks the pools of all runs of what is cancelled, then the registrations, then the person.
    """
    pk, key = attendee.pk, attendee.email_key
    done = _erase(key, now)
    _forget_browsers(pk, key)
    return done


@all_or_nothing
def _erase(key: str, now: datetime) -> Erased:
    cancelled = _cancel(key, now)
    rows = list(Registration.objects.select_for_update(no_key=True).filter(email_key=key).order_by("pk"))
    groups = list(Group.objects.select_for_update(no_key=True).filter(email_key=key).order_by("pk"))
    texts = {text for row in rows for text in (row.name, row.email)}
    texts |= {text for group in groups for text in (group.name, group.email)}
    _tell(rows, groups, now)
    _silence(rows, groups, now)
    _forget_answers(texts | {key})
    for row in rows:
        _blank(row, now)
    Registration.objects.bulk_update(
        rows, ["name", "email", "email_key", "answers", "reason", "token_generation", "updated_at"], batch_size=100
    )
    for group in groups:
        group.name, group.email = NAME.get(group.language, NAME["ko"]), _nowhere()
        group.email_key = group.email
    Group.objects.bulk_update(groups, ["name", "email", "email_key"], batch_size=100)
    _forget_person(key)
    return Erased(cancelled, len(rows))


def _cancel(key: str, now: datetime) -> int:
    """Their registrations for what has not begun are cancelled; how many. All pools are locked in one order first."""
    upcoming = Q(event__first_starts_at__isnull=True) | Q(event__first_starts_at__gt=now)
    rows = Registration.objects.live().filter(upcoming, email_key=key).select_related("event").order_by("pk")
    events = {run for row in rows for run in waitlisting.runs_of(row.event)}
    if events:
        seating.lock(event_ids=events)
    live = list(rows.all())  # what has ended while we waited for the locks needs no cancelling
    for row in live:
        registering.cancel(registration=row, actor=ANONYMOUS, now=now)
    return len(live)


def _blank(row: Registration, now: datetime) -> None:
    row.name, row.email = NAME.get(row.language, NAME["ko"]), _nowhere()
    row.email_key = row.email
    row.answers, row.reason = {}, ""
    row.token_generation += 1  # the calendar of the registration, and what was mailed to answer an offer
    row.updated_at = now


def _nowhere() -> str:
    """An address that is nobody's, by chance alone: two that were one person's are not alike."""
    return f"erased-{uuid4().hex}@{ERASED}"


def _tell(rows: Sequence[Registration], groups: Sequence[Group], now: datetime) -> None:
    """One Change for each organization; it says how many, and not who."""
    events = Event.objects.filter(pk__in={*(row.event_id for row in rows), *(group.event_id for group in groups)})
    owners = dict(events.values_list("pk", "programme__organization"))
    changes = []
    for owner in sorted(set(owners.values())):
        number = sum(owners[row.event_id] == owner for row in rows)
        told = {"registrations": number, "groups": sum(owners[group.event_id] == owner for group in groups)}
        changes.append(outbox.change(kind="person.erased", actor=ANONYMOUS, now=now, organization_id=owner, after=told))
    outbox.record_changes(changes)


def _silence(rows: Iterable[Registration], groups: Iterable[Group], now: datetime) -> None:
    """Nothing more is sent to them, and no words of what was to be sent are kept."""
    theirs = Delivery.objects.filter(Q(registration__in=list(rows)) | Q(group__in=list(groups)))
    theirs.filter(status="waiting").update(status="superseded", not_before=None, ended_at=now)
    theirs.filter(message__isnull=False).update(message=None)


def _forget_answers(texts: set[str]) -> None:
    """Answers that are kept for retries say the same without these names and addresses."""
    mentions = Q()
    for text in sorted(texts):
        mentions |= Q(stored__contains=json.dumps(json.dumps(text)[1:-1])[1:-1])  # a JSON text inside a JSON text
    kept = IdempotencyKey.objects.annotate(stored=Cast("snapshot", TextField())).filter(mentions)
    for key in kept:
        answer = _without(key.answer, texts)
        IdempotencyKey.objects.filter(pk=key.pk).update(snapshot=json.dumps(answer))


def _without(value: Any, texts: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, texts) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, texts) for inner in value]
    return NAME["ko"] if isinstance(value, str) and value in texts else value


def _forget_person(key: str) -> None:
    """Links, chances to sign in and counts of attempts; the row itself last, which everything hangs on."""
    SignIn.objects.filter(email_key=key).delete()
    for what in COUNTED:
        guessing.forget(what=what, who=key)
    for attendee in Attendee.objects.select_for_update().filter(email_key=key):  # whoever came back meanwhile as well
        subscribing.forget(attendee=attendee)
        attendee.delete()


def _forget_browsers(pk: int, key: str) -> None:
    """No browser is signed in as the attendee any more, or about to be. All are looked at: outside of every lock."""
    gone = [session.pk for session in BrowserSession.objects.iterator() if _is_of(session.get_decoded(), pk, key)]
    BrowserSession.objects.filter(pk__in=gone).delete()


def _is_of(data: dict[str, Any], pk: int, key: str) -> bool:
    kept, asked = data.get(BROWSER, {}), str(data.get("sign_in", {}).get("email", ""))  # at the members' door too
    return bool(kept.get("id") == pk or key in (kept.get("key"), _key_of(asked)))


def _key_of(email: str) -> str:
    try:
        return email_key(email)
    except ValueError:
        return ""
