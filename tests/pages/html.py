"""What a test reads in a page: its elements with their attributes and texts."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    """One element; `text` is all text in it, white space folded. An attribute that it lacks is ""."""

    tag: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.found.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)


def elements(response: HttpResponse, tag: str = "", **attributes: str) -> list[Element]:
    """The elements with this tag and these attributes (`class_` holds one of the classes). The page is well-formed."""
    reader = _Reader()
    reader.feed(response.content.decode())
    assert reader.open == []
    return [e for e in reader.found if e.tag == (tag or e.tag) and _has(e, attributes)]


def one(response: HttpResponse, tag: str = "", **attributes: str) -> Element:
    found = elements(response, tag, **attributes)
    assert len(found) == 1, [e.attributes for e in found]
    return found[0]


def _has(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        own = element.attributes.get(name.rstrip("_"))
        if own is None or (value not in own.split() if name == "class_" else own != value):
            return False
    return True
