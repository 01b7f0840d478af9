"""What an organizer does with the people on the list: approve, decline, shortlist, cancel, enter by hand."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Event, Registration, email_key
from events.operations import clashing, registering, selecting
from events.operations.selecting import Decided
from pages.organizer import attendees
from pages.organizer.attendees import PAGE
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.entering_form import EntryForm
from pages.organizer.listing import PASSED

Decide = Callable[[Desk, Sequence[Registration], str], list[Decided]]
LONGEST_REASON = 500


def _approve(desk: Desk, rows: Sequence[Registration], reason: str) -> list[Decided]:
    return selecting.approve(event=desk.event, registrations=rows, actor=desk.actor, now=desk.now)


def _decline(desk: Desk, rows: Sequence[Registration], reason: str) -> list[Decided]:
    return selecting.decline(event=desk.event, registrations=rows, actor=desk.actor, now=desk.now, reason=reason)


def _shortlist(desk: Desk, rows: Sequence[Registration], reason: str) -> list[Decided]:
    return selecting.shortlist(
        event=desk.event, registrations=rows, is_shortlisted=True, actor=desk.actor, now=desk.now
    )


def _unshortlist(desk: Desk, rows: Sequence[Registration], reason: str) -> list[Decided]:
    return selecting.shortlist(
        event=desk.event, registrations=rows, is_shortlisted=False, actor=desk.actor, now=desk.now
    )


DECISIONS: dict[str, Decide] = {
    "approve": _approve, "decline": _decline, "shortlist": _shortlist, "unshortlist": _unshortlist,
}  # fmt: skip


@action(back=PAGE)
def decide(desk: Desk) -> HttpResponse:
    """One button for all that were ticked: all of them, or none. Seats go in the order in which people came."""
    sent = desk.request.POST
    asked, reason = QueryDict(sent.get("query", "")), sent.get("reason", "").strip()
    codes = tuple(dict.fromkeys(sent.getlist("code")))

    def refused(problem: str, status: int) -> HttpResponse:
        return attendees.page(desk, asked=asked, chosen=codes, reason=reason, problem=problem, status=status)

    rows = list(Registration.objects.filter(event=desk.event, code__in=codes).order_by("created_at", "pk"))
    decision = DECISIONS.get(sent.get("decision", ""))
    if decision is None or not codes:
        return refused(_("Tick who is meant, then press one of the buttons."), 422)
    if len(rows) != len(codes):
        return refused(_("Somebody whom you ticked is not registered for this event. Nothing was changed."), 422)
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        return refused(_("A reason is one line of at most %(most)d characters.") % {"most": LONGEST_REASON}, 422)
    try:
        decided = decision(desk, rows, reason)
    except DomainError as refusal:
        return refused(_told(refusal, rows), refusal.status)
    return desk.done(PAGE, _outcome(decided), attendees.kept(asked))


@for_editors
def cancel(desk: Desk, code: str) -> HttpResponse:
    """Asked by GET, done by POST."""
    row = Registration.objects.filter(event=desk.event, code=code).first()
    if row is None:
        raise Http404
    problem, status = "", 200
    if desk.request.method == "POST":
        try:
            registering.cancel(registration=row, actor=desk.actor, now=desk.now, reason=_reason(desk))
        except DomainError as refusal:
            problem, status = refusal.message, refusal.status
        else:
            return desk.done(PAGE, _("The registration is cancelled."))
    context = {
        "tab": "attendees",
        "title": _("Cancel the registration of %(name)s?") % {"name": row.name},
        "text": _("A seat that it holds goes to the next on the waitlist at once."),
        "button": _("Yes, cancel it"),
        "back": desk.address(PAGE),
        "asks_reason": True,
        "problem": problem,
    }
    return desk.page("pages/organize_confirm.html", context, status=status)


@action(back=PAGE)
def enter(desk: Desk) -> HttpResponse:
    """Somebody is registered by hand: outside of windows, codes and approval, never beyond the seats."""
    audiences, questions = attendees.audiences_of(desk.event), attendees.questions_of(desk.event)
    form = EntryForm(audiences, questions, desk.request.POST)
    made: list[Registration] = []

    def act() -> None:
        applicant = form.applicant()
        made.append(
            registering.register(
                event=desk.event, applicant=applicant, actor=desk.actor, now=desk.now, is_staff=True
            )
        )  # fmt: skip

    if not form.submit(act):
        return attendees.page(desk, entry=form, status=form.status)
    said = _("Entered: %(status)s.") % {"status": made[0].get_status_display()}
    return desk.done(PAGE, f"{said} {_overlap(desk, form.cleaned_data['email'])}".strip())


def _reason(desk: Desk) -> str:
    return "".join(filter(str.isprintable, desk.request.POST.get("reason", "")))[:LONGEST_REASON].strip()


def _told(refusal: DomainError, rows: Sequence[Registration]) -> str:
    """The refusal, and whom it is about."""
    codes = refusal.details.get("codes", ())
    names = ", ".join(row.name for row in rows if row.code in codes)
    return f"{refusal.message} ({names})" if names else refusal.message


def _outcome(decided: Sequence[Decided]) -> str:
    """How many are now what, and why some got no seat."""
    numbers = Counter((one.registration.get_status_display(), one.why) for one in decided)
    parts = [_counted(status, why, number) for (status, why), number in sorted(numbers.items())]
    return _("Done. %(what)s") % {"what": "; ".join(parts)}


def _counted(status: str, why: str, number: int) -> str:
    text = f"{status}: {number}"
    return f"{text} ({PASSED[why]})" if why in PASSED else text


def _overlap(desk: Desk, email: str) -> str:
    """A word about other events of the same organization at that time, where the programme only warns."""
    elsewhere = clashing.elsewhere(key=email_key(email), event=desk.event)
    own: Any = {"programme__organization": desk.event.programme.organization_id}
    if not Event.objects.filter(pk__in=elsewhere, **own).exists():
        return ""
    return _("At that time this person is registered for another event of yours.")
