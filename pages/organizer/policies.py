"""How people come in: the registration policy of an event, its minimum, and what its programme says of clashes."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event, Programme
from events.operations import planning
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.submitting import MOST_SEATS, MomentField, RevisedForm, whole_number

PAGE = "organize-registration"
MOST_MINUTES = 366 * 24 * 60
MOST_IN_GROUP = 1000
MOST_TRAVEL = 24 * 60


class PolicyForm(RevisedForm):
    """Who may register, when, and what happens when the seats are gone."""

    columns: ClassVar[tuple[str, ...]] = (
        "registration", "registration_opens_at", "registration_closes_at", "waitlist", "offer_minutes",
        "passes_groups", "needs_code", "needs_proof", "proof_minutes", "most_in_group",
    )  # fmt: skip
    registration = forms.ChoiceField(
        label=gettext_lazy("Registration"),
        choices=[
            ("open", gettext_lazy("open: whoever comes first has the seat")),
            ("approval", gettext_lazy("by approval: people apply, you choose")),
            ("none", gettext_lazy("none")),
        ],
    )  # fmt: skip
    registration_opens_at = MomentField(
        label=gettext_lazy("Opens"), required=False, help_text=gettext_lazy("Empty: as soon as it is published.")
    )
    registration_closes_at = MomentField(
        label=gettext_lazy("Closes"), required=False, help_text=gettext_lazy("Empty: when the first session starts.")
    )
    waitlist = forms.ChoiceField(
        label=gettext_lazy("Waitlist"),
        choices=[
            ("automatic", gettext_lazy("automatic: a free seat is the next one's at once")),
            ("offer", gettext_lazy("by offer: a free seat is held for the next one until they accept")),
            ("off", gettext_lazy("none")),
        ],
    )  # fmt: skip
    offer_minutes = whole_number(
        gettext_lazy("An offer holds for (minutes)"), least=1, most=MOST_MINUTES,
        help_text=gettext_lazy("1440 minutes are a day."),
    )  # fmt: skip
    passes_groups = forms.BooleanField(
        label=gettext_lazy("Seats too few for a waiting group go to those behind it"), required=False
    )
    needs_code = forms.BooleanField(label=gettext_lazy("Only with an invitation code"), required=False)
    needs_proof = forms.BooleanField(
        label=gettext_lazy("The seat is held until the mailed link is confirmed"), required=False
    )
    proof_minutes = whole_number(
        gettext_lazy("The link has to be confirmed within (minutes)"), least=1, most=MOST_MINUTES
    )
    most_in_group = whole_number(gettext_lazy("People in a group, at most"), least=1, most=MOST_IN_GROUP)

    def __init__(self, event: Event, data: Any = None) -> None:
        initial = {name: getattr(event, name) for name in self.columns}
        super().__init__(
            data, revision=event.revision, initial=initial, auto_id="policy-%s", zone=event.programme.timezone
        )

    def fields_of_event(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.columns}


class MinimumForm(RevisedForm):
    """How many it takes, and when that is looked at."""

    minimum = whole_number(
        gettext_lazy("It takes at least so many people"), least=1, most=MOST_SEATS, required=False,
        help_text=gettext_lazy("Empty: it takes place in any case."),
    )  # fmt: skip
    decides_at = MomentField(
        label=gettext_lazy("Decided at"), required=False,
        help_text=gettext_lazy("Until then its sessions are tentative in all calendars."),
    )  # fmt: skip

    def __init__(self, event: Event, data: Any = None) -> None:
        initial = {"minimum": event.minimum, "decides_at": event.decides_at}
        super().__init__(
            data, revision=event.revision, initial=initial, auto_id="minimum-%s", zone=event.programme.timezone
        )


class ClashForm(RevisedForm):
    """What happens when somebody registers who is elsewhere then."""

    clashes = forms.ChoiceField(
        label=gettext_lazy("Somebody who is elsewhere at that time"),
        choices=[
            ("warn", gettext_lazy("is told so, and may register")), ("refuse", gettext_lazy("cannot register")),
        ],
    )  # fmt: skip
    travel_minutes = whole_number(
        gettext_lazy("From one venue to another it takes (minutes)"), least=0, most=MOST_TRAVEL
    )  # fmt: skip

    def __init__(self, programme: Programme, data: Any = None) -> None:
        initial = {"clashes": programme.clashes, "travel_minutes": programme.travel_minutes}
        super().__init__(data, revision=programme.revision, initial=initial, auto_id="clashes-%s")


@for_editors
def registration_page(desk: Desk) -> HttpResponse:
    return page(desk)


@action(back=PAGE)
def set_policy(desk: Desk) -> HttpResponse:
    form = PolicyForm(desk.event, desk.request.POST)

    def act() -> None:
        planning.amend_event(
            event=desk.event, fields=form.fields_of_event(), expected_revision=form.seen, actor=desk.actor, now=desk.now
        )

    return desk.done(PAGE, _("Saved.")) if form.submit(act) else page(desk, policy=form)


@action(back=PAGE)
def set_minimum(desk: Desk) -> HttpResponse:
    form = MinimumForm(desk.event, desk.request.POST)

    def act() -> None:
        fields = {"minimum": form.cleaned_data["minimum"], "decides_at": form.cleaned_data["decides_at"]}
        planning.amend_event(
            event=desk.event, fields=fields, expected_revision=form.seen, actor=desk.actor, now=desk.now
        )

    return desk.done(PAGE, _("Saved.")) if form.submit(act) else page(desk, minimum=form)


@action(back=PAGE)
def set_clashes(desk: Desk) -> HttpResponse:
    """For all events of the programme."""
    form = ClashForm(desk.event.programme, desk.request.POST)

    def act() -> None:
        fields = {"clashes": form.cleaned_data["clashes"], "travel_minutes": form.cleaned_data["travel_minutes"]}
        planning.amend(
            thing=desk.event.programme, fields=fields, expected_revision=form.seen, actor=desk.actor, now=desk.now
        )

    return desk.done(PAGE, _("Saved.")) if form.submit(act) else page(desk, clashes=form)


def page(
    desk: Desk, *, policy: PolicyForm | None = None, minimum: MinimumForm | None = None,
    clashes: ClashForm | None = None,
) -> HttpResponse:  # fmt: skip
    """The page about registration; the form that could not be carried out stands in it as it was sent."""
    sent: Any = policy or minimum or clashes
    context = {
        "tab": "registration",
        "policy": policy or PolicyForm(desk.event),
        "minimum": minimum or MinimumForm(desk.event),
        "clashes": clashes or ClashForm(desk.event.programme),
        "decides": desk.moment(desk.event.decides_at),
        "can_decide": desk.event.status == "published" and desk.event.is_undecided,
    }
    return desk.page("pages/organize_registration.html", context, status=sent.status if sent else 200)
