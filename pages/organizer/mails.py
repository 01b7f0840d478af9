"""What an organizer adds to the mails of an event, and when people are reminded; to look at before it is saved."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from events.notices import preview
from events.operations import noting, planning, reminding
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.submitting import RevisedForm, whole_number

PAGE = "organize-mails"
LONGEST_REMINDER = int(reminding.LONGEST.total_seconds() // 3600)
PLAIN = RegexValidator(
    r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]*\Z", gettext_lazy("Control characters are not allowed.")
)


class NoteField(forms.CharField):
    """Lines of text; browsers end them with two characters, we with one."""

    widget = forms.Textarea(attrs={"rows": 5})
    default_validators: ClassVar[list[Any]] = [PLAIN]

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class MailForm(RevisedForm):
    """The organizer's text in both languages, and the hours before the first session at which people are reminded."""

    columns: ClassVar[tuple[str, ...]] = (*noting.FIELDS, "reminder_hours")
    mail_note_ko = NoteField(label=gettext_lazy("In mails in Korean"), required=False, max_length=noting.LONGEST)
    mail_note_en = NoteField(label=gettext_lazy("In mails in English"), required=False, max_length=noting.LONGEST)
    reminder_hours = whole_number(
        gettext_lazy("Reminder so many hours before the first session"), least=0, most=LONGEST_REMINDER,
        help_text=gettext_lazy("0: nobody is reminded."),
    )  # fmt: skip

    def __init__(self, event: Event, data: Any = None) -> None:
        initial = {name: getattr(event, name) for name in self.columns}
        super().__init__(data, revision=event.revision, initial=initial, auto_id="mails-%s")

    def fields_of_event(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.columns}


@for_editors
def mails_page(desk: Desk) -> HttpResponse:
    return page(desk, MailForm(desk.event))


@action(back=PAGE)
def look(desk: Desk) -> HttpResponse:
    """As it would be; nothing is saved."""
    form = MailForm(desk.event, desk.request.POST)
    is_right = form.submit(lambda: noting.check(form.fields_of_event()))
    return page(desk, form, fields=form.fields_of_event() if is_right else None)


@action(back=PAGE)
def save(desk: Desk) -> HttpResponse:
    form = MailForm(desk.event, desk.request.POST)

    def act() -> None:
        planning.amend_event(
            event=desk.event, fields=form.fields_of_event(), expected_revision=form.seen, actor=desk.actor, now=desk.now
        )

    return desk.done(PAGE, _("Saved.")) if form.submit(act) else page(desk, form)


def page(desk: Desk, form: MailForm, *, fields: dict[str, Any] | None = None) -> HttpResponse:
    """The form, above the mails as they are or, with `fields`, as they would be."""
    context = {
        "tab": "mails",
        "form": form,
        "names": _names(),
        "previews": list(preview.confirmations(desk.event, fields or {})),
        "is_unsaved": fields is not None,
    }
    return desk.page("pages/organize_mails.html", context, status=form.status)


def _names() -> list[tuple[str, str]]:
    """What can stand in the text, and what it becomes."""
    meant = {
        "event": _("title of the event"), "programme": _("title of the programme"),
        "organization": _("name of the organization"), "begins": _("when the first session begins"),
        "place": _("where it is"),
    }  # fmt: skip
    return [(f"{{{{ {name} }}}}", meant[name]) for name in noting.NAMES]
