"""What stands in a mail, whoever wrote it: nothing here trusts a header, a character set or a structure."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path

from pages.mailbox import folder

HEAD = 16_384  # bytes in which the headers are looked for
LONGEST = 500  # characters of a header that are shown
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list."""

    name: str
    came_at: datetime
    to: str
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something to download; `text` of a calendar is shown as well."""

    number: int
    title: str
    size: int
    method: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole mail. Without `html` or `plain` there is none; `is_torn`: it could not be read, only downloaded."""

    summary: Summary
    headers: list[tuple[str, str]]
    plain: str = ""
    html: str = ""
    calendars: tuple[Part, ...] = ()
    files: tuple[Part, ...] = ()
    is_torn: bool = False


@lru_cache(maxsize=2 * folder.MOST)
def summary(path: Path, name: str) -> Summary | None:
    """A mail never changes, so each is read for the list once. None where it went meanwhile."""
    raw = folder.read(path, name, most=HEAD)
    if raw is None:
        return None
    head, _end, _rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    message = message_from_bytes(head + b"\n\n")
    return Summary(
        name=name,
        came_at=datetime.fromtimestamp(folder.came_at(name), tz=UTC),
        to=_header(message, "To"),
        sender=_header(message, "From"),
        subject=_header(message, "Subject"),
    )


def letter(path: Path, name: str) -> Letter | None:
    """The mail of that name, opened; None where there is none."""
    raw, line = folder.read(path, name), summary(path, name)
    if raw is None or line is None:
        return None
    try:
        message = message_from_bytes(raw)
        return _opened(message, line)
    except Exception:  # whatever a stranger's mail does to the parser: it is still there to download
        return Letter(line, headers=[], is_torn=True)


def part(path: Path, name: str, number: int) -> tuple[str, bytes] | None:
    """File name and content of one part."""
    raw = folder.read(path, name)
    try:
        leaves = list(_leaves(message_from_bytes(raw))) if raw is not None else []
        return (_title(leaves[number], number), _content(leaves[number])) if number < len(leaves) else None
    except Exception:  # as above
        return None


def html_of(path: Path, name: str) -> str | None:
    """The HTML of the mail with its own pictures in it, to be shown where nothing in it can do anything."""
    raw = folder.read(path, name)
    try:
        leaves = list(_leaves(message_from_bytes(raw))) if raw is not None else []
        pages = [leaf for leaf in leaves if leaf.get_content_type() == "text/html" and not leaf.get_filename()]
        return _with_pictures(_text(pages[0]), leaves) if pages else None
    except Exception:  # as above
        return None


def _opened(message: Message, line: Summary) -> Letter:
    plain, html = "", ""
    calendars: list[Part] = []
    files: list[Part] = []
    for number, leaf in enumerate(_leaves(message)):
        kind, has_name = leaf.get_content_type(), bool(leaf.get_filename())
        if kind == "text/plain" and not has_name:
            plain = plain or _text(leaf)
        elif kind == "text/html" and not has_name:
            html = html or _text(leaf)
        elif kind in ("text/calendar", "application/ics"):
            calendars.append(_calendar(leaf, number))
        elif not (kind in PICTURES and "Content-ID" in leaf):  # those stand in the HTML
            files.append(Part(number, _title(leaf, number), len(_content(leaf))))
    headers = [(name, _decoded(value)) for name, value in _raw(message)]
    return Letter(line, headers, plain, html, tuple(_once(calendars)), tuple(files))


def _once(calendars: list[Part]) -> Iterator[Part]:
    """The same calendar stands in a mail twice, for programs that look elsewhere; the one with a name is enough."""
    for calendar in calendars:
        twins = [other for other in calendars if other.text == calendar.text]
        if calendar is twins[-1]:
            yield calendar


def _leaves(message: Message) -> Iterator[Message]:
    return (leaf for leaf in message.walk() if not leaf.is_multipart())


def _calendar(leaf: Message, number: int) -> Part:
    text = _text(leaf)
    method = re.search(r"^METHOD:([A-Z-]{1,20})\s*$", text, re.MULTILINE)
    return Part(number, _title(leaf, number), len(_content(leaf)), method[1] if method else "", text)


def _title(leaf: Message, number: int) -> str:
    """A name for the file that it becomes: its own, without anything that a path or a header could read into it."""
    kind = leaf.get_content_type()
    own = re.sub(r"[^\w.-]+", "-", _decoded(leaf.get_filename() or "")).strip("-.")[:80]
    endings = {"text/calendar": ".ics", "application/ics": ".ics", "image/png": ".png", "text/html": ".html"}
    return own or f"part-{number}{endings.get(kind, '.txt' if kind.startswith('text/') else '.bin')}"


def _content(leaf: Message) -> bytes:
    content = leaf.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(leaf: Message) -> str:
    content = _content(leaf)
    try:
        return content.decode(leaf.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _with_pictures(html: str, leaves: list[Message]) -> str:
    """Pictures that the mail brings along stand in the text itself; none is fetched from anywhere."""
    for leaf in leaves:
        kind, cid = leaf.get_content_type(), (leaf.get("Content-ID") or "").strip("<> ")
        if cid and kind in PICTURES:
            data = base64.b64encode(_content(leaf)).decode()
            html = html.replace(f"cid:{cid}", f"data:{kind};base64,{data}")
    return html


def _header(message: Message, name: str) -> str:
    value = _decoded(next((value for known, value in _raw(message) if known.lower() == name.lower()), ""))
    address = parseaddr(value)[1] if name == "To" else ""
    return (address if "@" in address else value)[:LONGEST]


def _raw(message: Message) -> list[tuple[str, str]]:
    """The headers as they came; letters that nobody encoded are read as UTF-8 (RFC 6532)."""
    plain = [(str(name), str(value)) for name, value in message.raw_items()]
    return [(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")) for name, value in plain]


def _decoded(value: str) -> str:
    """In letters that can be shown in one line, whatever it was encoded in."""
    try:
        text = str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        text = value
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
