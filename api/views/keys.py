"""API keys of an organization: made, rotated and revoked by its owners in person, and how much they are used."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.idempotency import claim_of
from api.pagination import Order
from api.serializers import keys as shapes
from api.serializers.events import NothingInput
from api.views.attendees import private
from api.views.base import Collection, View, answer
from events import policies
from events.models import ApiKey, ApiKeyUsage, Organization
from events.operations import keying, repeating
from events.reports import key_usage


class Keys(Collection):
    """The API keys of an organization, without their secrets. For owners in person."""

    output = shapes.KeyOutput
    takes = shapes.KeyInput()
    made = shapes.NewKeyOutput
    post_status = 201
    open_to_all = frozenset()
    orders = {"created_at": Order("created_at")}

    def get(self, request: Any, slug: str) -> HttpResponse:
        organization = managed(self, slug)
        self.refuse_unknown_parameters()
        self.organization = organization
        return private(self.listing(loaded(organization)))

    def shown(self, rows: list[ApiKey]) -> list[dict[str, Any]]:
        used = key_usage.totals(rows, organization=self.organization, now=self.now)
        return [shapes.key(row, used.get(row.pk, key_usage.Used()), now=self.now) for row in rows]

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Make an API key. Its secret is in this answer and never again. For owners in person."""
        organization = managed(self, slug)
        values = self.body(self.takes)
        values["scopes"] = values.get("scopes") or ()
        return with_secret(
            self, lambda: _new(self, keying.issue(organization=organization, actor=self.actor, now=self.now, **values))
        )


class KeyRotation(View):
    """Rotates an API key."""

    takes = shapes.RotationInput()
    output = shapes.NewKeyOutput
    post_status = 201
    is_revised = False
    open_to_all = frozenset()

    def post(self, request: Any, slug: str, lookup: str) -> HttpResponse:
        """Give the key a successor that may the same; the old one lives on for the overlap. For owners in person."""
        key = self.found(loaded(managed(self, slug)), lookup=lookup)
        overlap = timedelta(hours=self.body(self.takes).get("overlap_hours", 24))
        return with_secret(
            self, lambda: _new(self, keying.rotate(key=key, actor=self.actor, now=self.now, overlap=overlap))
        )


class KeyRevocation(View):
    """Makes an API key useless from the next request on. For owners in person."""

    takes = NothingInput()
    output = shapes.KeyOutput
    is_revised = False
    open_to_all = frozenset()

    def post(self, request: Any, slug: str, lookup: str) -> HttpResponse:
        organization = managed(self, slug)
        key = self.found(loaded(organization), lookup=lookup)
        self.body(self.takes)
        keying.revoke(key=key, actor=self.actor, now=self.now)
        return private(answer(shown(self, organization, lookup)))


class KeyUsage(Collection):
    """How much an API key was used on each of the last thirty days on which it was used. For owners in person."""

    output = shapes.KeyUsageOutput
    open_to_all = frozenset()
    orders = {"day": Order("day")}
    usual = "-day"

    def get(self, request: Any, slug: str, lookup: str) -> HttpResponse:
        key = self.found(loaded(managed(self, slug)), lookup=lookup)
        self.refuse_unknown_parameters()
        return private(self.listing(key_usage.days(key, now=self.now)))

    def shown(self, rows: list[ApiKeyUsage]) -> list[dict[str, Any]]:
        return [shapes.usage(row) for row in rows]


def managed(view: View, slug: str) -> Organization:
    """The organization, if the actor manages its people and keys: 404, then 401 or 403."""
    organization: Organization = view.found(Organization.objects.all(), slug=slug)
    view.allow(policies.can_manage_people(view.actor, organization))
    return organization


def loaded(organization: Organization) -> QuerySet[ApiKey]:
    """Its keys with all that `shapes.key` shows."""
    return ApiKey.objects.filter(organization=organization).select_related("organization", "replaces", "successor")


def shown(view: View, organization: Organization, lookup: str) -> dict[str, Any]:
    row: ApiKey = view.found(loaded(organization), lookup=lookup)
    used = key_usage.totals([row], organization=organization, now=view.now)
    return shapes.key(row, used.get(row.pk, key_usage.Used()), now=view.now)


def _new(view: View, made: tuple[ApiKey, str]) -> tuple[dict[str, Any], str]:
    row, secret = made
    return shown(view, row.organization, row.lookup), secret


def with_secret(view: View, make: Callable[[], tuple[dict[str, Any], str]]) -> HttpResponse:
    """201 with what was made. What is kept for a repeated request has no secret: that one is told what it made."""
    secrets: list[str] = []

    def act() -> repeating.Outcome:
        body, secret = make()
        secrets[:] = [secret]
        return repeating.Outcome(201, body)

    outcome = repeating.once(claim=claim_of(view.request, view.actor), act=act, now=view.now)
    body = outcome.body | {"secret": None if outcome.is_replay else secrets[0]}
    headers = {"Idempotency-Replayed": "true"} if outcome.is_replay else {}
    return private(answer(body, status=201, headers=headers))
