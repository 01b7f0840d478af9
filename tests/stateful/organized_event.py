"""What an event's organizer, and time, do to it: more of the plain model (`one_event`)."""

from tests.seat_oracle import Limit, short
from tests.stateful.one_event import LIVE, Model, Quota


class OrganizedEvent(Model):
    """Where two answers can be right, it says both: who sits in which pool is not known here."""

    def resize(self, capacity: int, now: int, *, over_commit: bool) -> set[str]:
        """Which answers are right; `resized` makes it true."""
        reserved = self.capacity - (self.limits[0].seats or 0)
        if capacity < reserved:
            return {"capacity_below_reserved"}
        new = [Limit("open", capacity - reserved), *self.limits[1:]]
        is_refused = capacity < self.capacity and short(new, self.holders) > 0 and not over_commit
        right = {"capacity_below_taken" if is_refused else "ok"}
        return right | {"capacity_below_reserved"} if capacity < reserved + self.may_be_stuck else right

    def resized(self, capacity: int, now: int) -> None:
        self.capacity = capacity
        self.serve(now)

    def set_aside(self, name: str, limit: Limit, now: int, *, over_commit: bool) -> set[str]:
        """Which answers are right for a quota of this size, new or not; `quota_is` makes it true."""
        old = self.quotas.get(name)
        if old is None and limit.kind == "floor" and self.releases <= now:
            return {"invalid"}
        if old is not None and old.is_released:
            return {"quota_released"}
        if limit.kind == "ceiling":
            is_over = sum(limit.is_for(who) for who in self.holders) > (limit.seats or 0)
            return {"quota_below_taken" if is_over and not over_commit else "ok"}
        before = (old.limit.seats or 0) if old else 0
        more, left = (limit.seats or 0) - before, self.limits[0].seats or 0
        others = [other for other in self.limits[1:] if old is None or other != old.limit]
        new = [Limit("open", left - more), limit, *others]
        is_refused = more > left or (more > 0 and short(new, self.holders) > 0)
        right = {"quota_too_large" if is_refused else "ok"}
        if more > 0 and more > left - self.may_be_stuck:
            right.add("quota_too_large")
        # Who is counted in it, and could sit elsewhere, is not moved out for a smaller one.
        if more < 0 and sum(limit.is_for(who) for who in self.holders) > (limit.seats or 0):
            right.add("quota_below_taken")
        return right

    def quota_is(self, name: str, limit: Limit, now: int) -> None:
        self.quotas[name] = Quota(limit)
        self.serve(now)

    def release(self, name: str, now: int) -> None:
        self.quotas[name].is_released = True
        self.serve(now)

    def call_off(self) -> None:
        self.status, self.off = "cancelled", set(range(len(self.starts)))
        for entry in self.entries.values():
            if entry.status in LIVE:
                self.end(entry, "cancelled")

    def decide(self, *, takes_place: bool) -> str:
        if self.status != "published" or self.policy.minimum is None or self.decision:
            return "nothing_to_decide"
        self.decision = "go" if takes_place else "no_go"
        if not takes_place:
            self.call_off()
        return "ok"

    def is_due(self, now: int) -> bool:
        """Whether the day has come on which it is decided."""
        return self.policy.decides is not None and not self.decision and self.policy.decides <= now

    def let_time_pass(self, now: int) -> None:
        """Offers run out, a floor is released, the event is decided, its waitlist ends."""
        for entry in self.entries.values():
            if entry.status == "offered" and entry.deadline is not None and entry.deadline <= now:
                self.end(entry, "expired")
        self.serve(now)
        floor = self.quotas.get("floor")
        if floor and not floor.is_released and self.releases <= now:
            self.release("floor", now)
        if self.is_due(now):
            coming = sum(entry.status == "confirmed" for entry in self.entries.values())
            self.decide(takes_place=coming >= (self.policy.minimum or 0))
        if self.begins <= now:
            for entry in self.waiting():
                self.end(entry, "expired")
