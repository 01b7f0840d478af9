"""Registration at the least cost: bare views around raw statements, all of ours or only the two that must be."""

import json
import os
from pathlib import Path

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from bench.floors import replay

_RECORDED = os.environ.get("BENCH_STATEMENTS")
SCRIPTS = replay.read(Path(_RECORDED)) if _RECORDED else None


def whole(request: HttpRequest, slug: str) -> HttpResponse:
    """Our statements, one after the other."""
    assert SCRIPTS
    return _registered(request, slug, SCRIPTS.whole)


def minimal(request: HttpRequest, slug: str) -> HttpResponse:
    """One conditional UPDATE and one INSERT."""
    assert SCRIPTS
    return _registered(request, slug, SCRIPTS.minimal)


def _registered(request: HttpRequest, slug: str, script: replay.Script) -> HttpResponse:
    named = replay.names(slug, json.loads(request.body)["email"])
    with connection.cursor() as cursor:
        replay.look(cursor, script, named)
        with transaction.atomic():
            code = replay.claim(cursor, script, named)
    if code is None:
        return _answer({"code": "event_full", "status": 409}, 409)
    return _answer({"code": code, "status": "confirmed", "position": None, "event": slug}, 201)


def _answer(body: dict[str, object], status: int) -> HttpResponse:
    response = JsonResponse(body, status=status)
    response.headers["Content-Length"] = str(len(response.content))
    return response
