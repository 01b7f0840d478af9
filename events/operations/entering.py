"""Who wants to come, the event as they meet it, and what refuses them: looked at before any lock, and under it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, Exists, IntegerField, OuterRef
from django.utils.translation import gettext as _

from events.capacity import Placing, Shortage
from events.errors import DomainError, Forbidden, Invalid
from events.models import (
    ANONYMOUS,
    Actor,
    Audience,
    Event,
    Group,
    Invitation,
    Organization,
    Person,
    Programme,
    Question,
    Registration,
    SeatPool,
    Series,
    email_key,
)
from events.models.prepared import Prepared, Slot
from events.operations import answering, inviting, seating, waitlisting
from events.operations.committing import Outgrown
from events.policies import can_edit, can_nominate, is_bound_to_own_seats, refuse_without_scope

# A name goes into mails to others: it is no place for an advertisement (SAFETY 4.2).
LOOKS_LIKE_AN_ADDRESS = re.compile(r"://|www\.|[\w-]+\.(com|net|org|kr|io)\b", re.IGNORECASE)
JOINERS = str.maketrans("", "", "\u200c\u200d")  # invisible, and part of names in some scripts

# In the order of the models, which `from_db` reads them in.
EVENT = ("id", "slug", "programme_id", "series_id", "status", "registration", "waitlist", "passes_groups", "needs_code",
         "needs_proof", "proof_minutes", "registration_opens_at", "registration_closes_at", "first_starts_at",
         "revision")  # fmt: skip
POOL = ("id", "kind", "seats", "taken", "is_unlimited", "is_plain")
PROGRAMME = ("id", "organization_id", "clashes", "travel_minutes")
SERIES = ("id", "allows_repeats")
AUDIENCE = ("id", "slug")
WHOLE = (*EVENT, *(f"programme__{name}" for name in PROGRAMME), *(f"series__{name}" for name in SERIES))
DOOR = (
    *WHOLE,
    *(f"pools__{name}" for name in POOL),
    "asks",
    *(f"audiences__{name}" for name in AUDIENCE),
)


class EventFull(DomainError):
    """No seat is left, and the event keeps no waitlist."""

    code = "event_full"


class RegistrationClosed(DomainError):
    """The event takes no registrations now: not yet, no longer, or never."""

    code = "registration_closed"


class EventCancelled(DomainError):
    """The event was called off."""

    code = "event_cancelled"


class AlreadyRegistered(DomainError):
    """That address has a live registration for the event. Says no more: the caller is unproven (RULES 11)."""

    code = "already_registered"


class NotEligible(DomainError):
    """The event is for other audiences."""

    code = "not_eligible"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to come. `audience` is what they say they are; the address is compared by `email_key`.

    `code` is an invitation code, `partner` who nominates them, `accepts` the runs of the series that they would take
    instead (none: any later one).
    """

    name: str
    email: str
    language: str = "ko"
    audience: Audience | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    partner: Organization | None = None
    accepts: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class Door:
    """An event as who registers meets it. `pool`: the open one. `audiences`: whom it is for; none: everybody."""

    event: Event
    pool: SeatPool
    audiences: Iterable[Audience]
    asks: bool


@dataclass(frozen=True, slots=True)
class Entering:
    """One request to come, with what was found out before any lock. `is_staff`: an organizer enters it."""

    event: Event
    applicant: Applicant
    key: str
    answers: Mapping[str, Any]
    actor: Actor
    now: datetime
    is_staff: bool
    is_proven: bool
    invitation: Invitation | None = None
    group: Group | None = None

    @property
    def partner_id(self) -> int | None:
        """Who nominates them, by themselves or by the code of an allotment."""
        if self.applicant.partner is not None:
            return self.applicant.partner.pk
        return self.invitation.pool.partner_id if self.invitation and self.invitation.pool else None

    @property
    def audience_id(self) -> int | None:
        if self.invitation is not None and self.invitation.audience_id is not None:
            return self.invitation.audience_id
        return self.applicant.audience.pk if self.applicant.audience else None

    @property
    def must_apply(self) -> bool:
        """Whether somebody has to approve it first: not what an organizer, or a partner for its own seats, chose."""
        return self.event.registration == "approval" and not self.is_staff

    @property
    def must_prove(self) -> bool:
        return self.event.needs_proof and not self.is_proven


def door(*, slug: str, actor: Actor) -> Door | None:
    """The door of the event with that slug, with what registering reads of it: one statement.

    Other columns are read when somebody asks for them. None where the actor may read no such event.
    """
    rows = _door.rows(slug=slug) if actor == ANONYMOUS else _doors(actor).filter(slug=slug).values_list(*DOOR)
    found = [_cut(row, WHOLE, POOL, ("asks",), AUDIENCE) for row in rows]  # a row for each audience
    if not found:
        return None
    whole, pool, (asks,), _audience = found[0]
    audiences = [Audience.from_db(DEFAULT_DB_ALIAS, AUDIENCE, values) for *_others, values in found if values[0]]
    return Door(_event(whole), SeatPool.from_db(DEFAULT_DB_ALIAS, POOL, pool), audiences, bool(asks))


