"""Organizations, their people and keys: who acts for whom, and what is stored of a key (RULES 13, 14)."""

from datetime import timedelta

import pytest

from events.errors import Invalid
from events.models import ApiKey, Member, Organization, Person
from events.operations import organizing, publishing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def roles(organization: Organization) -> dict[str, str]:
    return dict(Member.objects.filter(organization=organization).values_list("person__email_key", "role"))


def test_an_organization_begins_with_its_owner() -> None:
    organization = factories.organization(owner="Owner@Demo.Example")

    assert roles(organization) == {"owner@demo.example": "owner"}
    assert Person.objects.get().has_usable_password() is False


def test_one_person_may_own_two_organizations() -> None:
    factories.organization(), factories.organization("Other")

    assert (Person.objects.count(), Member.objects.count()) == (1, 2)


@pytest.mark.parametrize("address", ["", "nobody", "a@b..c"])
def test_an_owner_needs_an_address(address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        factories.organization(owner=address)

    assert (refusal.value.field, Organization.objects.count()) == ("email", 0)


def test_a_role_can_change_but_the_last_owner_stays() -> None:
    organization = factories.organization(owner="one@demo.example")
    first = Member.objects.get()
    change = {"organization": organization, "now": NOW}

    for last_stand in (
        lambda: organizing.set_member(email="ONE@demo.example", role="editor", **change),
        lambda: organizing.remove_member(member=first),
    ):
        with pytest.raises(organizing.LastOwner):
            last_stand()
    organizing.set_member(email="two@demo.example", role="owner", **change)
    organizing.set_member(email="one@demo.example", role="viewer", **change)
    organizing.remove_member(member=Member.objects.get(pk=first.pk))

    assert roles(organization) == {"two@demo.example": "owner"}


def test_an_organization_keeps_a_name_and_its_old_address() -> None:
    organization = factories.organization("School", title_ko="")

    with pytest.raises(Invalid):
        organizing.amend(organization=organization, fields={"title_en": ""}, now=NOW)
    with pytest.raises(publishing.StaleRevision):
        organizing.amend(organization=organization, fields={"title_ko": "학교"}, expected_revision=3, now=NOW)

    assert (
        organizing.amend(organization=organization, fields={"title_ko": "학교"}, expected_revision=0, now=NOW).revision
        == 1
    )


def test_a_key_is_shown_once_and_found_by_its_secret() -> None:
    organization = factories.organization()

    row, secret = organizing.issue_key(organization=organization, role="editor", name="sync", now=NOW)

    assert secret.startswith("cbk_")
    assert secret not in str(ApiKey.objects.values().get())
    assert organizing.key_of(secret=secret, now=NOW) == row
    assert ApiKey.objects.get().last_used_at == NOW


def test_a_key_that_is_wrong_old_or_revoked_opens_nothing() -> None:
    row, secret = organizing.issue_key(organization=factories.organization(), role="viewer", name="", now=NOW)
    wrong = secret[:-7] + ("a" if secret[-7] != "a" else "b") + secret[-6:]

    assert organizing.key_of(secret=wrong, now=NOW) is None
    assert organizing.key_of(secret="", now=NOW) is None
    assert organizing.key_of(secret="cbk_" + "ü" * 58, now=NOW) is None
    assert organizing.key_of(secret=secret, now=NOW + organizing.KEY_LIVES) is None
    organizing.revoke_key(key=row, now=NOW)
    assert organizing.key_of(secret=secret, now=NOW) is None


def test_the_use_of_a_key_is_noted_once_a_minute(django_assert_num_queries: object) -> None:
    _row, secret = organizing.issue_key(organization=factories.organization(), role="viewer", name="", now=NOW)
    organizing.key_of(secret=secret, now=NOW)

    with django_assert_num_queries(1):  # type: ignore[operator]
        organizing.key_of(secret=secret, now=NOW + MINUTE)
