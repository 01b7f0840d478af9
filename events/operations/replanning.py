"""Re-planning: one step over many sessions, previewed, then made, and undone, each in one version of the schedule."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Actor, Programme, Registration, Release, Session
from events.operations import carrying_out, foreseeing, moving, publishing, revising
from events.operations.committing import all_or_nothing
from events.operations.foreseeing import Preview, StalePreview
from events.operations.moving import AnotherDay, Asked, Later, NothingToMove, RoomGone, Swap
from events.reports.impact import Impact, Step

__all__ = [
    "AlreadyUndone",
    "AnotherDay",
    "Asked",
    "Later",
    "NotReleased",
    "NothingToMove",
    "Preview",
    "RoomGone",
    "StalePreview",
    "Swap",
    "apply",
    "lock",
    "preview",
    "preview_undo",
    "undo",
]


class NotReleased(DomainError):
    """Only what took effect can be undone."""

    code = "not_released"


class AlreadyUndone(DomainError):
    """It was undone before; the undoing can itself be undone."""

    code = "already_undone"


def preview(*, programme: Programme, asked: Asked) -> Preview:
    """What that would do. Nothing is written or locked. Raises Invalid, NothingToMove."""
    moving.check(asked)
    sessions = carrying_out.loaded(moving.chosen(programme=programme, asked=asked))
    return foreseeing.preview(_steps(asked, sessions))


@all_or_nothing
def apply(
    *, programme: Programme, asked: Asked, fingerprint: str | None = None, note: Mapping[str, str] | None = None,
    override: Collection[str] = (), actor: Actor, now: datetime,
) -> Release:  # fmt: skip
    """It has happened, as one release with one version. `note`: note_ko, note_en for the public changelog.

    Locks the events, the pools of all their runs, the sessions, rooms, speakers. Raises StalePreview when that is not
    what `fingerprint` says, RoomTaken, and unless `override` names it RoomClosed, SpeakerClash, CapacityExceedsRoom,
    CapacityBelowTaken. With `capacity` events seat as many as their rooms hold, and nobody loses a seat.
    """
    moving.check(asked)
    steps = _steps(asked, carrying_out.lock(moving.chosen(programme=programme, asked=asked)))
    current = foreseeing.preview(steps)
    foreseeing.refuse_stale(current=current, seen=fingerprint)
    release = Release(
        programme=programme, kind=asked.kind, asked=moving.plain(asked), created_at=now, person_id=actor.person_id,
        api_key_id=actor.key_id, **(note or {}),
    )  # fmt: skip
    capacities = cuts(current.impact) if "capacity" in override else {}
    return carrying_out.carry_out(
        release=release, steps=steps, capacities=capacities, override=override, actor=actor, now=now
    )


def preview_undo(*, release: Release) -> Preview:
    """What undoing it would do. Raises NotReleased, AlreadyUndone, ChangedSince, HasRegistrations."""
    _check_undoable(release)
    sessions = carrying_out.loaded(Session.objects.filter(edits__release=release))
    return foreseeing.preview(_back(release, sessions), capacities=_capacities_before(release))


@all_or_nothing
def undo(
    *, release: Release, fingerprint: str | None = None, note: Mapping[str, str] | None = None,
    override: Collection[str] = (), actor: Actor, now: datetime,
) -> Release:  # fmt: skip
    """Everything is again as it was before the release, as a new one: SEQUENCE goes on rising.

    Locks the release, then as `apply`. Raises NotReleased, AlreadyUndone, ChangedSince for a session that is no longer
    what the release made of it, HasRegistrations where one that people are registered for would be a draft again,
    StalePreview, and what `apply` raises, because rooms may be taken by now.
    """
    locked = lock(release)
    _check_undoable(locked)
    steps = _back(locked, carrying_out.lock(Session.objects.filter(edits__release=locked)))
    capacities = _capacities_before(locked)
    current = foreseeing.preview(steps, capacities=capacities)
    foreseeing.refuse_stale(current=current, seen=fingerprint)
    if "capacity" in override:
        capacities |= cuts(current.impact)
    back = Release(
        programme=locked.programme, kind="undo", undoes=locked, created_at=now, person_id=actor.person_id,
        api_key_id=actor.key_id, **(note or {}),
    )  # fmt: skip
    return carrying_out.carry_out(
        release=back, steps=steps, capacities=capacities, override=override, actor=actor, now=now
    )


def lock(release: Release) -> Release:
    """The release as it is now. Locked before the events: whoever changes it, or carries it out, waits here."""
    return Release.objects.select_for_update(of=("self",), no_key=True).select_related("programme").get(pk=release.pk)


def cuts(impact: Impact) -> dict[int, int | None]:
    """What events are to seat with the word of an organizer: no more than their rooms would hold."""
    return {
        row.event.pk: row.becomes
        for row in impact.seats
        if row.becomes != row.event.capacity and not row.event.capacity_from_room
    }


def _steps(asked: Asked, sessions: list[Session]) -> list[Step]:
    """Those of the sessions that would be anywhere else than they are."""
    steps = [Step(*pair) for pair in zip(sessions, moving.planned(asked=asked, sessions=sessions), strict=True)]
    found = [step for step in steps if _place_and_time(step.before) != _place_and_time(step.after)]
    if not found:
        raise NothingToMove(_("They are there already."))
    return found


def _place_and_time(session: Session) -> list[Any]:
    return [getattr(session, name) for name in revising.PLACE_AND_TIME]


def _check_undoable(release: Release) -> None:
    if release.status != "released":
        raise NotReleased(_("Only what was released can be undone."))
    if Release.objects.filter(undoes=release).exists():
        raise AlreadyUndone(_("This was undone already."))


def _back(release: Release, sessions: list[Session]) -> list[Step]:
    """The way back, where nothing stands in it."""
    steps, conflicts = carrying_out.steps_of(release.edits.all(), sessions, backwards=True)
    capacities = release.capacities.select_related("event").order_by("event")
    others = [row.event for row in capacities if row.event.capacity != row.after]
    carrying_out.refuse(conflicts=conflicts, capacities=others)
    _refuse_hiding(steps)
    return steps


def _refuse_hiding(steps: Sequence[Step]) -> None:
    """HasRegistrations where a session would be a draft again that people are registered for (RULES 3)."""
    hidden = [step.before for step in steps if step.after.status == "draft" != step.before.status]
    live = Registration.objects.live().filter(event__in={session.event_id for session in hidden}).order_by()
    people = list(live.values_list("event", flat=True)) if hidden else []
    if people:
        raise publishing.HasRegistrations(
            _("%(count)d people are registered.") % {"count": len(people)}, field="status", count=len(people),
            sessions=[
                {"uid": str(session.uid), "fields": ["status"]} for session in hidden if session.event_id in people
            ],
        )  # fmt: skip


def _capacities_before(release: Release) -> dict[int, int | None]:
    return {row.event_id: row.before for row in release.capacities.order_by("event")}
