"""Hooks for schemathesis: most well-formed calls name things that exist, or they would end in a 404 or 400 at once."""

import json
import os
import random
from pathlib import Path
from typing import Any

import schemathesis

NAMES: dict[str, list[str]] = json.loads(Path(os.environ["CALLBOARD_TEST_NAMES"]).read_text())
LISTS = {"speakers", "topics", "audiences", "codes"}
# Right by themselves and wrong together, or wrong for a reason that a schema cannot say: times beside whole days,
# an address of another scheme, a slug that is taken.
SELDOM = {"all_day", "starts_on", "ends_on", "joining_url", "website", "slug", "latitude", "longitude", "cursor"}
SELDOM |= {"status", "registration_opens_at", "registration_closes_at", "opening_hours", "partners"}
SELDOM |= {"minimum", "decides_at", "capacity_from_room", "releases_at", "releases_days_before", "accepts"}
TITLED = {"campaigns", "programmes", "topics", "audiences", "speakers", "series", "venues", "rooms", "events"}
chance = random.Random(1)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Three of four well-formed calls get real names; the others stay as they came, and so do malformed ones."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or chance.random() < 0.25:
        return
    kind = case.path.strip("/").split("/")[2:3]
    for name in case.path_parameters or {}:
        known = NAMES.get(f"{kind[0]}.{name}" if kind else "", [])
        if known and str(meta.phase.name).rpartition(".")[2].lower() != "stateful":
            case.path_parameters[name] = chance.choice(known)
    if isinstance(case.body, dict):
        case.body = likely(case.body)
        if case.method.upper() == "POST" and kind and kind[0] in TITLED and len(case.path.strip("/").split("/")) == 3:
            case.body.setdefault("name_en" if kind[0] == "speakers" else "title_en", f"Made {chance.random()}")
    if isinstance(case.query, dict):
        case.query = likely(case.query)
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"{chance.random():.20f}"  # the shortest one over and over is a 422


def likely(values: dict[str, Any]) -> dict[str, Any]:
    return {name: real(name, value) for name, value in values.items() if name not in SELDOM or chance.random() < 0.1}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """A 404 refuses too: what nobody known may see is not there for them, and 404 goes before 401 (SAFETY.md 4)."""
    return not (type(failure).__name__ == "IgnoredAuth" and "got `404 Not Found`" in failure.message)


def real(name: str, value: Any) -> Any:
    if name in LISTS and isinstance(value, list) and value:
        return NAMES[name][:1]
    if name in NAMES and isinstance(value, str):
        return chance.choice(NAMES[name])
    return value
