"""Our own statements of one registration, replayed for other people by nothing but a cursor."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    params: tuple[Any, ...]

    def is_(self, verb: str, table: str) -> bool:
        return self.sql.startswith(verb) and f'"{table}"' in self.sql.partition(" SET ")[0].partition(" (")[0]


@dataclass(frozen=True, slots=True)
class Script:
    """What is asked before the transaction, and what is done in it."""

    reads: tuple[Statement, ...]
    writes: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Scripts:
    """All our statements; and the two that take a seat and say whose it is."""

    whole: Script
    minimal: Script


def read(path: Path) -> Scripts:
    statements = [Statement(sql, tuple(params)) for sql, params in json.loads(path.read_text())]
    first = next(n for n, statement in enumerate(statements) if not statement.sql.startswith("SELECT"))
    seat = next(s for s in statements if s.is_("UPDATE", "events_seatpool"))
    person = next(s for s in statements if s.is_("INSERT INTO", "events_registration"))
    return Scripts(
        Script(tuple(statements[:first]), tuple(statements[first:])),
        Script((), (seat, person)),
    )


def look(cursor: Any, script: Script, named: dict[str, Any], *, placeholder: str = "%s") -> None:
    """Ask what ours asks, and take the answers in."""
    for statement in script.reads:
        cursor.execute(_sql(statement, placeholder), _filled(statement.params, named))
        cursor.fetchall()


def claim(cursor: Any, script: Script, named: dict[str, Any], *, placeholder: str = "%s") -> str | None:
    """Write what ours writes, in the caller's transaction; the registration's code, or None when it is full."""
    for statement in script.writes:
        cursor.execute(_sql(statement, placeholder), _filled(statement.params, named))
        if statement.is_("UPDATE", "events_seatpool"):
            if cursor.rowcount == 0:
                return None
        elif statement.is_("INSERT INTO", "events_registration"):
            named["$registration"] = cursor.fetchone()[0]
        elif "RETURNING" in statement.sql:
            cursor.fetchone()
    return str(named["$code"])


def names(slug: str, address: str) -> dict[str, Any]:
    """What differs from one registration to the next. The data set gives event and pool the same number."""
    code = base64.b32encode(secrets.token_bytes(17)).decode("ascii")[:26]
    number = int(slug.rpartition("-")[2]) + 1
    return {"$slug": slug, "$address": address, "$number": number, "$code": code}


def _filled(params: Sequence[Any], named: dict[str, Any]) -> list[Any]:
    return [_value(param, named) if isinstance(param, str) and param[:1] == "$" else param for param in params]


def _value(name: str, named: dict[str, Any]) -> Any:
    return uuid4().hex if name == "$uuid" else named[name]


def _sql(statement: Statement, placeholder: str) -> str:
    return statement.sql if placeholder == "%s" else statement.sql.replace("%s", placeholder)
