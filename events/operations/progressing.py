"""Registrations go from one state to the next, along the one table of transitions; each step has its Change.

Called inside the transaction of the operation that moves them, which holds the locks of their event's pools.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from events import outbox
from events.models import TRANSITIONS, Actor, Registration


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
    ids = [registration.pk for registration in registrations]
    Registration.objects.filter(pk__in=ids).update(**values, sequence=F("sequence") + 1)
    for registration in registrations:
        registration.sequence += 1
        for name, value in values.items():
            setattr(registration, name, value)
    record(registrations=registrations, befores=befores, reason=reason, actor=actor, now=now)


def begun(*, registration: Registration, reason: str, actor: Actor, now: datetime) -> None:
    """A registration that was just inserted has the Change that says so."""
    record(registrations=[registration], befores=[""], reason=reason, actor=actor, now=now)


def record(
    *, registrations: Sequence[Registration], befores: Collection[str], reason: str, actor: Actor, now: datetime
) -> None:
    """One Change for each. What people wrote stands on the registration: changes hold no personal data (RULES 29)."""
    outbox.record_changes(
        [
            outbox.change(
                kind=f"registration.{registration.status}",
                actor=actor,
                now=now,
                organization_id=registration.event.programme.organization_id,
                event=registration.event,
                registration=registration,
                before={"status": before} if before else {},
                after={"status": registration.status},
                reason=reason,
            )
            for registration, before in zip(registrations, befores, strict=True)
        ]
    )
