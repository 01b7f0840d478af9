"""JSON with the line of every item: json.loads reads the values, one pass over the brackets finds where they stand."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from events.importers.entries import ImportRefused

MAX_DEPTH = 40
MAX_ITEMS = 20_000
MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a list: its value, and where it stands ("sessions[3]" and the real line)."""

    value: Any
    ref: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON file. `lines_of["sessions"][3]` is the line of that item; "" names a top-level list."""

    value: Any
    lines_of: dict[str, list[int]]

    def items(self, name: str = "") -> Iterator[Item]:
        """The items of a top-level list, or of the list that the top-level object holds under `name`."""
        values = self.value
        if name:
            values = values.get(name) if isinstance(values, dict) else None
        if not isinstance(values, list):
            raise ImportRefused("malformed", f"{name or 'The file'} must be a list.")
        lines = self.lines_of.get(name, [])
        for index, value in enumerate(values):
            yield Item(value, f"{name}[{index}]", lines[index] if index < len(lines) else 1)


def parsed(text: str) -> Document:
    """The values and their lines; ImportRefused for anything but JSON of reasonable depth."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ImportRefused("too_deep", f"Lists and objects stand {MAX_DEPTH} deep at most.") from error
    except json.JSONDecodeError as error:
        raise ImportRefused("malformed", f"This is not JSON: {error.msg}.", line=error.lineno) from error
    except ValueError as error:
        raise ImportRefused("malformed", "This JSON holds a number that cannot be read.") from error
    return Document(value, _lines_of(text))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _lines_of(text: str) -> dict[str, list[int]]:
    """Lines of the containers that are items of the top-level list, or of a list right under the top-level object."""
    breaks = [match.start() for match in re.finditer("\n", text)]
    found: dict[str, list[int]] = {}
    around: list[str] = []
    name = ""
    for match in MARKS.finditer(text):
        mark = match.group()
        if mark[0] == '"':
            name = mark if len(around) == 1 else name
        elif mark in "]}":
            around.pop()
        else:
            if around in (["["], ["{", "["]):
                key = json.loads(name) if len(around) == 2 else ""
                found.setdefault(key, []).append(bisect_right(breaks, match.start()) + 1)
                if len(found[key]) > MAX_ITEMS:
                    raise ImportRefused("too_many_entries", f"A list may hold {MAX_ITEMS:,} items; split the file.")
            around.append(mark)
            if len(around) > MAX_DEPTH:
                raise ImportRefused("too_deep", f"Lists and objects stand {MAX_DEPTH} deep at most.")
    return found
