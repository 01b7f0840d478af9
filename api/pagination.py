"""Cursor pages: the rows behind a known row, so that the last page costs as much as the first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from events.filters import FilterRefused

PARAMETERS = frozenset({"cursor", "page_size", "ordering"})
USUAL_SIZE = 50
LARGEST_SIZE = 200


@dataclass(frozen=True, slots=True)
class Order:
    """One thing a list may be ordered by. A nullable one keeps rows without it last, or first when reversed."""

    expression: str | Combinable
    is_nullable: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: behind the row with this value and key, or before it."""

    ordering: str
    value: Any
    key: int
    is_backwards: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the addresses of the next and the previous page."""

    rows: list[Any]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """Rows, and the cursors of what is behind and before them. `beyond` is the row that comes after them, if any."""

    rows: list[Any]
    next: str | None
    previous: str | None
    beyond: Any = None


def page(
    *, request: HttpRequest, queryset: QuerySet[Any], orders: Mapping[str, Order], usual: str,
    fetch: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows,
) -> Page:  # fmt: skip
    """One page of `queryset` as the query string asks, in one statement. `fetch` adds `.values()` or `select_related`.

    Rows carry `pk` and `sort_value`. FilterRefused names a wrong ordering, page_size or cursor.
    """
    found = cut(query=request.GET, queryset=queryset, orders=orders, usual=usual, fetch=fetch)
    return Page(found.rows, _link(request, found.next), _link(request, found.previous))


def cut(
    *, query: QueryDict, queryset: QuerySet[Any], orders: Mapping[str, Order], usual: str,
    fetch: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows,
) -> Cut:  # fmt: skip
    """As `page`, with cursors in place of addresses."""
    ordering, size = _ordering(query.get("ordering", usual), orders), _size(query.get("page_size"))
    cursor = _read(query["cursor"], ordering) if "cursor" in query else None
    is_backwards = cursor is not None and cursor.is_backwards
    order = orders[ordering.removeprefix("-")]
    falling = ordering.startswith("-") != is_backwards
    chosen = _with_value(queryset, order)
    if cursor is not None:
        chosen = chosen.filter(_behind(cursor, falling, order.is_nullable))
    rows = list(fetch(chosen).order_by(*_order_by(falling, order.is_nullable))[: size + 1])
    beyond = rows.pop() if len(rows) > size else None
    if is_backwards:
        rows.reverse()
    has_next, has_previous = (True, beyond is not None) if is_backwards else (beyond is not None, cursor is not None)
    return Cut(
        rows,
        _cursor(ordering, rows, False) if rows and has_next else None,
        _cursor(ordering, rows, True) if rows and has_previous else None,
        beyond,
    )


def ordered(queryset: QuerySet[Any], *, ordering: str, orders: Mapping[str, Order]) -> QuerySet[Any]:
    """All of `queryset` in the order in which its pages would hold it; FilterRefused names a wrong ordering."""
    order = orders[_ordering(ordering, orders).removeprefix("-")]
    return _with_value(queryset, order).order_by(*_order_by(ordering.startswith("-"), order.is_nullable))


def _with_value(queryset: QuerySet[Any], order: Order) -> QuerySet[Any]:
    expression = F(order.expression) if isinstance(order.expression, str) else order.expression
    return queryset.annotate(sort_value=expression)


def _order_by(falling: bool, is_nullable: bool) -> list[Any]:
    """SQLite and PostgreSQL disagree on where NULL stands, so nullable columns say it."""
    value = F("sort_value")
    if falling:
        return [value.desc(nulls_first=True) if is_nullable else value.desc(), "-pk"]
    return [value.asc(nulls_last=True) if is_nullable else value.asc(), "pk"]


def _behind(cursor: Cursor, falling: bool, is_nullable: bool) -> Q:
    """Rows after the cursor's, in the direction of reading. The plain comparison lets the index find the place."""
    way = "lt" if falling else "gt"
    key = Q(**{f"pk__{way}": cursor.key})
    if cursor.value is None:
        return Q(sort_value__isnull=False) | key if falling else Q(sort_value__isnull=True) & key
    beyond = Q(**{f"sort_value__{way}e": cursor.value}) & (Q(**{f"sort_value__{way}": cursor.value}) | key)
    return beyond | Q(sort_value__isnull=True) if is_nullable and not falling else beyond


def _ordering(text: str, orders: Mapping[str, Order]) -> str:
    if text.removeprefix("-") in orders and not text.startswith("--"):
        return text
    known = ", ".join(orders)
    raise FilterRefused({"ordering": [_("Write one of %(known)s, with - in front to reverse it.") % {"known": known}]})


def _size(text: str | None) -> int:
    if text is None:
        return USUAL_SIZE
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= LARGEST_SIZE and len(text) <= 3:
        return int(text)
    raise FilterRefused({"page_size": [_("Write a number from 1 to %(most)d.") % {"most": LARGEST_SIZE}]})


def _signer() -> Signer:
    return Signer(salt="callboard.cursor")


def _read(text: str, ordering: str) -> Cursor:
    """Signed, so that what comes back has the types that went out."""
    wrong = FilterRefused({"cursor": [_("Take cursors from next and previous as they are, with the same ordering.")]})
    try:
        written, kind, value, key, is_backwards = _signer().unsign_object(text)
    except (BadSignature, ValueError, TypeError) as error:
        raise wrong from error
    if written != ordering:
        raise wrong
    reading = {"datetime": datetime.fromisoformat, "date": date.fromisoformat}
    return Cursor(written, reading[kind](value) if kind in reading else value, key, is_backwards)


def _cursor(ordering: str, rows: list[Any], is_backwards: bool) -> str:
    row = rows[0 if is_backwards else -1]
    value, key = (row["sort_value"], row["pk"]) if isinstance(row, dict) else (row.sort_value, row.pk)
    kind = "datetime" if isinstance(value, datetime) else "date" if isinstance(value, date) else ""
    return _signer().sign_object([ordering, kind, value.isoformat() if kind else value, key, is_backwards])


def _link(request: HttpRequest, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query = {**{name: request.GET.getlist(name) for name in request.GET}, "cursor": [cursor]}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query, doseq=True)}")
