"""The organizer's desk before one programme: its re-plans and releases, for owners and editors."""

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
from events.models import Actor, Person, Programme
from events.models.actor import READING
from pages import clock

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class ProgrammeDesk:
    """Who acts, on which programme, and since when this request runs."""

    request: HttpRequest
    programme: Programme
    actor: Actor
    now: datetime

    def moment(self, value: datetime | None) -> str:
        return clock.moment(value, self.programme.timezone) if value else ""

    def address(self, name: str, *rest: Any) -> str:
        return reverse(name, args=[self.programme.slug, *rest])

    def done(self, address: str, said: str) -> HttpResponse:
        """It is done: the page at that address, read afresh, says so."""
        messages.success(self.request, said)
        return HttpResponseRedirect(address, status=303)

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return render(self.request, template, {"desk": self, "programme": self.programme} | context, status=status)


def for_editors(view: View) -> View:
    """A page for who plans the programme; for those outside of its organization there is none."""
    return _guarded(view, only_post=False)


def action(view: View) -> View:
    """What an editor does, by POST only. Whoever opens its address comes to the releases of the programme."""
    return _guarded(view, only_post=True)


def _guarded(view: View, *, only_post: bool) -> View:
    @wraps(view)
    def answer(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
        desk = _sit_down(request, slug)
        if only_post and request.method != "POST":
            return HttpResponseRedirect(desk.address("organize-releases"))
        return view(desk, **rest)

    return never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(answer)))


def _sit_down(request: HttpRequest, slug: str) -> ProgrammeDesk:
    person: Person = request.user  # type: ignore[assignment]  # login_required has seen to it
    actor = person.as_actor()
    rows = Programme.objects.select_related("organization").filter(slug=slug)
    if not actor.is_operator:
        rows = rows.filter(organization__in=actor.organizations(READING))
    programme = rows.first()
    if programme is None:
        raise Http404
    if not policies.can_edit_programme(actor, programme):
        raise PermissionDenied
    return ProgrammeDesk(request, programme, actor, timezone.now())
