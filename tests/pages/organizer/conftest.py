"""An editor of an organization at work, in English: `editor.get("/organize/events/...")`."""

from datetime import datetime

import pytest
from django.test import Client

from events.models import Organization, Person, Programme, Role
from tests import factories


def signed_in(organization: Organization, role: Role = "editor", *, client: Client | None = None) -> Client:
    """A browser in which a member with that role is signed in."""
    browser = client or Client()
    actor = factories.member(organization, role)
    browser.force_login(Person.objects.get(pk=actor.person_id))
    browser.cookies["django_language"] = "en"
    return browser


@pytest.fixture
def office(now: datetime) -> Organization:
    return factories.organization(now=now)


@pytest.fixture
def programme(office: Organization, now: datetime) -> Programme:
    return factories.programme(of=office, now=now)


@pytest.fixture
def editor(office: Organization) -> Client:
    return signed_in(office)
