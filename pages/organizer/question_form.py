"""The form of one question that an event asks those who register."""

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.errors import DomainError
from events.models import Event, Question
from events.operations.answering import FARTHEST
from pages.organizer.submitting import RevisedForm, whole_number

PARTS = ("kind", "title_ko", "title_en", "help_ko", "help_en", "is_required", "least", "most")
WITHIN = re.compile(r"questions/\d+/(\w+)")


class QuestionForm(RevisedForm):
    """One question. Its key is made from its title, or "question-3", and stays: answers are stored under it."""

    title_ko = forms.CharField(label=gettext_lazy("Question in Korean"), required=False, max_length=300)
    title_en = forms.CharField(label=gettext_lazy("Question in English"), required=False, max_length=300)
    kind = forms.ChoiceField(
        label=gettext_lazy("Is answered by"),
        choices=[
            ("text", gettext_lazy("a text")), ("choice", gettext_lazy("one of these choices")),
            ("number", gettext_lazy("a whole number")), ("consent", gettext_lazy("a tick, to consent")),
        ],
    )  # fmt: skip
    choices = forms.CharField(
        label=gettext_lazy("Choices, one a line"), required=False, max_length=50_000,
        help_text=gettext_lazy("stored value | in Korean | in English. A value alone is shown as it is."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    is_required = forms.BooleanField(label=gettext_lazy("Has to be answered"), required=False)
    least = whole_number(
        gettext_lazy("At least (number, or characters of a text)"), least=-FARTHEST, most=FARTHEST, required=False
    )
    most = whole_number(gettext_lazy("At most"), least=-FARTHEST, most=FARTHEST, required=False)
    help_ko = forms.CharField(label=gettext_lazy("Explanation in Korean"), required=False, max_length=500)
    help_en = forms.CharField(label=gettext_lazy("Explanation in English"), required=False, max_length=500)

    def __init__(self, event: Event, question: Question | None = None, data: Any = None) -> None:
        initial = {name: getattr(question, name) for name in PARTS} if question else {}
        if question:
            initial["choices"] = "\n".join(map(_line, question.choices))
        super().__init__(data, revision=event.revision, initial=initial, auto_id="question-%s")

    def clean_choices(self) -> list[dict[str, str]]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        return [_choice(line) for line in lines if line]

    def as_asked(self, key: str) -> dict[str, Any]:
        """The question as the domain takes it."""
        asked = {name: self.cleaned_data[name] for name in (*PARTS, "choices")}
        return {"key": key, **asked}

    def new_key(self, taken: Collection[str]) -> str:
        made = slugify(self.cleaned_data["title_en"])[:36].strip("-_")
        if made and made not in taken:
            return made
        numbered = (f"{made or 'question'}-{count}" for count in range(1, len(taken) + 2))
        return next(key for key in numbered if key not in taken)

    def refuse(self, refusal: DomainError) -> None:
        """What is wrong with this question stands beside its part."""
        if found := WITHIN.fullmatch(refusal.field):
            refusal.field = found[1]
        super().refuse(refusal)


def as_asked(question: Question) -> dict[str, Any]:
    """A question that stays as it is."""
    return {name: getattr(question, name) for name in ("key", *PARTS, "choices")}


def _line(choice: dict[str, str]) -> str:
    parts = [choice["value"], choice.get("title_ko", ""), choice.get("title_en", "")]
    return parts[0] if parts[1:] == [parts[0], ""] else " | ".join(parts)


def _choice(line: str) -> dict[str, str]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) > 3:
        raise ValidationError(_("Write value | Korean | English: “%(line)s” has more parts.") % {"line": line[:60]})
    value, korean, english = (*parts, "", "")[:3]
    return {"value": value, "title_ko": korean or ("" if english else value), "title_en": english}
