"""Draft and release: edits of the schedule are collected without any effect, and take effect together.

They hold no room, change no calendar and tell nobody (docs/decisions/0026); previews say what releasing would do.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import Actor, Programme, Release, ReleaseEdit, Session, Speaker
from events.operations import carrying_out, foreseeing, publishing, replanning, revising
from events.operations.blocks import Block
from events.operations.carrying_out import Conflict
from events.operations.committing import all_or_nothing
from events.operations.foreseeing import Preview
from events.operations.moving import MOST_SESSIONS
from events.operations.scheduling import SessionCancelled


class ReleaseClosed(DomainError):
    """It was released or discarded: nothing can be added to it, or taken out."""

    code = "release_closed"


class NothingToRelease(DomainError):
    """No edit was collected."""

    code = "nothing_to_release"


@all_or_nothing
def begin(*, programme: Programme, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Release:
    """An open release of the programme exists. `fields`: title, note_ko, note_en."""
    release = Release.objects.create(
        programme=programme, created_at=now, updated_at=now, person_id=actor.person_id, api_key_id=actor.key_id,
        **fields,
    )  # fmt: skip
    _record("begun", release, actor, now)
    return release


@all_or_nothing
def amend(
    *, release: Release, fields: Mapping[str, Any], actor: Actor, now: datetime, expected_revision: int | None = None
) -> Release:
    """It has this title and these notes. Those of a released one can be corrected: they are words only."""
    locked = replanning.lock(release)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    if locked.status == "discarded":
        raise ReleaseClosed(_("This release was discarded."))
    for name, value in fields.items():
        setattr(locked, name, value)
    _save(locked, now, *fields)
    _record("amended", locked, actor, now, edited=fields)
    return locked


@all_or_nothing
def edit(
    *, release: Release, session: Session, moment: Block | None = None, fields: Mapping[str, Any] | None = None,
    speakers: Sequence[Speaker] | None = None, actor: Actor, now: datetime, expected_revision: int | None = None,
) -> Release:  # fmt: skip
    """With the release the session will be so; what other edits of it there say stays. The session itself is untouched.

    What was changed since an earlier edit stays a conflict until an edit names it again. An edit that brings back what
    is there already is none. Locks the release. Raises ReleaseClosed, StaleRevision (of the session), SessionCancelled,
    Invalid for a release of another programme.
    """
    locked = _open(release)
    current = Session.objects.select_related("event", "room").get(pk=session.pk)
    publishing.check_revision(expected=expected_revision, actual=current.revision)
    if current.event.programme_id != locked.programme_id:
        raise Invalid(_("This release is of another programme."), field="release")
    if "cancelled" in (current.status, current.event.status):
        raise SessionCancelled(_("A cancelled session cannot be changed."))
    changed = dict(fields or {}) | (moment.columns() if moment else {})
    if changed.get("status") == "cancelled":
        raise Invalid(_("A session is cancelled by its own address, which also frees its room."), field="status")
    named = set(changed) if speakers is None else {*changed, "speakers"}
    found = locked.edits.filter(session=current).first()
    before = _begins(found, revising.states([current])[current.pk], named)
    state = _becomes(found, before)
    drafted = revising.in_state(session=current, state=state, rooms=revising.rooms_of([state]))
    for name, value in changed.items():
        setattr(drafted, name, value)
    wanted = state["speakers"] if speakers is None else list(dict.fromkeys(speaker.pk for speaker in speakers))
    after = revising.state_of(drafted, speakers=wanted)
    edited = revising.differing(before, after)
    if found is not None and (found.before, found.after) == (before, after):
        return locked
    if not edited:
        locked.edits.filter(session=current).delete()
    else:
        if locked.edits.exclude(session=current).count() >= MOST_SESSIONS:
            raise Invalid(_("A release takes %(most)d sessions at most.") % {"most": MOST_SESSIONS}, field="release")
        ReleaseEdit.objects.update_or_create(
            release=locked, session=current, defaults={"before": before, "after": after}
        )  # fmt: skip
    _save(locked, now)
    _record("edited", locked, actor, now, session=current, edited=edited)
    return locked


@all_or_nothing
def forget(*, release: Release, session: Session, actor: Actor, now: datetime) -> Release:
    """The release leaves that session as it is."""
    locked = _open(release)
    if locked.edits.filter(session=session).delete()[0]:
        _save(locked, now)
        _record("forgotten", locked, actor, now, session=session)
    return locked


@all_or_nothing
def discard(*, release: Release, actor: Actor, now: datetime) -> Release:
    """The release will never take effect. Repeating it changes nothing. Raises ReleaseClosed for a released one."""
    locked = replanning.lock(release)
    if locked.status == "released":
        raise ReleaseClosed(_("This was released; it can be undone."))
    if locked.status == "open":
        locked.status = "discarded"
        _save(locked, now, "status")
        _record("discarded", locked, actor, now)
    return locked


@all_or_nothing
def release_all(
    *, release: Release, fingerprint: str | None = None, override: Collection[str] = (), actor: Actor, now: datetime
) -> Release:
    """All edits have taken effect, in one version. Repeating it changes nothing.

    Locks the release, then as `replanning.apply`, which raises the same. Also ReleaseClosed for a discarded one,
    NothingToRelease, and ChangedSince for a session that is no longer what it was when it was edited.
    """
    locked = replanning.lock(release)
    if locked.status == "released":
        return locked
    if locked.status == "discarded":
        raise ReleaseClosed(_("This release was discarded."))
    steps, conflicts = carrying_out.steps_of(
        locked.edits.all(), carrying_out.lock(Session.objects.filter(edits__release=locked))
    )
    if not steps:
        raise NothingToRelease(_("No edit was collected yet."))
    carrying_out.refuse(conflicts=conflicts)
    current = foreseeing.preview(steps)
    foreseeing.refuse_stale(current=current, seen=fingerprint)
    capacities = replanning.cuts(current.impact) if "capacity" in override else {}
    _record("released", locked, actor, now)
    return carrying_out.carry_out(
        release=locked, steps=steps, capacities=capacities, override=override, actor=actor, now=now
    )


def preview(*, release: Release) -> tuple[Preview, list[Conflict]]:
    """What releasing it now would do, and which sessions were changed since they were edited. Nothing is written."""
    steps, conflicts = carrying_out.steps_of(
        release.edits.all(), carrying_out.loaded(Session.objects.filter(edits__release=release))
    )
    return foreseeing.preview(steps), conflicts


def drafted(*, release: Release, session: Session) -> Session:
    """The session as the release would make it, not stored: what a further edit of it begins with."""
    found = release.edits.filter(session=session).first()
    state = _becomes(found, revising.states([session])[session.pk])
    return revising.in_state(session=session, state=state, rooms=revising.rooms_of([state]))


def is_outdated(*, release: Release, session: Session) -> bool:
    """Whether the session, its event loaded, was changed since it was edited in the release."""
    edits = list(release.edits.filter(session=session))
    return bool(edits) and bool(carrying_out.steps_of(edits, [session])[1])


def _begins(found: ReleaseEdit | None, now: revising.State, named: Collection[str]) -> revising.State:
    """What an edit of these fields begins with: of the others that which was seen by whoever edited them.

    So it goes on being a conflict where they were changed since.
    """
    if found is None:
        return now
    return {name: now[name] if name in named else found.before[name] for name in now}


def _becomes(found: ReleaseEdit | None, state: revising.State) -> revising.State:
    """That state with what the edit changes of it."""
    if found is None:
        return state
    return state | {name: found.after[name] for name in revising.differing(found.before, found.after)}


def _open(release: Release) -> Release:
    locked = replanning.lock(release)
    if locked.status != "open":
        raise ReleaseClosed(_("This release is no longer open."), field="release")
    return locked


def _save(release: Release, now: datetime, *fields: str) -> None:
    release.revision += 1
    release.updated_at = now
    release.save(update_fields=[*fields, "revision", "updated_at"])


def _record(
    what: str, release: Release, actor: Actor, now: datetime, *, session: Session | None = None,
    edited: Iterable[str] = (),
) -> None:  # fmt: skip
    """Who did what to the release: a Change without a version, of which nobody hears, for its members alone.

    It names what was edited and not to what: words can be corrected, Changes cannot. What was done to the edit of a
    session stands in the history of its event.
    """
    told = {"release": str(release.uid), "session": str(session.uid) if session else None, "edited": list(edited)}
    outbox.record_change(
        kind=f"release.{what}", actor=actor, now=now, organization_id=release.programme.organization_id,
        event=session.event if session else None, after={name: value for name, value in told.items() if value},
    )  # fmt: skip
