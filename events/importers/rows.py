"""Rows of a CSV or XLSX template become events: one row is one session, rows with the same event_id are one event."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from events.importers import texts, times
from events.importers.columns import KINDS, STATUSES, VISIBILITIES, named
from events.importers.entries import MAX_SESSIONS, Collector, ImportRefused, Unfit
from events.operations.drafting import Draft, DraftEvent, DraftSession

MAX_LINES = 50_000
MAX_CELLS = 200
REQUIRED = ("event_id", "starts")
CLOCK = r"%H:%M"

Cell = str | int | float | bool | datetime | date | time | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: cells by column name."""

    line: int
    cells: dict[str, Cell]

    def text(self, name: str) -> str:
        value = self.cells.get(name)
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return texts.cleaned(value)

    def several(self, name: str) -> list[str]:
        return self.text(name).replace("\n", ";").split(";")

    def choice(self, name: str, allowed: dict[str, str]) -> str:
        text = self.text(name).casefold()
        if text not in allowed:
            choices = ", ".join(key for key in allowed if key)
            raise Unfit(name, "invalid", f"{text[:40]!r} is not one of {choices}")
        return allowed[text]


def header_of(cells: Sequence[Cell], line: int) -> list[str]:
    """The column names of a header row; ImportRefused without the required ones, or with one twice."""
    names = [named(texts.cleaned(cell)) for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        message = f"The first row must name the columns; {', '.join(missing)} is missing."
        raise ImportRefused("header", message, line=line)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ImportRefused("header", f"Columns stand twice: {', '.join(twice)}.", line=line)
    return names


def read_rows(rows: Iterable[tuple[int, Sequence[Cell]]], *, format_name: str, zone: str | None) -> Draft:
    """The events of a table whose first row is the header. Blank rows and rows that begin with # are left out."""
    collector = Collector()
    filled = _filled(rows)
    header_line, header_cells = next(filled, (1, ()))
    if not header_cells:
        raise ImportRefused("empty", "The table has no header row.")
    header = header_of(header_cells, header_line)
    for group in _grouped(filled, header).values():
        ref = group[0].text("title_ko") or group[0].text("title_en") or group[0].text("event_id")
        collector.take(group[0].line, ref, partial(_event, group, zone, collector))
    unknown = [texts.cleaned(cell)[:40] for cell, name in zip(header_cells, header, strict=True) if cell and not name]
    if unknown:
        collector.notes.append(f"Columns that nobody knows were left out: {', '.join(unknown[:10])}.")
    return collector.draft(format_name, timezone=zone)


def _filled(rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    for line, cells in rows:
        if line > MAX_LINES or len(cells) > MAX_CELLS:
            message = f"A table has {MAX_LINES:,} lines and {MAX_CELLS} columns at most."
            raise ImportRefused("too_large", message, line=line)
        if any(texts.cleaned(cell) or isinstance(cell, date | time) for cell in cells):
            yield line, cells


def _grouped(rows: Iterable[tuple[int, Sequence[Cell]]], header: list[str]) -> dict[str, list[Row]]:
    """Rows by event. Rows without an id stay apart, so that each is refused by its own line."""
    groups: dict[str, list[Row]] = {}
    kept = (Row(line, dict(zip(header, cells, strict=False))) for line, cells in rows if not _is_help(cells))
    for count, row in enumerate(kept, start=1):
        if count > MAX_SESSIONS:
            message = f"A table has {MAX_SESSIONS:,} rows at most; split it."
            raise ImportRefused("too_many_entries", message, line=row.line)
        groups.setdefault(row.text("event_id") or f"\n{row.line}", []).append(row)
    return groups


def _is_help(cells: Sequence[Cell]) -> bool:
    return texts.cleaned(cells[0]).startswith("#")


def _event(group: list[Row], zone: str | None, collector: Collector) -> DraftEvent:
    """The event's own columns are read from the first row of the group."""
    row = group[0]
    source = texts.source_id(row.text("event_id"), "event_id")
    return DraftEvent(
        source_id=source,
        line=row.line,
        **_worded(row),
        kind=row.choice("kind", KINDS | {"": "workshop"}),
        language=texts.language_of(row.text("language")),
        topics=texts.topics(row.several("topics")),
        status=row.choice("status", STATUSES),
        visibility=row.choice("visibility", VISIBILITIES),
        capacity=texts.whole_number(row.text("capacity"), "capacity"),
        url=texts.web_address(row.text("url")),
        sessions=_sessions(group, zone, collector),
    )


def _worded(row: Row) -> texts.Worded:
    """The writer says which text is in which language; nothing is guessed here."""
    worded = texts.Worded(
        title_ko=texts.one_line(row.text("title_ko"), "title_ko", texts.TITLE_LENGTH),
        title_en=texts.one_line(row.text("title_en"), "title_en", texts.TITLE_LENGTH),
        summary_ko=texts.one_line(row.text("summary_ko"), "summary_ko", texts.SUMMARY_LENGTH),
        summary_en=texts.one_line(row.text("summary_en"), "summary_en", texts.SUMMARY_LENGTH),
        description_ko=texts.paragraphs(row.text("description_ko"), "description_ko"),
        description_en=texts.paragraphs(row.text("description_en"), "description_en"),
    )
    if not worded["title_ko"] and not worded["title_en"]:
        raise Unfit("title_ko", "missing", "an event needs a title in Korean or English")
    return worded


def _sessions(group: list[Row], zone: str | None, collector: Collector) -> list[DraftSession]:
    """A session that cannot be taken is refused by its line; the first one's refusal is the event's."""
    sessions: dict[str, DraftSession] = {}
    for number, row in enumerate(group, start=1):
        try:
            session = _session(row, row.text("session_id") or str(number), zone)
            if session.source_id in sessions:
                other = sessions[session.source_id].line
                raise Unfit("session_id", "duplicate", f"line {other} has the same session_id")
            sessions[session.source_id] = session
        except Unfit as unfit:
            if row is group[0]:
                raise
            collector.refuse(row.line, row.text("event_id"), unfit)
    return list(sessions.values())


def _session(row: Row, source: str, zone: str | None) -> DraftSession:
    starts = _start(row)
    span = times.span(starts, _end(row, starts), zone=row.text("timezone") or zone)
    online_url = texts.web_address(row.text("online_url"), "online_url")
    return DraftSession(
        source_id=texts.source_id(source, "session_id"),
        line=row.line,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        timezone=span.timezone,
        all_day=span.all_day,
        status=row.choice("status", STATUSES),
        venue=texts.one_line(row.text("venue"), "venue", texts.NAME_LENGTH),
        room=texts.one_line(row.text("room"), "room", texts.NAME_LENGTH),
        online=bool(online_url),
        online_url=online_url,
        speakers=texts.speakers_named(row.several("speakers")),
    )


def _start(row: Row) -> date:
    """A spreadsheet keeps a day as midnight of it, so midnight is a whole day unless the end has a time of day."""
    starts, end = _moment(row, "starts"), row.cells.get("ends")
    has_clock = isinstance(end, time) or (isinstance(end, datetime) and end.time() != time())
    if not isinstance(starts, datetime) and isinstance(row.cells["starts"], datetime) and has_clock:
        return datetime.combine(starts, time())
    return starts


def _moment(row: Row, name: str) -> date:
    value = row.cells.get(name)
    if isinstance(value, datetime):
        # Spreadsheets keep times as fractions of a day, a little off.
        rounded = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return rounded.date() if rounded.time() == time() else rounded
    if isinstance(value, date):
        return value
    if not row.text(name):
        raise Unfit(name, "missing", f"{name} is written such as 2026-10-03 14:00")
    return times.parsed(row.text(name), name)


def _end(row: Row, starts: date) -> date:
    """The end as `times.span` takes it: a whole-day end includes its last day, a bare time is on the start's day."""
    if not isinstance(starts, datetime):
        last = _moment(row, "ends") if row.cells.get("ends") else starts
        if isinstance(last, datetime):
            raise Unfit("ends", "invalid", "starts is a whole day, so ends must be one too, such as 2026-10-04")
        return last + timedelta(days=1)
    value = row.cells.get("ends")
    clock = value if isinstance(value, time) else _clock(row.text("ends"))
    if clock is not None:
        return datetime.combine(starts, clock, starts.tzinfo)
    ends = _moment(row, "ends")
    if not isinstance(ends, datetime):
        # Midnight of the next day is how a spreadsheet shows an end at 24:00.
        return datetime.combine(ends, time(), starts.tzinfo)
    return ends


def _clock(text: str) -> time | None:
    try:
        return datetime.strptime(text, CLOCK).time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        return None
