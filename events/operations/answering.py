"""Answering: whether what somebody answered fits the questions of the event, and how it is stored."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models import Question, worded

USUAL_LENGTH = 2_000
FARTHEST = 2**53 - 1  # beyond it readers of JSON differ about the number (RFC 8259, 6)
# Besides controls: line separators, which break lines elsewhere, and halves of characters, which jsonb refuses.
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check(*, questions: Iterable[Question], answers: Mapping[str, Any], needs_all: bool = True) -> dict[str, Any]:
    """The answers as they are stored, in the order of the questions; what was not answered is absent. Asks no database.

    An answer is a text, the value of a choice, a whole number, or true or false for a consent. Raises Invalid, field
    "answers/<key>", for the first one that is unknown, does not fit, or, with `needs_all`, is missing: an organizer who
    enters somebody cannot answer for them.
    """
    asked = {question.key: question for question in sorted(questions, key=lambda question: question.position)}
    for key in answers:
        if key not in asked:
            message = _("This event does not ask “%(key)s”. Leave it out.") % {"key": key[:40]}
            raise Invalid(message, field=f"answers/{key[:40]}")
    found = {key: _answer(question, answers.get(key), needs_all) for key, question in asked.items()}
    return {key: answer for key, answer in found.items() if answer is not None}


def tidied(text: str) -> str:
    """Trimmed, with LF line ends: browsers send a text area with CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def is_whole(given: Any) -> TypeGuard[int]:
    """Whether it is a whole number as JSON has it; True is none."""
    return isinstance(given, int) and not isinstance(given, bool)


def _answer(question: Question, given: Any, needs_all: bool) -> str | int | bool | None:
    """The answer as it is stored; None where none was given and none is needed."""
    if given is None or (isinstance(given, str) and not given.strip()):
        if question.is_required and needs_all:
            raise _missing(question)
        return None
    match question.kind:
        case Question.Kind.TEXT:
            return _text(question, given)
        case Question.Kind.CHOICE:
            return _chosen(question, given)
        case Question.Kind.NUMBER:
            return _number(question, given)
        case _:
            return _consent(question, given)


def _text(question: Question, given: Any) -> str:
    if not isinstance(given, str):
        raise _unfit(question, _("Answer “%(question)s” with a text."))
    text = tidied(given)
    if UNFIT.search(text):
        raise _unfit(question, _("Your answer to “%(question)s” has invisible control characters. Write it anew."))
    least, most = question.least or 0, USUAL_LENGTH if question.most is None else question.most
    if len(text) > most:
        message = _("Answer “%(question)s” in at most %(most)d characters; these are %(length)d.")
        raise _unfit(question, message, most=most, length=len(text))
    if len(text) < least:
        message = _("Answer “%(question)s” in at least %(least)d characters; these are %(length)d.")
        raise _unfit(question, message, least=least, length=len(text))
    return text


def _chosen(question: Question, given: Any) -> str:
    if isinstance(given, str) and given in [choice["value"] for choice in question.choices]:
        return given
    raise _unfit(question, _("Choose one of the answers that “%(question)s” offers."))


def _number(question: Question, given: Any) -> int:
    if not is_whole(given):
        raise _unfit(question, _("Answer “%(question)s” with a whole number."))
    least = -FARTHEST if question.least is None else question.least
    most = FARTHEST if question.most is None else question.most
    if given < least:
        raise _unfit(question, _("Answer “%(question)s” with a number of at least %(least)d."), least=least)
    if given > most:
        raise _unfit(question, _("Answer “%(question)s” with a number of at most %(most)d."), most=most)
    return given


def _consent(question: Question, given: Any) -> bool:
    if not isinstance(given, bool):
        raise _unfit(question, _("Answer “%(question)s” with true or false."))
    if question.is_required and not given:
        raise _missing(question)
    return given


def _missing(question: Question) -> Invalid:
    if question.kind == Question.Kind.CONSENT:
        return _unfit(question, _("Registering needs your consent: “%(question)s”."))
    return _unfit(question, _("Please answer “%(question)s”."))


def _unfit(question: Question, message: str, **values: int) -> Invalid:
    title = worded(question, "title", get_language() or "ko")
    return Invalid(message % {"question": title, **values}, field=f"answers/{question.key}")
