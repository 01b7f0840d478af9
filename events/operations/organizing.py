"""Organizations and their people: found one, give roles, sign in by mailed code or link, issue API keys."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import ApiKey, Member, Organization, Person, SignIn, email_key
from events.models.tokens import digest, lookup_of, new_key
from events.operations import naming, publishing
from events.operations.committing import all_or_nothing

CODE_LIVES = timedelta(minutes=15)
LINK_LIVES = timedelta(days=1)
MOST_GUESSES = 5
KEY_LIVES = timedelta(days=365)


class LastOwner(DomainError):
    """An organization keeps at least one owner."""

    code = "last_owner"


class SignInRefused(DomainError):
    """The code or link is wrong, used or too old. Says no more, on purpose."""

    code = "sign_in_refused"
    status = 403


@dataclass(frozen=True, slots=True)
class Chance:
    """One chance to sign in, as it goes into a mail: the code to type and the secret part of the link."""

    person: Person
    code: str
    link: str


@all_or_nothing
def found(*, fields: Mapping[str, Any], owner_email: str, now: datetime) -> tuple[Organization, Person]:
    """An organization exists with its first owner; a person with that address is made if there is none."""
    values = dict(fields)
    slug = naming.take_slug(model=Organization, values=values)
    organization = Organization(slug=slug, updated_at=now, **values)
    _check_title(organization)
    organization.save(force_insert=True)
    person = _person(owner_email)
    Member.objects.create(organization=organization, person=person, role="owner", joined_at=now)
    return organization, person


@all_or_nothing
def amend(
    *, organization: Organization, fields: Mapping[str, Any], now: datetime, expected_revision: int | None = None
) -> Organization:
    """The organization has these values; its old address stays an alias."""
    locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    naming.rename(thing=locked, slug=fields.get("slug", locked.slug))
    for name, value in fields.items():
        setattr(locked, name, value)
    _check_title(locked)
    locked.revision += 1
    locked.updated_at = now
    locked.save(update_fields=[*fields, "revision", "updated_at"])
    outbox.lock_version()
    outbox.raise_version()  # its calendar carries its name
    return locked


@all_or_nothing
def set_member(*, organization: Organization, email: str, role: str, now: datetime) -> Member:
    """The person with that address has this role. Locks the organization; LastOwner when it would lose its last one."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    person = _person(email)
    if role != "owner":
        _keep_an_owner(organization, person)
    member, _created = Member.objects.update_or_create(
        organization=organization,
        person=person,
        defaults={"role": role},
        create_defaults={"role": role, "joined_at": now},
    )
    return member


@all_or_nothing
def remove_member(*, member: Member) -> None:
    """The person no longer acts for the organization. LastOwner when it would lose its last one."""
    Organization.objects.select_for_update(no_key=True).get(pk=member.organization_id)
    _keep_an_owner(member.organization, member.person)
    member.delete()


def start_sign_in(*, email: str, now: datetime) -> Chance | None:
    """A fresh chance to sign in for a known active person, older codes void; None for an unknown address."""
    try:
        key = email_key(email)
    except ValueError:
        return None
    person = Person.objects.filter(email_key=key, is_active=True).first()
    return chance(person=person, now=now, lives=CODE_LIVES) if person else None


@all_or_nothing
def chance(*, person: Person, now: datetime, lives: timedelta = LINK_LIVES) -> Chance:
    """One chance to sign in exists for the person; only digests are stored."""
    code = f"{secrets.randbelow(10**8):08d}"
    link = secrets.token_urlsafe(32)
    SignIn.objects.filter(person=person, used_at__isnull=True, expires_at__lte=now + CODE_LIVES).update(expires_at=now)
    SignIn.objects.create(
        person=person, code_digest=digest(f"{person.pk}:{code}"), link_digest=digest(link),
        created_at=now, expires_at=now + lives,
    )  # fmt: skip
    return Chance(person, code, link)


def sign_in_by_code(*, email: str, code: str, now: datetime) -> Person:
    """The person whose newest code this is; the chance is used up. Every guess is counted first, in the database."""
    try:
        key = email_key(email)
    except ValueError:
        key = ""
    latest = (
        SignIn.objects.filter(person__email_key=key, person__is_active=True, used_at__isnull=True, expires_at__gt=now)
        .order_by("-created_at", "-pk")
        .values_list("pk", flat=True)
        .first()
    )
    row = _guessed(latest) if latest is not None else None
    if row is None or not secrets.compare_digest(row.code_digest, digest(f"{row.person_id}:{code.strip()}")):
        raise SignInRefused(_("That code is wrong or too old. Ask for a new one."), field="code")
    return _use(row, now)


def sign_in_by_link(*, link: str, now: datetime) -> Person:
    """The person whose link this is; the chance is used up."""
    row = (
        SignIn.objects.filter(
            link_digest=digest(link), used_at__isnull=True, expires_at__gt=now, person__is_active=True
        )
        .select_related("person")
        .first()
    )
    if row is None:
        raise SignInRefused(_("This link was used already or is too old. Ask for a new one."))
    return _use(row, now)


def forget_old_chances(*, now: datetime) -> int:
    """Chances that ended more than a day ago are gone; how many."""
    return SignIn.objects.filter(expires_at__lt=now - LINK_LIVES).delete()[0]


def issue_key(
    *, organization: Organization, role: str, name: str, now: datetime, lives: timedelta | None = KEY_LIVES
) -> tuple[ApiKey, str]:
    """A new API key and its secret, which is shown this once and not stored."""
    lookup, secret = new_key()
    row = ApiKey.objects.create(
        organization=organization, role=role, name=name, lookup=lookup, digest=digest(secret),
        created_at=now, expires_at=now + lives if lives else None,
    )  # fmt: skip
    return row, secret


def revoke_key(*, key: ApiKey, now: datetime) -> None:
    """The key is dead from the next request on."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now)


def key_of(*, secret: str, now: datetime) -> ApiKey | None:
    """The usable key with that secret, noting its use once a minute at most; None for anything else."""
    lookup = lookup_of(secret)
    if lookup is None:
        return None
    row = ApiKey.objects.usable(now=now).filter(lookup=lookup).select_related("organization").first()
    if row is None or not secrets.compare_digest(row.digest, digest(secret)):
        return None
    if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _guessed(pk: int) -> SignIn | None:
    """The chance, one guess counted; None when it has no guess left. Counted first, so parallel guesses all count."""
    if not SignIn.objects.filter(pk=pk, guesses__lt=MOST_GUESSES).update(guesses=F("guesses") + 1):
        return None
    return SignIn.objects.select_related("person").get(pk=pk)


def _use(row: SignIn, now: datetime) -> Person:
    if not SignIn.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=now):
        raise SignInRefused(_("This link was used already or is too old. Ask for a new one."))
    return row.person


def _person(email: str) -> Person:
    try:
        key = email_key(email)
    except ValueError as error:
        raise Invalid(_("This is not an e-mail address."), field="email") from error
    return Person.objects.filter(email_key=key).first() or Person.objects.create_user(email.strip())


def _check_title(organization: Organization) -> None:
    if not (organization.title_ko or organization.title_en):
        raise Invalid(_("It needs a name in Korean or in English."), field="title_ko")


def _keep_an_owner(organization: Organization, person: Person) -> None:
    owners = set(organization.members.filter(role="owner").values_list("person_id", flat=True))
    if owners == {person.pk}:
        raise LastOwner(_("The organization needs at least one owner."))
