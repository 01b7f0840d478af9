"""The kills on one database (CALLBOARD_TEST_DATABASE). `python -m tests.faults` runs them on both."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests import conftest  # noqa: F401 - first of all: it chooses the database and starts Django

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from tests.faults import killing  # isort: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tally = killing.run(kills=wanted.kills, folder=Path(folder))
    numbers = [
        tally.kills.total(), tally.registered, tally.mails, tally.distinct, tally.repeats, tally.posts,
        tally.posts - tally.distinct_posts, tally.lost, len(tally.faults), round(time.monotonic() - began),
    ]  # fmt: skip
    print(f"| {connection.vendor} | {' | '.join(f'{number:,}' for number in numbers)} |", flush=True)
    print(f"{connection.vendor}: {dict(tally.kills.most_common())}", *tally.faults[:50], sep="\n", file=sys.stderr)
    return int(bool(tally.faults or tally.lost))


if __name__ == "__main__":
    sys.exit(main())
