"""The confined process that reads one file of a stranger: `python -m events.importers.sandbox OPTIONS < file`.

It gives up its memory, time and files first, and answers with one JSON text. It loads no Django and no settings.
"""

import json
import resource
import signal
import sys
import traceback

from events.importers import reading, tables, wire
from events.importers.entries import ImportRefused

MEMORY_BYTES = 256 * 1024 * 1024
CPU_SECONDS = 1.7
TABLE: dict[str, str | None] = {"kind": "table"}
MAX_ANSWER = 32 * 1024 * 1024


def confine() -> None:
    """From here on the kernel ends this process past its limits, whatever C code it is in."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # finer than RLIMIT_CPU's whole seconds; unhandled, it ends us


def answer(raw: bytes, options: dict[str, str | None]) -> str:
    """{"draft": ...}, {"table": ...} where options ask for nothing but that, or {"refused": ...}."""
    try:
        if options == TABLE:
            return json.dumps({"table": tables.read(raw)})
        draft = wire.packed(reading.read(raw, **options))  # type: ignore[arg-type]
        if len(draft) > MAX_ANSWER:
            raise ImportRefused("too_large", "The file holds more text than can be taken; split it.")
    except ImportRefused as refusal:
        if refusal.__cause__ is not None:
            traceback.print_exception(refusal)
        line = refusal.details["line"]
        return json.dumps({"refused": {"code": refusal.code, "message": refusal.message, "line": line}})
    return f'{{"draft":{draft}}}'


if __name__ == "__main__":
    confine()
    sys.stdout.write(answer(sys.stdin.buffer.read(), json.loads(sys.argv[1])))
