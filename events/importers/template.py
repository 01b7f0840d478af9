"""The table to fill in, for download: CSV and XLSX, with what may stand in each column."""

import csv
import io

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from events.importers.columns import COLUMNS


def template_csv() -> bytes:
    """UTF-8 with a mark, so that Excel reads Korean. Rows that begin with # are help and are not imported."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow([column.name for column in COLUMNS])
    for row in _help_rows():
        writer.writerow(row)
    return sheet.getvalue().encode("utf-8-sig")


def template_xlsx() -> bytes:
    """One sheet to fill in, and one that explains the columns in both languages."""
    book = openpyxl.Workbook()
    table, notes = book.worksheets[0], book.create_sheet("Help 도움말")
    table.title = "Sessions 회차"
    table.append([column.name for column in COLUMNS])
    table.freeze_panes = "B2"
    for index, column in enumerate(COLUMNS, start=1):
        table.cell(1, index).font = Font(bold=True)
        letter = get_column_letter(index)
        table.column_dimensions[letter].width = max(14, len(column.name) + 4)
        table.column_dimensions[letter].number_format = "@"  # text, so that ids and phone numbers stay as typed
    notes.append(["column", "열 이름", "what to write", "쓸 내용", "example 예"])
    for column in COLUMNS:
        notes.append([column.name, column.korean, column.help_en, column.help_ko, column.example])
    for letter, width in zip("ABCDE", (16, 16, 60, 60, 30), strict=True):
        notes.column_dimensions[letter].width = width
    for row in notes.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _help_rows() -> list[list[str]]:
    rows = [[getattr(column, name) for column in COLUMNS] for name in ("korean", "help_en", "help_ko", "example")]
    return [[f"# {first}", *others] for first, *others in rows]
