"""Who may do what with an object that is already loaded. Which rows somebody sees: `visible_to` on the QuerySets."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from events.errors import Forbidden
from events.models import Actor, Event, Organization, Programme, Registration, Session
from events.models.actor import EDITING, MAKING, READING

ATTENDEE_READING = frozenset({"owner", "editor"})


class ScopeMissing(Forbidden):
    """The key has scopes, and not the one that opens this; `scope` names it, null where none does."""

    code = "scope_missing"


def refuse_unless(allowed: bool) -> None:
    """Forbidden unless a policy allows it."""
    if not allowed:
        raise Forbidden(_("Your role does not allow this."))


def refuse_without_scope(actor: Actor, among: Collection[str]) -> None:
    """ScopeMissing for a key with scopes that has none of these; nobody else is narrowed by scopes.

    The first of `among` is the one that is named. None at all: no scope opens this.
    """
    if actor.grant is None or actor.grant.scopes.intersection(among):
        return
    scope = next(iter(among), None)
    if scope is None:
        raise ScopeMissing(_("No scope opens this: it takes a key without scopes, or a member in person."), scope=None)
    raise ScopeMissing(_("This API key lacks the scope “%(scope)s”.") % {"scope": scope}, scope=scope)


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


def can_read_some_attendees(actor: Actor) -> bool:
    """Whether there can be anything in a list of registrations: those of one's events, or those that a key made."""
    return can_name_topics(actor) or bool(actor.grant and actor.grant.scopes & MAKING)


def can_read_figures(actor: Actor, event: Event) -> bool:
    """Numbers about an event's attendees, without any of them: a key that may read has them, if its role has."""
    if can_read_attendees(actor, event):
        return True
    owner = event.programme.organization_id
    grant = actor.grant if owner in actor.organizations(READING) else None
    return grant is not None and grant.role in ATTENDEE_READING


def can_read_quotas(actor: Actor) -> bool:
    """Whether there can be anything in a list of quotas: one's own, or those that others set aside."""
    return can_read_somewhere(actor) or bool(actor.nominating)


def can_nominate(actor: Actor, partner: Organization) -> bool:
    """Choose people in that organization's name, for seats that others set aside for it."""
    return actor.is_operator or partner.pk in actor.nominating


def is_bound_to_own_seats(actor: Actor) -> bool:
    """Whether it fills the seats of its own organization and no others: a key that nominates and does not register."""
    return actor.grant is not None and "register" not in actor.grant.scopes


def acts_for_attendee(actor: Actor, registration: Registration) -> bool:
    """Whether it is the attendee who acts, by the code or through the key that made it; not who organizes or chose."""
    return actor.kind == "anonymous" or (actor.grant is not None and registration.partner_id is None)


def can_manage_people(actor: Actor, organization: Organization) -> bool:
    """Members, roles, keys and webhooks: owners in person. A key acts without people management (RULES 14)."""
    return actor.kind != "key" and _holds(actor, organization.pk, frozenset({"owner"}))


def can_manage_somewhere(actor: Actor) -> bool:
    """Whether there can be anything in a list of what owners manage in person."""
    return actor.kind != "key" and (actor.is_operator or bool(actor.organizations(frozenset({"owner"}))))


def can_name_topics(actor: Actor) -> bool:
    """Topics are shared: whoever edits somewhere may add one; only operators change what others use."""
    return actor.is_operator or bool(actor.organizations(EDITING))


def can_change_shared_words(actor: Actor) -> bool:
    return actor.is_operator
