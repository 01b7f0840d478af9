"""The draw of an event, for anybody to check: what is promised before, and everything that decided it afterwards."""

import shlex

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from events.models import Event
from events.operations import selecting
from pages import clock
from pages.public import finding

SHOWN = 16  # hex digits of a lot: enough to see the order


@require_safe
@cache_control(private=True, no_cache=True)
def draw_page(request: HttpRequest, slug: str) -> HttpResponse:
    event = Event.objects.readable().select_related("programme", "draw").filter(slug=slug).first()
    if event is None:
        # Only to learn whether it moved; that page has the link to its draw.
        return finding.moved(request, kind="event", among=Event.objects.readable(), slug=slug)
    draw = getattr(event, "draw", None)
    if draw is None:
        raise Http404
    zone = event.programme.timezone
    context = {
        "event": event,
        "draw": draw,
        "announced": clock.moment(draw.announced_at, zone),
        "drawn": clock.moment(draw.drawn_at, zone) if draw.drawn_at else "",
        "closes": clock.moment(event.closes_at, zone) if event.closes_at and event.closes_at > timezone.now() else "",
        "commands": "\n".join(map(_command, [draw.seed, *(f"{draw.seed}:{entry}" for entry, *_ in draw.results[:1])])),
        "results": [
            (rank, entry, selecting.lot(draw.seed, entry)[:SHOWN], OUTCOMES.get(outcome, outcome))
            for entry, rank, outcome in draw.results
        ],
        "canonical_path": reverse("draw", args=[event.slug]),
        "is_listed": event.visibility == "public",
    }
    return render(request, "pages/draw.html", context)


def _command(text: str) -> str:
    """What anybody can run to see the SHA-256 of this text."""
    return f"printf '%s' {shlex.quote(text)} | sha256sum"


OUTCOMES = {
    "confirmed": gettext_lazy("seat"),
    "offered": gettext_lazy("seat, to be accepted"),
    "waitlisted": gettext_lazy("waitlist"),
    "declined": gettext_lazy("no seat"),
}
