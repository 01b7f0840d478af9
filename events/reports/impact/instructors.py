"""Instructors who would be in two sessions at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from events.models import Session, SessionSpeaker, Speaker
from events.reports.impact.steps import Step


class Double(NamedTuple):
    """The instructor of a session is in another one then; `other` None: one of another organization."""

    speaker: Speaker
    session: Session
    other: UUID | None
    starts_at: datetime
    ends_at: datetime


def doubles(steps: Sequence[Step]) -> list[Double]:
    """What `occupying.check_speakers` would refuse once all sessions have moved. Two statements."""
    judged = {step.after.pk: step for step in steps if step.moves_in_time or step.speakers is not None}
    after = {step.after.pk: step for step in steps}
    if not judged:
        return []
    teaching = _teaching(judged)
    speakers = Speaker.objects.in_bulk({pk for ids in teaching.values() for pk in ids})
    rows = _billings(speakers, judged, after)
    found = []
    for session_id, ids in teaching.items():
        mine = after[session_id].after
        for speaker_id, other in rows:
            if speaker_id in ids and other.pk != mine.pk and _overlap(mine, other):
                own = _organization(other) == _organization(mine)
                uid = other.uid if own else None
                found.append(Double(speakers[speaker_id], mine, uid, other.starts_at, other.ends_at))
    return sorted(found, key=lambda row: (row.session.starts_at, row.session.pk, row.speaker.pk, row.starts_at))


def _teaching(judged: dict[int, Step]) -> dict[int, set[int]]:
    """Who would speak in each of these sessions."""
    found: dict[int, set[int]] = {pk: set(step.speakers or ()) for pk, step in judged.items()}
    same = [pk for pk, step in judged.items() if step.speakers is None]
    rows = SessionSpeaker.objects.filter(session__in=same).order_by()
    for session_id, speaker_id in rows.values_list("session", "speaker"):
        found[session_id].add(speaker_id)
    return found


def _billings(
    speakers: dict[int, Speaker], judged: dict[int, Step], after: dict[int, Step]
) -> list[tuple[int, Session]]:
    """Where these people would be around that time, each with the session as it would be."""
    moments = [step.after for step in judged.values()]
    around = Q(
        session__starts_at__lt=max(session.ends_at for session in moments),
        session__ends_at__gt=min(session.starts_at for session in moments),
    )
    rows = (
        SessionSpeaker.objects.filter(around | Q(session__in=list(after)), speaker__in=list(speakers))
        .exclude(session__status="cancelled")
        .exclude(session__event__status="cancelled")
        .select_related("session__event__programme")
        .order_by("session__starts_at", "pk")
    )
    found = [
        (row.speaker_id, after[row.session_id].after if row.session_id in after else row.session)
        for row in rows
        if row.session_id not in after or after[row.session_id].speakers is None
    ]
    for step in after.values():
        found += [(pk, step.after) for pk in step.speakers or ()]
    return found


def _overlap(one: Session, other: Session) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _organization(session: Session) -> int:
    return session.event.programme.organization_id
