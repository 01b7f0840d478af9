"""CSV as spreadsheets save it: UTF-8 or Korean Windows (CP949), comma, semicolon or tab, real line numbers."""

import csv
import io
from collections.abc import Callable, Iterator

from events.importers.columns import named
from events.importers.entries import ImportRefused
from events.importers.rows import read_rows
from events.importers.unpacking import text_of
from events.operations.drafting import Draft

FORMAT = "csv"
SEPARATORS = (",", ";", "\t")


def read(data: bytes, *, zone: str | None) -> Draft:
    """The events of a CSV file made from the template."""
    return read_rows(lines(text_of(data, or_korean=True), fits=_known), format_name=FORMAT, zone=zone)


def looks_like_template(data: bytes) -> bool:
    """Whether the first line names at least two of our columns."""
    try:
        text = text_of(data, or_korean=True)
    except ImportRefused:
        return False
    first = text.lstrip().split("\n", 1)[0]
    return max(_known(first, separator) for separator in SEPARATORS) >= 2


def lines(text: str, *, fits: Callable[[str, str], int]) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, cells): a quoted cell may span lines.

    `fits` says how well a separator fits the first line; the first of the best ones is meant.
    """
    head, _, rest = text.partition("\n")
    skipped = head.strip().lower().startswith("sep=")  # Excel's own first line
    body = rest if skipped else text
    header = next((line for line in body.split("\n", 20)[:20] if line.strip()), "")
    separator = max(SEPARATORS, key=lambda one: fits(header, one))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    before = int(skipped)
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num + int(skipped)
    except csv.Error as error:
        raise ImportRefused("malformed", f"This is not CSV: {error}.", line=before + 1) from error


def _known(header: str, separator: str) -> int:
    return sum(bool(named(cell.strip('" \r'))) for cell in header[:5000].split(separator)[:200])
