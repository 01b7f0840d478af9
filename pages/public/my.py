"""My registrations: all of one person, opened by a mailed code or link, and what can be done with each (RULES 11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events import vacancies
from events.models import LIVE, Attendee, Event, Group, Registration, Session
from events.operations import switching
from events.reports import attendees
from pages import clock
from pages.public import my_calendars, my_door, states
from pages.public.registration import private


@dataclass(frozen=True, slots=True)
class Line:
    """One registration in words, and what its person can do with it."""

    registration: Registration
    event: Event
    state: states.State
    begins: str
    is_live: bool
    can_answer: bool
    can_move: bool


@require_safe
@private
def my_page(request: HttpRequest) -> HttpResponse:
    """The door, or everything behind it."""
    now = timezone.now()
    attendee = my_door.current(request, now=now)
    return my_door.door_page(request) if attendee is None else overview(request, attendee, now=now)


def overview(
    request: HttpRequest, attendee: Attendee, *, now: datetime, calendars: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The whole page; `calendars` is the form of a calendar link that could not be carried out."""
    rows = list(owned(attendee).order_by("event__first_starts_at", "pk"))
    lines = _lines(rows, now)
    newest = max(rows, key=lambda row: row.pk, default=None)
    context = {
        "address": newest.email if newest else attendee.email_key,
        "lines": [line for line in lines if line.is_live],
        "past": [line for line in reversed(lines) if not line.is_live],
        "groups": list(Group.objects.filter(email_key=attendee.email_key).select_related("event").order_by("-pk")),
        "mail_language": newest.language if newest else get_language(),
        **my_calendars.context(attendee, at=reverse("my-calendars"), **(calendars or {})),
    }
    return render(request, "pages/my.html", context, status=status)


def owned(attendee: Attendee) -> Any:
    """Their registrations, with all that is shown of them."""
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    return (
        Registration.objects.filter(email_key=attendee.email_key)
        .select_related("event__programme__organization")
        .prefetch_related(Prefetch("event__sessions", sessions))
    )


def find(attendee: Attendee, code: str) -> Registration:
    """The one with that code, if it is theirs; Http404 for anybody else's, whatever it is."""
    found: Registration | None = owned(attendee).filter(code=code.upper()).first()
    if found is None:
        raise Http404
    return found


def _lines(rows: Sequence[Registration], now: datetime) -> list[Line]:
    waiting = [row for row in rows if row.status == "waitlisted"]
    places = attendees.positions(waiting)
    in_series = {row.event_id for row in waiting if row.event.series_id is not None}
    lengths = vacancies.waiting(event_ids={row.event_id for row in waiting}, in_series=in_series) if waiting else {}
    others = _series_with_other_runs(rows, now)
    return [
        Line(
            registration=row,
            event=row.event,
            state=states.of(row, now=now, place=places.get(row.pk), waiting=lengths.get(row.event_id), is_proven=True),
            begins=_begins(row.event),
            is_live=row.status in LIVE and not _is_over(row.event, now),
            can_answer=states.is_open(row, now),
            can_move=switching.can_leave(row, now) and bool(others.get(row.event.series_id, set()) - {row.event_id}),
        )
        for row in rows
    ]


def _series_with_other_runs(rows: Iterable[Registration], now: datetime) -> dict[int | None, set[int]]:
    """The runs to come of each series of which somebody could go to another one: one statement, or none."""
    series = {row.event.series_id for row in rows if switching.can_leave(row, now)}
    found: dict[int | None, set[int]] = {}
    if series:
        runs = Event.objects.public().filter(series__in=series, status="published", first_starts_at__gt=now)
        for series_id, pk in runs.exclude(registration="none").values_list("series", "pk"):
            found.setdefault(series_id, set()).add(pk)
    return found


def _begins(event: Event) -> str:
    first = next(iter(event.sessions.all()), None)
    if first is None:
        return ""
    return clock.day(first.starts_on) if first.all_day else clock.moment(first.starts_at, first.timezone)


def _is_over(event: Event, now: datetime) -> bool:
    return event.last_ends_at is not None and event.last_ends_at <= now
