"""Forms about seats: how many there are, and which are set aside for whom."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Audience, Event, Organization, Registration, SeatPool, worded
from events.operations.allotting import Release
from pages.organizer.submitting import MOST_SEATS, DeskForm, MomentField, RevisedForm, whole_number

MOST_DAYS = 3650
DAYS = gettext_lazy("Released so many days before the first session")
AT = gettext_lazy("Or released at")


class CapacityForm(RevisedForm):
    """How many seats. The two boxes of intent are shown when they are asked for."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Seats"), widget=forms.RadioSelect,
        choices=[
            ("number", gettext_lazy("this many")), ("room", gettext_lazy("as many as the smallest room has")),
            ("unlimited", gettext_lazy("no limit")),
        ],
    )  # fmt: skip
    capacity = whole_number(gettext_lazy("How many"), least=0, most=MOST_SEATS, required=False)
    capacity_override = forms.BooleanField(
        label=gettext_lazy("More seats than the smallest room holds, on purpose"), required=False
    )
    over_commit = forms.BooleanField(
        label=gettext_lazy("Over-commit on purpose: nobody loses a seat, and nobody comes in until it is worked off"),
        required=False,
    )

    def __init__(self, event: Event, data: Any = None) -> None:
        kind = "room" if event.capacity_from_room else "unlimited" if event.capacity is None else "number"
        initial = {"kind": kind, "capacity": event.capacity, "capacity_override": event.capacity_override}
        super().__init__(data, revision=event.revision, initial=initial, auto_id="capacity-%s")
        self.event = event
        self.over: list[Registration] = []

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("kind") == "number" and self.cleaned_data.get("capacity", 0) is None:
            self.add_error("capacity", _("Write a whole number."))
        return super().clean()

    def columns(self) -> dict[str, Any]:
        """What the event becomes."""
        asked = self.cleaned_data
        if asked["kind"] == "room":
            return {"capacity_from_room": True, "capacity_override": False}
        return {
            "capacity": asked["capacity"] if asked["kind"] == "number" else None,
            "capacity_from_room": False,
            "capacity_override": asked["capacity_override"],
        }

    def refuse(self, refusal: DomainError) -> None:
        """With who would be over: the last to have come."""
        super().refuse(refusal)
        codes = refusal.details.get("over", ())
        self.over = list(Registration.objects.filter(event=self.event, code__in=codes).order_by("created_at", "pk"))

    @property
    def asks_to_over_commit(self) -> bool:
        return self.refused == "capacity_below_taken" or bool(self["over_commit"].data)

    @property
    def asks_to_override(self) -> bool:
        return self.refused == "capacity_exceeds_room" or bool(self["capacity_override"].value())


class ReleaseForm(DeskForm):
    """When a quota's unused seats are for all."""

    names: ClassVar[dict[str, str]] = {"releases_days_before": "days_before"}
    seats = whole_number(gettext_lazy("Seats"), least=0, most=MOST_SEATS)
    days_before = whole_number(DAYS, least=0, most=MOST_DAYS, required=False)
    releases_at = MomentField(label=AT, required=False)
    over_commit = forms.BooleanField(
        label=gettext_lazy("Fewer than are counted in it, on purpose: nobody loses a seat"), required=False
    )

    def release(self) -> Release:
        asked = self.cleaned_data
        return Release(at=asked["releases_at"], days_before=asked["days_before"])

    @property
    def asks_to_over_commit(self) -> bool:
        return self.refused == "quota_below_taken" or bool(self["over_commit"].data)


class QuotaForm(ReleaseForm):
    """A new quota, for one audience or one partner."""

    names: ClassVar[dict[str, str]] = {"audience": "whom", "partner": "whom", **ReleaseForm.names}
    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[
            ("floor", gettext_lazy("Seats reserved for an audience or a partner")),
            ("allotment", gettext_lazy("Allotment: seats that a partner fills")),
            ("ceiling", gettext_lazy("Ceiling: at most so many of them")),
        ],
    )  # fmt: skip
    whom = forms.ChoiceField(label=gettext_lazy("For whom"), error_messages={"required": gettext_lazy("Say for whom.")})
    field_order = ("kind", "whom")

    def __init__(
        self, event: Event, audiences: Iterable[Audience], partners: Iterable[Organization], data: Any = None
    ) -> None:
        super().__init__(data, auto_id="quota-%s", zone=event.programme.timezone)
        language = get_language() or "ko"
        self.audiences = {f"audience:{one.slug}": one for one in audiences}
        self.partners = {f"partner:{one.slug}": one for one in partners}
        named = {
            _("Audiences"): [(key, worded(one, "title", language)) for key, one in self.audiences.items()],
            _("Partners"): [(key, worded(one, "title", language)) for key, one in self.partners.items()],
        }
        self.fields["whom"].choices = [("", _("Please choose")), *((k, v) for k, v in named.items() if v)]

    def whom_for(self) -> dict[str, Any]:
        key = self.cleaned_data["whom"]
        return {"audience": self.audiences.get(key), "partner": self.partners.get(key)}


class AmendForm(ReleaseForm):
    """Other seats, or another release, of a quota that there is."""

    def __init__(self, event: Event, pool: SeatPool, data: Any = None) -> None:
        by_days = pool.releases_days_before is not None
        initial = {
            "seats": pool.seats,
            "days_before": pool.releases_days_before,
            "releases_at": None if by_days else pool.releases_at,
        }
        super().__init__(data, initial=initial, auto_id=f"quota-{pool.uid}-%s", zone=event.programme.timezone)
        self.pool = pool
