"""Seats set aside for an audience or a partner: new ones, others, and released ones."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import SeatPool
from events.operations import allotting
from pages.organizer import capacity, standing
from pages.organizer.attendees import audiences_of
from pages.organizer.capacity import PAGE
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.seat_forms import AmendForm, QuotaForm


@action(back=PAGE)
def set_aside(desk: Desk) -> HttpResponse:
    form = QuotaForm(desk.event, audiences_of(desk.event), capacity.partners_of(desk), desk.request.POST)

    def act() -> None:
        asked = form.cleaned_data
        allotting.set_aside(
            event=desk.event, kind=asked["kind"], seats=asked["seats"], release=form.release(),
            over_commit=asked["over_commit"], actor=desk.actor, now=desk.now, **form.whom_for(),
        )  # fmt: skip

    if not form.submit(act):
        return capacity.page(desk, quota=form)
    return desk.done(PAGE, _("The quota is in force."))


@action(back=PAGE)
def amend(desk: Desk, uid: UUID) -> HttpResponse:
    pool = _find(desk, uid)
    form = AmendForm(desk.event, pool, desk.request.POST)

    def act() -> None:
        asked = form.cleaned_data
        allotting.amend(
            pool=pool, seats=asked["seats"], release=form.release(), over_commit=asked["over_commit"],
            actor=desk.actor, now=desk.now,
        )  # fmt: skip

    if not form.submit(act):
        return capacity.page(desk, amended=form)
    return desk.done(PAGE, _("The quota is changed."))


@for_editors
def release(desk: Desk, uid: UUID) -> HttpResponse:
    """Asked by GET, done by POST: a released quota does not come back."""
    pool = _find(desk, uid)
    problem, status = "", 200
    if desk.request.method == "POST":
        try:
            allotting.release(pool=pool, actor=desk.actor, now=desk.now)
        except DomainError as refusal:
            problem, status = refusal.message, refusal.status
        else:
            return desk.done(PAGE, _("The quota is released."))
    texts = {
        "ceiling": _("The limit no longer holds; those who wait for it have seats while there are any."),
    }
    context = {
        "tab": "seats",
        "title": _("Release: %(quota)s?") % {"quota": standing.title_of(pool)},
        "text": texts.get(pool.kind, _("Its unused seats are open to all at once. Who is in stays in.")),
        "button": _("Yes, release it"),
        "back": desk.address(PAGE),
        "problem": problem,
    }
    return desk.page("pages/organize_confirm.html", context, status=status)


def _find(desk: Desk, uid: UUID) -> SeatPool:
    rows = SeatPool.objects.filter(event=desk.event, uid=uid).exclude(kind="open")
    pool = rows.select_related("event__programme", "audience", "partner").first()
    if pool is None:
        raise Http404
    return pool
