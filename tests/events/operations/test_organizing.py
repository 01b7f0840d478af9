"""Organizations, their people and keys: who acts for whom, and what is stored of a key (RULES 13, 14)."""

from datetime import timedelta

import pytest

from events.errors import Invalid
from events.models import Member, Organization, Person
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
