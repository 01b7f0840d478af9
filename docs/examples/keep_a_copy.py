"""Keeps a full copy of a Callboard's public programme in an SQLite file. Nothing but Python 3.11 is needed.

    python keep_a_copy.py http://127.0.0.1:8000 copy.sqlite3             # once: what happened since the last time
    python keep_a_copy.py http://127.0.0.1:8000 copy.sqlite3 --every 60  # until it is stopped

It may be stopped at any moment, killed or cut off from the network: each page is stored together with the number that
it leads to, so the next start goes on from there. `things` holds events and sessions as JSON, `seats` how full each
event is; read both from the same file while it runs.
"""

import argparse
import json
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TABLES = """
CREATE TABLE IF NOT EXISTS things (uid TEXT PRIMARY KEY, type TEXT NOT NULL, slug TEXT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seats (uid TEXT PRIMARY KEY, event TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class StartAgain(Exception):
    """The service lost what we have: a backup was restored, perhaps. The copy begins anew."""


class Copy:
    def __init__(self, service: str, path: str, *, lang: str = "ko", page_size: int = 200) -> None:
        self.base = f"{service.rstrip('/')}/api/v1"
        self.asked = f"lang={lang}&page_size={page_size}"
        self.database = sqlite3.connect(path)
        self.database.execute("PRAGMA journal_mode = WAL")  # others may read while we write
        self.database.executescript(TABLES)
        self.requests = self.unchanged = 0

    def close(self) -> None:
        self.database.close()

    def follow(self) -> tuple[int, int]:
        """Takes over what happened since the last time: how many things, and the seats of how many events."""
        return self._follow("version", self._changes), self._follow("mark", self._seats)

    def _follow(self, number: str, pages: Any) -> int:
        """Page by page, each in one transaction. A new beginning is one transaction as a whole: readers of the file
        have the old copy until the new one is complete."""
        try:
            return sum(self._stored(pages(self.known(number))))
        except StartAgain:
            with self.database:
                tables = {"version": "things", "mark": "seats"}
                self.database.execute(f"DELETE FROM {tables[number]}")  # noqa: S608  one of the two above
                self.database.execute("DELETE FROM known WHERE name IN (?, ?)", (number, f"{number} etag"))
                return sum(pages(None))

    def _stored(self, pages: Iterator[int]) -> Iterator[int]:
        for changed in pages:
            self.database.commit()
            yield changed

    def _changes(self, version: str | None) -> Iterator[int]:
        """Events and sessions: apply each delta in its order, then keep the version of the page."""
        address: str | None = f"{self.base}/changes/?since={version or 0}&{self.asked}"
        while address and (page := self._ask(address, "version")):
            for delta in page["results"]:
                if delta["action"] == "removed":
                    self.database.execute("DELETE FROM things WHERE uid = ?", (delta["uid"],))
                    self.database.execute("DELETE FROM seats WHERE uid = ?", (delta["uid"],))
                else:
                    thing = delta["object"]
                    row = (delta["uid"], delta["type"], thing.get("slug"), json.dumps(thing, ensure_ascii=False))
                    self.database.execute("REPLACE INTO things VALUES (?, ?, ?, ?)", row)
            self.keep("version", page["version"])
            address = page["next"]
            yield len(page["results"])

    def _seats(self, mark: str | None) -> Iterator[int]:
        """How full the events are: the last page has the mark from which to ask the next time."""
        since = f"since={mark}&" if mark else ""
        address: str | None = f"{self.base}/availability/?{since}{self.asked}"
        while address and (page := self._ask(address, "mark")):
            for row in page["results"]:
                values = (row["uid"], row["event"], json.dumps(row))
                self.database.execute("REPLACE INTO seats VALUES (?, ?, ?)", values)
            if page["mark"]:
                self.keep("mark", page["mark"])
            address = page["next"]
            yield len(page["results"])

    def _ask(self, address: str, number: str) -> Any:
        """What is there; None where it is as we know it. The ETag is kept with the address that it belongs to, and
        only of a last page: who has page one of three does not have all that it stands for."""
        at, _space, etag = (self.known(f"{number} etag") or "").partition(" ")
        headers = {"Accept": "application/json"} | ({"If-None-Match": etag} if at == address else {})
        for _attempt in range(5):
            self.requests += 1
            try:
                with urlopen(Request(address, headers=headers), timeout=30) as answer:  # noqa: S310  as it was given
                    page = json.load(answer)
                    if page["next"] is None:
                        self.keep(f"{number} etag", f"{address} {answer.headers.get('ETag', '')}")
                    return page
            except HTTPError as refusal:
                with refusal:
                    if refusal.code == 304:
                        self.unchanged += 1
                        return None
                    if refusal.code == 410:
                        raise StartAgain from None
                    if refusal.code not in (429, 502, 503, 504):
                        raise
                    time.sleep(min(float(refusal.headers.get("Retry-After", 5)), 120))
        raise TimeoutError(f"{address} has no answer for us")

    def known(self, name: str) -> str | None:
        found = self.database.execute("SELECT value FROM known WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def keep(self, name: str, value: Any) -> None:
        self.database.execute("REPLACE INTO known VALUES (?, ?)", (name, str(value)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Keeps a full copy of a Callboard's public programme.")
    parser.add_argument("service")
    parser.add_argument("file")
    parser.add_argument("--lang", default="ko", choices=["ko", "en"])
    parser.add_argument("--every", type=float, help="seconds between two polls; none: once")
    options = parser.parse_args()
    with closing(Copy(options.service, options.file, lang=options.lang)) as copy:
        while True:
            try:
                things, seats = copy.follow()
                version = copy.known("version")
                print(f"version {version}: {things} things and the seats of {seats} events told anew", flush=True)
            except (OSError, HTTPException, ValueError) as trouble:
                copy.database.rollback()  # the next round begins where the last page ended
                print(f"not now: {trouble}", file=sys.stderr, flush=True)
                if options.every is None:
                    return 1
            if options.every is None:
                return 0
            time.sleep(options.every * random.uniform(0.9, 1.1))  # noqa: S311  not all of us at the same moment


if __name__ == "__main__":
    sys.exit(main())
