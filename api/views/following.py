"""Lists that are followed: what came after a number that the caller has, at the price of a 304 where nothing did."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from api import etags, pagination
from api.pagination import Order
from api.views.base import Collection, answer, refuse_unknown
from events.errors import DomainError
from events.filters import FilterRefused

SHAPE = 1  # raised with every change of how these answers look, so that nobody keeps an old one


class StartAgain(DomainError):
    """The caller is ahead of us: their number comes from a time that this service lost. Their copy begins anew."""

    code = "start_again"
    status = 410


class Following(Collection):
    """Rows with a number that rises in the order of commits.

    The number that an answer ends with is read before the rows: whatever has it, or a smaller one, is committed by then
    and is in this page or an earlier one. A row that is changed while somebody pages gets a number behind all others,
    so no page boundary can lose it (RULES 28).
    """

    number: ClassVar[str]  # of a row; and the name of the last one in the answer
    asks: ClassVar[Mapping[str, str]] = {"since": "Only what came after this number; 0, or none: all of it."}

    @classmethod
    def documented_orders(cls) -> list[str]:
        return []

    def refuse_unknown_parameters(self) -> None:
        is_list = self.request.method in ("GET", "HEAD")
        refuse_unknown(self.request, {*self.asks, *pagination.PARAMETERS} - {"ordering"} if is_list else ())

    def followed(self, rows: QuerySet[Any], *, last: int, state: str) -> HttpResponse:
        """The rows after `since`, up to `last`, the newest number that there was before they are read.

        `state` stands for all that the answer depends on, apart from the request: the same state is a 304, and the
        caller has asked one statement.
        """
        since = self.since(last)
        return self.unless_known(state, lambda: self._body(rows, since, last))

    def _body(self, rows: QuerySet[Any], since: int, last: int) -> dict[str, Any]:
        page = pagination.page(
            request=self.request, queryset=rows.filter(**{f"{self.number}__gt": since}),
            orders={self.number: Order(self.number)}, usual=self.number, fetch=self.fetch,
        )  # fmt: skip
        results = self.shown(page.rows)
        reached = results[-1][self.number] - 1 if page.next else last
        body = {"since": since, self.number: max(reached, since), "next": page.next, "previous": page.previous}
        return body | {"results": results}

    def unless_known(self, state: str, build: Callable[[], dict[str, Any]]) -> HttpResponse:
        """A 304 for whoever has the answer of this state; else the answer, with an ETag if it is of no other."""
        etag = f'"{state}-{self._digest()}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if etags.is_known(self.request, etag):
            return HttpResponse(status=304, headers=headers)
        body = build()
        if self.state() != state:  # something happened meanwhile: what is here may be of before or after
            del headers["ETag"]
        return answer(body, headers=headers)

    def state(self) -> str:
        raise NotImplementedError

    def since(self, last: int) -> int:
        since = whole_number(self.request.GET.get("since", "0"), "since")
        if since > last:
            message = _("We are at %(last)d, before what you have: begin again without since.")
            raise StartAgain(message % {"last": last}, field="?since", **{self.number: last})
        return since

    def _digest(self) -> str:
        asked = (SHAPE, settings.CALLBOARD_URL, self.language, self.request.build_absolute_uri())
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def whole_number(text: str, name: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    raise FilterRefused({name: [_("Write a whole number, as an earlier answer gave it.")]})
