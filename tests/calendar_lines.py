"""Reading the raw bytes of a calendar into lines and components, for the linter and without any library."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LINE_END = re.compile(rb"\r\n|\r|\n")
_PARAMETER = r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)'
_CONTENT_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:{_PARAMETER})*):(.*)", re.DOTALL)


class Fault(NamedTuple):
    """The code of a fault and the line where it stands; 0 is the file as a whole."""

    code: str
    line: int


@dataclass(frozen=True)
class Line:
    """One unfolded content line."""

    number: int
    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class Component:
    """One component with its own lines and the components inside it."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def walk(self) -> Iterator["Component"]:
        yield self
        for part in self.parts:
            yield from part.walk()


def unfolded(raw: bytes) -> list[tuple[int, str]]:
    """Return the logical lines with the number of their first physical line; the empty rest after the end is none."""
    physical = LINE_END.split(raw)
    if physical[-1] == b"":
        physical.pop()
    logical: list[tuple[int, bytes]] = []
    for number, line in enumerate(physical, 1):
        if line[:1] in (b" ", b"\t") and logical:
            first, text = logical[-1]
            logical[-1] = (first, text + line[1:])
        else:
            logical.append((number, line))
    return [(number, text.decode(errors="replace")) for number, text in logical]


def content_line(number: int, text: str) -> Line | None:
    matched = _CONTENT_LINE.fullmatch(text)
    if not matched:
        return None
    parameters = {name.upper(): value.strip('"') for name, value in re.findall(_PARAMETER, matched[2])}
    return Line(number, matched[1].upper(), parameters, matched.groups()[-1])


def tree(lines: list[Line]) -> tuple[Component | None, list[Fault]]:
    root = Component("", 0)
    open_ones = [root]
    found: list[Fault] = []
    for line in lines:
        inner = open_ones[-1]
        if line.name == "BEGIN":
            part = Component(line.value.upper(), line.number)
            inner.parts.append(part)
            open_ones.append(part)
        elif line.name == "END" and inner is not root and inner.name == line.value.upper():
            open_ones.pop()
        elif line.name == "END" or inner is root:
            found.append(Fault("unbalanced-component", line.number))
        else:
            if inner.parts and inner.name == "VCALENDAR":
                found.append(Fault("property-after-component", line.number))
            inner.lines.append(line)
    if len(open_ones) > 1 or [part.name for part in root.parts] != ["VCALENDAR"]:
        found.append(Fault("unbalanced-component", 0))
    return (root.parts[0] if root.parts else None), found
