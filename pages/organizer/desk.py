"""The organizer's desk: one member before one event of theirs, and the pages that are shown there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from events import policies
from events.models import Actor, Event, Person
from pages import clock
from pages.organizer import standing, start

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts, on what, and since when this request runs. `may_edit`: sees attendees, and decides."""

    request: HttpRequest
    event: Event
    actor: Actor
    may_edit: bool
    now: datetime

    @property
    def zone(self) -> str:
        """The clocks that the event goes by."""
        return self.event.programme.timezone

    def moment(self, value: datetime | None) -> str:
        return clock.moment(value, self.zone) if value else ""

    def address(self, name: str, *rest: Any) -> str:
        return reverse(name, args=[self.event.slug, *rest])

    def done(self, name: str, said: str, query: str = "") -> HttpResponse:
        """It is done: the page by that name, read afresh, says so."""
        messages.success(self.request, said)
        return HttpResponseRedirect(self.address(name) + (f"?{query}" if query else ""), status=303)

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """A page about the event, under the head that says how it stands."""
        shared = {
            "desk": self,
            "event": self.event,
            "begins": self.moment(self.event.first_starts_at),
            "ends": self.moment(self.event.last_ends_at),
            "standing": standing.of(self.event),
        }
        return render(self.request, template, shared | context, status=status)


def for_members(view: View) -> View:
    """A page for whoever may read in the event's organization; for others there is no such event."""
    return _guarded(view, back="", editing=False)


def for_editors(view: View) -> View:
    """A page for who sees attendees and decides: owners and editors."""
    return _guarded(view, back="", editing=True)


def action(*, back: str) -> Callable[[View], View]:
    """What an editor does: by POST only. Whoever opens its address comes to the page named `back`."""
    return lambda view: _guarded(view, back=back, editing=True)


def _guarded(view: View, *, back: str, editing: bool) -> View:
    @wraps(view)
    def answer(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
        desk = _sit_down(request, slug)
        if editing and not desk.may_edit:
            raise PermissionDenied
        if back and request.method != "POST":
            return HttpResponseRedirect(desk.address(back))
        return view(desk, **rest)

    return never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(answer)))


def _sit_down(request: HttpRequest, slug: str) -> Desk:
    person: Person = request.user  # type: ignore[assignment]  # login_required has seen to it
    actor = person.as_actor()
    event = start.of_organizations(actor).select_related("programme__organization", "series").filter(slug=slug).first()
    if event is None:
        raise Http404
    return Desk(request, event, actor, policies.can_read_attendees(actor, event), timezone.now())
