"""HTML descriptions become Markdown: paragraphs, lists, headings, table rows and links; everything else is dropped.

The result holds no HTML that the source did not write as text, and pages render Markdown with HTML off, so this is a
reader, not the sanitizer.
"""

import re
from html.parser import HTMLParser

TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:]*(\s[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|#\d+);")
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s()<>]+", re.IGNORECASE)
DROPPED = {"style", "script", "xml", "head", "title", "template", "svg", "object", "iframe"}
BLOCKS = {"p", "div", "section", "article", "table", "tbody", "thead", "tr", "blockquote", "pre", "hr", "dt", "dd"}
LISTS = {"ul", "ol"}
CELLS = {"td", "th"}
HEADING = re.compile(r"h[1-6]")


def looks_like_html(text: str) -> bool:
    return TAG.search(text) is not None


def from_html(html: str) -> str:
    """The text of an HTML fragment as Markdown. Malformed HTML gives what can be read of it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.markdown()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._text: list[str] = []
        self._prefix = ""
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._dropping: list[str] = []
        self._in_cell = False
        self._link = ""
        self._link_from = 0

    def markdown(self) -> str:
        self._end_block()
        joined = ""
        for before, block in zip(["", *self._blocks], self._blocks, strict=False):
            tight = _is_item(before) and _is_item(block)
            joined += ("\n" if tight else "\n\n") + block
        return joined.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self._dropping.append(tag)
        elif tag == "br":
            self._text.append("\n")
        elif tag == "a":
            self._link, self._link_from = dict(attrs).get("href") or "", len(self._text)
        elif tag in CELLS:
            self._text.append(" | " if "".join(self._text).strip() else "")
            self._in_cell = True
        elif tag in LISTS:
            self._end_block()
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._end_block()
            self._prefix = self._item_prefix()
        elif HEADING.fullmatch(tag):
            self._end_block()
            self._prefix = "### "
        elif tag in BLOCKS:
            self._end_block(keep_prefix=True)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag in self._dropping:
                del self._dropping[self._dropping.index(tag) :]
        elif tag == "a":
            self._end_link()
        elif tag in CELLS:
            self._in_cell = False
        elif tag in LISTS:
            self._end_block()
            del self._lists[-1:]
        elif tag == "tr" or tag == "table":
            self._in_cell = False
            self._end_block()
        elif tag == "li" or tag in BLOCKS or HEADING.fullmatch(tag):
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._text.append(re.sub(r"\s+", " ", data))

    def _item_prefix(self) -> str:
        indent = "  " * max(0, len(self._lists[:6]) - 1)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _end_link(self) -> None:
        words = "".join(self._text[self._link_from :]).strip()
        target = self._link if ADDRESS.fullmatch(self._link) else ""
        if target and words and target.rstrip("/") != words.rstrip("/"):
            self._text[self._link_from :] = [f"[{words.replace(']', ')').replace('[', '(')}]({target})"]
        self._link = ""

    def _end_block(self, *, keep_prefix: bool = False) -> None:
        if self._in_cell:
            self._text.append(" ")
            return
        lines = (" ".join(line.split()) for line in "".join(self._text).split("\n"))
        text = "\n".join(line for line in lines if line)
        self._text, self._link_from = [], 0
        if text:
            self._blocks.append(self._prefix + text)
        if text or not keep_prefix:
            self._prefix = ""


def _is_item(block: str) -> bool:
    return re.match(r" *(-|\d+\.) ", block) is not None
