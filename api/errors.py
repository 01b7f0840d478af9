"""Every refusal as `application/problem+json` (RFC 9457): one shape, a stable code, and which input was wrong."""

import logging
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from api.bodies import dump
from events.filters import FilterRefused
from venues.errors import Refusal

PROBLEM = "application/problem+json"
MOST_ERRORS = 50
HEADERS = frozenset({"Idempotency-Key", "If-Match"})
# The key of an answer is one step, whatever letters somebody wrote into it.
TO_AN_ANSWER = re.compile(r"((?:people/\d+/)?answers)/(.*)", re.DOTALL)
logger = logging.getLogger(__name__)


def answer(refusal: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The problem that says this refusal; None for an error of ours, which is a 500."""
    match refusal:
        case Refusal():
            return refused(refusal)
        case exceptions.ValidationError():
            errors = list(_flat(refusal.get_full_details(), ""))[:MOST_ERRORS]
            return problem(400, "invalid", _("The body is not what is expected here."), errors=errors)
        case exceptions.APIException():
            return _of_framework(refusal)
        case Http404():
            return problem(404, "not_found", not_found())
        case PermissionDenied():
            return problem(403, "forbidden", str(refusal) or _("Your role does not allow this."))
        case RequestDataTooBig():
            return problem(413, "too_large", _("The body is too large."))
        case SuspiciousOperation():
            return problem(400, "bad_request", _("The request cannot be understood."))
        case OperationalError():
            return busy(refusal)
    return None


def busy(reason: OperationalError) -> HttpResponse:
    """A lock that somebody holds for longer than we wait, or a database that is restarting."""
    logger.error("The database did not answer in time.", exc_info=reason)
    return problem(503, "busy", _("Too many people at once. Try again."), headers=_retry(2))


def refused(refusal: Refusal, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem that says what a rule refused."""
    errors = _of_filters(refusal) if isinstance(refusal, FilterRefused) else _of_field(refusal)
    sent = {**_retry(getattr(refusal, "retry_after", None)), **(headers or {})}
    return problem(
        refusal.status, refusal.code, refusal.message, errors=errors, details=refusal.details, headers=sent
    )  # fmt: skip


def not_found() -> str:
    """One sentence for what does not exist and for what may not be seen, so that nobody can tell them apart."""
    return _("There is nothing at this address.")


def problem(
    status: int, code: str, detail: str, *, errors: list[dict[str, str]] | None = None,
    details: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    """One problem document; `details` are its extension members and never replace the others."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors or [],
    }
    more = {name: value for name, value in (details or {}).items() if name not in body}
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(dump(body | more), status=status, content_type=PROBLEM, headers=sent)


def _of_framework(refusal: exceptions.APIException) -> HttpResponse:
    code = str(getattr(refusal.detail, "code", refusal.default_code))
    headers = _retry(getattr(refusal, "wait", None))
    if getattr(refusal, "auth_header", None):
        headers["WWW-Authenticate"] = refusal.auth_header  # type: ignore[attr-defined]
    names = {"error": "bad_request", "parse_error": "malformed", "permission_denied": "forbidden"}
    return problem(refusal.status_code, names.get(code, code), str(refusal.detail), headers=headers)


def _of_filters(refusal: FilterRefused) -> list[dict[str, str]]:
    return [
        {"pointer": f"?{name}", "code": refusal.code, "detail": message}
        for name, messages in refusal.errors.items()
        for message in messages
    ][:MOST_ERRORS]


def _of_field(refusal: Refusal) -> list[dict[str, str]]:
    """Fields of bodies as JSON pointers; parameters (`?name`) and names of headers stay as they are."""
    if not refusal.field:
        return []
    return [{"pointer": _pointer(refusal.field), "code": refusal.code, "detail": refusal.message}]


def _pointer(field: str) -> str:
    """ "people/1/email" as RFC 6901 writes it: "/people/1/email"."""
    if field.startswith(("?", "/")) or field in HEADERS:
        return field
    answer = TO_AN_ANSWER.fullmatch(field)
    steps = [*answer[1].split("/"), answer[2]] if answer else field.split("/")
    return "".join(f"/{_escaped(step)}" for step in steps)


def _flat(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """The tree of a ValidationError as rows of JSON pointers (RFC 6901)."""
    if isinstance(details, list):
        for row in details:
            yield from _flat(row, pointer)
    elif set(details) == {"message", "code"}:
        yield {"pointer": pointer, "code": str(details["code"]), "detail": str(details["message"])}
    else:
        for name, inner in details.items():
            step = "" if name == api_settings.NON_FIELD_ERRORS_KEY else f"/{_escaped(str(name))}"
            yield from _flat(inner, pointer + step)


def _escaped(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")


def _retry(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(max(int(seconds + 0.999), 1))}


class NothingHere(APIView):
    """Whatever else is asked for under /api/: a 404 for every method."""

    authentication_classes = ()
    throttle_classes = ()
    schema = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        detail = not_found()
        if not request.path_info.endswith("/"):
            detail += " " + _("Addresses end with a slash.")
        return problem(404, "not_found", detail)
