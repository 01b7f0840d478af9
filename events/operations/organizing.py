"""Organizations and their people: found one, give roles."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import Member, Organization, Person, email_key
from events.models.sites import MOST_SITES, site
from events.operations import naming, publishing
from events.operations.committing import all_or_nothing


class LastOwner(DomainError):
    """An organization keeps at least one owner."""

    code = "last_owner"


@all_or_nothing
def found(*, fields: Mapping[str, Any], owner_email: str, now: datetime) -> tuple[Organization, Person]:
    """An organization exists with its first owner; a person with that address is made if there is none."""
    values = dict(fields)
    slug = naming.take_slug(model=Organization, values=values)
    organization = Organization(slug=slug, updated_at=now, **values)
    _check_title(organization)
    organization.sites = _sites(organization.sites)
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
    locked.sites = _sites(locked.sites)
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


def _person(email: str) -> Person:
    try:
        key = email_key(email)
    except ValueError as error:
        raise Invalid(_("This is not an e-mail address."), field="email") from error
    return Person.objects.filter(email_key=key).first() or Person.objects.create_user(email.strip())


def _check_title(organization: Organization) -> None:
    if not (organization.title_ko or organization.title_en):
        raise Invalid(_("It needs a name in Korean or in English."), field="title_ko")


def _sites(written: Iterable[str]) -> list[str]:
    """The origins, each once. http is for the demo's own second site on the same machine."""
    found = []
    for text in written:
        try:
            found.append(site(text, local=settings.DEMO))
        except ValueError as error:
            message = _("“%(site)s” is no web site: write https and a name alone, such as https://www.example.org.")
            raise Invalid(message % {"site": text[:80]}, field="sites") from error
    unique = list(dict.fromkeys(found))
    if len(unique) > MOST_SITES:
        raise Invalid(_("An organization has at most %(most)d web sites.") % {"most": MOST_SITES}, field="sites")
    return unique


def _keep_an_owner(organization: Organization, person: Person) -> None:
    owners = set(organization.members.filter(role="owner").values_list("person_id", flat=True))
    if owners == {person.pk}:
        raise LastOwner(_("The organization needs at least one owner."))
