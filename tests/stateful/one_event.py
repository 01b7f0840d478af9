"""What must be true of one event and everybody who wants to come, said in plain Python, without a database.

Times are minutes. Every method that stands for an operation returns what people are told: "ok" or the code of the
refusal. Who sits in which pool is not kept: that everybody can sit (`tests.seat_oracle`) is all that matters.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tests.seat_oracle import Limit, Person, can_join, fit

HOLDING = ("offered", "confirmed")
LIVE = ("applied", "waitlisted", *HOLDING)
OFFER, PROOF = 60, 30
DAY = 24 * 60


@dataclass(eq=False)
class Entry:
    """One registration of one person."""

    number: int
    who: Person
    status: str
    is_proven: bool = False
    has_code: bool = False
    group: int | None = None
    since: int = 0
    deadline: int | None = None


@dataclass
class Quota:
    limit: Limit
    is_released: bool = False


@dataclass
class Policy:
    """What the event's organizer chose once and for all."""

    registration: str = "open"
    waitlist: str = "automatic"
    needs_proof: bool = False
    passes_groups: bool = False
    closes: int | None = None
    minimum: int | None = None
    decides: int | None = None
    code_uses: int = 2
    releases_days_before: int = 2


@dataclass
class Model:
    policy: Policy
    capacity: int
    starts: list[int]  # of its sessions
    status: str = "published"
    decision: str = ""
    is_drawn: bool = False
    off: set[int] = field(default_factory=set)  # cancelled sessions
    quotas: dict[str, Quota] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)  # of each person the last one
    arrivals: int = 0
    groups: int = 0

    # What can be said of it

    @property
    def begins(self) -> int:
        live = [starts for number, starts in enumerate(self.starts) if number not in self.off]
        return min(live or self.starts)

    @property
    def releases(self) -> int:
        """When a floor is released."""
        return self.begins - self.policy.releases_days_before * DAY

    @property
    def limits(self) -> list[Limit]:
        """The quotas in force, and what they leave open. Who sits in a released one sits in an open seat now."""
        active = [quota.limit for quota in self.quotas.values() if not quota.is_released]
        reserved = sum(limit.seats or 0 for limit in active if limit.kind != "ceiling")
        return [Limit("open", self.capacity - reserved), *active]

    @property
    def holders(self) -> list[Person]:
        return [entry.who for entry in self.entries.values() if entry.status in HOLDING]

    @property
    def used(self) -> int:
        """How often the code was used by somebody who is live."""
        return sum(entry.has_code for entry in self.entries.values() if entry.status in LIVE)

    @property
    def may_be_stuck(self) -> int:
        """How many may be counted in released quotas, which keep who is in them."""
        released = [
            quota.limit for quota in self.quotas.values() if quota.is_released and quota.limit.kind != "ceiling"
        ]
        return sum(any(limit.is_for(who) for limit in released) for who in self.holders)

    def standing(self) -> dict[int, str]:
        return {number: entry.status for number, entry in self.entries.items()}

    def waiting(self) -> list[Entry]:
        """Who waits, in order."""
        waiting = [entry for entry in self.entries.values() if entry.status == "waitlisted"]
        return sorted(waiting, key=lambda entry: (not entry.has_code, entry.since))

    def can_serve(self, now: int) -> bool:
        return self.status == "published" and now < self.begins

    def can_join(self, *party: Person) -> bool:
        return can_join(self.limits, self.holders, party)

    def serve(self, now: int) -> bool:
        """Those who wait and can sit do so, in order; whether seats are kept for a group that needs more of them."""
        if not self.can_serve(now):
            return False
        parties = groupby(self.waiting(), key=lambda entry: entry.group or -entry.number - 1)
        for party in [list(members) for _group, members in parties]:
            whos = [entry.who for entry in party]
            if self.can_join(*whos):
                for entry in party:
                    self.let_in(entry, now, is_offer=self.policy.waitlist == "offer")
            elif self._is_kept_for(whos):
                return True
        return False

    def _is_kept_for(self, group: Sequence[Person]) -> bool:
        """The last free seats are too few for the group, nothing else is wrong, and one day there can be enough."""
        fitting = next(size for size in range(len(group) + 1) if not self.can_join(*group[: size + 1]))
        is_full = len(self.holders) + fitting >= self.capacity
        is_kept = len(group) > 1 and is_full and not self.policy.passes_groups and fit(self.limits, group)
        return is_kept and any(self.can_join(who) for who in group)

    def let_in(self, entry: Entry, now: int, *, is_offer: bool) -> None:
        must_accept = is_offer or (self.policy.needs_proof and not entry.is_proven)
        entry.status = "offered" if must_accept else "confirmed"
        until = min(now + OFFER, self.begins) if self.begins > now else now + OFFER
        entry.deadline = until if must_accept else None

    def end(self, entry: Entry, status: str) -> None:
        entry.status, entry.deadline = status, None

    # Who comes and goes

    def register(
        self, party: Sequence[tuple[int, Person]], now: int, *, is_staff: bool = False, has_code: bool = False
    ) -> str:
        """One person, or several as one group."""
        refusal = self._closed(now, is_staff=is_staff)
        if refusal:
            return refusal
        if any(number in self.entries and self.entries[number].status in LIVE for number, _who in party):
            return "already_registered"
        if has_code and self.used >= self.policy.code_uses:
            return "code_required"
        self.groups += 1
        group = self.groups if len(party) > 1 else None
        new = [Entry(number, who, "", is_staff, has_code, group) for number, who in party]
        if self.policy.registration == "approval" and not is_staff:
            return self._write(new, "applied")
        is_held = self.serve(now)
        if not is_held and self.can_join(*(entry.who for entry in new)):
            status = "confirmed" if is_staff or not self.policy.needs_proof else "offered"
            return self._write(new, status, deadline=now + PROOF if status == "offered" else None)
        if (
            self.policy.waitlist == "off"
            or not self.can_serve(now)
            or (group and not fit(self.limits, [entry.who for entry in new]))
        ):
            return "event_full"
        self.arrivals += 1
        return self._write(new, "waitlisted")

    def _closed(self, now: int, *, is_staff: bool) -> str:
        if self.status == "cancelled":
            return "event_cancelled"
        closes = self.begins if self.policy.closes is None else self.policy.closes
        return "registration_closed" if self.status == "draft" or (now >= closes and not is_staff) else ""

    def _write(self, new: Iterable[Entry], status: str, *, deadline: int | None = None) -> str:
        for entry in new:
            entry.status, entry.deadline, entry.since = status, deadline, self.arrivals
            self.entries.pop(entry.number, None)  # who comes again comes last
            self.entries[entry.number] = entry
        return "ok"

    def cancel(self, number: int, now: int) -> str:
        entry = self.entries[number]
        if entry.status == "cancelled":
            return "ok"
        if entry.status not in LIVE:
            return "registration_not_live"
        self.end(entry, "cancelled")
        self.serve(now)
        return "ok"

    def accept(self, number: int, now: int) -> str:
        entry = self.entries[number]
        if entry.status == "confirmed":
            return "ok"
        if entry.status != "offered" or entry.deadline is None or now >= entry.deadline:
            return "offer_ended"
        entry.status, entry.deadline, entry.is_proven = "confirmed", None, True
        return "ok"

    def decline(self, number: int, now: int) -> str:
        entry = self.entries[number]
        if entry.status not in ("offered", "declined"):
            return "offer_ended"
        self.end(entry, "declined")
        self.serve(now)
        return "ok"

    # Who chooses

    def approve(self, numbers: Sequence[int], now: int) -> str:
        if any(self.entries[number].status != "applied" for number in numbers):
            return "not_an_application"
        is_held, left = self.serve(now), []
        for entry in [self.entries[number] for number in numbers]:
            if is_held or not self.can_join(entry.who):
                left.append(entry)
            else:
                self.let_in(entry, now, is_offer=False)
        for entry in left if self.policy.waitlist != "off" and self.can_serve(now) else ():
            self.arrivals += 1
            entry.status, entry.since = "waitlisted", self.arrivals
        return "ok"

    def turn_down(self, numbers: Sequence[int], now: int) -> str:
        if any(self.entries[number].status not in ("applied", "waitlisted", "offered") for number in numbers):
            return "not_an_application"
        for number in numbers:
            self.end(self.entries[number], "declined")
        self.serve(now)
        return "ok"

    def draw(self, codes: dict[int, str], seed: str, now: int) -> str:
        """Anybody can compute it: SHA-256 of the seed, a colon, and half of half the SHA-256 of the code."""
        applied = [number for number, entry in self.entries.items() if entry.status == "applied"]
        if self.is_drawn or self.policy.closes is None or now < self.policy.closes or not applied:
            return "draw_not_possible"
        lots = {number: _sha256(f"{seed}:{_sha256(codes[number])[:16]}") for number in applied}
        ranked = sorted(applied, key=lambda number: lots[number])
        self.approve(ranked, now)
        for number in ranked:
            if self.entries[number].status == "applied":
                self.end(self.entries[number], "declined")
        self.is_drawn = True
        return "ok"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
