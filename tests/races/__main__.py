"""`python -m tests.races --attempts 200000 --clients 16`: the long race on SQLite and on PostgreSQL, a line for each.

Exit 1 on any fault. What went wrong, and what people were told, is on standard error. The databases lie in memory where
the machine has such a folder: what is tried are locks, and a disk that is waited for lets fewer people meet.
"""

import os
import subprocess
import sys
from pathlib import Path

MEMORY = Path("/dev/shm")
DATABASES = ("sqlite", "postgresql")
COLUMNS = (
    "database", "attempts", "confirmed at once", "waitlisted", "promoted", "offered", "accepted", "expired",
    "cancelled", "refused", "replayed", "oversold", "undersold", "order faults", "wrong counters", "errors",
    "p50 ms", "p99 ms", "a second", "looks",
)  # fmt: skip


def main() -> int:
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|---|{'--:|' * (len(COLUMNS) - 1)}", flush=True)
    command = [sys.executable, "-m", "tests.races.long", *sys.argv[1:]]
    folder = {"TMPDIR": str(MEMORY)} if MEMORY.is_dir() else {}
    runs = [
        subprocess.run(command, env=folder | os.environ | {"CALLBOARD_TEST_DATABASE": database}, check=False)
        for database in DATABASES
    ]
    return int(any(run.returncode for run in runs))


if __name__ == "__main__":
    sys.exit(main())
