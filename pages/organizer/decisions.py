"""Whether an event takes place, decided by hand before its day: asked on a page of its own, done by its button."""

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from events.operations import deciding
from pages.organizer.desk import Desk, for_editors
from pages.organizer.policies import PAGE
from pages.organizer.submitting import RevisedForm


class DecisionForm(RevisedForm):
    reason = forms.CharField(required=False, max_length=500)


@for_editors
def decide(desk: Desk, what: str) -> HttpResponse:
    """`what`: takes-place or call-off."""
    takes_place = {"takes-place": True, "call-off": False}.get(what)
    if takes_place is None:
        raise Http404
    sent = desk.request.POST if desk.request.method == "POST" else None
    form = DecisionForm(sent, revision=desk.event.revision)

    def act() -> None:
        deciding.decide(
            event=desk.event, takes_place=bool(takes_place), reason=form.cleaned_data["reason"],
            expected_revision=form.seen, actor=desk.actor, now=desk.now,
        )  # fmt: skip

    if sent is not None and form.submit(act):
        return desk.done(PAGE, _("The event takes place.") if takes_place else _("The event is called off."))
    return desk.page("pages/organize_confirm.html", _asked(desk, form, takes_place=takes_place), status=form.status)


def _asked(desk: Desk, form: DecisionForm, *, takes_place: bool) -> dict[str, object]:
    texts = {
        True: {
            "title": _("It takes place?"),
            "text": _("Its sessions are confirmed in all calendars at once, however many people there are."),
            "button": _("Yes, it takes place"),
        },
        False: {
            "title": _("Call it off?"),
            "text": _("All its sessions and registrations are cancelled at once. That cannot be undone."),
            "button": _("Yes, call it off"),
        },
    }
    return {
        "tab": "registration", "back": desk.address(PAGE), "form": form, "asks_reason": not takes_place,
        **texts[takes_place],
    }  # fmt: skip
