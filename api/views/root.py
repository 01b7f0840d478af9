"""The root: what there is."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers

from api.views.base import View

COLLECTIONS = (
    "campaigns", "programmes", "organizations", "topics", "audiences", "venues", "rooms", "speakers", "series",
    "events", "sessions", "registrations", "quotas", "calendar-links", "releases", "changes", "imports",
)  # fmt: skip


class RootOutput(serializers.Serializer[Any]):
    """The address of each collection."""


for _name in COLLECTIONS:
    RootOutput._declared_fields[_name] = serializers.URLField()


class Root(View):
    """The collections of the API."""

    output = RootOutput

    def get(self, request: Any) -> HttpResponse:
        return self.one({name: request.build_absolute_uri(f"{request.path}{name}/") for name in COLLECTIONS})
