"""What must be true of equal runs with one waitlist, and of an event beside them, said without a database.

Times are minutes. A run is named by its number; the last one stands alone and has its own waitlist.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

HOLDING = ("offered", "confirmed")
LIVE = ("waitlisted", *HOLDING)
LENGTH, OFFER = 120, 60


@dataclass(eq=False)
class Entry:
    """One registration; `run` is the one that was wanted, then the one that was had."""

    number: int
    run: int
    accepts: frozenset[int]  # none: any later one
    status: str = ""
    since: int = 0
    deadline: int | None = None


@dataclass
class Run:
    starts: int
    capacity: int
    is_off: bool = False


@dataclass
class Model:
    runs: list[Run]
    waitlist: str
    refuses_clashes: bool
    entries: list[Entry] = field(default_factory=list)
    arrivals: int = 0

    # What can be said of them

    def in_series(self, run: int) -> bool:
        return run < len(self.runs) - 1

    def shared(self, run: int) -> range:
        """The runs that share its waitlist, itself included."""
        last = len(self.runs) - 1
        return range(last) if self.in_series(run) else range(last, last + 1)

    def live(self, number: int) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.number == number and entry.status in LIVE)

    def holders(self, run: int) -> list[Entry]:
        return [entry for entry in self.entries if entry.run == run and entry.status in HOLDING]

    def has_room(self, run: int) -> bool:
        return len(self.holders(run)) < self.runs[run].capacity

    def can_serve(self, run: int, now: int) -> bool:
        return not self.runs[run].is_off and now < self.runs[run].starts

    def does_accept(self, entry: Entry, run: int) -> bool:
        if entry.run == run:
            return True
        if run not in self.shared(entry.run):
            return False
        return run in entry.accepts if entry.accepts else self.runs[entry.run].starts <= self.runs[run].starts

    def waiting(self, run: int) -> list[Entry]:
        """Who would take a seat there, in order."""
        found = [entry for entry in self.entries if entry.status == "waitlisted" and self.does_accept(entry, run)]
        return sorted(found, key=lambda entry: entry.since)

    def overlap(self, one: int, other: int) -> bool:
        """Touching ends do not."""
        if one == other or self.runs[one].is_off or self.runs[other].is_off:
            return False
        return abs(self.runs[one].starts - self.runs[other].starts) < LENGTH

    def is_busy(self, number: int, run: int) -> bool:
        """Whether they hold a seat elsewhere at that time, where that counts."""
        held = [entry for entry in self.live(number) if entry.status in HOLDING]
        return self.refuses_clashes and any(self.overlap(entry.run, run) for entry in held)

    def serve(self, run: int, now: int) -> None:
        for entry in self.waiting(run) if self.can_serve(run, now) else ():
            if self.has_room(run) and not self.is_busy(entry.number, run):
                is_offer = self.waitlist == "offer"
                entry.run, entry.status = run, "offered" if is_offer else "confirmed"
                entry.deadline = min(now + OFFER, self.runs[run].starts) if is_offer else None

    def serve_all(self, run: int, now: int) -> None:
        for other in self.shared(run):
            self.serve(other, now)

    def end(self, entry: Entry, status: str) -> None:
        entry.status, entry.deadline = status, None

    # What people do: what they may be told

    def register(self, number: int, run: int, accepts: frozenset[int], now: int) -> set[str]:
        """More than one answer is right where several things stand in the way; nothing happened then."""
        if self.runs[run].is_off:
            return {"event_cancelled"}
        if now >= self.runs[run].starts:
            return {"registration_closed"}
        refusals = set()
        if any(entry.run in self.shared(run) for entry in self.live(number)):
            refusals.add("already_registered")
        if self.refuses_clashes and any(self.overlap(entry.run, run) for entry in self.live(number)):
            refusals.add("clash")
        if refusals:
            return refusals
        self.serve(run, now)
        entry = Entry(number, run, accepts | {run} if accepts else accepts)
        entry.status = "confirmed" if self.has_room(run) else "waitlisted"
        if entry.status == "waitlisted":
            self.arrivals += 1
            entry.since = self.arrivals
        self.entries.append(entry)
        return {"ok"}

    def cancel(self, entry: Entry, now: int) -> str:
        if entry.status not in LIVE:
            return "ok" if entry.status == "cancelled" else "registration_not_live"
        self.end(entry, "cancelled")
        self.serve_all(entry.run, now)
        return "ok"

    def accept(self, entry: Entry, now: int) -> str:
        if entry.status == "offered" and entry.deadline is not None and now < entry.deadline:
            entry.status, entry.deadline = "confirmed", None
        return "ok" if entry.status == "confirmed" else "offer_ended"

    def decline(self, entry: Entry, now: int) -> str:
        if entry.status == "offered":
            self.end(entry, "declined")
            self.serve_all(entry.run, now)
        return "ok" if entry.status == "declined" else "offer_ended"

    # What the organizer does

    def resize(self, run: int, capacity: int, now: int, *, over_commit: bool) -> str:
        is_cut = capacity < self.runs[run].capacity
        if is_cut and len(self.holders(run)) > capacity and not over_commit:
            return "capacity_below_taken"
        self.runs[run].capacity = capacity
        self.serve(run, now)
        return "ok"

    def call_off(self, run: int, now: int) -> None:
        """Who only waits, and takes another run that is to come, waits for that one now."""
        self.runs[run].is_off = True
        self._leave(run, now)
        for entry in self.entries:
            if entry.run == run and entry.status in LIVE:
                self.end(entry, "cancelled")

    def let_time_pass(self, now: int) -> None:
        """Offers run out, waitlists of what has begun end, and whoever can have a seat by now has it."""
        for run in range(len(self.runs)):
            due = [one for one in self.holders(run) if one.deadline is not None and one.deadline <= now]
            for entry in due:
                self.end(entry, "expired")
            if due:
                self.serve_all(run, now)
        for run, row in enumerate(self.runs):
            if row.starts <= now:
                self._leave(run, now)
                for entry in [one for one in self.entries if one.run == run and one.status == "waitlisted"]:
                    self.end(entry, "expired")
        for run in range(len(self.runs)):
            self.serve(run, now)

    def _leave(self, run: int, now: int) -> None:
        others = [other for other in range(len(self.runs)) if other != run and self.can_serve(other, now)]
        for other in sorted(others, key=lambda number: (self.runs[number].starts, number)):
            for entry in self.waiting(other):
                if entry.run == run:
                    entry.run = other
