"""Compare a draft with what the programme has: what would be created, changed, left as it is. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from events.models import Event, Programme, Session, SessionSpeaker
from events.operations.drafting import Draft, DraftEvent, DraftRoom, DraftSession, DraftSpeaker, Refused
from venues.models import Booking, Room, Venue

RoomKey = tuple[str, str]  # (venue, room) as the draft names them; a venue without rooms is its own room

TEXTS = ("title_ko", "title_en", "summary_ko", "summary_en", "description_ko", "description_en")


@dataclass(frozen=True, slots=True)
class SessionStep:
    """One drafted session beside the one that stands for it, if any. `room` None: it has none, or a clash took it."""

    drafted: DraftSession
    session: Session | None
    room: RoomKey | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One drafted event beside the one that stands for it, if any. `gone`: sessions that the source no longer has."""

    entry: DraftEvent
    event: Event | None
    action: str  # created, updated, unchanged
    fields: dict[str, Any]
    sessions: list[SessionStep]
    gone: list[Session] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in the order of the file. `clashes` were kept, but not as the source has them."""

    steps: list[Step]
    clashes: list[Refused]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """Room or speaker time that an earlier line of the file, or somebody else, holds."""

    starts_at: datetime
    ends_at: datetime
    by: str

    def overlaps(self, session: DraftSession) -> bool:
        return self.starts_at < session.ends_at and session.starts_at < self.ends_at


def compare(*, draft: Draft, programme: Programme, publish: bool) -> Plan:
    """The plan of taking `draft` into `programme`. Reads with a constant number of queries."""
    return _Comparison(draft, programme, publish).plan()


def room_key(session: DraftSession) -> RoomKey | None:
    return (session.venue, session.room or session.venue) if session.room or session.venue else None


def default_venue_source(programme: Programme) -> str:
    """The source id of the venue that an import opens for rooms of which the source names no venue."""
    return f"import:{programme.uid}"


def find_venue(name: str, programme: Programme) -> Venue | None:
    """The venue that a draft means: by name among those that the organization may book, its own first."""
    owner = programme.organization.uid
    if not name:
        return Venue.objects.filter(owner=owner, source_id=default_venue_source(programme)).order_by("pk").first()
    named = Venue.objects.usable_by(owner)
    found = list((named.filter(title_ko=name) | named.filter(title_en=name)).order_by("pk"))
    return min(found, key=lambda venue: (venue.owner != owner, venue.pk), default=None)


def find_rooms(draft: Draft, programme: Programme) -> dict[RoomKey, Room]:
    """The rooms of the draft that exist: by the source's id in their venue, else by name."""
    keys = {key for entry in draft.entries for session in entry.sessions if (key := room_key(session))}
    sources = {(room.venue, room.name): room.source_id for room in draft.rooms}
    found: dict[RoomKey, Room] = {}
    for name in {venue for venue, _ in keys}:
        venue = find_venue(name, programme)
        if venue is None:
            continue
        rooms = list(venue.rooms.select_related("venue").order_by("pk"))
        by_title = {title: room for room in reversed(rooms) for title in (room.title_ko, room.title_en) if title}
        by_source = {room.source_id: room for room in rooms if room.source_id}
        for key in (key for key in keys if key[0] == name):
            room = by_source.get(sources.get(key) or "-") or by_title.get(key[1])
            if room is not None:
                found[key] = room
    return found


