"""XLSX made from the template: the first sheet, values only. Sizes are checked before anything is unpacked."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl

from events.importers.columns import COLUMNS
from events.importers.entries import MAX_SESSIONS, ImportRefused
from events.importers.rows import Cell, read_rows
from events.importers.unpacking import largest_honest
from events.operations.drafting import Draft

FORMAT = "xlsx"
MAX_MEMBERS = 200
MAX_COLUMNS = 2 * len(COLUMNS)
WORKBOOK = "xl/workbook.xml"


def read(data: bytes, *, zone: str | None) -> Draft:
    """The events of the first sheet. Lines are the sheet's row numbers."""
    return read_rows(lines(data, most_columns=MAX_COLUMNS), format_name=FORMAT, zone=zone)


def lines(data: bytes, *, most_columns: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    """(row number, cells) of the first sheet; cells beyond `most_columns` are not looked at."""
    if not openpyxl.DEFUSEDXML:  # openpyxl alone expands entities
        raise ImportRefused("unreadable", "This installation cannot read XLSX safely (defusedxml is missing).")
    _check_sizes(data)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims about its size is not believed
        yield from enumerate(
            sheet.iter_rows(max_row=MAX_SESSIONS + 100, max_col=most_columns, values_only=True), start=1
        )
    finally:
        book.close()


def _check_sizes(data: bytes) -> None:
    """The sizes that the archive states; zipfile never unpacks more of a member than it states."""
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ImportRefused("malformed", "This is not an XLSX file, or it is damaged.") from error
    if WORKBOOK not in {member.filename for member in members}:
        raise ImportRefused("malformed", "This archive holds no workbook; save the table as .xlsx.")
    size = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or size > largest_honest(len(data)):
        raise ImportRefused("bomb", f"The workbook unpacks to {size:,} bytes, too many for its size.")
