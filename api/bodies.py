"""JSON in and out: strict about what comes in, quick about what goes out."""

import json
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

JSON = "application/json"
DEEPEST = 20


def dump(body: Any) -> bytes:
    """UTF-8 JSON. Half of a surrogate pair, which a refused input may be quoted with, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Json(BaseRenderer):
    """What negotiation offers. Views write their answers with `dump` themselves."""

    media_type = JSON
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return dump(data)


class StrictJson(BaseParser):
    """JSON by RFC 8259: no NaN, no name twice; a document nested too deeply is refused instead of failing."""

    media_type = JSON
    renderer_class = Json

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        # Reading through Django's body keeps its limit of DATA_UPLOAD_MAX_MEMORY_SIZE.
        body = parser_context["request"]._request.body
        try:
            found = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once_each)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(error)s") % {"error": error}) from error
        if body.count(b"[") + body.count(b"{") > DEEPEST and _is_deeper(found, DEEPEST):
            raise ParseError(_("The JSON is nested too deeply."))
        return found


def _is_deeper(found: Any, levels: int) -> bool:
    """Level by level, without recursion: what reads the body later recurses."""
    level = [found]
    for _depth in range(levels + 1):
        level = [
            inner
            for thing in level
            if isinstance(thing, dict | list)
            for inner in (thing.values() if isinstance(thing, dict) else thing)
        ]
        if not level:
            return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
