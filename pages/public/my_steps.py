"""What somebody does with one of their registrations: every step is asked once more, and done by POST only."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from events.errors import DomainError
from events.models import ANONYMOUS, Attendee, Event, Registration
from events.operations import offering, registering, switching
from pages import availability, clock
from pages.public import my, states
from pages.public.event import Run, other_runs
from pages.public.my_door import own
from pages.public.registration import discreet, shown

Step = Callable[[Registration, datetime], object]


@require_http_methods(["GET", "HEAD", "POST"])
@own
def cancel(request: HttpRequest, attendee: Attendee, code: str) -> HttpResponse:
    def act(registration: Registration, now: datetime) -> None:
        registering.cancel(registration=registration, actor=ANONYMOUS, now=now)

    return _asked(request, my.find(attendee, code), act, template="pages/cancel.html")


@require_http_methods(["GET", "HEAD", "POST"])
@own
def accept(request: HttpRequest, attendee: Attendee, code: str) -> HttpResponse:
    """Who is here has opened what was mailed to that address, which proves it too (RULES 11)."""

    def act(registration: Registration, now: datetime) -> None:
        offering.accept(registration=registration, by_link=True, now=now)

    return _asked(request, my.find(attendee, code), act, template="pages/my_accept.html")


@require_http_methods(["GET", "HEAD", "POST"])
@own
def decline(request: HttpRequest, attendee: Attendee, code: str) -> HttpResponse:
    def act(registration: Registration, now: datetime) -> None:
        offering.decline(registration=registration, now=now)

    return _asked(request, my.find(attendee, code), act, template="pages/decline.html")


@require_safe
@own
def runs_page(request: HttpRequest, attendee: Attendee, code: str) -> HttpResponse:
    """The other dates, each with its seats."""
    registration, now = my.find(attendee, code), timezone.now()
    return _to_choose(request, registration, now)


@require_http_methods(["GET", "HEAD", "POST"])
@own
def move(request: HttpRequest, attendee: Attendee, code: str, slug: str) -> HttpResponse:
    registration = my.find(attendee, code)
    run = Event.objects.readable().filter(slug=slug, series__isnull=False, series=registration.event.series_id).first()
    if run is None:
        raise Http404

    def act(registration: Registration, now: datetime) -> None:
        switching.switch(registration=registration, run=run, now=now)

    more = {"run": run, "run_begins": _begins(run), "begins": _begins(registration.event)}
    return _asked(request, registration, act, template="pages/my_move.html", more=more)


def _asked(
    request: HttpRequest, registration: Registration, act: Step, *, template: str, more: dict[str, Any] | None = None
) -> HttpResponse:
    """The page that asks once more; its button acts, and leads back to all of theirs."""
    now, problem = timezone.now(), ""
    if request.method == "POST":
        try:
            act(registration, now)
        except DomainError as refusal:
            problem = refusal.message
        else:
            return HttpResponseRedirect(reverse("my"), status=303)
    context = {
        "registration": registration,
        "event": registration.event,
        "back": reverse("my"),
        "problem": problem,
        "deadline": states.deadline(registration) if states.is_open(registration, now) else "",
        "sessions": shown(registration.event),
    } | (more or {})
    return discreet(render(request, template, context, status=409 if problem else 200), has_form=True)


def _to_choose(request: HttpRequest, registration: Registration, now: datetime) -> HttpResponse:
    event = registration.event
    can_leave = switching.can_leave(registration, now)
    others = other_runs(event, now) if can_leave else []
    stands = availability.of(others, now=now) if others else {}
    runs = [Run(run, _begins(run), stands[run.pk]) for run in others]
    context = {
        "registration": registration,
        "event": event,
        "begins": _begins(event),
        "can_leave": can_leave,
        "runs": [(run, run.availability.badge == "open" and run.availability.way == "register") for run in runs],
    }
    return discreet(render(request, "pages/my_runs.html", context), has_form=False)


def _begins(event: Event) -> str:
    return clock.moment(event.first_starts_at, event.programme.timezone) if event.first_starts_at else ""
