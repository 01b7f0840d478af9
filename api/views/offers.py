"""Offered seats, for whoever holds the token of the mailed link (RULES 11, 13)."""

from typing import Any

from django.http import HttpResponse

from api.serializers import offers as shapes
from api.serializers.events import NothingInput, ReasonInput
from api.views.base import View
from events.models import Registration
from events.operations import offering


class OneOffer(View):
    """One offer: whether it stands, and until when."""

    output = shapes.OfferOutput
    is_secret = True

    def get(self, request: Any, token: str) -> HttpResponse:
        return self.one(shapes.offer(offered(self, token)), is_private=True)


class Accept(View):
    """Takes the offered seat; it proves the address, too. May be repeated."""

    output = shapes.OfferOutput
    takes = NothingInput()
    is_revised = False
    open_to_all = frozenset({"POST"})

    def post(self, request: Any, token: str) -> HttpResponse:
        registration = offered(self, token)
        self.body(self.takes)
        offering.accept(registration=registration, by_link=True, now=self.now)
        return self.one(shapes.offer(offered(self, token)), is_private=True)


class Decline(View):
    """Leaves the offered seat to somebody else. May be repeated."""

    output = shapes.OfferOutput
    takes = ReasonInput()
    is_revised = False
    open_to_all = frozenset({"POST"})

    def post(self, request: Any, token: str) -> HttpResponse:
        registration = offered(self, token)
        values = self.body(self.takes)
        offering.decline(registration=registration, now=self.now, **values)
        return self.one(shapes.offer(offered(self, token)), is_private=True)


def offered(view: View, token: str) -> Registration:
    """The registration whose offer the token opens. A wrong one is unknown like anything else."""
    registration = offering.find(token=token)
    if registration is None:
        view.missing()
    return registration
