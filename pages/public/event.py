"""One event: when, where, with whom, its seats, its calendars, and the form that registers for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.models import Audience, Event, Invitation, Question, Session, SessionSpeaker, Topic
from pages import availability, calendar_links, clock, structured
from pages.availability import Availability
from pages.embeds import oembed
from pages.public import finding, returning, sending
from pages.public.registration_form import RegistrationForm, register_once


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session with its time in words and the links that copy it into a calendar."""

    session: Session
    times: clock.Times
    snapshot: calendar_links.Snapshot


@dataclass(frozen=True, slots=True)
class Run:
    """Another date of the same series that is still to come."""

    event: Event
    begins: str
    availability: Availability


@require_safe
@cache_control(private=True, no_cache=True)
def event_page(request: HttpRequest, slug: str) -> HttpResponse:
    event = readable().filter(slug=slug).first()
    if event is None:
        return finding.moved(request, kind="event", among=Event.objects.readable(), slug=slug)
    now = timezone.now()
    runs = other_runs(event, now)
    return _page(request, event, RegistrationForm(event, runs=runs), now)


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
        back = returning.back(request, event.programme)
        return HttpResponseRedirect(reverse("event", args=[slug]) + returning.query(back) + "#register")
    return _register(request, event, timezone.now())


def readable() -> QuerySet[Event]:
    """Events that anybody may read by their address, with all that their page shows."""
    billing = SessionSpeaker.objects.select_related("speaker").order_by("position", "pk")
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    return (
        Event.objects.readable()
        .select_related("programme__organization", "series", "draw")
        .annotate(has_codes=Exists(Invitation.objects.filter(event=OuterRef("pk"), revoked_at__isnull=True)))
        .prefetch_related(
            Prefetch("sessions", sessions.prefetch_related(Prefetch("billing", billing))),
            Prefetch("topics", Topic.objects.order_by("position", "pk")),
            Prefetch("audiences", Audience.objects.order_by("position", "pk")),
            Prefetch("questions", Question.objects.order_by("position", "pk")),
        )
    )


def other_runs(event: Event, now: datetime) -> list[Event]:
    """The other dates of its series that anybody finds, and can register for sooner or later."""
    if event.series_id is None or event.first_starts_at is None:
        return []
    runs = Event.objects.public().filter(series=event.series_id, status="published", first_starts_at__gt=now)
    others = runs.exclude(pk=event.pk).exclude(registration="none").select_related("programme")
    return list(others.order_by("first_starts_at", "pk"))


def condition(event: Event) -> dict[str, Any]:
    """How many have to come, and when that is decided; empty where it takes place in any case."""
    if event.status != "published" or not event.is_undecided or event.decides_at is None:
        return {}
    return {"minimum": event.minimum, "decides": clock.moment(event.decides_at, event.programme.timezone)}


def _register(request: HttpRequest, event: Event, now: datetime) -> HttpResponse:
    form = RegistrationForm(event, request.POST, runs=other_runs(event, now))

    def act() -> str:
        return register_once(form, event=event, path=request.path, now=now)

    is_valid = form.is_valid()
    email = form.cleaned_data.get("email", "")  # before a refusal takes it out
    sent = sending.send(
        request, form, act, event=event, emails=[email], is_valid=is_valid, refuse=form.refuse, now=now
    )  # fmt: skip
    if sent.code:
        back = returning.query(returning.back(request, event.programme))
        return HttpResponseRedirect(reverse("registration", args=[sent.code]) + back, status=303)
    fresh = readable().get(pk=event.pk) if sent.refusal else event
    response = _page(request, fresh, form, now, sent)
    return sending.with_links_mailed(response, sent, event=event, email=email, now=now)


def _page(
    request: HttpRequest, event: Event, form: RegistrationForm, now: datetime, sent: sending.Sent | None = None
) -> HttpResponse:
    form.lead_to_first_error()
    language = get_language() or "ko"
    sessions = list(event.sessions.all())
    stands = availability.of([event, *form.runs.values()], now=now)
    runs = [_run(run, stands[run.pk]) for run in form.runs.values()]
    fitting = sent.refusal.details.get("suggestions", []) if sent and sent.refusal else []
    context: dict[str, Any] = {
        "event": event,
        "programme": event.programme,
        "sessions": [_shown(session, event, language) for session in sessions],
        "speakers": list({b.speaker_id: b.speaker for s in sessions for b in s.billing.all()}.values()),
        "topics": list(event.topics.all()),
        "audiences": list(event.audiences.all()),
        "availability": stands[event.pk],
        "condition": condition(event),
        "back": returning.back(request, event.programme),
        "runs": runs,
        "free_runs": _free(runs) if stands[event.pk].way == "waitlist" else [],
        "suggestions": [run for run in runs if run.event.slug in fitting],
        "form": form if form.is_bound or not stands[event.pk].reason else None,
        "offer_length": clock.length(event.offer_minutes),
        "proof_length": clock.length(event.proof_minutes),
        "closes": clock.moment(event.closes_at, event.programme.timezone) if event.closes_at else "",
        "subscription": calendar_links.subscription(f"/calendars/events/{event.slug}.ics?lang={language}"),
        "structured": structured.event(
            event, sessions=sessions, availability=stands[event.pk], language=language
        ),
        "canonical_path": reverse("event", args=[event.slug]),
        "is_listed": event.visibility == "public",
        "oembed": oembed.discovered(reverse("event", args=[event.slug])) if event.visibility == "public" else "",
    }  # fmt: skip
    return render(request, "pages/event.html", context, status=sent.status if sent else 200)


def _free(runs: list[Run]) -> list[Run]:
    """Those with a seat that is had by registering."""
    return [run for run in runs if run.availability.badge == "open" and run.availability.way == "register"]


def _run(run: Event, stands: Availability) -> Run:
    assert run.first_starts_at is not None
    return Run(run, clock.moment(run.first_starts_at, run.programme.timezone), stands)


def _shown(session: Session, event: Event, language: str) -> ShownSession:
    session.event = event  # loaded already, and complete
    return ShownSession(session, clock.times(session), calendar_links.snapshot(session, language))
