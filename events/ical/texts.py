"""Texts that people typed, made safe for a content line (RFC 5545 3.1, 3.3.11 and 3.3.13)."""

import re
from urllib.parse import quote

from icalendar import vCategory, vText

_LINE_BREAK = re.compile("\r\n|[\r\n\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.+")
# RFC 3986: reserved and unreserved characters, and a percent sign that is already an escape.
_URI_SAFE = ":/?#[]@!$&'()*+,;=-._~%"


class Text(vText):
    """A TEXT value whose backslash before an N survives: vText takes "C:\\New" for a line break."""

    def to_ical(self) -> bytes:
        """Escape what RFC 5545 3.3.11 names, and nothing else."""
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def many_lines(text: str) -> str:
    """Return the text with plain newlines and without anything else that a reader could take for a line's end."""
    text = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text)).strip()


def one_line(text: str) -> str:
    """Return the text on one line, with single spaces where it was broken."""
    return " ".join(many_lines(text).split())


def categories(names: tuple[str, ...]) -> vCategory | None:
    """Return the names as one CATEGORIES value, each once and in the given order; None without any."""
    cleaned = list(dict.fromkeys(name for name in map(one_line, names) if name))
    if not cleaned:
        return None
    value = vCategory(cleaned)
    value.cats = [Text(name) for name in cleaned]
    return value


def uri(address: str) -> str:
    """Return the address with everything a URI may not hold percent-encoded, or "" when it has no scheme."""
    address = one_line(address)
    return quote(address, safe=_URI_SAFE) if _URI.fullmatch(address) else ""
