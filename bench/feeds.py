"""Calendar feeds: unchanged, asked with an ETag, and after a change, each beside the least that Django can do."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from bench import measuring, servers
from bench.databases import POSTGRESQL
from bench.load import Outcome, ask, request
from bench.measuring import Series, Target, Turn, in_turns, share
from bench.servers import Server
from bench.stage import Stage, same_bytes

ALL = "/calendars/sessions.ics?lang=en"
FILTERED = "/calendars/programmes/workshops.ics?lang=en"
PATHS = {"whole": ALL, "filtered": FILTERED}
WAYS = {"joined-by-sql": "join by SQL", "joined": "fetch and join"}
FLOOR_ETAG = '"0123456789abcdef0123456789abcdef"'  # as bench/floors/feeds.py sends it
CLIENTS = 8
LEAST_WARM = {1000: 0.35, 5000: 0.42}
LEAST_304 = 0.25


def run(stage: Stage) -> None:
    """All sizes run at once, so that their ratio too comes from the same rounds."""
    sizes = stage.options.sizes
    urls = [stage.databases.filled(POSTGRESQL, size) for size in sizes]
    with stage.serving(*urls) as ours:
        for size, server in zip(sizes, ours, strict=True):
            for kind, path in PATHS.items():
                (stage.bodies / f"{kind}-{size}").write_bytes(ask(server.port, request(path))[2])
        with stage.serving(*urls, settings=servers.FLOOR) as floors:
            for size, url, own, low in zip(sizes, urls, ours, floors, strict=True):
                unchanged(stage, size, own, low, statements=count(stage, url))
            for kind in PATHS:
                after_a_change(stage, urls, ours, floors, kind)


def count(stage: Stage, url: str) -> tuple[int, int, int]:
    """Statements of a rebuilt, an unchanged and a revalidated feed."""
    get = ("GET", ALL, b"", {})
    # The ETag is unknown out here; a star means any (RFC 9110 13.1.2).
    cold, warm, revalidated = stage.statements(stage.told(url), [get, get, ("GET", ALL, b"", {"If-None-Match": "*"})])
    return len(cold), len(warm), len(revalidated)


def unchanged(stage: Stage, size: int, own: Server, low: Server, *, statements: tuple[int, int, int]) -> None:
    """Ours asks the database for the schedule version each time; the floor only has the bytes."""
    kept = f"/bytes/whole-{size}"
    length = len(same_bytes((own, ALL), (low, kept)))
    etag = ask(own.port, request(ALL))[1]["etag"]
    whole = {"ours": request(ALL), "floor": request(kept)}
    again = {
        "ours": request(ALL, headers=[("If-None-Match", etag)]),
        "floor": request(kept, headers=[("If-None-Match", FLOOR_ETAG)]),
    }
    for case, asked, status, expected, least, count in (
        (f"feed of {size:,}, unchanged", whole, 200, length, LEAST_WARM[size], statements[1]),
        (f"feed of {size:,}, 304", again, 304, 0, LEAST_304, statements[2]),
    ):
        targets = {
            name: stage.target(server, asked[name], kind=POSTGRESQL, clients=CLIENTS, status=status, size=expected)
            for name, server in (("ours", own), ("floor", low))
        }
        found = in_turns(targets, rounds=stage.options.rounds)
        note(stage, case, found, statements={"ours": count, "floor": 0})
        stage.report.goal(f"{case}: share of the bare view", share(found["floor"], found["ours"]), least=least)


def after_a_change(stage: Stage, urls: list[str], ours: list[Server], floors: list[Server], kind: str) -> None:
    """Before each request one session gets another title by the real operation; only the request is measured."""
    path = PATHS[kind]
    targets: dict[str, Target] = {}
    with changers(stage, urls) as changing:
        for size, own, low, changer in zip(stage.options.sizes, ours, floors, changing, strict=True):
            changer.change()
            for way in WAYS:
                same_bytes((own, path), (low, f"/{way}/{kind}-{size}"))
                targets[f"{way} {size}"] = rebuilt(stage, low, f"/{way}/{kind}-{size}", changer)
            targets[f"ours {size}"] = rebuilt(stage, own, path, changer)
        found = in_turns(targets, rounds=stage.options.rounds)
    for size, url in zip(stage.options.sizes, urls, strict=True):
        cold = {name: found[f"{name} {size}"] for name in ("ours", *WAYS)}
        [sql] = stage.statements(stage.told(url), [("GET", path, b"", {})])
        case = f"{kind} feed of {size:,}, after a change"
        note(stage, case, cold, statements={"ours": len(sql), **dict.fromkeys(WAYS, 1)})
        for way, said in WAYS.items():
            stage.report.goal(f"{case}: cost in views that {said}", 1 / share(cold[way], cold["ours"]), most=1.3)
    small, large = (found[f"ours {size}"] for size in stage.options.sizes)
    stage.report.goal(f"{kind} feed, after a change: cost of 5,000 / of 1,000", 1 / share(small, large), most=5.5)


class Changer:
    """A process that changes one session whenever it is told to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.served_by = int(self._line())

    def change(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        if self._line() != "changed":
            raise RuntimeError("the change failed")

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@contextmanager
def changers(stage: Stage, urls: list[str]) -> Iterator[list[Changer]]:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.inside", "changes"], cwd=servers.ROOT, env=stage.told(url),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for url in urls
    ]  # fmt: skip
    try:
        yield [Changer(process) for process in started]
    finally:
        for process in started:
            process.communicate()


def rebuilt(stage: Stage, server: Server, path: str, changer: Changer) -> Target:
    """A turn changes and asks, one after the other; neither the changer nor its database process is in the figure."""
    wanted = request(path)

    def send() -> Outcome:
        outcome = Outcome(statuses=Counter())
        for _ in range(stage.options.changes):
            changer.change()
            began = perf_counter()
            status, _, _ = ask(server.port, wanted)
            outcome.took.append(perf_counter() - began)
            outcome.statuses[status] += 1
        outcome.seconds = sum(outcome.took)
        return outcome

    def turn() -> Turn:
        roots = [server.pid, *stage.databases.roots(POSTGRESQL)]
        measured, outcome = measuring.metered(send, roots=roots, besides=[changer.served_by])
        if set(outcome.statuses) != {200}:
            raise RuntimeError(f"unexpected answers: {outcome.statuses}")
        return measured

    return turn


def note(stage: Stage, case: str, found: dict[str, Series], *, statements: dict[str, int]) -> None:
    for name, series in found.items():
        stage.report.add(case, name, series, statements.get(name))
