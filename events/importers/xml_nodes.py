"""XML as plain nodes that know their line; no DTD, no entities, nothing external, not too deep, not too many."""

from dataclasses import dataclass, field
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parseString

from events.importers.entries import ImportRefused

MAX_NODES = 200_000
MAX_DEPTH = 12


@dataclass(slots=True)
class Node:
    """One element: its own text, without that of its children."""

    tag: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def child(self, tag: str) -> "Node | None":
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, tag: str) -> list["Node"]:
        return [child for child in self.children if child.tag == tag]

    def said(self, tag: str) -> str:
        """The text of the first child of that name, "" without one."""
        child = self.child(tag)
        return child.text.strip() if child else ""


def parsed(data: bytes) -> Node:
    """The root element; ImportRefused for anything that is not plain, well-formed XML."""
    builder = _Builder()
    try:
        parseString(data, builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        message = "DOCTYPE, entities and external references are not read; leave them out."
        raise ImportRefused("forbidden_markup", message, line=builder.line) from error
    except SAXException as error:
        message = f"This is not well-formed XML: {error.getMessage()}."
        raise ImportRefused("malformed", message, line=builder.line) from error
    except (ValueError, LookupError) as error:
        raise ImportRefused("encoding", "The encoding of this XML is not read; save the file as UTF-8.") from error
    if builder.root is None:
        raise ImportRefused("malformed", "This XML holds no element.")
    return builder.root


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self._open: list[Node] = []
        self._texts: list[list[str]] = []
        self._count = 0
        self._locator: Locator | None = None

    @property
    def line(self) -> int:
        return (self._locator.getLineNumber() if self._locator else None) or 1

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise ImportRefused("too_many_entries", f"{MAX_NODES:,} elements are the most.", line=self.line)
        if len(self._open) >= MAX_DEPTH:
            raise ImportRefused("too_deep", f"Elements stand {MAX_DEPTH} deep at most.", line=self.line)
        node = Node(name, self.line, dict(attrs.items()))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._texts.append([])

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())
