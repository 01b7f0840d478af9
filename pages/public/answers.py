"""The questions of an event as fields of a form. What fits an answer is the domain's to say."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models import Question, worded
from events.operations import answering

ONE_LINE = 200  # a longer answer is written in a box of several lines
WHOLE = re.compile(r"[+-]?\d{1,20}")


def name_of(key: str) -> str:
    """The name of a question's field, as the domain names it in a refusal."""
    return f"answers/{key}"


def fields(questions: Iterable[Question]) -> dict[str, forms.Field]:
    return {name_of(question.key): _field(question) for question in questions}


def given(questions: Iterable[Question], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, as the domain takes it; what was left empty is absent."""
    answers = {question.key: _given(question, cleaned.get(name_of(question.key))) for question in questions}
    return {key: answer for key, answer in answers.items() if answer is not None}


def wrong(questions: Iterable[Question], answers: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each answer, by the name of its field."""
    found = {}
    for question in questions:
        own = {question.key: answers[question.key]} if question.key in answers else {}
        try:
            answering.check(questions=[question], answers=own)
        except Invalid as refusal:
            found[name_of(question.key)] = refusal.message
    return found


def _field(question: Question) -> forms.Field:
    language = get_language() or "ko"
    texts = {"label": worded(question, "title", language), "help_text": worded(question, "help", language)}
    if question.kind == Question.Kind.CONSENT:
        field: forms.Field = forms.BooleanField(required=False, **texts)
    else:
        field = forms.CharField(required=False, widget=_widget(question, language), **texts)
    field.is_needed = question.is_required  # type: ignore[attr-defined]  # read by parts/field.html
    return field


def _widget(question: Question, language: str) -> forms.Widget:
    if question.kind == Question.Kind.CHOICE:
        titles = [(choice["value"], _title(choice, language)) for choice in question.choices]
        nothing = _("Please choose") if question.is_required else _("No answer")
        return forms.Select(choices=[("", nothing), *titles])
    if question.kind == Question.Kind.NUMBER:
        return forms.TextInput(attrs={"inputmode": "numeric"})
    if question.most is None or question.most > ONE_LINE:
        return forms.Textarea(attrs={"rows": 3})
    return forms.TextInput()


def _title(choice: Mapping[str, str], language: str) -> str:
    """The choice in the language of the page, else in the other one."""
    other = "en" if language == "ko" else "ko"
    return choice.get(f"title_{language}") or choice.get(f"title_{other}") or choice["value"]


def _given(question: Question, value: Any) -> Any:
    if question.kind == Question.Kind.CONSENT:
        return bool(value)
    if question.kind == Question.Kind.NUMBER and value and WHOLE.fullmatch(value):
        return int(value)
    return value or None
