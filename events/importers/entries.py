"""One entry at a time: a bad one is refused by line, the rest is kept; a bad file is refused as a whole."""

from collections.abc import Callable
from dataclasses import replace

from events.errors import DomainError
from events.operations.drafting import Draft, DraftEvent, DraftRoom, Refused

MAX_EVENTS = 5_000
MAX_SESSIONS = 10_000


class ImportRefused(DomainError):
    """The file as a whole cannot be taken; nothing was read from it."""

    status = 400

    def __init__(self, code: str, message: str, *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"Line {line}: {message}", field="file", line=line)
        self.code = code


class Unfit(Exception):
    """This entry cannot be taken: which field, a stable code, and what would be right."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.code = code
        self.detail = detail


class Collector:
    """Gathers entries and refusals of one file, within the limits."""

    def __init__(self) -> None:
        self.entries: list[DraftEvent] = []
        self.refused: list[Refused] = []
        self.notes: list[str] = []
        self._rooms: dict[tuple[str, str], DraftRoom] = {}
        self._line_of: dict[str, int | None] = {}
        self._sessions = 0

    def take(self, line: int | None, ref: str, build: Callable[[], DraftEvent]) -> None:
        """Keep what `build` makes, or note why it cannot be kept."""
        if len(self.entries) + len(self.refused) >= MAX_EVENTS:
            raise ImportRefused("too_many_entries", f"A file may hold {MAX_EVENTS:,} entries; split it.", line=line)
        try:
            entry = build()
            self._refuse_duplicate(entry)
        except Unfit as unfit:
            self.refuse(line, ref, unfit)
            return
        self._sessions += len(entry.sessions)
        if self._sessions > MAX_SESSIONS:
            raise ImportRefused("too_many_entries", f"A file may hold {MAX_SESSIONS:,} sessions; split it.", line=line)
        self._line_of[entry.source_id] = line
        self.entries.append(entry)

    def refuse(self, line: int | None, ref: str, unfit: Unfit) -> None:
        self.refused.append(Refused(line, ref[:200], unfit.field, unfit.code, unfit.detail[:500]))

    def room(self, room: DraftRoom) -> None:
        """The file names this room; what it says of it later adds to what it said before."""
        known = self._rooms.get((room.venue, room.name), room)
        seats = known.seats if known.seats is not None else room.seats
        self._rooms[room.venue, room.name] = replace(known, source_id=known.source_id or room.source_id, seats=seats)

    def draft(self, format_name: str, *, title: str = "", timezone: str | None = None) -> Draft:
        """All of it. Rooms that only refused entries named are left out."""
        used = {(session.venue, session.room) for entry in self.entries for session in entry.sessions if session.room}
        for venue, name in used - self._rooms.keys():
            self._rooms[venue, name] = DraftRoom(name, venue)
        rooms = [self._rooms[key] for key in sorted(used)]
        return Draft(format_name, title, timezone, self.entries, self.refused, rooms, self.notes)

    def _refuse_duplicate(self, entry: DraftEvent) -> None:
        if entry.source_id in self._line_of:
            first = self._line_of[entry.source_id]
            raise Unfit("source_id", "duplicate", f"{entry.source_id!r} is already the entry of line {first}")
