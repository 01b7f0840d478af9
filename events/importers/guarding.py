"""Read a stranger's file in a child process of at most 256 MB and 2 s of processor time (docs/decisions/0010)."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from events.importers import wire
from events.importers.entries import ImportRefused
from events.importers.sandbox import TABLE
from events.importers.tables import Line
from events.importers.unpacking import MAX_SENT
from events.operations.drafting import Draft

ROOT = Path(__file__).resolve().parents[2]
WALL_SECONDS = 10  # the processor limit is what ends bad files; this is for a machine too busy to give any
TIME_SIGNALS = {-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGKILL}
# No secrets of ours in there; zones from the tzdata package only; openpyxl without the parsers that defusedxml skips.
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "PYTHONUTF8": "1",
    "PYTHONTZPATH": "",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENPYXL_LXML": "False",
    "OPENPYXL_DEFUSEDXML": "True",
    "MALLOC_ARENA_MAX": "1",
}

logger = logging.getLogger(__name__)


def read_guarded(
    raw: bytes,
    *,
    filename: str = "",
    format: str = "auto",
    timezone: str | None = None,
    wall_seconds: float = WALL_SECONDS,
) -> Draft:
    """`reading.read` with its limits enforced by the kernel; ImportRefused for whatever goes wrong."""
    options = {"filename": os.path.basename(filename)[-200:], "format": format[:40], "timezone": timezone}
    return outcome_of(*_read(raw, options, wall_seconds))


def read_table_guarded(raw: bytes, *, wall_seconds: float = WALL_SECONDS) -> list[Line]:
    """`tables.read` with the same limits."""
    answer = _answer_of(*_read(raw, TABLE, wall_seconds))
    try:
        return [(int(line), [str(cell) for cell in cells]) for line, cells in answer["table"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ImportRefused("unreadable", "The file cannot be read.") from error


def _read(raw: bytes, options: dict[str, str | None], wall_seconds: float) -> tuple[int, bytes]:
    """The exit code and the answer of the child."""
    if len(raw) > MAX_SENT:
        raise ImportRefused("too_large", f"The file has {len(raw):,} bytes; {MAX_SENT:,} are the most.")
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module; the stranger's bytes are only its input
            command(options), input=raw, capture_output=True, timeout=wall_seconds, env=ENVIRONMENT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ImportRefused("too_slow", "Reading the file took too long; try again, or split it.") from error
    if done.stderr:
        logger.warning("reading an import: %s", done.stderr[-4000:].decode(errors="replace"))
    return done.returncode, done.stdout


def command(options: dict[str, str | None]) -> list[str]:
    """The child that reads one file from its standard input."""
    return [sys.executable, "-s", "-m", "events.importers.sandbox", json.dumps(options)]


def outcome_of(code: int, answer: bytes) -> Draft:
    """The draft or the ImportRefused that an ended child means by its exit code and its answer."""
    value = _answer_of(code, answer)
    try:
        return wire.unpacked(value["draft"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImportRefused("unreadable", "The file cannot be read.") from error


def _answer_of(code: int, answer: bytes) -> dict[str, Any]:
    """What an ended child found, or the ImportRefused that it means."""
    if code in TIME_SIGNALS:
        raise ImportRefused(
            "too_slow", "Reading the file takes too long: it is too large, or it holds a rule that goes on and on."
        )
    if code != 0:
        raise ImportRefused("too_much_memory", "Reading the file takes too much memory; split it.")
    try:
        value: dict[str, Any] = json.loads(answer)
        refused = value.get("refused")
        if refused:
            refusal = ImportRefused(refused["code"], refused["message"])
            refusal.details = {"line": refused["line"]}
            raise refusal
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImportRefused("unreadable", "The file cannot be read.") from error
    return value
