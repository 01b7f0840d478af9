"""Organizations and their members."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import organizations as shapes
from api.views.base import Collection, View
from events import policies
from events.models import Member, Organization, email_key
from events.operations import organizing


class Organizations(Collection):
    """All organizations."""

    output = shapes.OrganizationOutput
    takes = shapes.OrganizationInput()
    post_status = 201
    orders = {"slug": Order("slug"), "updated_at": Order("updated_at")}

    def rows(self) -> QuerySet[Organization]:
        return Organization.objects.all()

    def shown(self, rows: list[Organization]) -> list[dict[str, Any]]:
        return [_shown(self, row) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Found an organization with its first owner. For operators."""
        self.allow(self.actor.is_operator)
        values = self.body(self.takes)
        owner_email = values.pop("owner_email")
        return self.creating(
            lambda: _shown(self, organizing.found(fields=values, owner_email=owner_email, now=self.now)[0])
        )


class OneOrganization(View):
    """One organization."""

    output = shapes.OrganizationOutput
    changes = shapes.OrganizationChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(_shown(self, self.found(Organization.objects.all(), slug=slug)))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change an organization. For its owners."""
        organization = self.found(Organization.objects.all(), slug=slug)
        self.allow(policies.can_edit_organization(self.actor, organization))
        changed = organizing.amend(
            organization=organization, fields=self.body(self.changes), now=self.now,
            expected_revision=self.expected_revision(organization.revision),
        )  # fmt: skip
        return self.one(_shown(self, changed))


class Members(Collection):
    """Who acts for an organization. For its members in person."""

    output = shapes.MemberOutput
    takes = shapes.MemberInput()
    open_to_all = frozenset()
    orders = {"joined_at": Order("joined_at")}

    def rows(self) -> QuerySet[Member]:
        organization = self.found(Organization.objects.all(), slug=self.kwargs["slug"])
        in_person = self.actor.kind != "key"
        self.allow(in_person and policies.can_read_organization(self.actor, organization))
        return Member.objects.filter(organization=organization).select_related("person")

    def get(self, request: Any, slug: str) -> HttpResponse:
        rows = self.rows()
        self.refuse_unknown_parameters()
        return self.listing(rows)

    def shown(self, rows: list[Member]) -> list[dict[str, Any]]:
        return [shapes.member(row) for row in rows]

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Give a person a role, or another one. For owners in person."""
        organization = self.found(Organization.objects.all(), slug=slug)
        self.allow(policies.can_manage_people(self.actor, organization))
        values = self.body(self.takes)
        member = organizing.set_member(organization=organization, now=self.now, **values)
        return self.one(shapes.member(member))


class MemberRemoval(View):
    """Takes a person's role away. For owners in person."""

    takes = shapes.MemberRemoval()
    output = shapes.MemberOutput

    def post(self, request: Any, slug: str) -> HttpResponse:
        organization = self.found(Organization.objects.all(), slug=slug)
        self.allow(policies.can_manage_people(self.actor, organization))
        key = email_key(self.body(self.takes)["email"])
        members = Member.objects.filter(organization=organization).select_related("person", "organization")
        member = self.found(members, person__email_key=key)
        shown = shapes.member(member)
        organizing.remove_member(member=member)
        return self.one(shown)


def _shown(view: View, row: Organization) -> dict[str, Any]:
    return shapes.organization(row, view.language, is_member=policies.can_read_organization(view.actor, row))
