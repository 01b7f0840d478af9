"""Any table, CSV or XLSX, as lines of texts: for lists of people, whose columns are known elsewhere."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from events.importers import csv_table, texts
from events.importers.entries import ImportRefused
from events.importers.rows import Cell
from events.importers.unpacking import text_of, unpacked

MOST_LINES = 501  # the titles and five hundred people: nobody else registers while all of them do
MOST_COLUMNS = 200
LONGEST_CELL = 10_000
ZIP = b"PK\x03\x04"

Line = tuple[int, list[str]]


def read(raw: bytes) -> list[Line]:
    """(line number, cells as texts) of all lines that are not blank. ImportRefused whatever the bytes are."""
    data = unpacked(raw)
    try:
        return _lines(_rows(data))
    except (ImportRefused, MemoryError):
        raise
    except Exception as error:  # libraries raise anything on hostile bytes
        raise ImportRefused("unreadable", "The file cannot be read as a table.") from error


def _rows(data: bytes) -> Iterable[tuple[int, Sequence[Cell]]]:
    if data.startswith(ZIP):
        from events.importers import xlsx_table  # noqa: PLC0415  a quarter of a second that CSV does not need

        return xlsx_table.lines(data, most_columns=MOST_COLUMNS + 1)
    return csv_table.lines(text_of(data, or_korean=True), fits=_columns)


def _lines(rows: Iterable[tuple[int, Sequence[Cell]]]) -> list[Line]:
    found: list[Line] = []
    for line, row in rows:
        cells = [_text(cell, line) for cell in row]
        while cells and not cells[-1]:  # a sheet has as many cells as its widest line
            cells.pop()
        if not cells:
            continue
        if len(found) >= MOST_LINES:
            raise ImportRefused(
                "too_many_entries", f"A list has {MOST_LINES - 1:,} people at most; split it.", line=line
            )
        if len(cells) > MOST_COLUMNS:
            raise ImportRefused("too_large", f"A list has {MOST_COLUMNS} columns at most.", line=line)
        found.append((line, cells))
    if not found:
        raise ImportRefused("empty", "The table has no line.")
    return found


def _text(cell: Cell, line: int) -> str:
    """A cell as somebody would write it; what spreadsheets made of a date is the date."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else texts.cleaned(cell)
    if len(text) > LONGEST_CELL:
        raise ImportRefused(
            "too_large", f"A cell has {len(text):,} characters; {LONGEST_CELL:,} are the most.", line=line
        )
    return text


def _columns(header: str, separator: str) -> int:
    return len(next(csv.reader([header[:20_000]], delimiter=separator), []))
