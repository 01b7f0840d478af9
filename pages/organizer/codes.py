"""Invitation codes of an event: made, listed, revoked."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from events.models import Audience, Event, Invitation, SeatPool, worded
from events.operations import inviting
from pages.organizer import standing
from pages.organizer.attendees import audiences_of
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.submitting import DeskForm, MomentField, whole_number

PAGE = "organize-codes"
ROWS = 100


class CodesForm(DeskForm):
    """New codes: random ones, or one in words of one's own."""

    number = whole_number(gettext_lazy("How many codes"), least=1, most=inviting.MOST_CODES, initial=1)
    code = forms.CharField(
        label=gettext_lazy("A code of your own"), required=False, max_length=inviting.LONGEST, strip=False,
        help_text=gettext_lazy("Empty: random codes, which nobody guesses."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    label = forms.CharField(
        label=gettext_lazy("For whom, for your own list"), required=False, max_length=inviting.LONGEST_LABEL
    )
    uses = whole_number(
        gettext_lazy("Each lets in so many people"), least=1, most=1_000_000, required=False, initial=1,
        help_text=gettext_lazy("Empty: any number."),
    )  # fmt: skip
    pool = forms.ChoiceField(label=gettext_lazy("Opens seats of the allotment"), required=False)
    audience = forms.ChoiceField(label=gettext_lazy("Whoever has it registers as"), required=False)
    priority = whole_number(
        gettext_lazy("Priority on the waitlist"), least=-1000, most=1000, initial=0,
        help_text=gettext_lazy("Who has a higher number is served earlier."),
    )  # fmt: skip
    expires_at = MomentField(label=gettext_lazy("Valid until"), required=False)

    def __init__(
        self, event: Event, audiences: Iterable[Audience], pools: Iterable[SeatPool], data: Any = None
    ) -> None:
        super().__init__(data, auto_id="codes-%s", zone=event.programme.timezone)
        language = get_language() or "ko"
        self.audiences = {one.slug: one for one in audiences}
        self.pools = {str(one.uid): one for one in pools}
        titles = [(slug, worded(one, "title", language)) for slug, one in self.audiences.items()]
        self.fields["audience"].choices = [("", _("what they say")), *titles]
        allotments = [(uid, standing.title_of(one)) for uid, one in self.pools.items()]
        self.fields["pool"].choices = [("", _("none")), *allotments]

    def terms(self) -> dict[str, Any]:
        asked = dict(self.cleaned_data)
        return asked | {
            "audience": self.audiences.get(asked["audience"]),
            "pool": self.pools.get(asked["pool"]),
        }


@for_editors
def codes_page(desk: Desk) -> HttpResponse:
    return page(desk)


@action(back=PAGE)
def invite(desk: Desk) -> HttpResponse:
    form = CodesForm(desk.event, audiences_of(desk.event), _allotments(desk), desk.request.POST)
    made: list[Invitation] = []

    def act() -> None:
        made.extend(inviting.invite(event=desk.event, actor=desk.actor, now=desk.now, **form.terms()))

    if not form.submit(act):
        return page(desk, form=form)
    said = ngettext("%(number)d code was made.", "%(number)d codes were made.", len(made))
    return desk.done(PAGE, said % {"number": len(made)})


@action(back=PAGE)
def revoke(desk: Desk, uid: UUID) -> HttpResponse:
    rows = Invitation.objects.filter(event=desk.event, uid=uid).select_related("event__programme")
    invitation = rows.first()
    if invitation is None:
        raise Http404
    inviting.revoke(invitation=invitation, actor=desk.actor, now=desk.now)
    return desk.done(PAGE, _("The code opens nothing any more. Whoever came in by it stays in."))


def page(desk: Desk, *, form: CodesForm | None = None) -> HttpResponse:
    """The newest codes first, with the form for more."""
    rows = Invitation.objects.filter(event=desk.event).select_related("audience", "pool__audience", "pool__partner")
    shown = Paginator(rows.order_by("-created_at", "-pk"), ROWS).get_page(desk.request.GET.get("page"))
    context = {
        "tab": "codes",
        "form": form or CodesForm(desk.event, audiences_of(desk.event), _allotments(desk)),
        "page": shown,
        "rows": [_row(desk, invitation) for invitation in shown],
    }
    return desk.page("pages/organize_codes.html", context, status=form.status if form else 200)


def _allotments(desk: Desk) -> list[SeatPool]:
    return [pool for pool in standing.pools_of(desk.event) if pool.kind == "allotment" and pool.released_at is None]


def _row(desk: Desk, invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "code": inviting.spoken(invitation.code),
        "opens": standing.title_of(invitation.pool) if invitation.pool else "",
        "until": desk.moment(invitation.expires_at),
        "revoked": desk.moment(invitation.revoked_at),
        "has_ended": invitation.expires_at is not None and invitation.expires_at <= desk.now,
    }
