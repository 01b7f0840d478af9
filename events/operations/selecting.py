"""Choose among applications: approve, decline, shortlist, or draw by lot with a seed that was promised before.

All in bulk, each with its Change. The same seats, quotas and waitlist as everywhere (docs/decisions/0015).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from events import outbox
from events.capacity import Shortage
from events.errors import DomainError, Invalid
from events.models import Actor, Draw, Event, Registration, SeatPool
from events.operations import admitting, clashing, progressing, publishing, registering, seating, waitlisting
from events.operations.admitting import Placed
from events.operations.committing import all_or_nothing


class NotAnApplication(DomainError):
    """Among the named registrations is one that is no application any more, or not of this event."""

    code = "not_an_application"


class DrawNotPossible(DomainError):
    """There is nothing to draw, it was drawn already, or people may still apply."""

    code = "draw_not_possible"


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one application: its status now, and why it got no seat, if it did not."""

    registration: Registration
    why: str = ""


@all_or_nothing
def approve(*, event: Event, registrations: Sequence[Registration], actor: Actor, now: datetime) -> list[Decided]:
    """These applications, in this order, have seats, or stand on the waitlist, or stay as they are where there is none.

    Who waits already is served first. Locks the event's pools, the applications. Raises NotAnApplication.
    """
    fresh, pools = _lock(event)
    rows = _lock_applications(fresh, registrations)
    return _admit(fresh, rows, pools, reason="approved", actor=actor, now=now)


@all_or_nothing
def decline(
    *, event: Event, registrations: Sequence[Registration], actor: Actor, now: datetime, reason: str = ""
) -> list[Decided]:
    """The organizer refuses these: applications, people who wait, offers. What they held is the next one's."""
    _fresh, pools = _lock(event)
    rows = _lock_rows(event, registrations, among=("applied", "waitlisted", "offered"))
    for status in sorted({row.status for row in rows}):
        registering.end(
            [row for row in rows if row.status == status], to="declined", pools=pools[event.pk], reason="declined",
            actor=actor, now=now, ended_by="organizer", text=reason,
        )  # fmt: skip
    waitlisting.refill(event_ids=pools, pools=pools, now=now)
    return [Decided(row) for row in rows]


@all_or_nothing
def shortlist(
    *, event: Event, registrations: Sequence[Registration], is_shortlisted: bool, actor: Actor, now: datetime
) -> list[Decided]:
    """These applications are on the organizer's shortlist, or no longer; nobody else hears of it."""
    rows = _lock_applications(event, registrations)
    changed = [row for row in rows if row.is_shortlisted != is_shortlisted]
    Registration.objects.filter(pk__in=[row.pk for row in changed]).update(is_shortlisted=is_shortlisted)
    outbox.record_changes(
        [
            outbox.change(
                kind="application.shortlisted", actor=actor, now=now, event=event, registration=row,
                organization_id=event.programme.organization_id, before={"is_shortlisted": row.is_shortlisted},
                after={"is_shortlisted": is_shortlisted},
            )
            for row in changed
        ]
    )  # fmt: skip
    for row in rows:
        row.is_shortlisted = is_shortlisted
    return [Decided(row) for row in rows]


@all_or_nothing
def announce_draw(*, event: Event, actor: Actor, now: datetime, seed: str = "") -> Draw:
    """A draw is promised: the seed's SHA-256 is public from now on, so that nobody can choose the seed afterwards.

    Locks the event. Raises DrawNotPossible where one was announced already.
    """
    locked = publishing.lock(event=event)
    if locked.registration != "approval":
        raise DrawNotPossible(_("A draw is among applications: let people apply for this event."), field="registration")
    if Draw.objects.filter(event=locked).exists():
        raise DrawNotPossible(_("The draw of this event was announced already."))
    chosen = seed or secrets.token_hex(16)
    if not 8 <= len(chosen) <= 200 or not chosen.isprintable():
        raise Invalid(_("A seed has 8 to 200 printable characters."), field="seed")
    draw = Draw.objects.create(event=locked, seed=chosen, seed_digest=_sha256(chosen), announced_at=now)
    outbox.record_change(
        kind="draw.announced", actor=actor, now=now, organization_id=locked.programme.organization_id, event=locked,
        after={"seed_digest": draw.seed_digest},
    )  # fmt: skip
    return draw


