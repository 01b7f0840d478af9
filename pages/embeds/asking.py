"""What the address of a frame asks for: the filters of every list, and how they are shown."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.filters import FilterRefused
from events.models import LANGUAGES
from pages.public import query, returning
from pages.public.listing import ROWS

PATH = "/embed/events/"
VIEWS = ("list", "agenda", "grid")
THEMES = ("auto", "light", "dark")
MOST_ROWS = 200
OWN = ("lang", "view", "theme", "page_size", returning.NAME)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a frame looks, and the query that its list understands."""

    filters: QueryDict
    view: str
    theme: str
    rows: int
    back: str


def asked(given: QueryDict) -> Asked:
    """What these parameters say. FilterRefused names each that is wrong; the filters are their reader's to judge."""
    errors = {}
    for name, words in (("lang", LANGUAGES), ("view", VIEWS), ("theme", THEMES)):
        if given.get(name, words[0]) not in words:
            errors[name] = [_("Write one of %(known)s.") % {"known": ", ".join(words)}]
    rows = given.get("page_size", str(ROWS))
    if not (re.fullmatch(r"[0-9]{1,3}", rows) and 1 <= int(rows) <= MOST_ROWS):
        errors["page_size"] = [_("Write a number from 1 to %(most)d.") % {"most": MOST_ROWS}]
    if errors:
        raise FilterRefused(errors)
    filters = given.copy()
    for name in OWN:
        filters.pop(name, None)
    back = returning.written(given.get(returning.NAME, ""))
    return Asked(filters, given.get("view", VIEWS[0]), given.get("theme", THEMES[0]), int(rows), back)


def tidy(given: QueryDict) -> QueryDict:
    """The same without empty fields, which the forms of content systems leave behind."""
    tidied = query.tidied(given)
    return given if tidied is None else QueryDict(tidied)


def language_of(given: QueryDict) -> str:
    """The language of the frame: what it says, else Korean; nothing of the browser is asked, as in calendars."""
    said = given.get("lang", LANGUAGES[0])
    return said if said in LANGUAGES else LANGUAGES[0]


def address(filters: dict[str, str], *, language: str = "", **own: str) -> str:
    """The path and query of a frame; what is left out or empty is as usual."""
    said = {name: value for name, value in own.items() if value}
    return query.address(PATH, filters | {"lang": language or get_language() or "ko"} | said)
