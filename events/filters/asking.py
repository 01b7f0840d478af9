"""From a query string to what it selects, or to a refusal that names what is wrong in it (RULES 19)."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.errors import DomainError
from events.filters.vocabulary import ABOUT_SESSIONS, EventFilter, SessionFilter, Vocabulary
from events.models import Actor, Audience, Event, Session

IGNORED = re.compile(r"utm_\w+|fbclid|gclid|_")
VOLATILE = frozenset({"when", "has_seats"})
NAMES = frozenset(Vocabulary.base_filters)


class FilterRefused(DomainError):
    """A filter is unknown or has a value that does not exist; `errors` names each."""

    code = "invalid_filter"
    status = 400

    def __init__(self, errors: Mapping[str, Iterable[str]]) -> None:
        self.errors = {name: list(messages) for name, messages in errors.items()}
        first = next(iter(self.errors))
        super().__init__(f"{first}: {self.errors[first][0]}", field=first)


def sessions(
    *, queryset: QuerySet[Session], query: QueryDict, actor: Actor, now: datetime,
    besides: Collection[str] = (), lenient: bool = False,
) -> Any:  # fmt: skip
    """The sessions of `queryset` that the query string selects. `besides` names parameters that are not filters."""
    return _apply(SessionFilter, queryset, query, actor, now, besides, lenient)


def events(
    *, queryset: QuerySet[Event], query: QueryDict, actor: Actor, now: datetime,
    besides: Collection[str] = (), lenient: bool = False,
) -> Any:  # fmt: skip
    """The events of `queryset` that the query string selects."""
    return _apply(EventFilter, queryset, query, actor, now, besides, lenient)


def matching(*, queryset: QuerySet[Session], query: QueryDict, actor: Actor, now: datetime) -> Any:
    """The sessions of `queryset` that meet what the query asks of one session, whatever it asks of their events."""
    about = QueryDict(mutable=True)
    for name in ABOUT_SESSIONS & query.keys():
        about.setlist(name, query.getlist(name))
    return sessions(queryset=queryset, query=about, actor=actor, now=now)


def given(
    query: QueryDict, *, besides: Collection[str] = (), lenient: bool = False, names: Collection[str] = NAMES
) -> dict[str, str]:
    """The filters of a query string, repeated ones joined; FilterRefused names what is unknown or empty."""
    errors: dict[str, list[str]] = {}
    data: dict[str, str] = {}
    for name, values in query.lists():
        if name in names:
            data[name] = ",".join(values)
            if not data[name].strip(", "):
                errors[name] = [str(_("It is empty. Leave it out, or give it a value."))]
        elif name not in besides and not (lenient and IGNORED.fullmatch(name)):
            errors[name] = [str(_("There is no such filter."))]
    if errors:
        raise FilterRefused(errors)
    return data


def audiences(query: QueryDict) -> list[int]:
    """The ids of the audiences that a query string asks for, for whom seats are then counted (RULES 7)."""
    asked = [slug.strip() for slug in ",".join(query.getlist("audience")).split(",")]
    rows = Audience.objects.filter(slug__in=asked).order_by("pk")
    return list(rows.values_list("pk", flat=True)) if any(asked) else []


def is_volatile(data: Mapping[str, str]) -> bool:
    """Whether the answer depends on seats or on the clock, so that no schedule version vouches for it (RULES 21)."""
    return not VOLATILE.isdisjoint(data)


def _apply(
    vocabulary: Callable[..., Vocabulary], queryset: Any, query: QueryDict, actor: Actor, now: datetime,
    besides: Collection[str], lenient: bool,
) -> Any:  # fmt: skip
    data = given(query, besides=besides, lenient=lenient)
    if not data:
        return queryset
    chosen = vocabulary(data, queryset, actor=actor, now=now)
    if not chosen.form.is_valid():
        raise FilterRefused({name: [str(m) for m in messages] for name, messages in chosen.form.errors.items()})
    result = chosen.qs
    if chosen.refused:
        raise FilterRefused(chosen.refused)
    return result
