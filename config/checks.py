"""System checks: what must be true of the machine before anything is served."""

import zoneinfo
from importlib import import_module, util
from typing import Any

from django.core.checks import CheckMessage, Error


def zone_data_comes_from_the_wheel(app_configs: object, **options: Any) -> list[CheckMessage]:
    """Zone rules change several times a year; two machines with different rules would publish different times."""
    if zoneinfo.TZPATH:
        return [
            Error(
                f"Zone rules are read from {zoneinfo.TZPATH[0]}.", hint="Leave PYTHONTZPATH empty.", id="callboard.E001"
            )
        ]
    if util.find_spec("tzdata") is None:
        return [Error("The tzdata package is missing.", hint="Install requirements.lock.", id="callboard.E002")]
    return []


def zone_data_version() -> str:
    return str(import_module("tzdata").IANA_VERSION)
