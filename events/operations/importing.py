"""Take somebody's schedule into a programme: again is an update, a bad entry is refused, the rest is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.models import Actor, Event, Programme
from events.operations import placing, planning, publishing, scheduling
from events.operations.committing import all_or_nothing
from events.operations.comparing import (
    Plan,
    SessionStep,
    Step,
    compare,
    speakers_differ,
    without_room,
)
from events.operations.drafting import Draft, DraftEvent, DraftSession, Refused, column_language
from events.operations.furnishing import Furniture, furnish
from venues.availability import RoomTaken
from venues.errors import Refusal
from venues.models import Closure, Venue

# The schedule happened, or will, as its owner wrote it: what we would advise against is listed, not refused.
OVERRIDDEN = ("room_closed", "speaker_clash")


@dataclass(frozen=True, slots=True)
class Entry:
    """What became, or would become, of one entry of the file."""

    line: int | None
    source_id: str
    title: str
    action: str  # created, updated, unchanged
    slug: str = ""  # of the event, once it exists


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do. Every entry of the file is in `entries` or in `refused`, in one of them once.

    `clashes` belong to entries that were kept, but not as the file has them: without their room, for one.
    """

    format: str
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    clashes: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, action: str) -> int:
        return sum(entry.action == action for entry in self.entries)


def preview(*, draft: Draft, programme: Programme, publish: bool = False) -> Outcome:
    """What `take` would do now. Nothing is written or locked."""
    plan = compare(draft=draft, programme=programme, publish=publish)
    entries = [_entry(step, step.event) for step in plan.steps]
    return Outcome(draft.format, entries, list(draft.refused), plan.clashes, plan.notes)


def take(
    *, draft: Draft, programme: Programme, actor: Actor, clock: Callable[[], datetime], publish: bool = False
) -> Outcome:  # fmt: skip
    """The programme has the draft's events: new ones as drafts without registration, known ones brought up to date.

    Events are found again by their source id, sessions by theirs within the event, so UIDs stay. Each entry is one
    transaction at its own time, which locks as the operations it calls do; an entry that a rule refuses is listed and
    the rest is kept.
    `publish` also publishes what is a draft.
    """
    plan = compare(draft=draft, programme=programme, publish=publish)
    changing = [step for step in plan.steps if step.action != "unchanged"]
    furniture = furnish(draft=_only(draft, changing), programme=programme, actor=actor, now=clock())
    return _Taking(programme, furniture, actor, clock, publish).run(draft, plan)


def close(*, draft: Draft, venues: Sequence[Venue], actor: Actor, now: datetime, dry_run: bool = False) -> Outcome:
    """The draft's sessions close these venues (RULES 35): holidays, as a rule. What is booked stays."""
    known = {
        (closure.venue_id, closure.source_id): closure
        for closure in Closure.objects.filter(venue__in=venues, room=None).exclude(source_id="").order_by("pk")
    }
    entries = []
    for entry in draft.entries:
        wanted = [_closure(entry, session, venue) for session in entry.sessions for venue in venues]
        there = [known.get((fields["venue"].pk, fields["source_id"])) for fields in wanted]
        changed = [fields for fields, one in zip(wanted, there, strict=True) if not _is_closed(one, fields)]
        if not dry_run:
            for fields in changed:
                placing.close(room=None, **fields)
        action = "unchanged" if not changed else "updated" if any(there) else "created"
        entries.append(Entry(entry.line, entry.source_id, entry.title_ko or entry.title_en, action))
    return Outcome(draft.format, entries, list(draft.refused), [], list(draft.notes))


class _Taking:
    """One run: steps in the order of the file, then the sessions whose room was free only after others had moved."""

    def __init__(
        self, programme: Programme, furniture: Furniture, actor: Actor, clock: Callable[[], datetime], publish: bool
    ) -> None:
        self.programme = programme
        self.furniture = furniture
        self.actor = actor
        self.clock = clock
        self.publish = publish
        self.refused: list[Refused] = []
        self.clashes: list[Refused] = []
        self.waiting: list[tuple[Step, Event]] = []

    def run(self, draft: Draft, plan: Plan) -> Outcome:
        entries = [entry for step in plan.steps if (entry := self._take(step)) is not None]
        for step, event in self.waiting:
            self._house(step, event)
        refused = [*draft.refused, *self.refused]
        return Outcome(draft.format, entries, refused, [*plan.clashes, *self.clashes], plan.notes)

    def _take(self, step: Step) -> Entry | None:
        if step.action == "unchanged":
            return _entry(step, step.event)
        try:
            try:
                event = self._apply(step)
            except RoomTaken:
                event = self._apply(without_room(step))
                self.waiting.append((step, event))
        except Refusal as error:
            self.refused.append(_refused(step.entry, error.field, error.code, error.message))
            return None
        return _entry(step, event)

    def _house(self, step: Step, event: Event) -> None:
        """Give the sessions of a step the rooms that somebody held when their turn came."""
        sessions = {session.source_id: session for session in event.sessions.order_by("pk")}
        for one in step.sessions:
            if one.room is None or not one.is_changed:
                continue
            room = self.furniture.rooms[one.room]
            try:
                scheduling.amend(
                    session=sessions[one.drafted.source_id], fields={"room": room}, override=OVERRIDDEN, **self._when()
                )
            except Refusal as error:
                detail = f"{error.message} The session was kept without a room."
                clash = _refused(step.entry, "room", error.code, detail)
                self.clashes.append(replace(clash, line=one.drafted.line))

    def _apply(self, step: Step) -> Event:
        return _apply(step, self.programme, self.furniture, self.publish, self._when())

    def _when(self) -> dict[str, Any]:
        """A long file takes minutes: nothing may look older than its commit (`reports.reach`)."""
        return {"actor": self.actor, "now": self.clock()}


