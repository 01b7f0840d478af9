"""Record the statements of one registration through our API, for floors that do exactly the same without us.

What belongs to this one registration is replaced by names, so that it can be replayed for others.
"""

import json
import re
import sys
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from psycopg.types.json import Jsonb

from bench.inside.statements import TRANSACTION
from events.models import Event, SeatPool

COLUMNS = re.compile(r'INSERT INTO "\w+" \(([^)]*)\)')
IDS = {"event_id": "$number", "pool_id": "$number", "registration_id": "$registration"}
CODE = re.compile(r"[A-Z2-7]{26}")


def main(path: str, body: str) -> None:
    """Writes [[sql, params], ...] of POST `path` with `body`, its event and pool having one and the same number."""
    slug, address = path.split("/")[-3], json.loads(body)["email"]
    number = Event.objects.get(slug=slug).pk
    if SeatPool.objects.get(event=number).pk != number:
        raise ValueError("events and their pools must have equal numbers")
    seen: list[tuple[str, Any]] = []

    def note(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(TRANSACTION):
            seen.append((sql, params))
        return run(sql, params, many, context)

    with connection.execute_wrapper(note):
        response = Client(SERVER_NAME="localhost").post(path, body, content_type="application/json")
    if response.status_code != 201:
        raise RuntimeError(f"{response.status_code}: {response.content!r}")
    names = {slug: "$slug", address: "$address", number: "$number"}
    json.dump([[sql, _named(sql, params or (), names)] for sql, params in seen], sys.stdout)


def _named(sql: str, params: Any, names: dict[Any, str]) -> list[Any]:
    inserted = COLUMNS.match(sql)
    if inserted is None:
        return [_plain(value, names) for value in params]
    columns = [name.strip(' "') for name in inserted[1].split(",")]
    return [
        IDS[column] if column in IDS and value is not None else _plain(value, names)
        for column, value in zip(columns, params, strict=True)
    ]


def _plain(value: Any, names: dict[Any, str]) -> Any:
    """A name, or the value as both drivers take it."""
    if value is None or isinstance(value, bool | float):
        return value
    if value in names:
        return names[value]
    if isinstance(value, int):
        return value
    if isinstance(value, str) and CODE.fullmatch(value):
        return "$code"
    if isinstance(value, Jsonb):
        return json.dumps(value.obj)
    return "$uuid" if _is_uuid(value) else str(value)


def _is_uuid(value: Any) -> bool:
    return isinstance(value, UUID) or (isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value) is not None)
