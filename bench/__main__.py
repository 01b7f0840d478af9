"""`python -m bench [PART ...] [--quick]`: measure, print a table, keep the JSON."""

import argparse
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from bench import crowding, embeds, feeds, lists, mails, memory, personal, registering
from bench.stage import Options, stage

PARTS = {
    "feeds": feeds.run,
    "personal": personal.run,
    "lists": lists.run,
    "embeds": embeds.run,
    "registering": registering.run,
    "crowds": crowding.run,
    "mails": mails.run,
    "memory": memory.run,
}
FULL = Options(rounds=5, seconds=2.0, changes=40)
QUICK = Options(rounds=3, seconds=0.5, changes=15)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Every figure beside its floor, in one run.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all of them unless said")
    parser.add_argument("--quick", action="store_true", help="short rounds: to see that it works, not to quote")
    parser.add_argument("--name", default=f"{datetime.now(UTC):%Y%m%d-%H%M%S}", help="of the file in bench/results/")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options = QUICK if asked.quick else FULL
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # so that servers and databases are stopped too
    with stage(options) as prepared:
        for name in asked.parts or PARTS:
            print(f"{name} ...", flush=True)
            PARTS[name](prepared)
        kept = prepared.report.save(name=asked.name, options={"quick": asked.quick, **asdict(options)})
        print(prepared.report.text())
        print(f"\nKept in {kept.relative_to(kept.parent.parent.parent)}")


if __name__ == "__main__":
    main()
