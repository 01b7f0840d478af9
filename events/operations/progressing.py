"""Registrations go from one state to the next, along the one table of transitions; each step has its Change.

Called inside the transaction of the operation that moves them, which holds the locks of their event's pools.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from events import outbox
from events.models import TRANSITIONS, Actor, Event, Registration


def move(
    *, registrations: Sequence[Registration], to: str, reason: str, actor: Actor, now: datetime, text: str = "",
    **columns: Any,
) -> None:  # fmt: skip
    """All of them are in state `to`, with these columns, in two statements however many they are.

    `reason` is a short code for the history, `text` what somebody wrote. The loaded rows follow the stored ones.
    """
    if not registrations:
        return
    befores = [registration.status for registration in registrations]
    assert all(to in TRANSITIONS[before] for before in befores), f"{set(befores)} may not become {to}"
    values = {"status": to, "reason": text, "passed_for": "", "updated_at": now, **columns}
    left = _left(registrations, columns.get("event"))
    ids = [registration.pk for registration in registrations]
    Registration.objects.filter(pk__in=ids).update(**values, sequence=F("sequence") + 1)
    for registration in registrations:
        registration.sequence += 1
        for name, value in values.items():
            setattr(registration, name, value)
    record(registrations=registrations, befores=befores, reason=reason, actor=actor, now=now, left=left)


def _left(registrations: Sequence[Registration], event: Event | None) -> dict[int, str]:
    """Which run each of them goes away from, by registration id: whoever waited for another one has it to forget."""
    away = [row for row in registrations if event is not None and row.event_id != event.pk]
    slugs = dict(Event.objects.filter(pk__in={row.event_id for row in away}).values_list("pk", "slug")) if away else {}
    return {row.pk: slugs[row.event_id] for row in away}


def begun(*, registration: Registration, reason: str, actor: Actor, now: datetime) -> None:
    """A registration that was just inserted has the Change that says so."""
    record(registrations=[registration], befores=[""], reason=reason, actor=actor, now=now)


def record(
    *, registrations: Sequence[Registration], befores: Collection[str], reason: str, actor: Actor, now: datetime,
    left: Mapping[int, str] | None = None,
) -> None:  # fmt: skip
    """One Change for each. What people wrote stands on the registration: changes hold no personal data (RULES 29)."""
    runs = left or {}
    outbox.record_changes(
        [
            outbox.change(
                kind=f"registration.{registration.status}",
                actor=actor,
                now=now,
                organization_id=registration.event.programme.organization_id,
                event=registration.event,
                registration=registration,
                before=_before(before, runs.get(registration.pk)),
                after={"status": registration.status},
                reason=reason,
            )
            for registration, before in zip(registrations, befores, strict=True)
        ]
    )


def _before(status: str, run: str | None) -> dict[str, str]:
    return {name: value for name, value in (("status", status), ("event", run)) if value}