class _Comparison:
    """One comparison; its parts share what was read once."""

    def __init__(self, draft: Draft, programme: Programme, publish: bool) -> None:
        self.draft = draft
        self.publish = publish
        self.rooms = find_rooms(draft, programme)
        self.drafted_rooms = {(room.venue, room.name): room for room in draft.rooms}
        self.known = _known_events(draft, programme)
        self.clashes: list[Refused] = []
        self.room_time = self._booked_by_others()
        self.speaker_time: dict[str, list[Taken]] = {}
        self.programme = programme

    def plan(self) -> Plan:
        steps = [self._step(entry) for entry in self.draft.entries]
        return Plan(steps, self.clashes, self._notes())

    def _step(self, entry: DraftEvent) -> Step:
        event = self.known.get(entry.source_id)
        if event is not None and event.status == "cancelled":
            if entry.status != "cancelled":
                self._clash(entry, "status", "event_cancelled", "this event was called off here and stays so")
            return Step(entry, event, "unchanged", {}, [])
        sessions = [self._session_step(entry, drafted, event) for drafted in entry.sessions]
        fields = self._fields(entry, event, sessions)
        gone = self._gone(entry, event)
        if event is None:
            return Step(entry, None, "created", fields, sessions)
        must_publish = self.publish and (
            event.status == "draft" or any(session.status == "draft" for session in event.sessions.all())
        )
        is_changed = fields or gone or must_publish or entry.status == "cancelled"
        is_changed = is_changed or _topics_differ(entry, event) or any(step.is_changed for step in sessions)
        return Step(entry, event, "updated" if is_changed else "unchanged", fields, sessions, gone)

    def _fields(self, entry: DraftEvent, event: Event | None, sessions: list[SessionStep]) -> dict[str, Any]:
        """The columns to write. What the source does not say stays as it is: somebody may have written it here."""
        wanted: dict[str, Any] = {name: getattr(entry, name) for name in TEXTS if getattr(entry, name)}
        wanted["kind"] = entry.kind
        if entry.language:
            wanted["language"] = entry.language[:10]
        if entry.visibility == "unlisted":
            wanted["visibility"] = "unlisted"
        if entry.capacity is not None:
            wanted["capacity"] = self._capacity(entry, event, sessions)
        if event is None:
            language = {} if entry.language else {"language": "ko" if entry.title_ko else "und"}
            return wanted | language | {"registration": "none", "source_id": entry.source_id}
        return {name: value for name, value in wanted.items() if getattr(event, name) != value}

    def _capacity(self, entry: DraftEvent, event: Event | None, sessions: list[SessionStep]) -> int | None:
        """The drafted capacity, or what the smallest room holds."""
        seats = [self._seats(step.room) for step in sessions if step.room is not None]
        smallest = min((one for one in seats if one is not None), default=None)
        overridden = event is not None and event.capacity_override
        if smallest is None or entry.capacity is None or entry.capacity <= smallest or overridden:
            return entry.capacity
        detail = f"the smallest room holds {smallest}, not {entry.capacity}; the event has {smallest}"
        self._clash(entry, "capacity", "capacity_exceeds_room", detail)
        return smallest

    def _seats(self, key: RoomKey) -> int | None:
        return self.rooms[key].seats if key in self.rooms else self.drafted_rooms.get(key, DraftRoom("")).seats

    def _session_step(self, entry: DraftEvent, drafted: DraftSession, event: Event | None) -> SessionStep:
        session = next((one for one in _sessions_of(event) if one.source_id == drafted.source_id), None)
        if session is not None and session.status == "cancelled":
            if drafted.status != "cancelled":
                self._clash(
                    entry, "status", "session_cancelled", "this session was cancelled here and stays so", drafted
                )
            return SessionStep(drafted, session, None, is_changed=False)
        if drafted.status == "cancelled" or entry.status == "cancelled":
            return SessionStep(drafted, session, None, is_changed=True)
        room = self._free_room(entry, drafted)
        self._note_speakers(entry, drafted)
        return SessionStep(drafted, session, room, is_changed=session is None or self._differs(drafted, session, room))

    def _differs(self, drafted: DraftSession, session: Session, room: RoomKey | None) -> bool:
        wanted_room = self.rooms[room].pk if room in self.rooms else None
        if room is not None and wanted_room is None:
            return True
        there = (session.starts_at, session.ends_at, session.timezone, session.all_day, session.room_id)
        if there != (drafted.starts_at, drafted.ends_at, drafted.timezone, drafted.all_day, wanted_room):
            return True
        if session.online != drafted.online or (drafted.online_url and session.joining_url != drafted.online_url):
            return True
        if (session.status == "tentative") != (drafted.status == "tentative"):
            return True
        return speakers_differ(drafted.speakers, session)

    def _free_room(self, entry: DraftEvent, drafted: DraftSession) -> RoomKey | None:
        """The room, if nobody holds it then; a clash is kept without room and listed (RULES 35)."""
        key = room_key(drafted)
        if key is None:
            return None
        held = self.room_time.setdefault(key, [])
        taken = next((one for one in held if one.overlaps(drafted)), None)
        if taken is not None:
            detail = f"{key[1]} is taken {_span(taken)} by {taken.by}; the session was kept without a room"
            self._clash(entry, "room", "room_taken", detail, drafted)
            return None
        held.append(Taken(drafted.starts_at, drafted.ends_at, f"line {drafted.line}"))
        return key

    def _note_speakers(self, entry: DraftEvent, drafted: DraftSession) -> None:
        for speaker in drafted.speakers:
            held = self.speaker_time.setdefault(speaker.source_id, [])
            taken = next((one for one in held if one.overlaps(drafted)), None)
            if taken is not None:
                detail = f"{speaker.name} is in another session {_span(taken)}, {taken.by}; both were kept"
                self._clash(entry, "speakers", "speaker_clash", detail, drafted)
            held.append(Taken(drafted.starts_at, drafted.ends_at, f"line {drafted.line}"))

    def _booked_by_others(self) -> dict[RoomKey, list[Taken]]:
        own = {session.uid for event in self.known.values() for session in _sessions_of(event) if session.source_id}
        keys: dict[int, list[RoomKey]] = {}
        for key, room in self.rooms.items():
            keys.setdefault(room.pk, []).append(key)
        held: dict[RoomKey, list[Taken]] = {}
        bookings = Booking.objects.live().filter(room__in=list(keys)).order_by("starts_at", "pk")
        for booking in bookings:
            if booking.purpose not in own:
                for key in keys[booking.room_id]:
                    held.setdefault(key, []).append(Taken(booking.starts_at, booking.ends_at, "another booking"))
        return held

    def _gone(self, entry: DraftEvent, event: Event | None) -> list[Session]:
        """Live sessions that came with an earlier file and are not in this one. With refusals nobody can tell."""
        if self.draft.refused:
            return []
        kept = {drafted.source_id for drafted in entry.sessions}
        live = (one for one in _sessions_of(event) if one.source_id and one.status != "cancelled")
        return [session for session in live if session.source_id not in kept]

    def _notes(self) -> list[str]:
        ids = {entry.source_id for entry in self.draft.entries} | {one.ref for one in self.draft.refused}
        others = Event.objects.filter(programme=self.programme).exclude(source_id="").exclude(status="cancelled")
        left = len(set(others.values_list("source_id", flat=True)) - ids)
        note = f"Events of earlier imports that are not in this file: {left}. They were left as they are."
        return [*self.draft.notes, note] if left else list(self.draft.notes)

    def _clash(self, entry: DraftEvent, name: str, code: str, detail: str, session: DraftSession | None = None) -> None:
        line = session.line if session is not None else entry.line
        self.clashes.append(Refused(line, entry.title_en or entry.title_ko, name, code, detail))


