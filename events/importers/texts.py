"""Texts of strangers become texts that fit our columns: no control characters, right language column, right length."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from html import unescape
from typing import Any, TypedDict

from events.importers.entries import Unfit
from events.importers.markup import from_html, looks_like_html
from events.operations.drafting import DraftSpeaker, DraftTopic, column_language

TITLE_LENGTH = 300
SUMMARY_LENGTH = 500
DESCRIPTION_LENGTH = 50_000
MARKUP_LENGTH = 200_000
MOST_NAMES = 50
NAME_LENGTH = 200
SOURCE_LENGTH = 200

# C0 and C1 controls, line and paragraph separators, lone surrogates, byte-order mark: databases and calendars choke.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,6})?")


def cleaned(value: object) -> str:
    """NFC text with LF line ends, without control characters; "" for None. Only text and numbers are text."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return unicodedata.normalize("NFC", UNWANTED.sub("", text)).strip()


def one_line(value: object, field: str, limit: int) -> str:
    """Clean text without line breaks; Unfit when it is longer than its column."""
    text = " ".join(cleaned(value).split())
    if len(text) > limit:
        raise Unfit(field, "too_long", f"{len(text)} characters, at most {limit}")
    return text


def title_of(value: object) -> str:
    """A title; Unfit when there is none."""
    text = one_line(unescape(cleaned(value)), "title", TITLE_LENGTH)
    if not text:
        raise Unfit("title", "missing", "an entry needs a title")
    return text


def paragraphs(value: object, field: str = "description") -> str:
    """Markdown without HTML and without the indentation that pretty-printed XML adds to every line but the first."""
    text = cleaned(value)
    if len(text) <= MARKUP_LENGTH and looks_like_html(text):
        text = cleaned(from_html(text))
    text = _dedented(text)
    if len(text) > DESCRIPTION_LENGTH:
        raise Unfit(field, "too_long", f"{len(text)} characters, at most {DESCRIPTION_LENGTH}")
    return text


def shortened(text: str, limit: int = SUMMARY_LENGTH) -> str:
    """One line of at most `limit` characters, cut at a word, with an ellipsis where something is missing."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut) + "\N{HORIZONTAL ELLIPSIS}"


class Worded(TypedDict):
    """The six text columns of a DraftEvent."""

    title_ko: str
    title_en: str
    summary_ko: str
    summary_en: str
    description_ko: str
    description_en: str


def worded(*, title: str, summary: str = "", description: str = "") -> Worded:
    """Each text under the column of its own language: Korean where it has Hangul, else the international column."""
    title_ko, title_en = _in_columns(title)
    summary_ko, summary_en = _in_columns(shortened(summary))
    description_ko, description_en = _in_columns(description)
    return Worded(
        title_ko=title_ko,
        title_en=title_en,
        summary_ko=summary_ko,
        summary_en=summary_en,
        description_ko=description_ko,
        description_en=description_en,
    )


def summary_and_description(summary: str, description: str) -> tuple[str, str]:
    """Nothing is lost when a summary is too long for its column: then the description starts with all of it."""
    if len(" ".join(summary.split())) <= SUMMARY_LENGTH or summary in description:
        return summary, description
    return summary, f"{summary}\n\n{description}".strip()


def source_id(value: object, field: str = "source_id") -> str:
    """The source's own id; a longer one is replaced by its hash, so that it stays stable. Unfit when there is none."""
    text = " ".join(cleaned(value).split())
    if not text:
        raise Unfit(field, "missing", "an entry needs an id that stays the same in later versions of the file")
    return text if len(text) <= SOURCE_LENGTH else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def language_of(value: object) -> str:
    """The first BCP 47 tag that is written ("de, en" is "de"); "" where there is none."""
    first = re.split(r"[,;/ ]", cleaned(value).replace("_", "-"), maxsplit=1)[0]
    return first if LANGUAGE.fullmatch(first) else ""


def web_address(value: object, field: str = "url", limit: int = 500) -> str:
    """An http(s) address, or ""; Unfit when it is something else."""
    text = cleaned(value)
    if text and not re.fullmatch(r"https?://[^\s<>\"\\]+", text, re.IGNORECASE):
        raise Unfit(field, "invalid", f"{text[:60]!r} is not an address that begins with https://")
    return one_line(text, field, limit)


def whole_number(value: object, field: str, *, most: int = 1_000_000) -> int | None:
    """A count, or None where nothing is written; Unfit when it is no whole number from 0 to `most`."""
    text = cleaned(value).replace(",", "")
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,9})(?:\.0+)?", text)
    if match is None or int(match[1]) > most:
        raise Unfit(field, "invalid", f"{text[:40]!r} is not a whole number from 0 to {most:,}")
    return int(match[1])


def topic(name: object, slug: object = "") -> DraftTopic:
    """A topic with a usable slug: the source's, else made of the name, else (Korean names) of its hash."""
    title = one_line(name, "topics", NAME_LENGTH)
    plain = cleaned(slug) or unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
    if not words or (not slug and column_language(title) == "ko"):
        words = "topic-" + hashlib.sha256(title.casefold().encode()).hexdigest()[:8]
    return DraftTopic(words, title)


def topics(names: list[str]) -> list[DraftTopic]:
    """Topics of these names, each once, blanks left out."""
    made = [topic(name) for name in _few(names, "topics")]
    return list({one.slug: one for one in made}.values())


def speaker(name: object, *, source: object = "", bio: object = "") -> DraftSpeaker:
    """A speaker; without an id of the source, the name is the id."""
    shown = one_line(name, "speakers", NAME_LENGTH)
    if not shown:
        raise Unfit("speakers", "missing", "a speaker needs a name")
    return DraftSpeaker(
        source_id(cleaned(source) or f"name/{shown.casefold()}"), shown, paragraphs(bio, field="speakers")
    )


def speakers_named(names: list[str]) -> list[DraftSpeaker]:
    """Speakers known by name only, each once."""
    made = [speaker(name) for name in _few(names, "speakers")]
    return list({one.source_id: one for one in made}.values())


def member(thing: object, name: str) -> Any:
    """One member of a JSON object, None where there is none or the thing is no object."""
    return thing.get(name) if isinstance(thing, Mapping) else None


def strings(value: object, field: str, *, most: int = 100) -> list[str]:
    """A JSON list of texts or numbers as texts; Unfit for anything else."""
    values = [] if value is None else value
    if not isinstance(values, list) or len(values) > most:
        raise Unfit(field, "invalid", f"this must be a list of at most {most} ids or names")
    return [text for one in values if (text := cleaned(one))]


def _few(names: list[str], field: str) -> list[str]:
    written = [name for name in names if name.strip()]
    if len(written) > MOST_NAMES:
        raise Unfit(field, "too_long", f"{len(written)} names, at most {MOST_NAMES}")
    return written


def _in_columns(text: str) -> tuple[str, str]:
    return (text, "") if column_language(text) == "ko" else ("", text)


def _dedented(text: str) -> str:
    first, *others = text.split("\n")
    margins = [len(line) - len(line.lstrip()) for line in others if line.strip()]
    margin = min(margins, default=0)
    lines = [first, *(line[margin:].rstrip() for line in others)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
