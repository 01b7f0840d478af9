"""`make test`: the whole suite on SQLite and on PostgreSQL, and in the end what ran, what did not, and why."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Tally:
    """What one or more runs of pytest counted."""

    def __init__(self) -> None:
        self.passed = self.failed = 0
        self.skipped: Counter[str] = Counter()

    def add(self, report: Path) -> str:
        before = (self.passed, self.failed, self.skipped.total())
        for case in ElementTree.parse(report).iter("testcase"):
            outcomes = {child.tag: child for child in case}
            if "failure" in outcomes or "error" in outcomes:
                self.failed += 1
            elif "skipped" in outcomes:
                self.skipped[reason(outcomes["skipped"])] += 1
            else:
                self.passed += 1
        after = (self.passed, self.failed, self.skipped.total())
        return plain(*(now - then for now, then in zip(after, before, strict=True)))


def reason(skipped: ElementTree.Element) -> str:
    return skipped.get("message", "").removeprefix("Skipped: ") or "no reason given"


def plain(passed: int, failed: int, skipped: int) -> str:
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def start(database: str, folder: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={folder / database}.xml", *arguments]
    with (folder / f"{database}.txt").open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"CALLBOARD_TEST_DATABASE": database}, stdout=output, stderr=output
        )


def main(arguments: list[str]) -> int:
    tally, lines, codes = Tally(), [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Side by side, a core for each; what they print comes one after the other.
        runs = {database: start(database, folder, arguments) for database in DATABASES}
        for database, process in runs.items():
            codes.append(process.wait())
            report = folder / f"{database}.xml"
            print(
                f"\nThe suite on {DATABASES[database]}", (folder / f"{database}.txt").read_text(), sep="\n", flush=True
            )
            lines.append(f"{DATABASES[database]}: {tally.add(report) if report.exists() else 'did not run'}")
    print(f"\n{plain(tally.passed, tally.failed, tally.skipped.total())}")
    why = "; ".join(f"{text} ({count})" for text, count in sorted(tally.skipped.items())) or "nothing"
    print(f"Ran on {'; on '.join(lines)}. Skipped: {why}.", flush=True)
    return max(codes, default=1) if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
