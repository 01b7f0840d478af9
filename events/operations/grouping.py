"""Register a group: one booker, several named people, each with a registration of their own; all of them or none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from events import outbox
from events.capacity import Shortage, Who
from events.errors import DomainError, Invalid
from events.models import Actor, Delivery, Event, Group, Registration, SeatPool
from events.operations import clashing, entering, registering, seating, waitlisting
from events.operations.committing import all_or_nothing
from events.operations.entering import Applicant, Door, Entering
from events.policies import refuse_without_scope


@dataclass(frozen=True, slots=True)
class Booked:
    """A group and its registrations, in the order in which the people were named."""

    group: Group
    registrations: list[Registration]


def register(
    *, event: Event, booker: Applicant, people: Sequence[Applicant], actor: Actor, now: datetime,
    door: Door | None = None, is_staff: bool = False,
) -> Booked:  # fmt: skip
    """All these people are confirmed, or offered, or wait as one, or have applied; or nobody is.

    The booker need not be among them. Locks and refusals as `registering.register`; the field of a refusal says whose
    it is ("people/1/email"). Invalid for an empty group, a larger one than the event takes, or an address named twice.
    """
    refuse_without_scope(actor, entering.scopes_for(booker, is_staff=is_staff))
    _check_size(event, people)
    door = door or entering.door_of(event)
    key = entering.key_of(booker)
    asked = []
    for index, person in enumerate(people):
        named = replace(person, code=booker.code, partner=booker.partner)
        with _about(index):
            one = entering.prepare(event=event, door=door, applicant=named, actor=actor, now=now, is_staff=is_staff)
        asked.append(one)
    _refuse_twice(asked)
    return _book(booker, key, asked)


@all_or_nothing
def _book(booker: Applicant, key: str, asked: Sequence[Entering]) -> Booked:
    first = asked[0]
    event, pools = entering.lock_event(event=first.event, is_staff=first.is_staff, now=first.now)
    for index, one in enumerate(asked):
        with _about(index):
            if entering.has_live(event, one.key):
                raise entering.already()
    is_chosen = entering.has_own_seats(first, pools[event.pk], number=len(asked))
    invitation = entering.use_code(replace(first, event=event), is_free=is_chosen, times=len(asked))
    group = Group.objects.create(
        event=event, name=booker.name, email=booker.email, email_key=key, language=booker.language,
        created_at=first.now,
    )  # fmt: skip
    party = [replace(one, event=event, invitation=invitation, group=group) for one in asked]
    clashing.lock_all(keys=[one.key for one in party], event=event)
    for index, one in enumerate(party):
        with _about(index):
            clashing.refuse(key=one.key, event=event, is_proven=one.is_proven, is_staff=one.is_staff, now=one.now)
    booked = Booked(group, _enter(party, pools))
    outbox.order([_message(booked, first)])
    return booked


def _message(booked: Booked, first: Entering) -> Delivery:
    """What the booker has; everybody named has mail of their own."""
    return Delivery(
        channel="mail", lane="urgent", kind="group.booked", group=booked.group, created_at=first.now,
        organization_id=first.event.programme.organization_id,
    )  # fmt: skip


def _enter(party: Sequence[Entering], pools: dict[int, list[SeatPool]]) -> list[Registration]:
    event, now = party[0].event, party[0].now
    if party[0].must_apply and not entering.has_own_seats(party[0], pools[event.pk], number=len(party)):
        return [registering.apply(one) for one in party]
    is_contested = waitlisting.is_awaited(event)
    served = waitlisting.fill(event=event, pools=pools[event.pk], now=now) if is_contested else waitlisting.Served()
    hall = seating.hall(SeatPool.objects.filter(event=event).order_by("pk"))
    placings = Shortage("full") if served.held else hall.place_all([_who(one) for one in party])
    entering.refuse_other_seats(party[0], placings, pools[event.pk])
    if not isinstance(placings, Shortage):
        waitlisting.pass_over(event=event, served=served, now=now)
        return [registering.seat(one, placing) for one, placing in zip(party, placings, strict=True)]
    can_ever_sit = not isinstance(hall.emptied().place_all([_who(one) for one in party]), Shortage)
    if not waitlisting.is_kept(event, now) or not can_ever_sit:
        raise entering.full(placings)
    return registering.wait(party, pools)


def _who(one: Entering) -> Who:
    return Who(audience=one.audience_id, partner=one.partner_id)


def _check_size(event: Event, people: Sequence[Applicant]) -> None:
    if not 1 <= len(people) <= event.most_in_group:
        raise Invalid(
            _("A group has 1 to %(most)d people here.") % {"most": event.most_in_group}, field="people",
            most=event.most_in_group,
        )  # fmt: skip


def _refuse_twice(asked: Sequence[Entering]) -> None:
    keys = [one.key for one in asked]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise Invalid(_("Each person needs an address of their own."), field=f"people/{index}/email")


@contextmanager
def _about(index: int) -> Iterator[None]:
    """A refusal inside says which person it is about."""
    try:
        yield
    except DomainError as refusal:
        refusal.field = f"people/{index}/{refusal.field}" if refusal.field else f"people/{index}"
        raise
