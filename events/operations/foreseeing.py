"""Previews: what steps would do, under a fingerprint that tells whether it is still so when they are taken."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from events.errors import DomainError, Invalid
from events.operations import revising
from events.reports import impact
from events.reports.impact import Impact, Step

# A new registration alone makes no preview stale: somebody who would be over, or elsewhere at that time, does.
PARTS = ("sessions", "rooms", "capacity", "attendees", "instructors")
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen; `fingerprint` is a digest of each of PARTS. `states`: each session's, before and after."""

    impact: Impact
    states: Mapping[int, tuple[revising.State, revising.State]]
    fingerprint: str


class StalePreview(DomainError):
    """What was previewed is no longer what would happen; `changed` names the parts, `current` is how it is now."""

    code = "stale_preview"

    def __init__(self, *, changed: Sequence[str], current: Preview) -> None:
        super().__init__(
            _("Something changed since the preview. Look at it again: %(parts)s.") % {"parts": ", ".join(changed)},
            field="fingerprint", changed=list(changed), current_fingerprint=current.fingerprint,
        )  # fmt: skip
        self.current = current


def preview(steps: Sequence[Step], *, capacities: Mapping[int, int | None] | None = None) -> Preview:
    """What these steps would do, where these events seat so many then.

    Writes nothing; a constant number of statements.
    """
    found, now = impact.of(steps, capacities or {}), revising.states([step.before for step in steps])
    states = {step.before.pk: (now[step.before.pk], _becomes(step, now[step.before.pk])) for step in steps}
    return Preview(found, states, ".".join(_digest(part) for part in _parts(found, states)))


def refuse_stale(*, current: Preview, seen: str | None) -> None:
    """StalePreview unless the caller saw this preview, or did not say which one; Invalid for no fingerprint of ours."""
    if seen is None or seen == current.fingerprint:
        return
    digests = seen.split(".")
    if len(digests) != len(PARTS) or any(len(digest) != DIGITS for digest in digests):
        raise Invalid(_("Send the fingerprint of a preview."), field="fingerprint")
    now = current.fingerprint.split(".")
    changed = [part for part, was, is_now in zip(PARTS, digests, now, strict=True) if was != is_now]
    raise StalePreview(changed=changed, current=current)


def _becomes(step: Step, now: revising.State) -> revising.State:
    return revising.state_of(step.after, speakers=now["speakers"] if step.speakers is None else step.speakers)


def _parts(found: Impact, states: Mapping[int, tuple[revising.State, revising.State]]) -> list[Any]:
    """What of it counts, part by part and JSON-ready, in the order of PARTS."""
    taken = [[row.session.pk, row.starts_at, row.ends_at, row.by] for row in found.taken]
    closed = [row.session.pk for row in found.closed]  # why is a sentence, in the language of who asks
    return [
        [[pk, *states[pk]] for pk in sorted(states)],
        [taken, closed],
        [[row.event.pk, row.event.capacity, row.becomes, row.room_seats, row.over] for row in found.seats],
        [[row.event.pk, row.other.pk if row.other else None, row.people] for row in found.crossings.rows],
        [[row.speaker.pk, row.session.pk, row.other, row.starts_at, row.ends_at] for row in found.doubles],
    ]


def _digest(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, default=str, sort_keys=True).encode()).hexdigest()[:DIGITS]
