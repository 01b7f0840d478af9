"""The steps of a re-plan: one session each, as it is and as it would be."""

from typing import NamedTuple

from events.models import Session
from venues.availability import Wish


class Step(NamedTuple):
    """One session as it is, its event, programme and room loaded, and as it would be, which is not stored.

    `speakers`: the ids of those who would speak; None: the same as now.
    """

    before: Session
    after: Session
    speakers: tuple[int, ...] | None = None

    @property
    def moves_in_time(self) -> bool:
        return (self.before.starts_at, self.before.ends_at) != (self.after.starts_at, self.after.ends_at)

    @property
    def changes_room(self) -> bool:
        return self.before.room_id != self.after.room_id

    @property
    def is_noticed(self) -> bool:
        """Whether who is registered has to hear of it: time, place, status or joining link (RULES 22)."""
        names = ("online", "joining_url", "status", "timezone")
        others = any(getattr(self.before, name) != getattr(self.after, name) for name in names)
        return self.moves_in_time or self.changes_room or others

    @property
    def wish(self) -> Wish | None:
        """The room that it would hold, where it moves at all."""
        if self.after.room_id is None or not (self.moves_in_time or self.changes_room):
            return None
        holder = self.before.event.programme.organization.uid
        return Wish(self.after.uid, holder, self.after.room_id, self.after.starts_at, self.after.ends_at)
