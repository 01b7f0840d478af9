"""Steps are carried out: sessions are where they were to be, all at once, in one version, and it is written down."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Actor, Event, Release, ReleasedCapacity, ReleaseEdit, Session
from events.operations import planning, publishing, revising, seating, waitlisting
from events.operations.committing import Outgrown
from events.operations.occupying import check_speakers, hold_rooms
from events.reports.impact import Step

KIND = "sessions.replanned"


class ChangedSince(DomainError):
    """Sessions, or the seats of events, are no longer what they were when this was written down."""

    code = "changed_since"


class Conflict(NamedTuple):
    """What of a session is not what it was to be; never empty."""

    session: Session
    fields: list[str]


def refuse(*, conflicts: Sequence[Conflict], capacities: Sequence[Event] = ()) -> None:
    """ChangedSince where there are any, with what changed."""
    if conflicts or capacities:
        events = [conflict.session.event for conflict in conflicts] + list(capacities)
        names = ", ".join(dict.fromkeys(str(event) for event in events))
        raise ChangedSince(
            _("It was changed since: %(names)s.") % {"names": names},
            sessions=[{"uid": str(one.session.uid), "fields": one.fields} for one in conflicts],
            capacities=[event.slug for event in capacities],
        )


def loaded(sessions: QuerySet[Session]) -> list[Session]:
    """These sessions with all that a step is judged by, sessions of one event sharing it."""
    rows = list(sessions.select_related("room__venue", "event__programme__organization").order_by("pk"))
    events: dict[int, Event] = {}
    for row in rows:
        row.event = events.setdefault(row.event_id, row.event)
    return rows


def lock(sessions: QuerySet[Session]) -> list[Session]:
    """As `loaded`, as they are now: their events, the pools of all runs and then they themselves locked (RULES 9)."""
    events = publishing.lock_all(events=Event.objects.filter(pk__in=sessions.order_by().values("event")))
    series = Event.objects.filter(pk__in=events, series__isnull=False).values("series")
    runs = Event.objects.filter(Q(pk__in=events) | Q(series__in=series)).order_by("pk").values_list("pk", flat=True)
    seating.lock(event_ids=list(runs))
    rows = loaded(sessions.select_for_update(of=("self",), no_key=True))
    if not events.issuperset(row.event_id for row in rows):
        raise Outgrown
    return rows


def steps_of(
    edits: Iterable[ReleaseEdit], sessions: Sequence[Session], *, backwards: bool = False
) -> tuple[list[Step], list[Conflict]]:
    """The steps that edits mean for these sessions, or that undo them; and what stands in the way: it changed since."""
    by_session = {edit.session_id: edit for edit in edits}
    now = revising.states(sessions)
    wanted, conflicts = {}, []
    for session in sessions:
        edit, state = by_session[session.pk], now[session.pk]
        was, becomes = (edit.after, edit.before) if backwards else (edit.before, edit.after)
        changed = revising.differing(was, becomes)
        watched = [name for name in revising.EDITABLE if name in {*changed, *revising.PLACE_AND_TIME}]
        fields = [name for name in watched if state[name] != was[name]]
        if "cancelled" in (session.status, session.event.status):
            fields = [*(name for name in fields if name != "status"), "status"]
        if fields:
            conflicts.append(Conflict(session, fields))
        wanted[session.pk] = state | {name: becomes[name] for name in changed}
    rooms = revising.rooms_of(wanted.values())
    steps = [
        Step(
            session,
            revising.in_state(session=session, state=wanted[session.pk], rooms=rooms),
            tuple(wanted[session.pk]["speakers"])
            if wanted[session.pk]["speakers"] != now[session.pk]["speakers"]
            else None,
        )
        for session in sessions
    ]
    return steps, conflicts


class Made(NamedTuple):
    """What `make` did: the states of each session, the capacity that each event had, and what was published of it."""

    before: dict[int, revising.State]
    after: dict[int, revising.State]
    seats: dict[Event, int | None]
    published: publishing.Released


def carry_out(
    *, release: Release, steps: Sequence[Step], capacities: Mapping[int, int | None], override: Collection[str],
    actor: Actor, now: datetime,
) -> Release:  # fmt: skip
    """As `make`, and `release` records it.

    `capacities`: what events are to seat from now on.
    """
    made = make(
        steps=steps, capacities=capacities, override=override, kind=KIND, told={"release": str(release.uid)},
        actor=actor, now=now,
    )  # fmt: skip
    _record(release, made.published, now)
    before, after = made.before, made.after
    seen = {pk for pk in made.published.told if revising.is_seen(before[pk], after[pk])}
    ReleaseEdit.objects.filter(release=release).delete()
    ReleaseEdit.objects.bulk_create(
        ReleaseEdit(release=release, session_id=pk, before=before[pk], after=after[pk], was_told=pk in seen)
        for pk in before
    )
    ReleasedCapacity.objects.bulk_create(
        ReleasedCapacity(release=release, event=event, before=number, after=event.capacity)
        for event, number in made.seats.items()
        if event.pk in capacities
    )
    return release


def make(
    *, steps: Sequence[Step], capacities: Mapping[int, int | None] | None = None, override: Collection[str], kind: str,
    told: Mapping[str, Any] | None = None, actor: Actor, now: datetime,
) -> Made:  # fmt: skip
    """Every session is as its step says, each event has one Change, and all of it one version.

    What `lock` locks is locked. `told`: what else each Change says. Raises RoomTaken, RoomClosed, SpeakerClash, and
    where rooms change or `capacities` are given CapacityExceedsRoom, CapacityBelowTaken, CapacityBelowReserved.
    """
    capacities = capacities or {}
    sessions = [step.before for step in steps]
    states, was = revising.states(sessions), revising.told(sessions)
    moved = [step.before for step in steps if step.moves_in_time or step.changes_room]
    judged = [step.before for step in steps if step.moves_in_time or step.speakers is not None]
    rehoused = {step.before.event_id for step in steps if step.changes_room}
    linked = {step.before.pk for step in steps if step.before.joining_url != step.after.joining_url}
    after = {step.before.pk: _write(step, states[step.before.pk], now) for step in steps}
    by_event: dict[Event, list[Session]] = {}
    for session in sorted(sessions, key=lambda one: (one.event_id, one.pk)):
        by_event.setdefault(session.event, []).append(session)
    seats = {event: event.capacity for event in by_event}
    for event in by_event:
        publishing.touch(event=event, now=now)
    hold_rooms(sessions=moved, override=override)
    check_speakers(sessions=judged, override=override)
    for event in by_event:
        _seat(event, capacities, is_rehoused=event.pk in rehoused, over_commit="capacity" in override, now=now)
    news = revising.told(sessions)
    for pk in linked:
        news[pk]["has_new_link"] = True
    parts = [
        publishing.Part(
            event,
            [session.pk for session in own],
            {"sessions": [was[session.pk] for session in own]} | _capacity(seats[event], event, capacities),
            {"sessions": [news[session.pk] for session in own], **(told or {})}
            | _capacity(event.capacity, event, capacities),
        )
        for event, own in by_event.items()
    ]
    published = publishing.release_all(parts=parts, kind=kind, actor=actor, now=now, raised=linked)
    return Made(states, after, seats, published)


def _write(step: Step, before: revising.State, now: datetime) -> revising.State:
    """The session's row is as it was to be; its state then."""
    session = step.before
    speakers = before["speakers"] if step.speakers is None else list(step.speakers)
    after = revising.state_of(step.after, speakers=speakers)
    columns = [name for name in revising.differing(before, after) if name != "speakers"]
    for name in columns:
        setattr(session, name, getattr(step.after, name))
    revising.store(session=session, changed=columns, now=now)
    if speakers != before["speakers"]:
        revising.set_speakers(session=session, speakers=speakers)
    return after


def _seat(
    event: Event, capacities: Mapping[int, int | None], *, is_rehoused: bool, over_commit: bool, now: datetime
) -> None:
    """The event has the seats that it is to have, and its rooms hold them; who waits is served."""
    if event.pk in capacities and event.capacity != capacities[event.pk]:
        event.capacity = capacities[event.pk]
        event.save(update_fields=["capacity"])
        seating.resize(event=event, over_commit=over_commit, now=now)
        waitlisting.refill(event_ids=[event.pk], pools=seating.lock(event_ids=[event.pk]), now=now)
    if is_rehoused:
        planning.fit_to_rooms(event=event, over_commit=over_commit, now=now)


def _capacity(number: int | None, event: Event, capacities: Mapping[int, int | None]) -> dict[str, Any]:
    return {"capacity": number} if event.pk in capacities else {}


def _record(release: Release, published: publishing.Released, now: datetime) -> None:
    release.status, release.released_at, release.updated_at = "released", now, now
    release.version = published.version
    release.revision += 1
    release.save()
