"""Tables to take away: no spreadsheet calculates their cells, and our own reader gives back what was written."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.importers import tables
from events.reports import spreadsheets

HARMLESS = ["", "plain", "김하늘", "1+1", "a@b.kr", "it's", "'quoted'", "a\nb", 'a,b;c\t"d"', "#1", "010-1234-5678"]
RISKY = [
    "=1+1",
    "+82 10-1234-5678",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "'=1",
    "''+1",
]


@pytest.mark.parametrize("text", RISKY)
def test_what_a_spreadsheet_would_calculate_begins_with_an_apostrophe(text: str) -> None:
    assert (spreadsheets.guarded(text), spreadsheets.unguarded(f"'{text}")) == (f"'{text}", text)


@pytest.mark.parametrize("text", HARMLESS)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert (spreadsheets.guarded(text), spreadsheets.unguarded(text)) == (text, text)


@given(st.text(st.sampled_from("'=+-@\t\r\n＝a1 "), max_size=6))
def test_whatever_was_guarded_comes_back(text: str) -> None:
    guarded = spreadsheets.guarded(text)

    assert spreadsheets.unguarded(guarded) == text
    assert guarded[:1] not in tuple("=+-@\t\r\n＝＋－＠")


def written(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_is_marked_as_utf_8_and_quotes_every_cell() -> None:
    data = spreadsheets.as_csv(titles=["Name", "=Title"], lines=[["김하늘", "+82 10"], ["a;b", 3]])

    assert data == b'\xef\xbb\xbf"Name","\'=Title"\r\n' + '"김하늘","\'+82 10"\r\n"a;b","3"\r\n'.encode()


def test_a_workbook_says_of_each_cell_that_it_is_a_text() -> None:
    texts = [*RISKY, *HARMLESS[1:]]

    data = spreadsheets.as_xlsx(titles=["=Title", "b"], lines=[texts, [3]], name="People")
    sheet = openpyxl.load_workbook(io.BytesIO(data))["People"]

    assert {cell.data_type for cell in sheet[1] if cell.value} == {"s"}
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert (sheet["A3"].value, sheet["A3"].data_type) == (3, "n")
    assert sheet["A2"].number_format == "@"


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_our_own_reader_gives_back_the_same_texts(format: str) -> None:
    texts = [*RISKY, *HARMLESS]
    lines = [[text, 7, "end"] for text in texts]

    if format == "csv":
        data = spreadsheets.as_csv(titles=["a", "b", "c"], lines=lines)
    else:
        data = spreadsheets.as_xlsx(titles=["a", "b", "c"], lines=lines, name="People")
    found = [[spreadsheets.unguarded(cell) for cell in cells] for _line, cells in tables.read(data)]

    # Blanks around a text are nobody's answer, and are trimmed on the way in as everywhere.
    assert [cells[0].strip() for cells in found[1:]] == [text.replace("\r", "\n").strip() for text in texts]
    assert {tuple(cells[1:]) for cells in found[1:]} == {("7", "end")}


def test_what_no_workbook_may_hold_is_left_out() -> None:
    data = spreadsheets.as_xlsx(titles=["a"], lines=[["a\x00\x0b\ud800b"], ["\x01=1"]], name="People")

    assert [cells for _line, cells in tables.read(data)] == [["a"], ["ab"], ["=1"]]
