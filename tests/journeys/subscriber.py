"""A real subscriber: vdirsyncer fetches a feed over HTTP, khal shows what the calendar then holds."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent

VDIRSYNCER = """\
[general]
status_path = "{home}/status/"

[pair feed]
a = "published"
b = "calendar"
collections = null
conflict_resolution = "a wins"

[storage published]
type = "http"
url = "{url}"

[storage calendar]
type = "filesystem"
path = "{home}/calendar/"
fileext = ".ics"
"""

KHAL = """\
[calendars]
[[workshops]]
path = {home}/calendar/

[sqlite]
path = {home}/khal.db

[locale]
local_timezone = Asia/Seoul
default_timezone = Asia/Seoul
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


class Subscriber:
    """One person's calendar that follows one address."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        (home / "calendar").mkdir(parents=True)
        (home / "vdirsyncer.conf").write_text(VDIRSYNCER.format(home=home, url=url))
        (home / "khal.conf").write_text(KHAL.format(home=home))
        self._run("vdirsyncer", "-c", str(home / "vdirsyncer.conf"), "discover", answer="y\n" * 5)

    def sync(self) -> list[str]:
        """Fetch now, and return khal's lines of the year from December 2030 on: date, times, title, status, place."""
        self._run("vdirsyncer", "-c", str(self.home / "vdirsyncer.conf"), "sync", "--force-delete")
        shown = self._run(
            "khal", "-c", str(self.home / "khal.conf"), "list", "2030-12-01", "365d", "--day-format", "",
            "--format", "{start-date} {start-time}-{end-time} {title} [{status}] {location}",
        )  # fmt: skip
        return [
            line.replace(" ]", "]").strip() for line in shown.splitlines() if line.strip() and "No events" not in line
        ]

    def _run(self, program: str, *arguments: str, answer: str = "") -> str:
        done = subprocess.run(
            [str(BIN / program), *arguments], input=answer, capture_output=True, text=True, timeout=60, check=False,
            env=os.environ | {"LC_ALL": "C.UTF-8", "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)},
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{program} {arguments}: {done.stdout} {done.stderr}")
        return done.stdout
