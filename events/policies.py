"""Who may do what with an object that is already loaded. Which rows somebody sees: `visible_to` on the QuerySets."""

from django.utils.translation import gettext as _

from events.errors import Forbidden
from events.models import Actor, Event, Organization, Programme, Session
from events.models.actor import EDITING, READING

ATTENDEE_READING = frozenset({"owner", "editor"})


def refuse_unless(allowed: bool) -> None:
    """Forbidden unless a policy allows it."""
    if not allowed:
        raise Forbidden(_("Your role does not allow this."))


def _holds(actor: Actor, organization_id: int, among: frozenset[str]) -> bool:
    return actor.is_operator or actor.roles.get(organization_id) in among


def can_read_organization(actor: Actor, organization: Organization) -> bool:
    return _holds(actor, organization.pk, READING)


def can_read_somewhere(actor: Actor) -> bool:
    """Whether there can be anything in a list of what organizations keep to themselves."""
    return actor.is_operator or bool(actor.organizations(READING))


def can_edit_organization(actor: Actor, organization: Organization) -> bool:
    return _holds(actor, organization.pk, frozenset({"owner"}))


def can_plan_for(actor: Actor, organization: Organization) -> bool:
    """Create and change programmes, events, speakers and venues of the organization."""
    return _holds(actor, organization.pk, EDITING)


def can_edit_programme(actor: Actor, programme: Programme) -> bool:
    return _holds(actor, programme.organization_id, EDITING)


def can_edit(actor: Actor, event: Event) -> bool:
    return _holds(actor, event.programme.organization_id, EDITING)


def can_edit_session(actor: Actor, session: Session) -> bool:
    return can_edit(actor, session.event)


def can_read_attendees(actor: Actor, event: Event) -> bool:
    return _holds(actor, event.programme.organization_id, ATTENDEE_READING)


def can_manage_people(actor: Actor, organization: Organization) -> bool:
    """Members, roles and keys: owners in person. A key acts as a member without people management (RULES 14)."""
    return actor.kind != "key" and _holds(actor, organization.pk, frozenset({"owner"}))


def can_name_topics(actor: Actor) -> bool:
    """Topics are shared: whoever edits somewhere may add one; only operators change what others use."""
    return actor.is_operator or bool(actor.organizations(EDITING))


def can_change_shared_words(actor: Actor) -> bool:
    return actor.is_operator
