"""The list of who registered: which of them, in which order, and each with what an organizer decides by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Case, F, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from events import filters
from events.models import LIVE, Audience, Event, Question, Registration, worded
from events.operations import waitlisting
from events.reports import attendees
from pages.organizer.submitting import DeskForm

ROWS = 100
BESIDES = frozenset({"ordering", "page"})
PASSED = {
    "full": gettext_lazy("no seat was free"),
    "reserved": gettext_lazy("the free seats were reserved for others"),
    "ceiling": gettext_lazy("their number is limited, and reached"),
    "over_committed": gettext_lazy("more people are in than there are seats"),
    "clash": gettext_lazy("they are elsewhere at that time"),
    "group": gettext_lazy("too few seats for their whole group"),
}
OPEN = ("applied", "waitlisted", "offered")
WAITS_FIRST = Case(When(status="waitlisted", then=Value(0)), default=Value(1))
CAME_AT = Case(When(status="waitlisted", then=F("waits_since")), default=F("created_at"))
ORDERS: dict[str, tuple[Any, ...]] = {
    "created_at": ("created_at", "pk"),
    "-created_at": ("-created_at", "-pk"),
    "name": ("name", "pk"),
    "-name": ("-name", "-pk"),
    "email": ("email_key", "pk"),
    "-email": ("-email_key", "-pk"),
    "status": ("status", "created_at", "pk"),
    "-status": ("-status", "created_at", "pk"),
    "audience": (F("audience__position").asc(nulls_last=True), "audience", "created_at", "pk"),
    "-audience": (F("audience__position").desc(nulls_last=True), "-audience", "created_at", "pk"),
    "waits": (WAITS_FIRST, "-priority", CAME_AT, "pk"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One registration. `answers` are (question, answer) in the order of the questions; `passed` why, in words.

    `is_open`: still to be decided, so that it can be ticked.
    """

    registration: Registration
    position: int | None
    since: str
    deadline: str
    passed: str
    answers: list[tuple[str, str]]
    is_chosen: bool

    @property
    def is_open(self) -> bool:
        return self.registration.status in OPEN

    @property
    def is_live(self) -> bool:
        return self.registration.status in LIVE


class FilterForm(DeskForm):
    """Which rows: sent by GET, in the words that the API takes too, so that its files hold the same list."""

    q = forms.CharField(
        label=gettext_lazy("Name or e-mail address"), required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip
    status = forms.CharField(label=gettext_lazy("Status"), required=False, widget=forms.Select)
    audience = forms.CharField(label=gettext_lazy("Audience"), required=False, widget=forms.Select)
    shortlisted = forms.CharField(
        label=gettext_lazy("Shortlist"), required=False,
        widget=forms.Select(choices=[("", gettext_lazy("all")), ("true", gettext_lazy("only the shortlist"))]),
    )  # fmt: skip
    ordering = forms.ChoiceField(choices=[("", ""), *((name, name) for name in ORDERS)], required=False)

    def __init__(self, event: Event, audiences: Iterable[Audience], asked: QueryDict) -> None:
        super().__init__(asked, auto_id="filter-%s")
        language = get_language() or "ko"
        ended = [status for status in Registration.Status.values if status not in LIVE]
        kinds = [(",".join(LIVE), _("all that count")), (",".join(ended), _("all that have ended"))]
        self._offer("status", [*kinds, *Registration.Status.choices])
        self._offer("audience", [(audience.slug, worded(audience, "title", language)) for audience in audiences])
        self.event = event

    def rows(self) -> QuerySet[Registration]:
        """The chosen registrations in the chosen order; none where the question was wrong."""
        rows = attendees.loaded(Registration.objects.filter(event=self.event))
        try:
            found = filters.attendees(queryset=rows, query=without_empty(self.data), besides=BESIDES)
        except filters.FilterRefused as refusal:
            for name, messages in refusal.errors.items():
                self.add_error(name if name in self.fields else None, messages)
        if not self.is_valid():
            return rows.none()
        return found.order_by(*ORDERS[self.cleaned_data["ordering"] or "created_at"])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """What can be chosen, and what was asked for by address if it is something else."""
        asked = self.data.get(name, "")
        others = [] if asked in dict(choices) or not asked else [(asked, asked)]
        self.fields[name].widget.choices = [("", _("all")), *choices, *others]


def without_empty(asked: QueryDict) -> QueryDict:
    """Browsers send the fields that were left empty too."""
    kept = asked.copy()
    for name in [name for name in kept if not any(kept.getlist(name))]:
        del kept[name]
    return kept


def shown(
    rows: Iterable[Registration], *, event: Event, questions: Iterable[Question], chosen: Iterable[str] = ()
) -> list[Row]:
    """The rows with their places on the waitlist and their answers in words: one statement."""
    places, ticked = waitlisting.positions(event), set(chosen)
    zone = event.programme.timezone
    return [
        Row(
            registration=row,
            position=places.get(row.pk),
            since=_short(row.waits_since or row.created_at, zone),
            deadline=_short(row.offer_expires_at, zone) if row.offer_expires_at else "",
            passed=str(PASSED.get(row.passed_for, "")),
            answers=_answers(row, questions),
            is_chosen=row.code in ticked,
        )
        for row in rows
    ]


def _short(moment: datetime, zone: str) -> str:
    """A time in few letters, because a hundred stand below each other; their zone is said above the list."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _answers(row: Registration, questions: Iterable[Question]) -> list[tuple[str, str]]:
    """What was asked once and is no longer keeps its key as its title."""
    language, left = get_language() or "ko", dict(row.answers)
    found = [
        (worded(one, "title", language), _in_words(left.pop(one.key), one)) for one in questions if one.key in left
    ]
    return [*found, *((key, _in_words(answer, None)) for key, answer in left.items())]


def _in_words(answer: Any, question: Question | None) -> str:
    if isinstance(answer, bool):
        return _("yes") if answer else _("no")
    choices = {choice["value"]: choice for choice in question.choices} if question else {}
    if choice := choices.get(str(answer)):
        first, second = ("ko", "en") if get_language() == "ko" else ("en", "ko")
        return str(choice[f"title_{first}"] or choice[f"title_{second}"])
    return str(answer)
