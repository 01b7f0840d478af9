"""`python -m tests.faults.receivers --faults 2000`: receivers of webhooks misbehave so often, on each database.

A line for each; exit 1 where anything was lost. What went wrong is on standard error. CALLBOARD_TEST_DATABASE chooses
one database.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATABASES = ("sqlite", "postgresql")
COLUMNS = (
    "database", "faults", "kinds", "messages", "requests", "repeats", "given up, sent again", "stopped, woken", "lost",
    "wrong", "longest attempt, s", "seconds",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=2_000)
    wanted = parser.parse_args()
    if "CALLBOARD_TEST_DATABASE" in os.environ:
        return on_one(wanted.faults)
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|---|{'--:|' * (len(COLUMNS) - 1)}", flush=True)
    command = [sys.executable, "-m", "tests.faults.receivers", "--faults", str(wanted.faults)]
    runs = [
        subprocess.run(command, env=os.environ | {"CALLBOARD_TEST_DATABASE": database}, check=False)
        for database in DATABASES
    ]
    return int(any(run.returncode for run in runs))


def on_one(faults: int) -> int:
    from tests import conftest  # noqa: F401, PLC0415  it chooses the database and starts Django

    from django.core.management import call_command  # isort: skip  # noqa: PLC0415
    from django.db import connection  # isort: skip  # noqa: PLC0415

    from tests.faults import receiving  # isort: skip  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tally = receiving.run(faults=faults, folder=Path(folder))
    numbers = [
        tally.faults.total(), len(tally.faults), tally.messages, tally.requests, tally.repeats, tally.given_up,
        tally.stops, tally.lost, len(tally.wrong), tally.longest, time.monotonic() - began,
    ]  # fmt: skip
    shown = (f"{number:,.1f}" if isinstance(number, float) else f"{number:,}" for number in numbers)
    print(f"| {connection.vendor} | {' | '.join(shown)} |", flush=True)
    print(f"{connection.vendor}: {dict(tally.faults.most_common())}", *tally.wrong[:50], sep="\n", file=sys.stderr)
    return int(bool(tally.wrong or tally.lost))


if __name__ == "__main__":
    sys.exit(main())
