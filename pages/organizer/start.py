"""Where members start: their organizations, and how every event of theirs stands."""

from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events import vacancies
from events.models import Actor, Event, Member, Person, Programme
from events.models.actor import EDITING, READING
from pages import clock

EVENTS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One event with its seats, and how many people wait for one."""

    event: Event
    seats: vacancies.Vacancy
    waiting: int
    begins: str


@never_cache
@login_required
@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]  # login_required has seen to it
    memberships = list(Member.objects.filter(person=person).select_related("organization").order_by("organization"))
    actor = person.as_actor()
    paginator = Paginator(own_events(actor), EVENTS)
    page = paginator.get_page(request.GET.get("page"))
    lines = _lines(list(page))
    context = {
        "memberships": memberships,
        "page": page,
        "programmes": [(programme, list(rest)) for programme, rest in groupby(lines, key=_programme)],
        "example": next((member.organization for member in memberships if member.role in READING), None),
        "language": get_language(),
        "planning": actor.organizations(EDITING),
    }
    return render(request, "pages/organize.html", context)


def own_events(actor: Actor) -> QuerySet[Event]:
    """The events of the organizations in which the actor may read, programme by programme in order of time."""
    return (
        of_organizations(actor)
        .select_related("programme__organization")
        .annotate(session_count=Count("sessions"))
        .order_by(
            "programme__title_ko", "programme__title_en", "programme", F("first_starts_at").asc(nulls_last=True), "pk"
        )
    )


def of_organizations(actor: Actor) -> QuerySet[Event]:
    """The events that the actor reads as a member, drafts included; an operator reads all."""
    own = Q(programme__organization__in=actor.organizations(READING))
    return Event.objects.filter(Q() if actor.is_operator else own)


def _lines(events: list[Event]) -> list[Line]:
    ids = [event.pk for event in events]
    seats, waiting = vacancies.of(event_ids=ids), vacancies.waiting(event_ids=ids)
    return [
        Line(
            event=event,
            seats=seats[event.pk],
            waiting=waiting.get(event.pk, 0),
            begins=clock.moment(event.first_starts_at, event.programme.timezone) if event.first_starts_at else "",
        )
        for event in events
    ]


def _programme(line: Line) -> Programme:
    return line.event.programme
