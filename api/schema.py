"""The OpenAPI document, written from the views: what each takes, answers and refuses."""

import functools
import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from api.errors import PROBLEM
from api.pagination import LARGEST_SIZE, USUAL_SIZE
from api.serializers.fields import Input
from api.serializers.problem import ProblemOutput
from api.views.base import Collection
from api.views.filtering import SHAPES

REFUSALS = {
    400: "The request is wrong: `errors` names what.",
    401: "The credential is missing or wrong.",
    403: "The role does not allow this, or the key's scopes (`scope_missing`) do not open it.",
    404: "There is nothing here, or nothing that you may see.",
    406: "Only JSON is spoken here.",
    409: "A rule said no; `code` says which.",
    410: "Your number is ahead of us: begin again without `since`.",
    412: "It was changed since the revision in If-Match.",
    413: "The body is too large.",
    415: "Only the documented media types are read here.",
    422: "The Idempotency-Key was used with another body.",
    429: "Too many requests; Retry-After says when to come again.",
    503: "The database is busy; Retry-After says when to come again.",
}
KEY = {"type": "string", "pattern": "^[!-~]{16,255}$"}
READING = (400, 401, 403, 404, 406, 429, 503)
WRITING = (*READING, 409, 412, 413, 415)
# Addresses that end in one of these do it: their operation is called so, and not that it creates one.
DEEDS = {
    "accept", "cancel", "decide", "decline", "discard", "import", "preview", "publish", "release", "remove", "renew",
    "repeat", "replan", "resend", "revoke", "rotate", "run", "send-again", "test", "undo", "unpublish",
}  # fmt: skip


SCOPES = (
    "An API key, from `organizations/<slug>/keys/` or `manage.py api_key`. One with scopes does what they open and"
    " nothing else: `x-scopes` of an operation says which do (any one of them), an empty list that none does."
)


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "api.auth.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": SCOPES}


class MemberScheme(OpenApiAuthenticationExtension):
    target_class = "api.auth.MemberAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A signed-in member."}


class AttendeeScheme(OpenApiAuthenticationExtension):
    target_class = "api.attendee.AttendeeAuthentication"
    name = "attendee"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A signed-in attendee."}


