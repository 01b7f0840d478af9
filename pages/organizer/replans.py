"""Re-planning a programme: choose a move, see all that it does, make it."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import worded
from events.operations import replanning
from events.operations.foreseeing import Preview
from events.reports.impact import Double, Taken
from pages import clock
from pages.edits import edited, title_of
from pages.organizer.programme_desk import ProgrammeDesk, for_editors
from pages.organizer.replan_forms import FORMS, CarryOutForm, MoveForm

PAGE = "organize-replan"


@for_editors
def replan_page(desk: ProgrammeDesk) -> HttpResponse:
    """The kinds of moves; with what is to move in the query, its preview. Opening it changes nothing."""
    sent = desk.request.POST if desk.request.method == "POST" else desk.request.GET
    form_class = FORMS.get(sent.get("kind", ""), FORMS["later"])[0]
    if desk.request.method == "POST":
        return _make(desk, form_class(desk.programme, sent))
    if "preview" not in sent:
        return _page(desk, form_class(desk.programme))
    return _look(desk, form_class(desk.programme, sent))


def _look(desk: ProgrammeDesk, form: MoveForm) -> HttpResponse:
    seen: list[Preview] = []
    if not form.submit(lambda: seen.append(replanning.preview(programme=desk.programme, asked=form.asked()))):
        return _page(desk, form, status=form.status)
    return _page(desk, form, seen=seen[0])


def _make(desk: ProgrammeDesk, form: MoveForm) -> HttpResponse:
    """It is made as it was previewed; what changed meanwhile is shown anew instead."""
    carry = CarryOutForm(desk.request.POST)
    if not (form.is_valid() and carry.is_valid()):
        return _page(desk, form, carry=carry, status=422)
    said = carry.cleaned_data
    try:
        release = replanning.apply(
            programme=desk.programme, asked=form.asked(), fingerprint=said["fingerprint"], note=carry.note(),
            override=said["override"], actor=desk.actor, now=desk.now,
        )  # fmt: skip
    except replanning.StalePreview as stale:
        return _page(desk, form, seen=stale.current, carry=carry, problem=stale_text(stale), status=stale.status)
    except DomainError as refusal:
        return _again(desk, form, carry, refusal)
    number = release.edits.count()
    said_done = ngettext("Done: %(number)d session has moved.", "Done: %(number)d sessions have moved.", number)
    return desk.done(desk.address("organize-release", release.uid), said_done % {"number": number})


def _again(desk: ProgrammeDesk, form: MoveForm, carry: CarryOutForm, refusal: DomainError) -> HttpResponse:
    """The same preview once more, with why it was refused."""
    try:
        seen = replanning.preview(programme=desk.programme, asked=form.asked())
    except DomainError as other:
        form.refuse(other)
        return _page(desk, form, status=other.status)
    return _page(desk, form, seen=seen, carry=carry, problem=refusal.message, status=refusal.status)


def stale_text(stale: replanning.StalePreview) -> str:
    names = {
        "sessions": _("sessions"), "rooms": _("rooms"), "capacity": _("seats"), "attendees": _("attendees"),
        "instructors": _("instructors"),
    }  # fmt: skip
    changed = ", ".join(names[part] for part in stale.details["changed"])
    return _("Something changed since you looked (%(what)s). This is how it is now; nothing was done yet.") % {
        "what": changed
    }


def preview_context(seen: Preview, carry: CarryOutForm | None = None, *, outdated: Any = ()) -> dict[str, Any]:
    """What a template shows of a preview, and the form that carries it out with this fingerprint."""
    impact = seen.impact
    asks = impact.overrides
    said = {name: carry.data.get(name, "") for name in ("note_ko", "note_en")} if carry else {}
    return {
        "seen": seen,
        "impact": impact,
        "over": sum(row.over for row in impact.seats),
        "seats": [row for row in impact.seats if row.becomes != row.event.capacity],
        "taken": [_taken(row) for row in impact.taken],
        "closed": [f"{title_of(row.session)}: {row.why}" for row in impact.closed],
        "doubles": [_double(row) for row in impact.doubles],
        "edits": edited(
            ((step.before, *seen.states[step.before.pk]) for step in impact.steps), outdated=outdated
        ),
        "carry": CarryOutForm(asks=asks, initial={"fingerprint": seen.fingerprint, **said}),
        "asks": asks,
    }  # fmt: skip


def _taken(row: Taken) -> str:
    """Whom the room is taken by is nobody's business here, unless it is one of ours."""
    between = _("%(room)s is taken from %(start)s to %(end)s.") % {
        "room": worded(row.session.room, "title", get_language() or "ko"),
        "start": clock.moment(row.starts_at, row.session.timezone),
        "end": clock.moment(row.ends_at, row.session.timezone),
    }
    return f"{title_of(row.session)}: {between}"


def _double(row: Double) -> str:
    """Where else the instructor is, is told by its times alone."""
    name = worded(row.speaker, "name", get_language() or "ko")
    starts, ends = (clock.moment(moment, row.session.timezone) for moment in (row.starts_at, row.ends_at))
    return f"{title_of(row.session)}: {name}, {starts} – {ends}"


def _page(
    desk: ProgrammeDesk, form: MoveForm, *, seen: Preview | None = None, carry: CarryOutForm | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "tab": "replan",
        "kinds": [(kind, label) for kind, (_form, label) in FORMS.items()],
        "form": form,
        "problem": problem,
    }
    if seen is not None:
        context |= preview_context(seen, carry)
    return desk.page("pages/organize_replan.html", context, status=status)
