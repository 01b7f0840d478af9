"""Tables as CSV and XLSX that no spreadsheet mistakes for formulas, and that our own importers read back as they were.

In CSV a cell that a spreadsheet would calculate begins with an apostrophe: "=1+1", but "+82 10-1234-5678" as well. A
workbook says of each cell that it is a text. (OWASP, "CSV Injection".)
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# What begins a formula, its full-width forms, and what is passed over in front of one; apostrophes of ours before it.
RISKY = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
IS_RISKY = re.compile(f"'*{RISKY}")
IS_GUARDED = re.compile(f"'+{RISKY}")
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no XML may hold these
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int


def guarded(text: str) -> str:
    """The text as no spreadsheet calculates it; `unguarded` gives back exactly the text."""
    return f"'{text}" if IS_RISKY.match(text) else text


def unguarded(text: str) -> str:
    """The text without the apostrophe that `guarded` put before it."""
    return text[1:] if IS_GUARDED.match(text) else text


def as_csv(*, titles: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, so that Excel reads Korean; each cell quoted, so that no other separator opens one."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL)
    for cells in (titles, *lines):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return sheet.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(*, titles: Sequence[str], lines: Iterable[Sequence[Cell]], name: str) -> bytes:
    """One sheet. What begins with no letter is a cell that stays a text, also when somebody edits it."""
    import openpyxl  # noqa: PLC0415  a quarter of a second that only a download needs
    from openpyxl.styles import Font  # noqa: PLC0415  as above

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    sheet.append([_text(sheet, title, font=bold) for title in titles])
    for cells in lines:
        sheet.append([_cell(sheet, cell) for cell in cells])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: Any, cell: Cell) -> Any:
    if not isinstance(cell, str):
        return cell
    fit = UNFIT.sub("", cell)
    return fit if fit[:1].isalpha() else _text(sheet, fit)


def _text(sheet: Any, text: str, *, font: Any = None) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  as above

    # Only what begins with our apostrophe already needs another one: the type protects the rest.
    cell = WriteOnlyCell(sheet, value=f"'{text}" if IS_GUARDED.match(text) else text)
    cell.data_type = "s"  # openpyxl takes what begins with "=" for a formula
    cell.number_format = "@"
    if font is not None:
        cell.font = font
    return cell
