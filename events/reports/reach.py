"""Whose calendar has an event as it is now: what each calendar link was last sent, against what changed since."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max, QuerySet

from events.models import CalendarLink, Event, Registration, Session
from events.models.subscription import own_revision

# Times are taken before a transaction commits, so a time alone tells only of what is older than any transaction.
SETTLED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Of the live registrations of one event how many have it in a calendar; `version` is that of its newest change.

    `up_to_date`: one of the person's links that show the registration was fetched since the event, and the
    registration itself, last changed. `stale`: there are such links, and none was. `without_link`: there is none.
    """

    version: int
    up_to_date: int
    stale: int
    without_link: int

    @property
    def registrations(self) -> int:
        return self.up_to_date + self.stale + self.without_link


def of(event: Event) -> Reach:
    """As the tables are now, in three statements."""
    version, changed_at = _changed(event)
    live = Registration.objects.live().filter(event=event)
    links = _links(live)
    found = {"up_to_date": 0, "stale": 0, "without_link": 0}
    for key, status, updated_at in live.order_by("pk").values_list("email_key", "status", "updated_at"):
        showing = [link for link in links[key] if link.scope == "all" or status == "confirmed"]
        has_it = any(_has(link, version=version, changed_at=changed_at, updated_at=updated_at) for link in showing)
        found["up_to_date" if has_it else "stale" if showing else "without_link"] += 1
    return Reach(version=version, **found)


@dataclass(frozen=True, slots=True)
class _Link:
    scope: str
    fetched_at: datetime | None
    version: int | None
    revision: int | None
    own: int | None


def _links(live: QuerySet[Registration]) -> dict[str, list[_Link]]:
    """The links of these people, by their `email_key`."""
    rows = CalendarLink.objects.live().filter(attendee__email_key__in=live.values("email_key")).order_by("pk")
    columns = ("scope", "last_fetched_at", "sent_version", "sent_revision")
    found: dict[str, list[_Link]] = defaultdict(list)
    for key, *link in rows.values_list("attendee__email_key", *columns, own_revision()):
        found[key].append(_Link(*link))
    return found


def _changed(event: Event) -> tuple[int, datetime | None]:
    """The version of the newest of the event's sessions, and when an entry of theirs last changed."""
    rows = Session.objects.filter(event=event)
    found = rows.aggregate(version=Max("version"), stamp=Max("participant_fragments__stamp"))
    stamp = found["stamp"]
    return found["version"] or 0, datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if stamp else None


def _has(link: _Link, *, version: int, changed_at: datetime | None, updated_at: datetime) -> bool:
    """Whether what the link was sent held the event and the registration as they are now.

    The numbers tell it exactly, but they rise with other things too: then the times do, as soon as they are settled.
    """
    if link.fetched_at is None or not link.version:  # never asked for, or not since the link was changed
        return False
    settled = link.fetched_at - SETTLED
    has_event = link.version >= version or (changed_at is not None and changed_at <= settled)
    return has_event and (link.revision == link.own or updated_at <= settled)
