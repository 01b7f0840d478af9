"""The form with which an organizer enters somebody by hand."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from events.models import Audience, Question, worded
from events.operations.registering import Applicant
from pages.organizer.submitting import DeskForm
from pages.public import answers


class EntryForm(DeskForm):
    """Name, address, audience, and what the event asks: the domain says which answers do not fit."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write a name.")},
    )  # fmt: skip
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Write an e-mail address."), "invalid": gettext_lazy("This is no e-mail address."),
        },
    )  # fmt: skip
    audience = forms.ChoiceField(label=gettext_lazy("Audience"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Is written to in"),
        choices=[("ko", gettext_lazy("Korean")), ("en", gettext_lazy("English"))],
    )

    def __init__(self, audiences: Iterable[Audience], questions: Iterable[Question], data: Any = None) -> None:
        language = get_language() or "ko"
        super().__init__(data, auto_id="entry-%s", initial={"language": language})
        self.audiences = {audience.slug: audience for audience in audiences}
        titles = [(slug, worded(audience, "title", language)) for slug, audience in self.audiences.items()]
        self.fields["audience"].choices = [("", _("not said")), *titles]
        self.questions = list(questions)
        self.fields |= answers.fields(self.questions)

    def applicant(self) -> Applicant:
        asked = self.cleaned_data
        found = answers.given(self.questions, asked)  # what was left empty, they were not asked
        return Applicant(
            name=asked["name"],
            email=asked["email"],
            language=asked["language"],
            audience=self.audiences.get(asked["audience"]),
            answers={key: given for key, given in found.items() if given is not False},
        )
