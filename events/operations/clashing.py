"""Nobody is in two places at once where the programme refuses that (SAFETY R2)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from events import whereabouts
from events.errors import DomainError
from events.models import Attendee, Event
from events.whereabouts import elsewhere

__all__ = ["Clash", "busy", "elsewhere", "lock", "lock_all", "refuse"]


class Clash(DomainError):
    """The person is elsewhere at that time, and the programme does not allow it. Says where to proven callers only."""

    code = "clash"


def lock(*, keys: Iterable[str]) -> None:
    """These people by id, after the pools (RULES 9): two registrations of one person are not judged at once."""
    wanted = sorted(set(keys))
    Attendee.objects.bulk_create([Attendee(email_key=key) for key in wanted], ignore_conflicts=True)
    rows = Attendee.objects.filter(email_key__in=wanted).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def lock_all(*, keys: Iterable[str], event: Event) -> None:
    """`lock` for several people at once, in one order, where the programme refuses clashes."""
    if event.programme.clashes == "refuse":
        lock(keys=keys)


def refuse(*, key: str, event: Event, is_proven: bool, now: datetime, is_staff: bool = False) -> None:
    """Clash where the programme refuses who is elsewhere then. Locks the person.

    An unproven caller hears no more than that (RULES 11), and which other runs there are; a proven one which events
    overlap, and which runs fit. An organizer (`is_staff`) hears only of events of the own organization.
    """
    if event.programme.clashes != "refuse":
        return
    lock(keys=[key])
    found = elsewhere(key=key, event=event)
    if not found:
        return
    message = _("This overlaps another event of the same person.")
    if not is_proven:
        raise Clash(message, suggestions=_slugs(_other_runs(event, now)))
    fitting = [run for run in _other_runs(event, now) if not elsewhere(key=key, event=run)]
    own = {"programme__organization": event.programme.organization_id} if is_staff else {}
    events = Event.objects.filter(pk__in=found, **own).order_by("first_starts_at", "pk")
    raise Clash(message, events=_slugs(events), suggestions=_slugs(fitting))


def busy(*, keys: Collection[str], event: Event) -> set[str]:
    """Who of these holds a seat elsewhere at that time, where the programme refuses that. Locks them."""
    if event.programme.clashes != "refuse" or not keys:
        return set()
    lock(keys=keys)
    return whereabouts.busy(keys=keys, event=event)


def _other_runs(event: Event, now: datetime) -> list[Event]:
    """Runs of the series that are to come and that anybody can find, with the programme that they share."""
    if event.series_id is None:
        return []
    runs = Event.objects.public().filter(series=event.series_id, status="published", first_starts_at__gt=now)
    runs = runs.exclude(pk=event.pk).exclude(registration="none")
    return list(runs.select_related("programme").order_by("first_starts_at", "pk"))


def _slugs(events: Iterable[Event]) -> list[str]:
    return [event.slug for event in events]