def without_room(step: Step) -> Step:
    """The same step, no session of it in a room that it does not hold yet."""
    sessions = [replace(one, room=None) if one.is_changed else one for one in step.sessions]
    return replace(step, sessions=sessions)


def speakers_differ(speakers: Sequence[DraftSpeaker], session: Session) -> bool:
    there = [billing.speaker.source_id for billing in session.billing.all()]
    return there != [speaker.source_id for speaker in speakers]


def _topics_differ(entry: DraftEvent, event: Event) -> bool:
    wanted = {topic.slug for topic in entry.topics}
    return bool(wanted) and wanted != {topic.slug for topic in event.topics.all()}


def _known_events(draft: Draft, programme: Programme) -> dict[str, Event]:
    billing = SessionSpeaker.objects.select_related("speaker").order_by("position", "pk")
    events = (
        Event.objects.filter(programme=programme, source_id__in=[entry.source_id for entry in draft.entries])
        .prefetch_related("topics", "sessions", Prefetch("sessions__billing", queryset=billing))
        .order_by("pk")
    )
    return {event.source_id: event for event in events}


def _sessions_of(event: Event | None) -> Iterable[Session]:
    return event.sessions.all() if event is not None else ()


def _span(taken: Taken) -> str:
    return f"from {taken.starts_at:%Y-%m-%d %H:%M} to {taken.ends_at:%Y-%m-%d %H:%M} UTC"
