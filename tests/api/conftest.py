"""What every test of the API has: one organization, one event, and somebody for each kind of caller."""

from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Event, Organization, Person, Programme, Role
from tests import factories


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@dataclass(frozen=True)
class World:
    """Two organizations, so that there is always somebody whose business it is not."""

    ours: Organization
    theirs: Organization
    programme: Programme
    event: Event


@pytest.fixture
def world(db: None) -> World:
    now = timezone.now()
    ours = factories.organization("Ours", owner="owner@ours.example", now=now)
    theirs = factories.organization("Theirs", owner="owner@theirs.example", now=now)
    programme = factories.programme("BIFF Workshops", of=ours, now=now)
    return World(ours, theirs, programme, factories.event("Lighting", of=programme, capacity=20, now=now))


@pytest.fixture
def client() -> APIClient:
    """Nobody known."""
    return APIClient(HTTP_ACCEPT_LANGUAGE="en")


def keyed(organization: Organization, role: Role = "editor") -> APIClient:
    """A program with an API key of that role."""
    secret = factories.key(organization, role, now=timezone.now())
    return APIClient(HTTP_ACCEPT_LANGUAGE="en", HTTP_AUTHORIZATION=f"Bearer {secret}")


def signed_in(organization: Organization, role: Role) -> APIClient:
    """A member in person, with a session and without a CSRF token check (as DRF's client does)."""
    actor = factories.member(organization, role, now=timezone.now())
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(Person.objects.get(pk=actor.person_id))
    return client


@pytest.fixture
def editor(world: World) -> APIClient:
    return keyed(world.ours)
