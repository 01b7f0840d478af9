"""The query string of a page: what a form of empty fields leaves of it, and the same with one filter less."""

from urllib.parse import urlencode

from django.http import QueryDict

from events import filters

PAGE = "page"


def tidied(query: QueryDict) -> str | None:
    """The query without empty fields and with repeated ones joined; None where it is tidy already."""
    pairs = [(name, ",".join(value.strip() for value in values if value.strip())) for name, values in query.lists()]
    kept = [(name, value) for name, value in pairs if value]
    before = [(name, value) for name, values in query.lists() for value in values]
    return None if kept == before else encoded(dict(kept))


def canonical(query: QueryDict) -> dict[str, str]:
    """The filters alone, in one order: the same set of events always has the same address."""
    return dict(sorted((name, value) for name, value in query.items() if name in filters.NAMES))


def encoded(values: dict[str, str]) -> str:
    """A query string that people can read: commas and colons stay."""
    return urlencode(values, safe=",:")


def address(path: str, values: dict[str, str]) -> str:
    return f"{path}?{encoded(values)}" if values else path
