"""An offered seat, opened by the link in the mail: take it or give it back. Opening it changes nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from events.errors import DomainError
from events.models import Registration, Session
from events.operations import offering
from pages.public import states
from pages.public.registration import discreet, private, shown, state_of

GONE = 410


@require_safe
@private
def offer_page(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, token, _find(token), timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@private
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The link was mailed: whoever opens it has the address, so that this proves it too."""

    def act(registration: Registration, now: datetime) -> None:
        offering.accept(registration=registration, by_link=True, now=now)

    return _answered(request, token, act)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def decline(request: HttpRequest, token: str) -> HttpResponse:
    """Asked once more before it is done: nobody gets that seat back."""

    def act(registration: Registration, now: datetime) -> None:
        offering.decline(registration=registration, now=now)

    return _answered(request, token, act, is_asked=True)


def _answered(
    request: HttpRequest, token: str, act: Callable[[Registration, datetime], None], *, is_asked: bool = False
) -> HttpResponse:
    registration, now = _find(token), timezone.now()
    if request.method != "POST":
        return _page(request, token, registration, now, is_asked=is_asked)
    try:
        act(registration, now)
    except DomainError as refusal:
        return _page(request, token, _find(token), now, problem=refusal)
    return HttpResponseRedirect(reverse("registration", args=[registration.code]), status=303)


def _page(
    request: HttpRequest, token: str, registration: Registration, now: datetime, *, is_asked: bool = False,
    problem: DomainError | None = None,
) -> HttpResponse:  # fmt: skip
    """The offer with its buttons; one that has ended says what became of it, and what can be done now."""
    is_open = states.is_open(registration, now)
    context: dict[str, Any] = {
        "registration": registration,
        "event": registration.event,
        "token": token,
        "is_open": is_open,
        "is_asked": is_asked and is_open,
        "must_prove": states.must_prove(registration),
        "deadline": states.deadline(registration) if is_open else "",
        "state": None if is_open else state_of(registration, now),
        "may_come_back": states.may_come_back(registration),
        "sessions": shown(registration.event),
    }
    is_good = is_open or registration.status == "confirmed"
    status = problem.status if problem else 200 if is_good else GONE
    return discreet(render(request, "pages/offer.html", context, status=status), has_form=is_open)


def _find(token: str) -> Registration:
    registration = offering.find(token=token)
    if registration is None:
        raise Http404
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    prefetch_related_objects([registration], Prefetch("event__sessions", sessions))
    return registration