@all_or_nothing
def _apply(step: Step, programme: Programme, furniture: Furniture, publish: bool, when: dict[str, Any]) -> Event:
    """One entry, whole or not at all."""
    topics = [furniture.topics[topic.slug] for topic in step.entry.topics]
    if step.event is None:
        event = planning.create_event(programme=programme, fields=step.fields, topics=topics, **when)
        _set_sessions(step, event, furniture, when)
    else:
        event = _amended(step, step.event, topics, furniture, when)
    if publish and step.entry.status != "cancelled":
        event = publishing.publish(event=event, **when)
    if step.entry.status == "cancelled":
        event = publishing.cancel(event=event, **when)
    return event


def _amended(step: Step, event: Event, topics: list[Any], furniture: Furniture, when: dict[str, Any]) -> Event:
    """Fewer seats come before a smaller room, a bigger room before more seats."""
    shrinks = "capacity" in step.fields and (event.capacity is None or step.fields["capacity"] < event.capacity)
    if not shrinks:
        _set_sessions(step, event, furniture, when)
    has_topics = bool(topics) and {topic.pk for topic in topics} != {topic.pk for topic in event.topics.all()}
    if step.fields or has_topics:
        event = planning.amend_event(event=event, fields=step.fields, topics=topics if has_topics else None, **when)
    if shrinks:
        _set_sessions(step, event, furniture, when)
    return event


def _set_sessions(step: Step, event: Event, furniture: Furniture, when: dict[str, Any]) -> None:
    for one in step.sessions:
        if one.is_changed:
            _set_session(one, event, furniture, when)
    for session in step.gone:
        scheduling.cancel(session=session, **when)


def _set_session(one: SessionStep, event: Event, furniture: Furniture, when: dict[str, Any]) -> None:
    drafted, session = one.drafted, one.session
    if drafted.status != "cancelled" or session is None:
        fields = _columns(one, event, furniture)
        speakers = [furniture.speakers[speaker.source_id] for speaker in drafted.speakers]
        if session is None:
            room = fields.pop("room")
            fields["source_id"] = drafted.source_id
            session = scheduling.create(
                event=event, blocks=[_block(drafted)], room=room, speakers=speakers, fields=fields,
                override=OVERRIDDEN, **when,
            )[0]  # fmt: skip
        else:
            scheduling.amend(
                session=session, moment=_block(drafted), fields=fields,
                speakers=speakers if speakers_differ(drafted.speakers, session) else None,
                override=OVERRIDDEN, **when,
            )  # fmt: skip
    if drafted.status == "cancelled":
        scheduling.cancel(session=session, **when)


def _columns(one: SessionStep, event: Event, furniture: Furniture) -> dict[str, Any]:
    drafted, session = one.drafted, one.session
    fields: dict[str, Any] = {"room": furniture.rooms[one.room] if one.room else None, "online": drafted.online}
    if drafted.online_url:
        fields["joining_url"] = drafted.online_url
    if drafted.status == "tentative":
        fields["status"] = "tentative"
    elif session is not None and session.status == "tentative":
        fields["status"] = "confirmed" if event.status == "published" else "draft"
    return fields


def _block(drafted: DraftSession) -> scheduling.Block:
    if not drafted.all_day:
        return scheduling.block(starts=drafted.starts_at, ends=drafted.ends_at, timezone=drafted.timezone)
    zone = ZoneInfo(drafted.timezone)
    last = (drafted.ends_at - timedelta(seconds=1)).astimezone(zone).date()
    return scheduling.whole_days(first=drafted.starts_at.astimezone(zone).date(), last=last, timezone=drafted.timezone)


def _only(draft: Draft, steps: Sequence[Step]) -> Draft:
    """The draft without the entries that stay as they are: nothing has to be found or made for them."""
    return replace(draft, entries=[step.entry for step in steps])


def _closure(entry: DraftEvent, session: DraftSession, venue: Venue) -> dict[str, Any]:
    title = entry.title_ko or entry.title_en
    return {
        "venue": venue,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "source_id": (entry.source_id if len(entry.sessions) == 1 else f"{entry.source_id}/{session.source_id}")[:200],
        f"reason_{column_language(title)}": title[:200],
    }


def _is_closed(closure: Closure | None, fields: dict[str, Any]) -> bool:
    return closure is not None and all(getattr(closure, name) == value for name, value in fields.items())


def _entry(step: Step, event: Event | None) -> Entry:
    entry = step.entry
    slug = event.slug if event is not None else ""
    return Entry(entry.line, entry.source_id, entry.title_ko or entry.title_en, step.action, slug)


def _refused(entry: DraftEvent, name: str, code: str, detail: str) -> Refused:
    return Refused(entry.line, entry.title_ko or entry.title_en, name, code, detail)