class Schema(AutoSchema):
    """Reads `output`, `takes`, `changes` and `asks` of our views."""

    view: Any

    def get_operation_id(self) -> str:
        action = {"GET": "read", "POST": "create", "PATCH": "change", "PUT": "replace", "DELETE": "delete"}[self.method]
        if self.method == "GET" and isinstance(self.view, Collection):
            action = "list"
        names = [part for part in self.path.strip("/").split("/")[2:] if not part.startswith("{")] or ["root"]
        if self.method != "POST" or names[-1] not in DEEDS:
            names.append(action)
        return "_".join(names).replace(".", "_").replace("-", "_")

    def get_tags(self) -> list[str]:
        return (self.path.strip("/").split("/")[2:] or ["root"])[:1]

    def get_summary(self) -> str:
        return (getattr(self.view, self.method.lower()).__doc__ or self.view.__doc__ or "").strip().split("\n")[0]

    def get_description(self) -> str:
        """What stands below the summary."""
        own = getattr(self.view, self.method.lower()).__doc__ or self.view.__doc__ or ""
        return "\n".join(line.strip() for line in own.strip().splitlines()[1:]).strip()

    def get_auth(self) -> list[dict[str, list[str]]]:
        schemes: list[dict[str, list[str]]] = [scheme for scheme in super().get_auth() if scheme]
        return [*schemes, {}] if self.method in self.view.open_to_all else schemes

    def get_extensions(self) -> dict[str, Any]:
        scopes = self.view.scopes_for(self.method)
        return {} if scopes is None else {"x-scopes": list(scopes)}

    def get_request_serializer(self) -> Any:
        return {"POST": self.view.takes, "PATCH": self.view.changes, "PUT": self.view.changes}.get(self.method)

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = {}
        if self.method == "DELETE":
            answers[204] = OpenApiResponse(description="Done.")
        elif self.method == "POST":
            answers[self._status()] = getattr(self.view, "made", None) or self.view.output
        else:
            answers[200] = page_of(type(self.view)) if self._is_list() else self.view.output
        if self.method == "GET" and self._has_etag():
            answers[304] = OpenApiResponse(description="You have it already (If-None-Match).")
        statuses = READING if self.method == "GET" else WRITING
        if self._is_list() and self.view.besides:
            statuses = (*statuses, 410)
        if self.method == "POST":
            statuses = (*statuses, 422)
        for status in sorted(set(statuses)):
            answers[(status, PROBLEM)] = OpenApiResponse(ProblemOutput, description=REFUSALS[status])
        return answers

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        """What a PATCH takes is called the changes of it."""
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        return re.sub(r"^Patched(\w+?)(Input|Changes)$", r"\1Changes", name)

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: Any) -> Any:
        """Inputs take no other names than theirs. What a shape inherits says nothing of this one."""
        schema = super()._postprocess_serializer_schema(schema, serializer, direction)
        if type(serializer).__doc__ is None:
            schema.pop("description", None)
        return schema | {"additionalProperties": False} if isinstance(serializer, Input) else schema

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        """A text that may be blank is one text: of "either such a text or none" both are true of a blank one."""
        super()._insert_field_validators(field, schema)
        first = schema.get("oneOf", [{}])[0]
        if first.get("pattern", "").startswith("^[^") and "minLength" not in first:
            del schema["oneOf"]
            schema |= first

    def _status(self) -> int:
        return int(getattr(self.view, "post_status", 200))

    def _has_etag(self) -> bool:
        return bool(not self._is_list() or self.view.besides)

    def _is_list(self) -> bool:
        return self.method == "GET" and isinstance(self.view, Collection)

    def get_override_parameters(self) -> list[OpenApiParameter]:
        found = [_query("lang", "Language of titles, texts and refusals; before Accept-Language.", enum=["ko", "en"])]
        if self._is_list():
            orders = [sign + name for name in self.view.documented_orders() for sign in ("", "-")]
            if orders:
                found.append(_query("ordering", "Ends with the key, so that every order is whole.", enum=orders))
            found += [
                _query("cursor", "As found in `next` and `previous`."),
                OpenApiParameter(
                    "page_size", {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": USUAL_SIZE}
                ),
            ]
        if self.method == "GET":
            forms = SHAPES | getattr(self.view, "forms", {})
            found += [_query(name, text, forms.get(name)) for name, text in self.view.asks.items()]
            found.append(_header("If-None-Match", "An ETag that you have.") if self._has_etag() else None)
        elif self.method == "POST" and getattr(self.view, "may_be_repeated", self._status() == 201):
            found.append(_header("Idempotency-Key", "The same key again: the same answer, for a day.", KEY))
        elif self.view.is_revised:
            found.append(_header("If-Match", "The ETag that you changed; compared by its revision."))
        return [parameter for parameter in found if parameter is not None]


def page_of(view: type[Collection]) -> Any:
    """The envelope of a list; one for each shape, however many lists have it."""
    return _page_of(view.output, tuple(view.besides.items()))


@functools.cache
def _page_of(output: Any, besides: tuple[tuple[str, Any], ...]) -> Any:
    return inline_serializer(
        name=f"{output.__name__.removesuffix('Output')}Page",
        fields={
            **dict(besides),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": output(many=True),
        },
    )


def _query(name: str, text: str, shape: Any = None, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, shape or OpenApiTypes.STR, OpenApiParameter.QUERY, description=text, **options)


def _header(name: str, text: str, shape: Any = None) -> OpenApiParameter:
    return OpenApiParameter(name, shape or OpenApiTypes.STR, OpenApiParameter.HEADER, description=text)
