"""Who sees what, from every side: RULES 1-3, and no organization into another's drafts."""

from types import MappingProxyType

import pytest

from events import policies
from events.models import ANONYMOUS, SYSTEM, Actor, Event, Organization, Programme, Registration, Session
from events.operations import planning, publishing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ROLES = ("owner", "editor", "viewer", "door")


@pytest.fixture
def ours() -> Organization:
    return factories.organization("Ours")


@pytest.fixture
def world(ours: Organization) -> dict[str, Event]:
    """One event in each state, all of one organization."""
    programme = factories.programme(of=ours)
    hidden = factories.programme("Hidden", of=ours, is_public=False)
    events = {
        "draft": factories.draft("Draft", of=programme),
        "published": factories.event("Published", of=programme),
        "unlisted": factories.event("Unlisted", of=programme, visibility="unlisted"),
        "cancelled": factories.event("Cancelled", of=programme),
        "unpublished": factories.event("Unpublished", of=programme),
        "private programme": factories.event("Private", of=hidden),
    }
    factories.session(events["draft"])
    factories.session(events["published"], starts=NOW + 2 * factories.WEEK)  # a draft inside a published event
    publishing.cancel(event=events["cancelled"], actor=SYSTEM, now=NOW)
    publishing.unpublish(event=events["unpublished"], actor=SYSTEM, now=NOW)
    return events


def titles(rows: object) -> set[str]:
    return set(rows.values_list("title_en", flat=True))  # type: ignore[attr-defined]


def stranger() -> Actor:
    return factories.member(factories.organization("Theirs"), "owner")


def test_everybody_finds_what_is_published_or_called_off_and_listed(world: dict[str, Event]) -> None:
    for actor in (ANONYMOUS, stranger()):
        assert titles(Event.objects.visible_to(actor)) == {"Published", "Cancelled"}
        assert {s.event.title_en for s in Session.objects.visible_to(actor)} == {"Published", "Cancelled"}
        assert Session.objects.visible_to(actor).filter(status="draft").count() == 0


def test_who_knows_the_address_reads_the_unlisted_one_too(world: dict[str, Event]) -> None:
    for actor in (ANONYMOUS, stranger()):
        assert titles(Event.objects.readable_by(actor)) == {"Published", "Cancelled", "Unlisted"}
        assert Session.objects.readable_by(actor).count() == 3


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_members_see_all_that_is_theirs(world: dict[str, Event], ours: Organization, role: str) -> None:
    member = factories.member(ours, role)  # type: ignore[arg-type]

    assert Event.objects.visible_to(member).count() == len(world)
    assert Session.objects.readable_by(member).count() == Session.objects.count()


def test_door_staff_see_what_everybody_sees(world: dict[str, Event], ours: Organization) -> None:
    assert titles(Event.objects.visible_to(factories.member(ours, "door"))) == {"Published", "Cancelled"}


def test_a_private_programme_is_its_organizations_alone(world: dict[str, Event], ours: Organization) -> None:
    assert titles(Programme.objects.visible_to(ANONYMOUS)) == {"BIFF Workshops"}
    assert titles(Programme.objects.visible_to(stranger())) == {"BIFF Workshops"}
    assert Programme.objects.visible_to(factories.member(ours, "viewer")).count() == 2


def test_attendees_are_for_owners_and_editors_of_their_own_organization(
    world: dict[str, Event], ours: Organization
) -> None:
    factories.register(world["published"], 1)

    seen = {role: Registration.objects.visible_to(factories.member(ours, role)).count() for role in ROLES}  # type: ignore[arg-type]

    assert seen == {"owner": 1, "editor": 1, "viewer": 0, "door": 0}
    assert [Registration.objects.visible_to(actor).count() for actor in (ANONYMOUS, stranger(), SYSTEM)] == [0, 0, 1]


ALLOWED = {
    "owner": {"read", "edit organization", "plan", "edit", "attendees", "people", "topics"},
    "editor": {"read", "plan", "edit", "attendees", "topics"},
    "viewer": {"read"},
    "door": set(),
}


def allowed(actor: Actor, organization: Organization, event: Event) -> set[str]:
    asked = {
        "read": policies.can_read_organization(actor, organization),
        "edit organization": policies.can_edit_organization(actor, organization),
        "plan": policies.can_plan_for(actor, organization),
        "edit": policies.can_edit(actor, event) and policies.can_edit_programme(actor, event.programme),
        "attendees": policies.can_read_attendees(actor, event),
        "people": policies.can_manage_people(actor, organization),
        "topics": policies.can_name_topics(actor),
    }
    return {name for name, answer in asked.items() if answer}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(ours: Organization, role: str) -> None:
    event = factories.draft(of=factories.programme(of=ours))

    assert allowed(factories.member(ours, role), ours, event) == ALLOWED[role]  # type: ignore[arg-type]


def test_a_key_acts_as_its_role_but_never_on_people(ours: Organization) -> None:
    event = factories.draft(of=factories.programme(of=ours))

    assert allowed(factories.key_actor(ours, "owner"), ours, event) == ALLOWED["owner"] - {"people"}


def test_the_owner_of_another_organization_may_do_nothing_here(ours: Organization) -> None:
    event = factories.draft(of=factories.programme(of=ours))

    assert allowed(stranger(), ours, event) == {"topics"}
    assert allowed(ANONYMOUS, ours, event) == set()


def test_an_event_that_moves_to_another_organization_takes_its_rights_along(ours: Organization) -> None:
    event = factories.draft(of=factories.programme(of=ours))
    theirs = factories.organization("Theirs")
    other = factories.programme("Other", of=theirs)

    planning.amend_event(event=event, fields={"programme": other}, actor=SYSTEM, now=NOW)

    fresh = Event.objects.get()
    assert policies.can_edit(factories.member(ours, "owner"), fresh) is False
    assert policies.can_edit(factories.member(theirs, "editor"), fresh) is True


def test_what_idempotency_keys_are_scoped_by_is_the_credential() -> None:
    actors = (ANONYMOUS, Actor(kind="person", person_id=1), Actor(kind="key", key_id=1), SYSTEM)

    assert [actor.credential for actor in actors] == ["anonymous", "person:1", "key:1", "anonymous"]
    assert Actor(roles=MappingProxyType({1: "owner"})).organizations(frozenset({"editor"})) == frozenset()
