"""The list of events that a query selects: a row for each, under the day of its first session that matches."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _

from events import filters
from events.models import ANONYMOUS, Event, Session, SessionSpeaker
from pages import availability, clock
from pages.public.query import PAGE

ROWS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the list shows it. `session` is its first that matches, `others` how many more match."""

    event: Event
    session: Session | None
    times: clock.Times | None
    others: int
    availability: availability.Availability


@dataclass(frozen=True, slots=True)
class Day:
    """The rows that begin on one local day; `title` is that day in words."""

    title: str
    iso: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list. `previous` and `next` are page numbers, None at the ends."""

    days: list[Day]
    total: int
    page: int
    pages: int
    previous: int | None
    next: int | None
    zones: list[str]


def listing(query: QueryDict, *, now: datetime, rows: int = ROWS) -> Listing:
    """What the query selects, in order of time (past ones latest first). FilterRefused names what is wrong in it."""
    chosen = in_order(query, now=now)
    paginator = Paginator(chosen, rows)
    number = _page_number(query.get(PAGE, "1"), paginator.num_pages)
    page = paginator.page(number)
    events = list(page)
    stands = availability.of(events, now=now)
    shown = [_row(event, stands[event.pk]) for event in events]
    days = [Day(*key, list(found)) for key, found in groupby(shown, key=_day)]
    return Listing(
        days=days,
        total=paginator.count,
        page=number,
        pages=paginator.num_pages,
        previous=number - 1 if page.has_previous() else None,
        next=number + 1 if page.has_next() else None,
        zones=sorted({row.times.zone_in_full for row in shown if row.times}),
    )


def in_order(query: QueryDict, *, now: datetime) -> QuerySet[Event]:
    """The public events of the query by `shown_at`, each with its readable sessions that match, the shown one first."""
    events = filters.events(
        queryset=Event.objects.public(), query=query, actor=ANONYMOUS, now=now, besides=[PAGE], lenient=True
    )
    latest_first = query.get("when") == "past"
    matching = filters.matching(queryset=Session.objects.readable(), query=query, actor=ANONYMOUS, now=now)
    matching = matching.in_order(latest_first=latest_first)
    shown_at = Subquery(matching.filter(event=OuterRef("pk")).values("starts_at")[:1])
    at = F("shown_at")
    order = [at.desc(nulls_last=True), "-pk"] if latest_first else [at.asc(nulls_last=True), "pk"]
    billing = SessionSpeaker.objects.select_related("speaker").order_by("position", "pk")
    rooms_and_speakers = matching.select_related("room__venue").prefetch_related(Prefetch("billing", billing))
    return (
        events.annotate(shown_at=shown_at)
        .order_by(*order)
        .select_related("programme")
        .prefetch_related(Prefetch("sessions", rooms_and_speakers, to_attr="matching"))
    )


def _row(event: Event, stands: availability.Availability) -> Row:
    matching: list[Session] = event.matching  # type: ignore[attr-defined]  # prefetched by in_order
    session = matching[0] if matching else None
    return Row(
        event=event,
        session=session,
        times=clock.times(session) if session else None,
        others=max(len(matching) - 1, 0),
        availability=stands,
    )


def _day(row: Row) -> tuple[str, str]:
    return (row.times.day, row.times.day_iso) if row.times else (_("Date to be announced"), "")


def _page_number(written: str, pages: int) -> int:
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= pages):
        raise filters.FilterRefused({PAGE: [_("Write a page number from 1 to %(pages)d.") % {"pages": pages}]})
    return int(written)
