"""Do a thing once, however often it is asked for (RULES 12)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Actor, IdempotencyKey
from events.operations.committing import all_or_nothing, is_contended

KEPT = timedelta(hours=24)
SHORTEST = 16


class KeyTooShort(DomainError):
    """The Idempotency-Key is too easy to guess."""

    code = "idempotency_key_invalid"
    status = 400


class KeyReused(DomainError):
    """The key was used before, with another body."""

    code = "idempotency_key_reused"
    status = 422


class StillRunning(DomainError):
    """The first request with this key has not ended yet; ask again."""

    code = "idempotency_in_progress"
    status = 409
    retry_after = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """One request that may be repeated: who, what address, which key, which body."""

    scope: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to give: HTTP-like status and JSON-ready body. `is_replay`: it was given before."""

    status: int
    body: dict[str, Any]
    is_replay: bool = False


def claim(*, actor: Actor, method: str, path: str, key: str, body: bytes) -> Claim:
    """The claim of a request; KeyTooShort for a key under 16 characters or over 255."""
    if not SHORTEST <= len(key) <= 255 or not key.isprintable():
        raise KeyTooShort(_("An Idempotency-Key has 16 to 255 printable characters."), field="Idempotency-Key")
    scope = "\n".join([actor.credential, method, path, key])
    return Claim(_sha256(scope.encode()), _sha256(body))


def once(*, claim: Claim | None, act: Callable[[], Outcome], now: datetime) -> Outcome:
    """Run `act` in one transaction and keep its outcome beside it; a repeat of the same claim gets that outcome again.

    Without a claim it is `act` alone. A refusal rolls everything back, the key included. A concurrent duplicate waits
    for the first as long as the database waits for locks, then StillRunning. KeyReused when the body differs.
    """
    if claim is None:
        return act()
    try:
        return _first(claim=claim, act=act, now=now)
    except _AlreadyDone:
        return _earlier(claim) or once(claim=claim, act=act, now=now)


def replay(*, claim: Claim | None) -> Outcome | None:
    """The outcome that the claim had before, without waiting for a running duplicate; KeyReused when the body differs.

    For a caller who is about to refuse without a transaction: who asked in time gets the earlier answer again.
    """
    return None if claim is None else _earlier(claim)


@all_or_nothing
def _first(*, claim: Claim, act: Callable[[], Outcome], now: datetime) -> Outcome:
    _claim_row(claim, now)
    outcome = act()
    snapshot = json.dumps(outcome.body, cls=DjangoJSONEncoder)
    IdempotencyKey.objects.filter(scope=claim.scope).update(status=outcome.status, snapshot=snapshot)
    return Outcome(outcome.status, json.loads(snapshot))


def forget_old_keys(*, now: datetime) -> int:
    """Keys older than a day are gone; how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]


class _AlreadyDone(Exception):
    """A concurrent duplicate committed first."""


def _claim_row(claim: Claim, now: datetime) -> None:
    """Insert the key, waiting for a running duplicate; its commit or its delay ends this transaction."""
    try:
        IdempotencyKey.objects.create(scope=claim.scope, body_hash=claim.body_hash, created_at=now)
    except IntegrityError as error:
        raise _AlreadyDone from error
    except OperationalError as error:
        if not is_contended(error):
            raise
        raise StillRunning(_("The first request with this Idempotency-Key is still running.")) from error


def _earlier(claim: Claim) -> Outcome | None:
    row = IdempotencyKey.objects.filter(scope=claim.scope).first()
    if row is None:
        return None
    if row.body_hash != claim.body_hash:
        raise KeyReused(_("This Idempotency-Key was used before with another body."), field="Idempotency-Key")
    return Outcome(row.status, row.answer, is_replay=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
