"""Questioning: what an event asks those who register."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models import Actor, Event, Question
from events.operations import publishing
from events.operations.answering import FARTHEST, UNFIT, USUAL_LENGTH, is_whole, tidied
from events.operations.committing import all_or_nothing

MOST_QUESTIONS, MOST_CHOICES = 50, 100
KEY = re.compile(r"[a-z0-9_-]{1,40}")
TEXTS = {"title_ko": 300, "title_en": 300, "help_ko": 500, "help_en": 500}
LONGEST_VALUE, LONGEST_TITLE = 100, 300
GREATEST_LENGTH = 4_000
BOUNDS = {  # where the bounds of an answer may be; a text of at most 0 characters could never be answered
    ("text", "least"): (0, GREATEST_LENGTH),
    ("text", "most"): (1, GREATEST_LENGTH),
    ("number", "least"): (-FARTHEST, FARTHEST),
    ("number", "most"): (-FARTHEST, FARTHEST),
}
PARTS = frozenset({"key", "kind", "is_required", "choices", "least", "most", *TEXTS})
CHANGEABLE = sorted(PARTS - {"key"} | {"position"})


@all_or_nothing
def set_questions(
    *, event: Event, questions: Sequence[Mapping[str, Any]], actor: Actor, now: datetime,
    expected_revision: int | None = None,
) -> list[Question]:  # fmt: skip
    """The event asks exactly these questions, in this order; a known `key` is changed in place, a missing one removed.

    Each names key, kind, title_ko or title_en, and perhaps help_ko, help_en, is_required, choices, least, most. Answers
    that were given before stay as they are. Locks the event. Raises StaleRevision, and Invalid with the field
    "questions/<index>/<name>" before anything is written.
    """
    rows = _read(questions)
    locked = publishing.lock(event=event, expected_revision=expected_revision)
    before = list(locked.questions.order_by("position", "pk").values_list("key", flat=True))
    after = [row.key for row in rows]
    for row in rows:
        row.event = locked
    locked.questions.exclude(key__in=after).delete()
    Question.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["event", "key"], update_fields=CHANGEABLE
    )  # fmt: skip
    publishing.touch(event=locked, now=now)
    publishing.release(
        event=locked, session_ids=(), kind="event.questions", actor=actor, now=now, before={"questions": before},
        after={"questions": after},
    )  # fmt: skip
    return list(locked.questions.order_by("position", "pk"))


def _read(questions: Sequence[Mapping[str, Any]]) -> list[Question]:
    if len(questions) > MOST_QUESTIONS:
        raise Invalid(_("An event asks at most %(most)d questions.") % {"most": MOST_QUESTIONS}, field="questions")
    keys: set[str] = set()
    rows = []
    for position, asked in enumerate(questions):
        try:
            row = _question(asked, position)
            if row.key in keys:
                raise Invalid(_("Another question has this key: each needs its own."), field="key")
        except Invalid as wrong:
            raise Invalid(wrong.message, field=f"questions/{position}/{wrong.field}") from wrong
        keys.add(row.key)
        rows.append(row)
    return rows


def _question(asked: Mapping[str, Any], position: int) -> Question:
    for name in asked:
        if name not in PARTS:
            raise Invalid(_("A question has no such part."), field=name[:40])
    kind = _kind(asked.get("kind"))
    least, most = _bounds(asked, kind)
    texts = {name: _words(asked.get(name), name, longest) for name, longest in TEXTS.items()}
    if not (texts["title_ko"] or texts["title_en"]):
        raise Invalid(_("A question needs a title in Korean or in English."), field="title_ko")
    return Question(
        key=_key(asked.get("key")), kind=kind, **texts, is_required=_is_required(asked.get("is_required")),
        choices=_choices(asked.get("choices"), kind), least=least, most=most, position=position,
    )  # fmt: skip


def _key(given: Any) -> str:
    if isinstance(given, str) and KEY.fullmatch(given):
        return given
    raise Invalid(_("A key has 1 to 40 characters of a-z, 0-9, - and _."), field="key")


def _kind(given: Any) -> str:
    if isinstance(given, str) and given in Question.Kind.values:
        return given
    raise Invalid(_("A question is of the kind text, choice, number or consent."), field="kind")


def _is_required(given: Any) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise Invalid(_("Write true or false."), field="is_required")


def _words(given: Any, name: str, longest: int) -> str:
    """A text of the question, "" for none; only a help text may have more than one line."""
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Invalid(_("Write a text."), field=name)
    text = tidied(given)
    if len(text) > longest:
        raise Invalid(_("Write at most %(most)d characters.") % {"most": longest}, field=name)
    if UNFIT.search(text) or ("\n" in text and not name.startswith("help")):
        raise Invalid(_("Control characters and line breaks are not allowed."), field=name)
    return text


def _bounds(asked: Mapping[str, Any], kind: str) -> tuple[int | None, int | None]:
    least, most = (_bound(asked.get(name), kind, name) for name in ("least", "most"))
    highest = USUAL_LENGTH if most is None and kind == Question.Kind.TEXT else most
    if least is not None and highest is not None and least > highest:
        raise Invalid(_("The least may be at most %(most)d here.") % {"most": highest}, field="least")
    return least, most


def _bound(given: Any, kind: str, name: str) -> int | None:
    if given is None:
        return None
    if (kind, name) not in BOUNDS:
        raise Invalid(_("Only a text and a number have bounds."), field=name)
    lowest, highest = BOUNDS[kind, name]
    if not is_whole(given) or not lowest <= given <= highest:
        values = {"least": lowest, "most": highest}
        raise Invalid(_("Write a whole number from %(least)d to %(most)d.") % values, field=name)
    return given


def _choices(given: Any, kind: str) -> list[dict[str, str]]:
    if kind != Question.Kind.CHOICE:
        if given in (None, [], ()):
            return []
        raise Invalid(_("Only a question of the kind choice has choices."), field="choices")
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MOST_CHOICES:
        raise Invalid(_("Give 1 to %(most)d choices.") % {"most": MOST_CHOICES}, field="choices")
    choices = [_choice(one, number) for number, one in enumerate(given, start=1)]
    if len({choice["value"] for choice in choices}) < len(choices):
        raise Invalid(_("Two choices have the same value: each needs its own."), field="choices")
    return choices


def _choice(given: Any, number: int) -> dict[str, str]:
    lengths = {"value": LONGEST_VALUE, "title_ko": LONGEST_TITLE, "title_en": LONGEST_TITLE}
    if not isinstance(given, Mapping) or not set(given) <= set(lengths):
        message = _("Choice %(number)d: write value, title_ko and title_en, nothing else.")
        raise Invalid(message % {"number": number}, field="choices")
    try:
        choice = {name: _words(given.get(name), name, longest) for name, longest in lengths.items()}
    except Invalid as wrong:
        message = _("Choice %(number)d, %(part)s: %(what)s")
        values = {"number": number, "part": wrong.field, "what": wrong.message}
        raise Invalid(message % values, field="choices") from wrong
    if not choice["value"] or not (choice["title_ko"] or choice["title_en"]):
        message = _("Choice %(number)d needs a value, and a title in Korean or in English.")
        raise Invalid(message % {"number": number}, field="choices")
    return choice
