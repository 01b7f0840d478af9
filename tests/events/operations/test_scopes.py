"""What the domain itself refuses to keys with scopes, whoever calls it: no view has to think of it."""

from typing import Any

import pytest

from events.errors import Forbidden
from events.models import Actor, Event, Organization, Registration, SeatPool
from events.operations import grouping, registering
from events.operations.entering import EventFull
from events.policies import ScopeMissing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Organization:
    return factories.organization("Partner", owner="partner@demo.example")


def acting(partner: Organization, *scopes: str) -> Actor:
    return factories.key_actor(partner, scopes=scopes)


def nominate(event: Event, number: int, *, partner: Organization, actor: Actor) -> Registration:
    return factories.register(event, number, actor=actor, partner=partner)


def counts() -> tuple[int, list[int]]:
    return Registration.objects.count(), list(SeatPool.objects.order_by("pk").values_list("taken", flat=True))


@pytest.mark.parametrize(
    ("scopes", "is_nominated", "scope"),
    [
        (("read",), False, "register"),
        (("read",), True, "allotment"),
        (("allotment",), False, "register"),
        (("read", "register"), True, "allotment"),
    ],
)
def test_registering_takes_the_scope_of_what_is_meant(
    partner: Organization, scopes: tuple[str, ...], is_nominated: bool, scope: str
) -> None:
    event, actor = factories.event(capacity=5), acting(partner, *scopes)
    factories.quota(event, 2, "allotment", partner=partner)
    named = {"partner": partner} if is_nominated else {}
    before = counts()

    with pytest.raises(ScopeMissing) as refusal:
        factories.register(event, 1, actor=actor, **named)
    with pytest.raises(ScopeMissing) as of_group:
        grouping.register(
            event=event, booker=factories.applicant(0, **named), people=[factories.applicant(1)], actor=actor, now=NOW
        )

    assert {one.value.details["scope"] for one in (refusal, of_group)} == {scope}
    assert counts() == before


def test_no_scope_makes_an_organizer(partner: Organization) -> None:
    event = factories.event(of=factories.programme(of=partner))

    with pytest.raises(ScopeMissing) as refusal:
        factories.enter(event, 1, actor=acting(partner, "read", "register", "allotment"))

    assert (refusal.value.details["scope"], counts()) == (None, (0, [0]))


@pytest.mark.parametrize(
    "policies", [{}, {"waitlist": "automatic"}, {"registration": "approval"}, {"needs_code": True}]
)
def test_a_bound_key_takes_its_own_seats_or_none(partner: Organization, policies: dict[str, Any]) -> None:
    event = factories.event(capacity=5, **policies)
    factories.quota(event, 1, "allotment", partner=partner)
    actor = acting(partner, "allotment")

    first = nominate(event, 1, partner=partner, actor=actor)
    before = counts()
    with pytest.raises(EventFull) as refusal:
        nominate(event, 2, partner=partner, actor=actor)

    assert (first.status, refusal.value.details) == ("confirmed", {"why": "reserved"})
    assert counts() == before


def test_a_bound_key_does_not_wait_where_a_ceiling_is_reached(partner: Organization) -> None:
    event = factories.event(capacity=5, waitlist="automatic")
    factories.quota(event, 3, "allotment", partner=partner)
    factories.quota(event, 1, "ceiling", partner=partner)
    actor = acting(partner, "allotment")
    nominate(event, 1, partner=partner, actor=actor)
    before = counts()

    with pytest.raises(EventFull):
        nominate(event, 2, partner=partner, actor=actor)

    assert counts() == before


def test_a_bound_key_finds_its_seats_though_others_wait(partner: Organization) -> None:
    event = factories.event(capacity=3, waitlist="automatic")
    factories.quota(event, 2, "allotment", partner=partner)
    factories.crowd(event, range(10, 13))

    made = [nominate(event, number, partner=partner, actor=acting(partner, "allotment")) for number in (1, 2)]

    assert factories.statuses(made) == ["confirmed", "confirmed"]
    assert Registration.objects.filter(status="waitlisted").count() == 2


def test_a_scope_lends_no_role(partner: Organization) -> None:
    event = factories.event(capacity=5)
    factories.quota(event, 1, "allotment", partner=partner)
    key, _secret = factories.issued(partner, scopes=["allotment"])
    key.role = "viewer"  # which no key with this scope is made with

    with pytest.raises(Forbidden):
        nominate(event, 1, partner=partner, actor=key.as_actor())

    assert counts() == (0, [0, 0])


@pytest.mark.parametrize("scopes", [("read",), ("register",), ("allotment",)])
def test_cancelling_takes_having_made_it(partner: Organization, scopes: tuple[str, ...]) -> None:
    registration = factories.register(factories.event(), 1, actor=acting(partner, "register"))

    with pytest.raises(Forbidden):
        registering.cancel(registration=registration, actor=acting(partner, *scopes), now=NOW)

    assert factories.statuses([registration]) == ["confirmed"]
