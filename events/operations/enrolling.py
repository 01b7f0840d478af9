"""Enrol people from a list that somebody has: each line is an organizer's entry, and succeeds or fails by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from events.errors import DomainError, Invalid
from events.models import LANGUAGES, Actor, Audience, Event, Organization, Question, Registration
from events.operations import registering
from events.operations.committing import all_or_nothing
from events.operations.registering import AlreadyRegistered, Applicant, Door
from events.reports import attendees
from events.reports.attendees import folded
from events.reports.spreadsheets import unguarded

TAKEN = ("name", "email", "audience", "language", "partner")  # what an export says besides is not for us to decide
NEEDED = ("name", "email")
CONSENTS = {"true": True, "yes": True, "예": True, "false": False, "no": False, "아니오": False}

Thing = TypeVar("Thing", Audience, Organization)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one line: `created`, `unchanged` (they are registered already), or `refused` with the reason."""

    line: int
    name: str
    action: str
    registration: Registration | None = None
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each line, in their order, and which columns nobody knows."""

    lines: list[Enrolled]
    unknown: list[str]

    def count(self, action: str) -> int:
        return sum(one.action == action for one in self.lines)


def enrol(
    *, event: Event, door: Door, table: Sequence[tuple[int, Sequence[str]]], language: str, actor: Actor, now: datetime,
    dry_run: bool = False,
) -> Outcome:  # fmt: skip
    """Everybody in the table is registered, as `registering.register` does it for an organizer, or has the reason.

    The first line of the table names the columns, as the attendee list does, in either language. A line that is refused
    leaves nothing behind and stops no other. With `dry_run` all of it is tried and taken back. Raises Invalid for a
    table without names or addresses.
    """
    header, unknown = _columns(event, table[0][1])
    reader = _Reader(event, language)
    lines = [(line, dict(zip(header, map(unguarded, cells), strict=False))) for line, cells in table[1:]]

    def act() -> list[Enrolled]:
        return [_enrol(line, cells, reader, event=event, door=door, actor=actor, now=now) for line, cells in lines]

    return Outcome(_taken_back(act) if dry_run else act(), unknown)


def _taken_back(act: Callable[[], list[Enrolled]]) -> list[Enrolled]:
    with transaction.atomic():
        done = act()
        transaction.set_rollback(True)
    return done


def _enrol(
    line: int, cells: Mapping[str, str], reader: "_Reader", *, event: Event, door: Door, actor: Actor, now: datetime
) -> Enrolled:
    name = cells.get("name", "")[:100]
    try:
        applicant = reader.applicant(cells)
        made = _register(event=event, door=door, applicant=applicant, actor=actor, now=now)
    except AlreadyRegistered:
        return Enrolled(line, name, "unchanged")
    except DomainError as refusal:
        return Enrolled(line, name, "refused", refusal=refusal)
    return Enrolled(line, name, "created", made)


@all_or_nothing
def _register(*, event: Event, door: Door, applicant: Applicant, actor: Actor, now: datetime) -> Registration:
    """By itself a part that can fail alone: inside a transaction `register` could not."""
    return registering.register(event=event, door=door, applicant=applicant, actor=actor, now=now, is_staff=True)


def _columns(event: Event, titles: Sequence[str]) -> tuple[list[str], list[str]]:
    """(which column each cell belongs to, "" for none of ours; titles that nobody knows)."""
    known = _known_titles(event)
    names = [known.get(folded(unguarded(title)), "") for title in titles]
    taken = [name for name in names if name in TAKEN or name.startswith("answers/")]
    missing = [name for name in NEEDED if name not in taken]
    if missing:
        message = _("The first line must name the columns; %(missing)s is missing.")
        raise Invalid(message % {"missing": ", ".join(missing)}, field="file")
    twice = sorted({name for name in taken if taken.count(name) > 1})
    if twice:
        raise Invalid(_("Columns stand twice: %(twice)s.") % {"twice": ", ".join(twice)}, field="file")
    unknown = [title[:40] for title, name in zip(titles, names, strict=True) if title and not name]
    return [name if name in taken else "" for name in names], unknown


def _known_titles(event: Event) -> dict[str, str]:
    """Every title that a column of this event's list has, by whatever name it is called; its own columns go first."""
    questions = list(event.questions.order_by("position", "pk"))
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for column in attendees.columns(questions=questions, language=language):
            found.setdefault(folded(column.name), column.name)
            found.setdefault(folded(str(column.title)), column.name)
    for question in questions:
        found.setdefault(folded(question.key), f"answers/{question.key}")
    return found


class _Reader:
    """Reads the cells of a line; what they name is looked up once for all lines."""

    def __init__(self, event: Event, language: str) -> None:
        self.language = language
        self.questions = {question.key: question for question in event.questions.all()}
        self.audiences = _by_name(Audience.objects.order_by("pk"))
        self.partners = _by_name(Organization.objects.order_by("pk"))

    def applicant(self, cells: Mapping[str, str]) -> Applicant:
        """Who the line says wants to come. Raises Invalid, naming the column."""
        return Applicant(
            name=_name(cells.get("name", "")),
            email=_email(cells.get("email", "")),
            language=self._language(cells.get("language", "")),
            audience=_named(self.audiences, cells.get("audience", ""), "audience"),
            partner=_named(self.partners, cells.get("partner", ""), "partner"),
            answers={
                key: _answer(question, cells[f"answers/{key}"])
                for key, question in self.questions.items()
                if cells.get(f"answers/{key}", "")
            },
        )

    def _language(self, text: str) -> str:
        if text and text.casefold() not in LANGUAGES:
            raise Invalid(_("Write ko or en."), field="language")
        return text.casefold() or self.language


def _name(text: str) -> str:
    if len(text) > 100:
        raise Invalid(_("Write at most %(most)d characters.") % {"most": 100}, field="name")
    return text


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise Invalid(_("This is not an e-mail address."), field="email") from error
    return text


def _by_name(things: Iterable[Thing]) -> dict[str, Thing]:
    """By slug, else by title."""
    rows = list(things)
    found = {folded(title): thing for thing in reversed(rows) for title in (thing.title_ko, thing.title_en) if title}
    return found | {thing.slug: thing for thing in rows}


def _named(things: Mapping[str, Thing], text: str, field: str) -> Thing | None:
    if not text:
        return None
    thing = things.get(text) or things.get(folded(text))
    if thing is None:
        raise Invalid(_("There is no “%(slug)s”.") % {"slug": text[:80]}, field=field)
    return thing


def _answer(question: Question, text: str) -> Any:
    """The answer that a cell means; what it cannot mean is left as it is, for `answering` to refuse."""
    match question.kind:
        case Question.Kind.NUMBER:
            return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else text
        case Question.Kind.CONSENT:
            return CONSENTS.get(text.casefold(), text)
        case Question.Kind.CHOICE:
            titles = {choice[name]: choice["value"] for choice in question.choices for name in ("title_ko", "title_en")}
            values = {choice["value"] for choice in question.choices}
            return text if text in values else titles.get(text, text)
        case _:
            return text