def _event(whole: Sequence[Any]) -> Event:
    """The event with its programme and series."""
    own, programme, series = _cut(whole, EVENT, PROGRAMME, SERIES)
    event = Event.from_db(DEFAULT_DB_ALIAS, EVENT, own)
    event.programme = Programme.from_db(DEFAULT_DB_ALIAS, PROGRAMME, programme)
    event.series = Series.from_db(DEFAULT_DB_ALIAS, SERIES, series) if series[0] else None
    return event


def _cut(row: Sequence[Any], *parts: Sequence[str]) -> list[Sequence[Any]]:
    """The row in pieces as long as these."""
    ends = list(accumulate(map(len, parts)))
    return [row[end - len(part) : end] for part, end in zip(parts, ends, strict=True)]


def _doors(actor: Actor) -> Any:
    asks = Exists(Question.objects.filter(event=OuterRef("pk")))
    return Event.objects.readable_by(actor).filter(pools__kind="open").annotate(asks=asks).order_by("pk")


_door = Prepared(lambda: _doors(ANONYMOUS).filter(slug=Slot("slug", CharField())).values_list(*DOOR))
_now = Prepared(lambda: Event.objects.filter(pk=Slot("event", IntegerField())).order_by("pk").values_list(*WHOLE))
_live = Prepared(
    lambda: (
        Registration.objects.live()
        .filter(event=Slot("event", IntegerField()), email_key=Slot("key", CharField()))
        .values_list("pk")
    )
)


def prepare(
    *, event: Event, door: Door, applicant: Applicant, actor: Actor, now: datetime, is_staff: bool = False
) -> Entering:
    """The request, as far as it can be judged without a lock. What can change meanwhile is judged again under it."""
    refuse_without_scope(actor, scopes_for(applicant, is_staff=is_staff))
    key = key_of(applicant)
    if is_staff and not can_edit(actor, event):
        raise Forbidden(_("Your role does not allow this."), field="by_organizer")
    if not is_staff:
        _refuse_by_state(event, now)
    _refuse_other_audiences(door, applicant.audience)
    _refuse_foreign_partner(event, applicant, actor)
    _refuse_foreign_runs(event, applicant)
    answers = _answers(event, applicant, needs_all=not is_staff) if door.asks else applicant.answers
    is_proven = is_staff or (actor.kind == "person" and _is_own(actor, key))
    return Entering(event, applicant, key, answers, actor, now, is_staff, is_proven)


def scopes_for(applicant: Applicant, *, is_staff: bool) -> tuple[str, ...]:
    """The scope that a key with scopes needs to bring them in; none lets it do so as an organizer."""
    if is_staff:
        return ()
    return ("register",) if applicant.partner is None else ("allotment",)


def lock_event(*, event: Event, is_staff: bool, now: datetime) -> tuple[Event, dict[int, list[SeatPool]]]:
    """The event as it is now, and the locked pools of all runs of its waitlist. Raises what its state refuses."""
    pools = waitlisting.lock(event)
    row = _now.first(event=event.pk)
    if row is None:
        raise Event.DoesNotExist  # nobody deletes events
    fresh = _event(row)
    if fresh.series_id != event.series_id:
        raise Outgrown  # it joined another series meanwhile, whose runs are not locked
    if not is_staff:
        _refuse_by_state(fresh, now)
    elif fresh.status == "cancelled":
        raise EventCancelled(_("This event was called off."))
    elif fresh.status != "published":
        raise _no_registrations()
    return fresh, pools


def has_own_seats(entering: Entering, pools: Iterable[SeatPool], *, number: int = 1) -> bool:
    """Whether so many people can sit in seats that are reserved for the partner who nominates them.

    Then it is the partner who chooses: no code, no approval. Beyond their own seats they come as everybody does, but
    for a key that is bound to them: that is EventFull.
    """
    free = any(pool.taken + number <= pool.seats for pool in _own(entering, pools))
    if not free and is_bound_to_own_seats(entering.actor):
        raise full(Shortage("reserved"))
    return free


def refuse_other_seats(
    entering: Entering, placings: Sequence[Placing] | Placing | Shortage, pools: Iterable[SeatPool]
) -> None:  # fmt: skip
    """EventFull for a key that is bound to its own organization's seats, where these are others, or none."""
    if not is_bound_to_own_seats(entering.actor):
        return
    own = {pool.pk for pool in _own(entering, pools)}
    all_of_them = [placings] if isinstance(placings, Placing) else placings
    if isinstance(all_of_them, Shortage) or any(placing.pool not in own for placing in all_of_them):
        raise full(Shortage("reserved"))


def _own(entering: Entering, pools: Iterable[SeatPool]) -> list[SeatPool]:
    """The reserved seats of the partner who nominates them."""
    if entering.partner_id is None:
        return []
    given = (pool for pool in pools if pool.is_reserved and pool.released_at is None)
    return [pool for pool in given if pool.partner_id == entering.partner_id]


