"""How many seats an event has: the page about its seats, and the form that changes their number."""

from typing import Any

from django.db.models import Min
from django.http import HttpResponse
from django.utils.translation import gettext as _

from events.models import Organization, SeatPool
from events.operations import planning
from pages.organizer import standing
from pages.organizer.attendees import audiences_of
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.seat_forms import AmendForm, CapacityForm, QuotaForm

PAGE = "organize-seats"


@for_editors
def seats_page(desk: Desk) -> HttpResponse:
    return page(desk)


@action(back=PAGE)
def resize(desk: Desk) -> HttpResponse:
    """The event has so many seats, and who waits for new ones has them."""
    form = CapacityForm(desk.event, desk.request.POST)

    def act() -> None:
        planning.amend_event(
            event=desk.event, fields=form.columns(), over_commit=form.cleaned_data["over_commit"],
            expected_revision=form.seen, actor=desk.actor, now=desk.now,
        )  # fmt: skip

    if not form.submit(act):
        return page(desk, capacity=form)
    return desk.done(PAGE, _("The seats are changed, and whoever waited for one has been served."))


def page(
    desk: Desk, *, capacity: CapacityForm | None = None, quota: QuotaForm | None = None,
    amended: AmendForm | None = None, problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page about seats; the form that could not be carried out stands in it as it was sent."""
    sent: Any = capacity or quota or amended
    context = {
        "tab": "seats",
        "capacity": capacity or CapacityForm(desk.event),
        "smallest_room": _smallest_room(desk),
        "quota": quota or QuotaForm(desk.event, audiences_of(desk.event), partners_of(desk)),
        "quotas": _quotas(desk, amended),
        "problem": problem,
    }
    return desk.page("pages/organize_seats.html", context, status=sent.status if sent else status)


def partners_of(desk: Desk) -> list[Organization]:
    """Who carries the programme with its owner, each once."""
    rows = Organization.objects.filter(partnerships__programme=desk.event.programme)
    return list(rows.distinct().order_by("slug"))


def _quotas(desk: Desk, amended: AmendForm | None) -> list[tuple[SeatPool, str, AmendForm | None]]:
    """Every quota with its title and the form that changes it; a released one stays as it ended."""
    found = [pool for pool in standing.pools_of(desk.event) if pool.kind != "open"]
    return [(pool, standing.title_of(pool), _form(desk, pool, amended)) for pool in found]


def _form(desk: Desk, pool: SeatPool, amended: AmendForm | None) -> AmendForm | None:
    if amended is not None and amended.pool == pool:
        return amended
    return AmendForm(desk.event, pool) if pool.released_at is None else None


def _smallest_room(desk: Desk) -> int | None:
    rooms = desk.event.sessions.exclude(status="cancelled").aggregate(least=Min("room__seats"))
    return rooms["least"]
