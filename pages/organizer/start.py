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

from events.models import Actor, Event, Member, Person, Programme
from events.models.actor import READING
from pages import clock

EVENTS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One event with its seats: `taken` of `seats`, None where they are unlimited."""

    event: Event
    taken: int
    seats: int | None
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
    lines = [_line(event) for event in page]
    context = {
        "memberships": memberships,
        "page": page,
        "programmes": [(programme, list(rest)) for programme, rest in groupby(lines, key=_programme)],
        "example": next((member.organization for member in memberships if member.role in READING), None),
        "language": get_language(),
    }
    return render(request, "pages/organize.html", context)


def own_events(actor: Actor) -> QuerySet[Event]:
    """The events of the organizations in which the actor may read, programme by programme in order of time."""
    own = Q(programme__organization__in=actor.organizations(READING))
    return (
        Event.objects.filter(Q() if actor.is_operator else own)
        .select_related("programme__organization")
        .prefetch_related("pools")
        .annotate(session_count=Count("sessions"))
        .order_by(
            "programme__title_ko", "programme__title_en", "programme", F("first_starts_at").asc(nulls_last=True), "pk"
        )
    )


def _line(event: Event) -> Line:
    pools = list(event.pools.all())
    unlimited = any(pool.is_unlimited for pool in pools)
    return Line(
        event=event,
        taken=sum(pool.taken for pool in pools),
        seats=None if unlimited else sum(pool.seats for pool in pools),
        begins=clock.moment(event.first_starts_at, event.programme.timezone) if event.first_starts_at else "",
    )


def _programme(line: Line) -> Programme:
    return line.event.programme
