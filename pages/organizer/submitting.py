"""Forms of the desk: what is typed wrong, and what the domain refuses, stand beside the field, and nothing is lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.errors import DomainError
from events.models import walltime

MOST_SEATS = 1_000_000
LOCAL = "%Y-%m-%dT%H:%M"


class MomentField(forms.Field):
    """A time on the clocks of `zone`, as browsers write it; aware UTC, or None where none is given.

    A repeated local time is the first one (RULES 18).
    """

    widget = forms.DateTimeInput(format=LOCAL, attrs={"type": "datetime-local"})
    zone = "UTC"

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            local = datetime.fromisoformat(str(value))
            if local.tzinfo is not None:
                raise ValueError("the zone is said by the page")
            return walltime.to_utc(local, self.zone)
        except walltime.WallTimeError as error:
            raise ValidationError(_("The clocks of %(zone)s never show that time.") % {"zone": self.zone}) from error
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("Write a day and a time.")) from error

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            day, time, _fold = walltime.to_local(value, self.zone)
            return f"{datetime.combine(day, time):{LOCAL}}"
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial) or "") != (data or "")[:16])


class DeskForm(forms.Form):
    """A form with one operation behind it. `status` is that of the answer which shows it again."""

    # Where the domain's name of a field is not that of the form.
    names: ClassVar[dict[str, str]] = {}
    status = 200
    refused = ""  # the code of the refusal
    use_required_attribute = False

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MomentField):
                field.zone = zone

    def submit(self, act: Callable[[], object]) -> bool:
        """Whether everything was right and `act` has done it; otherwise the form says what is wrong."""
        if not self.is_valid():
            self.status = 422
            return False
        try:
            act()
        except DomainError as refusal:
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: DomainError) -> None:
        self.status, self.refused = refusal.status, refusal.code
        name = self.names.get(refusal.field, refusal.field)
        self.add_error(name if name in self.fields else None, refusal.message)


class RevisedForm(DeskForm):
    """A form that changes what it showed: it carries the revision that was looked at, as If-Match does."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, revision: int, initial: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"revision": revision, **(initial or {})}, **kwargs)
        self.current = revision

    def clean(self) -> dict[str, Any]:
        if "revision" in self.errors:
            self.add_error(None, _("This form is damaged. Please open the page again."))
        return super().clean() or self.cleaned_data

    @property
    def seen(self) -> int | None:
        """The revision that was looked at."""
        return self.cleaned_data.get("revision")

    def refuse(self, refusal: DomainError) -> None:
        if refusal.code != "stale_revision":
            super().refuse(refusal)
            return
        self.status, self.refused = refusal.status, refusal.code
        self.add_error(None, _("Somebody changed it since you opened this page. Nothing of yours was saved."))
        for name in self.changed_data:
            if name != "revision":
                self.add_error(name, _("Now it says “%(value)s”.") % {"value": self._stored(name)})
        self.add_error(None, _("Look at it again; sending this form once more puts your values in place."))
        self.data = self.data.copy()
        self.data[self.add_prefix("revision")] = self.current

    def _stored(self, name: str) -> Any:
        """What is stored, as the form would have shown it."""
        field, value = self.fields[name], self.get_initial_for_field(self.fields[name], name)
        if isinstance(field, forms.BooleanField):
            return _("yes") if value else _("no")
        if isinstance(field, forms.ChoiceField):
            return dict(field.choices).get(value, value)
        value = field.prepare_value(value)
        return "–" if value in (None, "") else str(value).replace("T", " ")


def whole_number(label: Any, *, least: int, most: int, **kwargs: Any) -> forms.IntegerField:
    """A whole number within bounds that are told before and after."""
    return forms.IntegerField(
        label=label, min_value=least, max_value=most,
        error_messages={
            "invalid": gettext_lazy("Write a whole number."), "required": gettext_lazy("Write a whole number."),
            "min_value": gettext_lazy("Write at least %(limit_value)s."),
            "max_value": gettext_lazy("Write at most %(limit_value)s."),
        },
        **kwargs,
    )  # fmt: skip
