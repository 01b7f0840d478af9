"""One run: its options, its databases and servers, its client, and what it found."""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import measuring, servers
from bench.databases import Databases
from bench.load import Client, ask, request
from bench.measuring import Target, Turn
from bench.report import Report
from bench.servers import Server

Wanted = tuple[str, str, bytes, dict[str, str]]  # method, path, body, headers


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` is how long a turn lasts, `changes` how many rebuilt feeds it holds."""

    rounds: int
    seconds: float
    changes: int
    sizes: tuple[int, ...] = (1000, 5000)
    clients: tuple[int, ...] = (8, 16)


@dataclass(slots=True)
class Stage:
    """What every part works with; made by `stage`, which also clears it away."""

    options: Options
    scratch: Path
    databases: Databases
    client: Client
    report: Report = field(default_factory=Report)

    @contextmanager
    def serving(self, *databases: str, settings: str = servers.OURS, **told: str) -> Iterator[list[Server]]:
        """One server for each database."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(servers.serve(self.told(url, settings, **told), scratch=self.scratch))
                for url in databases
            ]

    def told(self, database: str, settings: str = servers.OURS, **more: str) -> dict[str, str]:
        told = {"BENCH_BODIES": str(self.bodies), **more}
        return servers.environment(database=database, scratch=self.scratch, settings=settings, **told)

    @property
    def bodies(self) -> Path:
        """What ours answered, for floors that answer the same."""
        folder = self.scratch / "bodies"
        folder.mkdir(exist_ok=True)
        return folder

    def target(
        self, server: Server, wanted: bytes, *, kind: str, clients: int, status: int = 200, size: int | None = None
    ) -> Target:
        """A turn asks the same thing for some seconds. Another status or length than expected ends the run."""

        def turn() -> Turn:
            measured, outcome = measuring.metered(
                lambda: self.client.send(server.port, [wanted], clients=clients, seconds=self.options.seconds),
                roots=[server.pid, *self.databases.roots(kind)],
            )
            if set(outcome.statuses) != {status} or (size is not None and set(outcome.sizes) != {size}):
                raise RuntimeError(f"unexpected answers: {outcome.statuses} {outcome.sizes}")
            return measured

        return turn

    def statements(self, told: dict[str, str], wanted: Sequence[Wanted]) -> list[list[str]]:
        """The SQL of each of these requests, asked one after the other."""
        given = json.dumps([(m, path, base64.b64encode(body).decode(), headers) for m, path, body, headers in wanted])
        found: list[list[str]] = json.loads(servers.run("-m", "bench.inside", "statements", told=told, given=given))
        return found


@contextmanager
def stage(options: Options) -> Iterator[Stage]:
    scratch = Path(tempfile.mkdtemp(prefix="callboard-bench-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        databases = Databases(scratch)
        stack.callback(databases.stop)
        client = Client()
        stack.callback(client.stop)
        yield Stage(options, scratch, databases, client)


def same_bytes(ours: tuple[Server, str], floor: tuple[Server, str]) -> bytes:
    """The answer that both give; whoever measures different answers compares nothing."""
    (own, path), (low, low_path) = ours, floor
    own_status, _, own_body = ask(own.port, request(path))
    low_status, _, low_body = ask(low.port, request(low_path))
    if (own_status, own_body) != (low_status, low_body) or own_status != 200:
        at = next((n for n, (a, b) in enumerate(zip(own_body, low_body, strict=False)) if a != b), -1)
        raise RuntimeError(
            f"{path} ({own_status}) and {low_path} ({low_status}) differ at {at}:"
            f"\n{own_body[max(at - 80, 0) : at + 80]!r}\n{low_body[max(at - 80, 0) : at + 80]!r}"
        )
    return own_body
