"""API keys: issued by owners in person, rotated with an overlap, revoked at once, recognized by secret (RULES 13)."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import SCOPES, Actor, ApiKey, Organization
from events.models.actor import EDITING
from events.models.key import written
from events.models.tokens import digest, lookup_of, new_key
from events.models.walltime import day_start, to_local
from events.operations.committing import all_or_nothing

LIVES = timedelta(days=365)
OVERLAP = timedelta(hours=24)
NOTED_EVERY = timedelta(minutes=1)
MOST = 100  # of an organization that are good at the same time
MOST_REQUESTS = 100_000  # a minute, where an operator says so


class KeyEnded(DomainError):
    """The key was revoked, has expired, or was rotated already: another one takes no place of it."""

    code = "key_ended"


class TooManyKeys(DomainError):
    """So many keys of an organization are good already."""

    code = "too_many_keys"


@all_or_nothing
def issue(
    *, organization: Organization, role: str, name: str, actor: Actor, now: datetime, scopes: Iterable[str] = (),
    expires_on: date | None = None, requests_per_minute: int | None = None,
) -> tuple[ApiKey, str]:  # fmt: skip
    """A new API key and its secret, which is shown this once and not stored.

    It is good until the end of `expires_on` in the organization's zone, a year at most, which is what None means.
    Without scopes it acts as its role (RULES 14). A higher limit than every key has is an operator's to give. Locks
    the organization. Raises Invalid, TooManyKeys.
    """
    given = frozenset(scopes)
    _check_scopes(given, role)
    most = MOST_REQUESTS if actor.is_operator else settings.CALLBOARD_LIMITS["key"]
    if requests_per_minute is not None and not 1 <= requests_per_minute <= most:
        raise Invalid(_("Write a number from 1 to %(most)d.") % {"most": most}, field="requests_per_minute")
    row, secret = _made(
        organization_id=organization.pk, role=role, scopes=written(given), name=name, created_at=now,
        expires_at=_end(organization, expires_on, now), requests_per_minute=requests_per_minute,
    )  # fmt: skip
    _told(row, "key.issued", actor, now)
    return row, secret


@all_or_nothing
def rotate(*, key: ApiKey, actor: Actor, now: datetime, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str]:
    """The key that takes the place of this one, with all that it was given, and its secret.

    The old one dies when the overlap is over, or at its own end if that is earlier; the new one lives as long as the
    old one was made for. Locks the old one, so that of two at once one is KeyEnded, and the organization. Raises
    Invalid, TooManyKeys.
    """
    if not timedelta(0) <= overlap <= OVERLAP:
        raise Invalid(_("Write a number of hours from 0 to 24."), field="overlap_hours")
    old = ApiKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    if old.state(now=now, is_followed=ApiKey.objects.filter(replaces=old).exists()) != "active":
        raise KeyEnded(_("This key has ended, or another one takes its place already."))
    end = now + overlap
    ApiKey.objects.filter(pk=old.pk).update(expires_at=min(end, old.expires_at or end))
    row, secret = _made(
        organization_id=old.organization_id, role=old.role, scopes=old.scopes, name=old.name, created_at=now,
        expires_at=now + _length(old), requests_per_minute=old.requests_per_minute, line=old.line, replaces=old,
    )  # fmt: skip
    _told(row, "key.rotated", actor, now, before={"key": old.lookup})
    return row, secret


@all_or_nothing
def revoke(*, key: ApiKey, actor: Actor, now: datetime) -> None:
    """The key is dead from the next request on; revoking it again changes nothing. What it made stays, and its name."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
        _told(key, "key.revoked", actor, now)


def key_of(*, secret: str, now: datetime) -> ApiKey | None:
    """The usable key with that secret, noting its use once a minute at most; None for anything else.

    Asked of the database at each request, in every process: that is why a dead key is dead at once.
    """
    lookup = lookup_of(secret)
    if lookup is None:
        return None
    row = ApiKey.objects.usable(now=now).filter(lookup=lookup).select_related("organization").first()
    if row is None or not secrets.compare_digest(row.digest, digest(secret)):
        return None
    if row.last_used_at is None or now - row.last_used_at > NOTED_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _made(*, organization_id: int, created_at: datetime, **columns: Any) -> tuple[ApiKey, str]:
    """Each key has a limit of its own, so there is one to their number. Locks the organization."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
    if ApiKey.objects.usable(now=created_at).filter(organization=organization_id).count() >= MOST:
        raise TooManyKeys(_("At most %(most)d keys of an organization are good at the same time.") % {"most": MOST})
    lookup, secret = new_key()
    row = ApiKey.objects.create(
        lookup=lookup, digest=digest(secret), organization_id=organization_id, created_at=created_at, **columns
    )
    return row, secret


def _check_scopes(scopes: frozenset[str], role: str) -> None:
    if scopes - set(SCOPES):
        raise Invalid(_("Scopes are %(known)s.") % {"known": ", ".join(SCOPES)}, field="scopes")
    if "allotment" in scopes and role not in EDITING:
        raise Invalid(_("Nominating people takes the role editor or owner."), field="scopes")


def _end(organization: Organization, expires_on: date | None, now: datetime) -> datetime:
    latest = now + LIVES
    if expires_on is None:
        return latest
    today, last = (to_local(at, organization.timezone)[0] for at in (now, latest))
    if not today <= expires_on <= last:
        raise Invalid(
            _("Choose a day from %(first)s to %(last)s.") % {"first": today, "last": last}, field="expires_on"
        )  # fmt: skip
    return min(day_start(expires_on + timedelta(days=1), organization.timezone), latest)


def _length(key: ApiKey) -> timedelta:
    return min(key.expires_at - key.created_at, LIVES) if key.expires_at is not None else LIVES


def _told(
    key: ApiKey, kind: str, actor: Actor, now: datetime, *, before: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    outbox.record_change(
        kind=kind, actor=actor, now=now, organization_id=key.organization_id, before=before,
        after={"key": key.lookup, "role": key.role, "scopes": key.scopes.split()},
    )  # fmt: skip
