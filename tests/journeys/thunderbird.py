"""A second real subscriber: `python -m tests.journeys.thunderbird URL FOLDER` shows what Thunderbird has of a calendar.

Debian's `thunderbird` runs headless with a profile of its own in FOLDER, which is kept: a second call fetches again and
shows what changed. It takes a minute, so no test waits for it; docs/calendars.md says how to repeat the run.
"""

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

PATIENCE_SECONDS = 120
SETTLED_SECONDS = 8  # so long nothing new comes in

Row = tuple[str, str, str]


def preferences(url: str) -> str:
    calendar = uuid5(NAMESPACE_URL, url)
    wanted: dict[str, str | bool] = {
        f"calendar.registry.{calendar}.type": "ics",
        f"calendar.registry.{calendar}.uri": url,
        f"calendar.registry.{calendar}.name": "Callboard",
        f"calendar.registry.{calendar}.readOnly": True,
        f"calendar.registry.{calendar}.cache.enabled": True,
        f"calendar.registry.{calendar}.refreshInterval": "1",
        "calendar.list.sortOrder": str(calendar),
        "calendar.timezone.local": "Asia/Seoul",
        "app.update.enabled": False,
        "datareporting.policy.dataSubmissionEnabled": False,
    }
    lines = (f'user_pref("{name}", {_written(value)});' for name, value in wanted.items())
    return "\n".join(lines) + "\n"


def _written(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def seen(profile: Path) -> list[Row]:
    """Start in UTC, status and title of every entry that it keeps. It locks the file, so a copy is read."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (profile / "calendar-data").glob("cache.sqlite*"):
            shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / "cache.sqlite")) as kept:
            try:
                rows = kept.execute("SELECT event_start, ical_status, title FROM cal_events ORDER BY event_start, id")
                return [
                    (f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d %H:%M}", str(status), str(title))
                    for at, status, title in rows
                ]
            except sqlite3.DatabaseError:  # it was just writing, or has no tables yet
                return []


def follow(url: str, profile: Path) -> list[Row]:
    """What it has once nothing new comes in for a while."""
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "user.js").write_text(preferences(url))
    command = ["thunderbird", "--headless", "--profile", str(profile), "--no-remote"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
        try:
            return _settled(profile)
        finally:
            client.terminate()


def _settled(profile: Path) -> list[Row]:
    began = changed = time.monotonic()
    rows = seen(profile)
    first = rows
    while time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.5)
        now = seen(profile)
        if now != rows:
            rows, changed = now, time.monotonic()
        elif rows != first and time.monotonic() - changed > SETTLED_SECONDS:
            break
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    if shutil.which("thunderbird") is None:
        sys.exit("Install thunderbird first: apt-get install thunderbird")
    for row in follow(asked.url, asked.folder):
        print(*row, sep="  ")


if __name__ == "__main__":
    main()
