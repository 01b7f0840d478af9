"""A draw among the applications of an event: promised with a seed that nobody sees before, then drawn."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.errors import DomainError
from events.models import Draw, Registration
from events.operations import selecting
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.submitting import DeskForm

PAGE = "organize-draw"


class AnnounceForm(DeskForm):
    seed = forms.CharField(
        label=gettext_lazy("Seed"), required=False, max_length=200, strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Empty: a random one. Its SHA-256 is public from now on, the seed itself after the draw."
        ),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="draw-%s")


@for_editors
def draw_page(desk: Desk) -> HttpResponse:
    return page(desk)


@action(back=PAGE)
def announce(desk: Desk) -> HttpResponse:
    form = AnnounceForm(desk.request.POST)

    def act() -> None:
        selecting.announce_draw(
            event=desk.event, seed=form.cleaned_data["seed"], actor=desk.actor, now=desk.now
        )  # fmt: skip

    if not form.submit(act):
        return page(desk, form=form, status=form.status)
    return desk.done(PAGE, _("The draw is announced; its public page says how it will be drawn."))


@for_editors
def run(desk: Desk) -> HttpResponse:
    """Asked by GET, done by POST: what is drawn stays drawn."""
    problem, status = "", 200
    if desk.request.method == "POST":
        try:
            selecting.draw(event=desk.event, actor=desk.actor, now=desk.now)
        except DomainError as refusal:
            problem, status = refusal.message, refusal.status
        else:
            return desk.done(PAGE, _("It is drawn."))
    context = {
        "tab": "draw",
        "title": _("Draw now?"),
        "text": _("Every application is decided at once, in the order of the lot. That cannot be undone."),
        "button": _("Yes, draw"),
        "back": desk.address(PAGE),
        "problem": problem,
    }
    return desk.page("pages/organize_confirm.html", context, status=status)


def page(desk: Desk, *, form: AnnounceForm | None = None, status: int = 200) -> HttpResponse:
    draw = Draw.objects.filter(event=desk.event).first()
    closes_at = desk.event.closes_at
    applied = Registration.objects.filter(event=desk.event, status="applied")
    context = {
        "tab": "draw",
        "form": form or AnnounceForm(),
        "draw": draw,
        "announced": desk.moment(draw.announced_at) if draw else "",
        "drawn": desk.moment(draw.drawn_at) if draw else "",
        "closes": desk.moment(closes_at),
        "is_closed": closes_at is not None and closes_at <= desk.now,
        "shortlisted": applied.filter(is_shortlisted=True).count(),
        "results": draw.results if draw else [],
    }
    return desk.page("pages/organize_draw.html", context, status=status)
