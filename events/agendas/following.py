"""A calendar link as whoever follows it finds it: what it shows, what vouches for that, and what it was last sent."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Subquery

from events.models import CalendarLink, ScheduleVersion
from events.models.prepared import Prepared, Slot
from events.models.subscription import own_revision
from events.models.tokens import opens, row_of

KIND = "calendar"


@dataclass(frozen=True, slots=True)
class Following:
    """`version` is the schedule's now, `own` the person's: together with the link's own they vouch for every byte."""

    pk: int
    generation: int
    revision: int
    attendee: int
    scope: str
    alarm_minutes: int | None
    language: str
    last_fetched_at: datetime | None
    sent_version: int | None
    sent_revision: int | None
    sent_etag: str
    version: int
    own: int

    @property
    def vouched(self) -> Hashable:
        return self.version, self.own, self.revision, self.generation

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing can be different from what was sent last."""
        return (self.sent_version, self.sent_revision) == (self.version, self.own)


def find(token: str) -> Following | None:
    """The live link that the token opens, in one statement; None for any other."""
    pk = row_of(token)
    row = _links.first(pk=pk) if pk is not None else None
    if row is None:
        return None
    *of_link, version, own = row
    columns: list[Any] = [*of_link, version or 0, own or 0]
    link = Following(*columns)
    return link if opens(token, kind=KIND, row_id=link.pk, generation=link.generation) else None


_links = Prepared(
    lambda: (
        CalendarLink.objects.live()
        .filter(pk=Slot("pk", BigIntegerField()))
        .order_by()
        .values_list(
            "pk", "generation", "revision", "attendee_id", "scope", "alarm_minutes", "language",
            "last_fetched_at", "sent_version", "sent_revision", "sent_etag",
            Subquery(ScheduleVersion.objects.filter(pk=1).values("number")),
            own_revision(),
        )
    )
)  # fmt: skip
