"""One registration, opened by whoever holds its code: its state, its calendar, and the way out (RULES 6, 11)."""

from collections.abc import Callable
from functools import wraps

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from events.errors import DomainError
from events.models import ANONYMOUS, LIVE, Registration, Session
from events.models.tokens import derive
from events.operations import registering
from pages import calendar_links, clock

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """The address is a secret: nobody keeps the page or finds it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cache_control(private=True, no_store=True)(answer)


@require_safe
@private
def registration_page(request: HttpRequest, code: str) -> HttpResponse:
    registration = _find(code)
    language = get_language() or "ko"
    token = derive(kind="registration-calendar", row_id=registration.pk, generation=registration.token_generation)
    context = {
        "registration": registration,
        "event": registration.event,
        "state": STATES[registration.status],
        "is_live": registration.status in LIVE,
        "is_confirmed": registration.status == "confirmed",
        "sessions": [(session, clock.times(session)) for session in registration.event.sessions.all()],
        "subscription": calendar_links.subscription(f"/calendars/registrations/{token}.ics?lang={language}"),
        "address": request.path,
    }
    response = render(request, "pages/registration.html", context)
    # Browsers send "Origin: null" from such a page, which a form could not be sent with: it has none.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@private
def cancel_page(request: HttpRequest, code: str) -> HttpResponse:
    """Asked by GET, done by POST only: programs that look at mails follow every link."""
    registration = _find(code)
    back = reverse("registration", args=[registration.code])
    problem = ""
    if request.method == "POST":
        try:
            registering.cancel(registration=registration, actor=ANONYMOUS, now=timezone.now())
        except DomainError as refusal:
            problem = refusal.message
        else:
            return HttpResponseRedirect(back, status=303)
    context = {
        "registration": registration,
        "event": registration.event,
        "back": back,
        "problem": problem,
        "sessions": [(session, clock.times(session)) for session in registration.event.sessions.all()],
    }
    return render(request, "pages/cancel.html", context, status=409 if problem else 200)


@require_safe
def my_page(request: HttpRequest) -> HttpResponse:
    """How to open a registration; the overview by mailed link comes with the mails."""
    return render(request, "pages/my.html")


STATES = {
    "applied": gettext_lazy("Your application has arrived and waits for the organizer."),
    "waitlisted": gettext_lazy("You are on the waitlist."),
    "offered": gettext_lazy("A seat is held for you."),
    "confirmed": gettext_lazy("You are registered. Your seat is confirmed."),
    "declined": gettext_lazy("This registration was declined."),
    "cancelled": gettext_lazy("This registration is cancelled."),
    "expired": gettext_lazy("The offer of a seat has run out."),
}


def _find(code: str) -> Registration:
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    registration = (
        Registration.objects.filter(code=code.upper())
        .select_related("event__programme__organization", "audience")
        .prefetch_related(Prefetch("event__sessions", sessions))
        .first()
    )
    if registration is None:
        raise Http404
    return registration
