"""Read a stranger's file in a child process of at most 256 MB and 2 s of processor time (docs/decisions/0010)."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from events.importers import wire
from events.importers.entries import ImportRefused
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
    if len(raw) > MAX_SENT:
        raise ImportRefused("too_large", f"The file has {len(raw):,} bytes; {MAX_SENT:,} are the most.")
    options = {"filename": os.path.basename(filename)[-200:], "format": format[:40], "timezone": timezone}
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module; the stranger's bytes are only its input
            command(options), input=raw, capture_output=True, timeout=wall_seconds, env=ENVIRONMENT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ImportRefused("too_slow", "Reading the file took too long; try again, or split it.") from error
    if done.stderr:
        logger.warning("reading an import: %s", done.stderr[-4000:].decode(errors="replace"))
    return outcome_of(done.returncode, done.stdout)


def command(options: dict[str, str | None]) -> list[str]:
    """The child that reads one file from its standard input."""
    return [sys.executable, "-s", "-m", "events.importers.sandbox", json.dumps(options)]


def outcome_of(code: int, answer: bytes) -> Draft:
    """The draft or the ImportRefused that an ended child means by its exit code and its answer."""
    if code in TIME_SIGNALS:
        raise ImportRefused(
            "too_slow", "Reading the file takes too long: it is too large, or it holds a rule that goes on and on."
        )
    if code != 0:
        raise ImportRefused("too_much_memory", "Reading the file takes too much memory; split it.")
    try:
        value = json.loads(answer)
        refused = value.get("refused")
        draft = None if refused else wire.unpacked(value["draft"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImportRefused("unreadable", "The file cannot be read.") from error
    if draft is None:
        refusal = ImportRefused(refused["code"], refused["message"])
        refusal.details = {"line": refused["line"]}
        raise refusal
    return draft
