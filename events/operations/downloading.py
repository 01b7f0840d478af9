"""Take the attendee list away as a file: limited, and every time on record (SAFETY 4.2)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError
from events.models import Actor, Event, Registration
from events.operations import guessing
from events.operations.committing import all_or_nothing
from events.reports import attendees, spreadsheets

MOST_AN_HOUR = 30
MOST_ROWS = 20_000
# What was asked for may name a person: then only that it was asked for is on record (RULES 29).
TELLING = frozenset({"q", "group"})


class TooManyDownloads(DomainError):
    """This member or key has taken so many lists away within the hour."""

    code = "too_many_downloads"
    status = 429
    retry_after = 3600


class TooManyRows(DomainError):
    """The list is longer than one file may be; narrow it by filters."""

    code = "too_many_rows"


def download(
    *, event: Event, rows: QuerySet[Registration], format: str, language: str, filters: Mapping[str, str],
    actor: Actor, now: datetime,
) -> bytes:  # fmt: skip
    """The file with these rows of the event, "csv" or "xlsx"; the history says who took how many, and which.

    Locks nothing while it reads. Raises TooManyDownloads, TooManyRows.
    """
    if rows.count() > MOST_ROWS:
        raise TooManyRows(_("One file holds at most %(most)d people: narrow the list.") % {"most": MOST_ROWS})
    _count(actor=actor, now=now)
    questions = list(event.questions.order_by("position", "pk"))
    titles, read = attendees.table(
        rows=rows, columns=attendees.columns(questions=questions, language=language), most=MOST_ROWS
    )
    lines = list(read)
    data = WRITERS[format](titles, lines)
    _record(event=event, format=format, number=len(lines), filters=filters, actor=actor, now=now)
    return data


@all_or_nothing
def _count(*, actor: Actor, now: datetime) -> None:
    """One more in this hour, counted before it is looked at: many at once get no more than one after the other."""
    guessing.count(what="download", who=actor.credential, now=now)
    try:
        guessing.refuse_many(what="download", who=actor.credential, most=MOST_AN_HOUR + 1, now=now)
    except guessing.TooManyGuesses as error:
        raise TooManyDownloads(_("You have taken many lists away. Please try again in an hour.")) from error


@all_or_nothing
def _record(
    *, event: Event, format: str, number: int, filters: Mapping[str, str], actor: Actor, now: datetime
) -> None:  # fmt: skip
    asked = {name: True if name in TELLING else value for name, value in sorted(filters.items())}
    outbox.record_change(
        kind="attendees.downloaded", actor=actor, now=now, organization_id=event.programme.organization_id, event=event,
        after={"format": format, "rows": number, "filters": asked},
    )  # fmt: skip


WRITERS: dict[str, Callable[[list[str], list[list[attendees.Cell]]], bytes]] = {
    "csv": lambda titles, lines: spreadsheets.as_csv(titles=titles, lines=lines),
    "xlsx": lambda titles, lines: spreadsheets.as_xlsx(titles=titles, lines=lines, name="Attendees"),
}
