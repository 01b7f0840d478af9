"""Any table as lines of texts: for lists of people."""

import io
from datetime import date, datetime

import openpyxl
import pytest

from events.importers import guarding, tables
from events.importers.entries import ImportRefused


def book(*rows: list[object]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "name,email\nA,a@b.kr\n", "\n\nname;email\nA;a@b.kr\n", "name\temail\r\nA\ta@b.kr",
        "sep=;\nname;email\nA;a@b.kr",
    ],
)  # fmt: skip
def test_the_separator_is_the_one_that_cuts_the_first_line(text: str) -> None:
    assert [cells for _line, cells in tables.read(text.encode())] == [["name", "email"], ["A", "a@b.kr"]]


def test_lines_keep_their_numbers_and_blank_ones_are_left_out() -> None:
    text = 'name,email\n\n"A\nB",a@b.kr\n,\nC,c@b.kr\n'

    assert tables.read(text.encode("utf-16")) == [(1, ["name", "email"]), (3, ["A\nB", "a@b.kr"]), (6, ["C", "c@b.kr"])]


def test_a_korean_windows_file_is_read() -> None:
    assert tables.read("이름,전자우편\n".encode("cp949")) == [(1, ["이름", "전자우편"])]


def test_cells_of_a_workbook_are_what_somebody_would_write() -> None:
    data = book(["a"], [1.0, 1.5, True, date(2026, 10, 3), datetime(2026, 10, 3, 14), None, " b "])

    assert tables.read(data)[1] == (
        2, ["1", "1.5", "true", "2026-10-03", "2026-10-03T14:00:00", "", "b"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"\n , \n", "empty"), (b"\x00\x01", "encoding"), (b"PK\x03\x04 nothing", "malformed"),
        (b"a\n" + b"b\n" * 501, "too_many_entries"), (b"," * 250 + b"x", "too_large"),
        (b"x" * 10_001, "too_large"), (b"x" * (5 * 1024 * 1024 + 1), "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        tables.read(data)

    assert refusal.value.code == code


def test_the_confined_reader_gives_the_same_lines_and_the_same_refusals() -> None:
    data = "이름,전자우편\n김하늘,a@b.kr\n".encode()

    assert guarding.read_table_guarded(data) == tables.read(data)
    with pytest.raises(ImportRefused) as refusal:
        guarding.read_table_guarded(b"a\n" + b"b\n" * 501)
    assert (refusal.value.code, refusal.value.details["line"]) == ("too_many_entries", 502)
