"""`python -m tests.faults --kills 500`: web and worker are killed so often on each database; a line for each.

Exit 1 where anything was lost. What went wrong is on standard error.
"""

import os
import subprocess
import sys
from pathlib import Path

MEMORY = Path("/dev/shm")
DATABASES = ("sqlite", "postgresql")
COLUMNS = (
    "database",
    "kills",
    "registered",
    "mails",
    "distinct",
    "repeats",
    "posts",
    "repeated",
    "lost",
    "faults",
    "seconds",
)


def main() -> int:
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|---|{'--:|' * (len(COLUMNS) - 1)}", flush=True)
    command = [sys.executable, "-m", "tests.faults.long", *sys.argv[1:]]
    folder = {"TMPDIR": str(MEMORY)} if MEMORY.is_dir() else {}
    runs = [
        subprocess.run(command, env=folder | os.environ | {"CALLBOARD_TEST_DATABASE": database}, check=False)
        for database in DATABASES
    ]
    return int(any(run.returncode for run in runs))


if __name__ == "__main__":
    sys.exit(main())
