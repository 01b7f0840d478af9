"""One registration, opened by whoever holds its code: its state, its calendar, and the way out (RULES 6, 11)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from events import whereabouts
from events.errors import DomainError
from events.models import ANONYMOUS, LIVE, Event, Registration, Session
from events.models.tokens import derive
from events.operations import offering, registering, selecting, waitlisting
from pages import calendar_links, clock
from pages.public import returning, states

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """The address is a secret: nobody keeps the page or finds it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cache_control(private=True, no_store=True)(answer)


def discreet(response: HttpResponse, *, has_form: bool) -> HttpResponse:
    """No other page hears of this address. From a page without any referrer browsers send "Origin: null", with which
    no form would be taken: one with a form tells our own name alone.
    """
    response.headers["Referrer-Policy"] = "strict-origin" if has_form else "no-referrer"
    return response


@require_safe
@private
def registration_page(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _find(code), timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@private
def cancel_page(request: HttpRequest, code: str) -> HttpResponse:
    """Asked by GET, done by POST only: programs that look at mails follow every link."""
    registration = _find(code)

    def act() -> None:
        registering.cancel(registration=registration, actor=ANONYMOUS, now=timezone.now())

    return _confirmed(request, registration, act, template="pages/cancel.html")


@require_http_methods(["GET", "HEAD", "POST"])
@private
def accept(request: HttpRequest, code: str) -> HttpResponse:
    """Where the button of the page is sent; whoever opens it is led to the page."""
    registration = _find(code)
    if request.method != "POST":
        return HttpResponseRedirect(_address(registration))
    now = timezone.now()
    try:
        offering.accept(registration=registration, by_link=False, now=now)
    except DomainError as refusal:
        return _page(request, _find(code), now, problem=refusal)
    return HttpResponseRedirect(_address(registration), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def decline_page(request: HttpRequest, code: str) -> HttpResponse:
    registration = _find(code)

    def act() -> None:
        offering.decline(registration=registration, now=timezone.now())

    return _confirmed(request, registration, act, template="pages/decline.html")


def shown(event: Event) -> list[tuple[Session, clock.Times]]:
    """The event's sessions with their times in words."""
    return [(session, clock.times(session)) for session in event.sessions.all()]


def state_of(registration: Registration, now: datetime) -> states.State:
    """How it stands, in words: of somebody who waits, at which place."""
    if registration.status != "waitlisted":
        return states.of(registration, now=now)
    place = waitlisting.position(registration)
    waiting = Registration.objects.accepting(registration.event).in_order().count()
    return states.of(registration, now=now, place=place, waiting=waiting)


def _page(
    request: HttpRequest, registration: Registration, now: datetime, problem: DomainError | None = None
) -> HttpResponse:
    event, language = registration.event, get_language() or "ko"
    token = derive(kind="registration-calendar", row_id=registration.pk, generation=registration.token_generation)
    can_answer = states.is_open(registration, now) and not states.must_prove(registration)
    context = {
        "registration": registration,
        "event": event,
        "state": state_of(registration, now),
        "problem": problem.message if problem else "",
        "can_answer": can_answer,
        "may_come_back": states.may_come_back(registration),
        "is_live": registration.status in LIVE,
        "is_confirmed": registration.status == "confirmed",
        "overlaps": registration.status in LIVE and whereabouts.is_warned(registration=registration),
        "accepted": _accepted(registration),
        "sessions": shown(event),
        "subscription": calendar_links.subscription(f"/calendars/registrations/{token}.ics?lang={language}"),
        "address": _address(registration),
        "back": returning.back(request, event.programme),
    } | _beside(registration)
    response = render(request, "pages/registration.html", context, status=problem.status if problem else 200)
    return discreet(response, has_form=can_answer)


def _accepted(registration: Registration) -> list[str]:
    """The other dates that somebody who waits would take, if they named some."""
    if registration.status != "waitlisted" or registration.event.series_id is None:
        return []
    runs = registration.accepts.exclude(pk=registration.event_id).select_related("programme")
    return [
        clock.moment(run.first_starts_at, run.programme.timezone)
        for run in runs.order_by("first_starts_at", "pk")
        if run.first_starts_at
    ]


def _beside(registration: Registration) -> dict[str, Any]:
    """The draw in which the registration takes part, and the group of which its holder is the booker."""
    draw = getattr(registration.event, "draw", None)
    entry = selecting.entry_of(registration.code) if draw else ""
    is_in = registration.status == "applied" or (draw and any(entry == name for name, *_rest in draw.results))
    group = registration.group
    is_booker = group is not None and group.email_key == registration.email_key
    return {"draw": draw if is_in else None, "entry": entry, "group": group if is_booker else None}


def _confirmed(
    request: HttpRequest, registration: Registration, act: Callable[[], None], *, template: str
) -> HttpResponse:
    """The page that asks once more; its button acts, and leads back to the registration."""
    problem = ""
    if request.method == "POST":
        try:
            act()
        except DomainError as refusal:
            problem = refusal.message
        else:
            return HttpResponseRedirect(_address(registration), status=303)
    context = {
        "registration": registration,
        "event": registration.event,
        "back": _address(registration),
        "problem": problem,
        "sessions": shown(registration.event),
    }
    return render(request, template, context, status=409 if problem else 200)


def _address(registration: Registration) -> str:
    return reverse("registration", args=[registration.code])


def _find(code: str) -> Registration:
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    registration = (
        Registration.objects.filter(code=code.upper())
        .select_related("event__programme__organization", "event__draw", "audience", "group")
        .prefetch_related(Prefetch("event__sessions", sessions))
        .first()
    )
    if registration is None:
        raise Http404
    return registration
