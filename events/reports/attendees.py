"""The list of who registered: in which order, at which places of the waitlist, and as a table to take away."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Case, F, Func, QuerySet, TextField, Value, When
from django.utils import translation
from django.utils.translation import gettext_lazy

from events.models import HOLDING, Question, Registration, worded

Cell = str | int
AT_ONCE = 1_000  # so many rows are read at a time


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is for programs and never changes, `title` is read by people, in their language."""

    name: str
    title: Any
    cell: Callable[["Line"], Cell]


@dataclass(frozen=True, slots=True)
class Line:
    """One registration, and its place on the waitlist if it waits."""

    row: Registration
    position: int | None


class WaitsAt(Func):
    """Where somebody waits as one text that sorts as the waitlist does: higher priority first, then time.

    One value, because a cursor remembers one. Of equal length for everybody, so no collation sorts it otherwise.
    """

    output_field = TextField()
    highest = 2**31  # beyond what a priority can be

    def __init__(self) -> None:
        super().__init__(Value(self.highest) - F("priority"), F("waits_since"))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "to_char({0}, 'FM0000000000') || ' ' || to_char({1} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self._written(template, compiler)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # SQLite holds times as texts, without a fraction where it is zero.
        return self._written("printf('%%010d', {0}) || ' ' || substr({1} || '.000000', 1, 26)", compiler)

    def _written(self, template: str, compiler: Any) -> tuple[str, tuple[Any, ...]]:
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        sql = template.format(*(part for part, _params in parts))
        return f"({sql})", tuple(param for _part, params in parts for param in params)


WAITS = Case(When(status="waitlisted", then=WaitsAt()), output_field=TextField())


def loaded(rows: QuerySet[Registration]) -> QuerySet[Registration]:
    """With all that is shown of them, in the same statement."""
    return rows.select_related("event", "audience", "partner", "invitation", "group", "pool")


def positions(rows: Iterable[Registration]) -> dict[int, int]:
    """The places of those of these rows that wait, by id: one statement, whichever events they wait for.

    `rows` with their events loaded. As `waitlisting.positions` counts them, for several events at once.
    """
    events = {row.event_id: row.event for row in rows if row.status == "waitlisted"}
    if not events:
        return {}
    waiting = [
        Registration.objects.accepting(event)
        .filter(status="waitlisted")
        .order_by()
        .values_list(Value(pk), "priority", "waits_since", "pk")
        for pk, event in events.items()
    ]
    found = list(waiting[0].union(*waiting[1:], all=True) if len(waiting) > 1 else waiting[0])
    in_order = sorted(found, key=lambda one: (one[0], -one[1], one[2], one[3]))
    places = {
        (event_id, pk): place
        for event_id, line in groupby(in_order, key=lambda one: one[0])
        for place, (_event_id, _priority, _since, pk) in enumerate(line, start=1)
    }
    return {row.pk: places[row.event_id, row.pk] for row in rows if row.status == "waitlisted"}


def columns(*, questions: Sequence[Question], language: str) -> list[Column]:
    """What is known of everybody, then one column for each question, in its order.

    An event that asks nothing keeps whatever it is told: then all of that is in one column.
    """
    with translation.override(language):
        known = [replace(column, title=str(column.title)) for column in KNOWN]
        told = Column("answers", str(ANSWERS), _all_answers)
    titles = Counter(folded(title) for column in known for title in {column.name, column.title})
    titles.update(folded(worded(question, "title", language)) for question in questions)
    asked = [
        Column(f"answers/{question.key}", _title(question, titles, language), _answer_to(question.key))
        for question in questions
    ]
    return [*known, *(asked or [told])]


def table(
    *, rows: QuerySet[Registration], columns: Sequence[Column], most: int
) -> tuple[list[str], Iterator[list[Cell]]]:
    """The titles and the lines of at most `most` rows, read piece by piece."""
    return [str(column.title) for column in columns], _lines(rows[:most], columns)


def _lines(rows: QuerySet[Registration], columns: Sequence[Column]) -> Iterator[list[Cell]]:
    places: dict[int, int] | None = None
    for row in loaded(rows).iterator(chunk_size=AT_ONCE):
        if places is None and row.status == "waitlisted":
            places = _places(row)
        line = Line(row, (places or {}).get(row.pk))
        yield [column.cell(line) for column in columns]


def _places(row: Registration) -> dict[int, int]:
    ids = Registration.objects.accepting(row.event).in_order().values_list("pk", flat=True)
    return {pk: place for place, pk in enumerate(ids, start=1)}


def _title(question: Question, titles: Mapping[str, int], language: str) -> str:
    """Its title; with the key where another column has the same one."""
    title = worded(question, "title", language)
    return f"{title} ({question.key})" if titles[folded(title)] > 1 else title


def folded(title: str) -> str:
    """What titles are compared by."""
    return " ".join(title.casefold().split())


def _answer_to(key: str) -> Callable[[Line], Cell]:
    return lambda line: _plain(line.row.answers.get(key))


def _all_answers(line: Line) -> str:
    return "\n".join(f"{key}: {_plain(answer)}" for key, answer in line.row.answers.items())


def _plain(answer: Any) -> Cell:
    """An answer as a cell: numbers stay numbers, consents are the words of JSON."""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if answer is None or isinstance(answer, int | str):
        return "" if answer is None else answer
    return str(answer)


def _moment(name: str) -> Callable[[Line], Cell]:
    return lambda line: _at(getattr(line.row, name))


def _at(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _seat(line: Line) -> str:
    return line.row.pool.kind if line.row.pool is not None and line.row.status in HOLDING else ""


ANSWERS = gettext_lazy("Answers")
KNOWN: tuple[Column, ...] = (
    Column("code", gettext_lazy("Registration code"), lambda line: line.row.code),
    Column("status", gettext_lazy("Status"), lambda line: line.row.status),
    Column("position", gettext_lazy("Place on the waitlist"), lambda line: line.position or ""),
    Column("name", gettext_lazy("Name"), lambda line: line.row.name),
    Column("email", gettext_lazy("E-mail address"), lambda line: line.row.email),
    Column("audience", gettext_lazy("Audience"), lambda line: line.row.audience.slug if line.row.audience else ""),
    Column("language", gettext_lazy("Language"), lambda line: line.row.language),
    Column("partner", gettext_lazy("Partner"), lambda line: line.row.partner.slug if line.row.partner else ""),
    Column(
        "invitation", gettext_lazy("Invitation"), lambda line: line.row.invitation.label if line.row.invitation else ""
    ),
    Column("group", gettext_lazy("Group"), lambda line: line.row.group.code if line.row.group else ""),
    Column("seat", gettext_lazy("Seat"), _seat),
    Column("shortlisted", gettext_lazy("Shortlist"), lambda line: "true" if line.row.is_shortlisted else "false"),
    Column("priority", gettext_lazy("Priority"), lambda line: line.row.priority),
    Column("waits_since", gettext_lazy("Waits since"), _moment("waits_since")),
    Column("passed_for", gettext_lazy("Passed because"), lambda line: line.row.passed_for),
    Column("offer_expires_at", gettext_lazy("Offer until"), _moment("offer_expires_at")),
    Column("created_at", gettext_lazy("Registered at"), _moment("created_at")),
    Column("updated_at", gettext_lazy("Changed at"), _moment("updated_at")),
    Column("reason", gettext_lazy("Reason"), lambda line: line.row.reason),
)
