"""Who registered for an event, in a list that members filter and sort; viewers see the numbers alone."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _

from events.models import Audience, Event, Question
from events.reports import reach
from pages.organizer import listing
from pages.organizer.desk import Desk, for_members
from pages.organizer.entering_form import EntryForm
from pages.organizer.listing import FilterForm

PAGE = "organize-event"
FILTERS = ("q", "status", "audience", "shortlisted", "partner", "group")
KEPT = (*FILTERS, "ordering", "page")


@for_members
def event_page(desk: Desk) -> HttpResponse:
    return page(desk) if desk.may_edit else desk.page("pages/organize_numbers.html", {})


def page(
    desk: Desk, *, asked: Any = None, chosen: tuple[str, ...] = (), problem: str = "", entry: EntryForm | None = None,
    reason: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The list as it was `asked` for (the address says it, unless given), with what went wrong."""
    audiences, questions = audiences_of(desk.event), questions_of(desk.event)
    asked = desk.request.GET if asked is None else asked
    form = FilterForm(desk.event, audiences, asked)
    rows = Paginator(form.rows(), listing.ROWS).get_page(asked.get("page"))
    lines = listing.shown(rows, event=desk.event, questions=questions, chosen=chosen)
    context = {
        "tab": "attendees",
        "filters": form,
        "page": rows,
        "rows": lines,
        "can_choose": any(line.is_open for line in lines),
        "columns": _columns(asked),
        "query": kept(asked),
        "elsewhere": kept(asked, page=""),
        "reason": reason,
        "problem": problem,
        "entry": entry or EntryForm(audiences, questions),
        "reach": reach.of(desk.event),
        "downloads": f"/api/v1/events/{desk.event.slug}/attendees",
        "download_query": kept(asked, ordering="", page=""),
    }
    return desk.page("pages/organize_attendees.html", context, status=status if form.is_valid() else 400)


def audiences_of(event: Event) -> list[Audience]:
    """Those the event is for, or all where it is for everybody; and what somebody registered as before."""
    meant = Q(events=event) if event.audiences.exists() else Q()
    rows = Audience.objects.filter(meant | Q(registration__event=event))
    return list(rows.distinct().order_by("position", "pk"))


def questions_of(event: Event) -> list[Question]:
    return list(Question.objects.filter(event=event).order_by("position", "pk"))


def kept(asked: Any, **other: str) -> str:
    """The query string that asks for the same list, but for these values."""
    values = {name: asked.get(name, "") for name in KEPT} | other
    return urlencode({name: value for name, value in values.items() if value}, safe=",")


def _columns(asked: Any) -> list[dict[str, str]]:
    """Each with the link that sorts by it, and how it is sorted now."""
    now = asked.get("ordering") or "created_at"
    titles = {
        "name": _("Name"), "email": _("E-mail address"), "audience": _("Audience"), "status": _("Status"),
        "waits": _("Place on the waitlist"), "created_at": _("Since"),
    }  # fmt: skip
    return [_column(name, title, now, asked) for name, title in titles.items()]


def _column(name: str, title: str, now: str, asked: Any) -> dict[str, str]:
    onward = f"-{name}" if now == name and f"-{name}" in listing.ORDERS else name
    sorted_by = "ascending" if now == name else "descending" if now == f"-{name}" else ""
    return {"title": title, "query": kept(asked, ordering=onward, page=""), "sorted": sorted_by}