@all_or_nothing
def draw(*, event: Event, actor: Actor, now: datetime) -> Draw:
    """All applications are decided in the order of the lot: seats, then the waitlist, or declined where there is none.

    The order is that of SHA-256(seed, ":", entry). With a shortlist only who stands on it takes part. Locks the event's
    pools, the draw, the applications. Raises DrawNotPossible before registration has closed, or twice.
    """
    fresh, pools = _lock(event)
    row = Draw.objects.select_for_update(of=("self",), no_key=True).filter(event=fresh).first()
    if row is None or row.drawn_at is not None:
        raise DrawNotPossible(_("Announce the draw first.") if row is None else _("The draw has taken place."))
    if fresh.closes_at is None or now < fresh.closes_at:
        raise DrawNotPossible(_("People may still apply: draw when registration has closed."))
    ranked = sorted(_taking_part(fresh), key=lambda one: lot(row.seed, entry_of(one.code)))
    if not ranked:
        raise DrawNotPossible(_("Nobody has applied."))
    decided = _admit(fresh, ranked, pools, reason="drawn", actor=actor, now=now)
    losers = [one.registration for one in decided if one.registration.status == "applied"]
    if losers:
        registering.end(losers, to="declined", pools=pools[fresh.pk], reason="drawn", actor=actor, now=now,
                        ended_by="organizer")  # fmt: skip
    row.results = [[entry_of(one.code), rank, one.status] for rank, one in enumerate(ranked, start=1)]
    row.drawn_at = now
    row.save(update_fields=["results", "drawn_at"])
    outbox.record_change(
        kind="draw.drawn", actor=actor, now=now, organization_id=fresh.programme.organization_id, event=fresh,
        after={"seed": row.seed, "entries": len(ranked)},
    )  # fmt: skip
    return row


def entry_of(code: str) -> str:
    """Under which name a registration takes part: its holder can compute it from the code, nobody else can go back."""
    return _sha256(code)[:16]


def lot(seed: str, entry: str) -> str:
    """The lower comes first. Anybody can compute it: printf '%s' 'SEED:ENTRY' | sha256sum."""
    return _sha256(f"{seed}:{entry}")


def _lock(event: Event) -> tuple[Event, dict[int, list[SeatPool]]]:
    pools = waitlisting.lock(event)
    return Event.objects.select_related("programme", "series").get(pk=event.pk), pools


def _lock_applications(event: Event, registrations: Sequence[Registration]) -> list[Registration]:
    return _lock_rows(event, registrations, among=("applied",))


def _lock_rows(event: Event, registrations: Sequence[Registration], *, among: Sequence[str]) -> list[Registration]:
    """These rows in the given order, as they are now; NotAnApplication unless each is one of those states."""
    wanted = [registration.pk for registration in registrations]
    rows = (
        Registration.objects.filter(pk__in=wanted, event=event, status__in=among)
        .select_for_update(of=("self",), no_key=True)
        .select_related("event__programme")
        .order_by("pk")
    )
    found = {row.pk: row for row in rows}
    wrong = [registration.code for registration in registrations if registration.pk not in found]
    if wrong:
        raise NotAnApplication(_("These are not open for that any more."), field="codes", codes=wrong)
    return [found[pk] for pk in dict.fromkeys(wanted)]


def _taking_part(event: Event) -> list[Registration]:
    rows = Registration.objects.filter(event=event, status="applied").order_by("pk")
    locked = list(rows.select_for_update(of=("self",), no_key=True).select_related("event__programme"))
    return [row for row in locked if row.is_shortlisted] or locked


def _admit(
    event: Event, rows: Sequence[Registration], pools: dict[int, list[SeatPool]], *, reason: str, actor: Actor,
    now: datetime,
) -> list[Decided]:  # fmt: skip
    """Seats in this order, after those who wait; who gets none goes to the end of the waitlist, if there is one."""
    is_contested = waitlisting.waiting_in([event.pk])
    served = waitlisting.fill(event=event, pools=pools[event.pk], now=now) if is_contested else waitlisting.Served()
    hall = seating.hall(SeatPool.objects.filter(event=event).order_by("pk"))
    busy = clashing.busy(keys={row.email_key for row in rows}, event=event)
    placed: list[Placed] = []
    left: list[tuple[Registration, str]] = []
    for row in rows:
        placing = (
            Shortage("full") if served.held else hall.place(seating.who(row)) if row.email_key not in busy else None
        )
        if placing is None or isinstance(placing, Shortage):
            left.append((row, placing.reason if placing else "clash"))
        else:
            placed.append((row, placing))
    admitting.admit(event=event, placed=placed, is_offer=False, reason=reason, actor=actor, now=now)
    if placed:
        waitlisting.pass_over(event=event, served=served, now=now)
    if waitlisting.is_kept(event, now):
        _wait(event, [row for row, _why in left], reason=reason, actor=actor, now=now)
    whys = {row.pk: why for row, why in left}
    return [Decided(row, whys.get(row.pk, "")) for row in rows]


def _wait(event: Event, rows: Sequence[Registration], *, reason: str, actor: Actor, now: datetime) -> None:
    """They stand at the end of the waitlist in this order, a microsecond apart: time is what the waitlist goes by."""
    if not rows:
        return
    since = waitlisting.arrival(event, now)
    seating.contest(event_ids=waitlisting.runs_of(event))
    progressing.move(registrations=rows, to="waitlisted", reason=reason, actor=actor, now=now, waits_since=since)
    for place, row in enumerate(rows):
        row.waits_since = since + timedelta(microseconds=place)
    Registration.objects.bulk_update(rows, ["waits_since"])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
