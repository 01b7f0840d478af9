"""One event: when, where, with whom, its seats, its calendars, and the form that registers for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.errors import DomainError
from events.models import Audience, Event, Session, SessionSpeaker, Topic
from events.operations.repeating import KeyReused
from pages import availability, calendar_links, clock, limits, structured
from pages.public import finding
from pages.public.registration_form import RegistrationForm, register_once


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session with its time in words and the links that copy it into a calendar."""

    session: Session
    times: clock.Times
    snapshot: calendar_links.Snapshot


@require_safe
@cache_control(private=True, no_cache=True)
def event_page(request: HttpRequest, slug: str) -> HttpResponse:
    event = readable().filter(slug=slug).first()
    if event is None:
        return finding.moved(request, kind="event", among=Event.objects.readable(), slug=slug)
    return _page(request, event, RegistrationForm(event), timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the form is sent. Its own address: a POST to the page's would make browsers forget the page, and with it
    the one-time key that the back button should find again.
    """
    event = readable().filter(slug=slug).first()
    if event is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("event", args=[slug]) + "#register")
    return _register(request, event, timezone.now())


def readable() -> QuerySet[Event]:
    """Events that anybody may read by their address, with all that their page shows."""
    billing = SessionSpeaker.objects.select_related("speaker").order_by("position", "pk")
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    return (
        Event.objects.readable()
        .select_related("programme__organization", "series")
        .prefetch_related(
            "pools",
            Prefetch("sessions", sessions.prefetch_related(Prefetch("billing", billing))),
            Prefetch("topics", Topic.objects.order_by("position", "pk")),
            Prefetch("audiences", Audience.objects.order_by("position", "pk")),
        )
    )


def _register(request: HttpRequest, event: Event, now: datetime) -> HttpResponse:
    form = RegistrationForm(event, request.POST)
    if not form.is_valid():
        if "key" in form.errors:
            form.with_fresh_key()
            form.add_error(None, _("Please press the button once more."))
        return _page(request, event, form, now, status=422)
    if not limits.register(request, now=now):
        form.add_error(None, _("Too many registrations came from your network. Please try again in a minute."))
        return _page(request, event, form, now, status=429)
    try:
        code = register_once(form, event=event, path=request.path, now=now)
    except KeyReused:
        form.with_fresh_key()
        form.add_error(None, _("This form was sent before, with other words. Press again to send these too."))
        return _page(request, event, form, now, status=409)
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        fresh = readable().get(pk=event.pk)
        return _page(request, fresh, form, now, status=refusal.status)
    return HttpResponseRedirect(reverse("registration", args=[code]), status=303)


def _page(request: HttpRequest, event: Event, form: RegistrationForm, now: datetime, status: int = 200) -> HttpResponse:
    form.lead_to_first_error()
    language = get_language() or "ko"
    sessions = list(event.sessions.all())
    seats = availability.of(event, now=now)
    context: dict[str, Any] = {
        "event": event,
        "programme": event.programme,
        "sessions": [_shown(session, event, language) for session in sessions],
        "speakers": list({b.speaker_id: b.speaker for s in sessions for b in s.billing.all()}.values()),
        "topics": list(event.topics.all()),
        "audiences": list(event.audiences.all()),
        "availability": seats,
        "form": form if form.is_bound or not seats.reason else None,
        "closes": clock.moment(event.closes_at, event.programme.timezone) if event.closes_at else "",
        "subscription": calendar_links.subscription(f"/calendars/events/{event.slug}.ics?lang={language}"),
        "structured": structured.event(event, sessions=sessions, availability=seats, language=language),
        "canonical_path": reverse("event", args=[event.slug]),
        "is_listed": event.visibility == "public",
    }
    return render(request, "pages/event.html", context, status=status)


def _shown(session: Session, event: Event, language: str) -> ShownSession:
    session.event = event  # loaded already, and complete
    return ShownSession(session, clock.times(session), calendar_links.snapshot(session, language))