def use_code(entering: Entering, *, is_free: bool, times: int = 1) -> Invitation | None:
    """The invitation that lets them in, counted; None where none is needed (`is_free`). Raises CodeRequired."""
    event, code = entering.event, entering.applicant.code
    if not code and (not event.needs_code or entering.is_staff or is_free):
        return None
    invitation = inviting.find(event=event, code=code, now=entering.now)
    inviting.use(invitation=invitation, times=times, now=entering.now)
    return invitation


def refusal(*, event: Event, now: datetime, door: Door | None = None) -> DomainError | None:
    """What stands in the way of registering now, told before somebody fills in a form; None: nothing does.

    Reads `event.pools` if prefetched, unless the event's `door` is given.
    """
    try:
        _refuse_by_state(event, now)
    except DomainError as reason:
        return reason
    if waitlisting.is_kept(event, now) or event.registration == "approval":
        return None
    if door is not None:
        return full() if door.pool.is_plain and door.pool.seats_left == 0 else None
    return full() if seating.hall(event.pools.all(), with_holders=False).is_full else None


def door_of(event: Event) -> Door:
    """The door of a loaded event; reads pools, audiences and questions, if they are not prefetched."""
    pool = next(pool for pool in event.pools.all() if pool.kind == "open")
    return Door(event, pool, event.audiences.all(), bool(event.questions.all()))


def is_a_name(text: str) -> bool:
    """Whether it can be somebody's name: one line, nothing invisible that changes how it reads, no address."""
    return bool(text.strip()) and text.translate(JOINERS).isprintable() and not LOOKS_LIKE_AN_ADDRESS.search(text)


def key_of(applicant: Applicant) -> str:
    if not is_a_name(applicant.name):
        raise Invalid(_("Write a name only, without addresses or line breaks."), field="name")
    try:
        key = email_key(applicant.email)
    except ValueError as error:
        raise Invalid(_("This is not an e-mail address."), field="email") from error
    if key.isascii() and not applicant.email.rpartition("@")[0].isascii():  # ſ and the Kelvin sign look like s and K
        raise Invalid(_("This is not an e-mail address."), field="email")
    return key


def _answers(event: Event, applicant: Applicant, *, needs_all: bool) -> Mapping[str, Any]:
    questions = event.questions.order_by("position", "pk")
    return answering.check(questions=questions, answers=applicant.answers, needs_all=needs_all)


def _refuse_other_audiences(door: Door, audience: Audience | None) -> None:
    if audience is not None and (audiences := list(door.audiences)) and audience not in audiences:
        raise NotEligible(_("This event is for other audiences."), field="audience")


def _refuse_foreign_partner(event: Event, applicant: Applicant, actor: Actor) -> None:
    """Nominees need no code and no approval, so that nobody but whom the organizer gave seats may nominate."""
    partner = applicant.partner
    if partner is None or can_edit(actor, event):
        return
    if not can_nominate(actor, partner):
        raise Forbidden(_("Only the partner itself nominates people."), field="partner")
    if not SeatPool.objects.filter(event=event, partner=partner).exists():
        raise Forbidden(_("No seats of this event are set aside for this partner."), field="partner")


def _refuse_foreign_runs(event: Event, applicant: Applicant) -> None:
    if any(run.series_id is None or run.series_id != event.series_id for run in applicant.accepts):
        raise Invalid(_("These are no runs of the same series."), field="accepts")


def _refuse_by_state(event: Event, now: datetime) -> None:
    if event.status == "cancelled":
        raise EventCancelled(_("This event was called off."))
    if event.status != "published" or event.registration == "none":
        raise _no_registrations()
    if event.registration_opens_at is not None and now < event.registration_opens_at:
        opens_at = event.registration_opens_at.isoformat()
        raise RegistrationClosed(_("Registration has not opened yet."), opens_at=opens_at)
    if event.closes_at is not None and now >= event.closes_at:
        raise RegistrationClosed(_("Registration has closed."), closed_at=event.closes_at.isoformat())


def _is_own(actor: Actor, key: str) -> bool:
    return Person.objects.filter(pk=actor.person_id or 0, email_key=key).exists()


def has_live(event: Event, key: str) -> bool:
    """Whether the person has a live registration for the event, or for another run of a series without repeats."""
    if _live.first(event=event.pk, key=key) is not None:
        return True
    if event.series is None or event.series.allows_repeats:
        return False
    return Registration.objects.live().filter(series_once=event.series, email_key=key).exists()


def already() -> AlreadyRegistered:
    return AlreadyRegistered(_("This address is registered for the event already."), field="email")


def _no_registrations() -> RegistrationClosed:
    return RegistrationClosed(_("This event takes no registrations."))


def full(shortage: Shortage | None = None) -> EventFull:
    """The refusal of an event that keeps no waitlist."""
    if shortage is not None and shortage.reason in ("reserved", "ceiling"):
        return EventFull(_("The seats for you are all taken."), why=shortage.reason)
    return EventFull(_("All seats are taken."))
