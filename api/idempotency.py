"""The `Idempotency-Key` header: a POST that creates is done once, however often it is sent (RULES 12)."""

from rest_framework.request import Request

from events.models import Actor
from events.operations import repeating

HEADER = "Idempotency-Key"


def claim_of(request: Request, actor: Actor, *, body: bytes | None = None) -> repeating.Claim | None:
    """What the caller may repeat; None without the header. `body` where it was read as a stream already."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    django_request = request._request
    return repeating.claim(
        actor=actor,
        method=django_request.method or "",
        path=django_request.path,
        key=key,
        body=django_request.body if body is None else body,
    )
