"""Memory: our workers after everything that they do, beside minimal Django + DRF workers that hold the same bytes."""

from collections.abc import Sequence

from bench import feeds, lists, processes, registering, servers
from bench.databases import POSTGRESQL
from bench.load import ask, request
from bench.servers import Server
from bench.stage import Stage

EVENTS = 5000
MOST, MOST_GROWTH = 1.4, 10
PAGES, PEOPLE = 300, 200


def run(stage: Stage) -> None:
    """Both sides answer the same requests; then each side's larger worker counts."""
    url = stage.databases.copy(POSTGRESQL, EVENTS, name="memory")
    low_url = stage.databases.copy(POSTGRESQL, EVENTS, name="memory_floor")
    with stage.serving(url) as [own]:
        folder = stage.scratch / "memory"
        folder.mkdir()
        for name, path in (("whole-5000", feeds.ALL), ("filtered-5000", feeds.FILTERED)):
            (folder / name).write_bytes(ask(own.port, request(path))[2])
        page = lists.filtered(lists.first_day(own.port))
        recorded = registering.record(stage, POSTGRESQL, low_url)
        told = {"BENCH_BODIES": str(folder), "BENCH_STATEMENTS": str(recorded)}
        with stage.serving(low_url, settings=servers.FLOOR, **told) as [low]:
            work(stage, own, page, [feeds.ALL, feeds.FILTERED], registering.PATH)
            work(stage, low, page, ["/bytes/whole-5000", "/bytes/filtered-5000"], registering.WHOLE_PATH)
            ours, floor = largest(own), largest(low)
            growth = rebuild(stage, url, own)
    stage.report.notes.append(
        f"memory of a worker: ours {ours:.0f} MiB, minimal Django + DRF {floor:.0f} MiB;"
        f" after {stage.options.changes * 5} more rebuilt feeds of {EVENTS:,} sessions {growth:+.1f} MiB"
    )
    stage.report.goal("memory of a worker in minimal ones", ours / floor, most=MOST)
    stage.report.goal("memory: MiB more after further rebuilt feeds", growth, most=MOST_GROWTH)


def work(stage: Stage, server: Server, page: str, calendars: Sequence[str], door: str) -> None:
    """Feeds, list pages and registrations, as many on both sides."""
    for path in calendars:
        stage.client.send(server.port, [request(path)] * 40, clients=8)
    stage.client.send(server.port, [request(page)] * PAGES, clients=8)
    people = [registering.registration(f"memory{number}@example.org") for number in range(PEOPLE)]
    posts = [request(door.format(registering.slug(7)), method="POST", body=person) for person in people]
    outcome = stage.client.send(server.port, posts, clients=8)
    if set(outcome.statuses) != {201}:
        raise RuntimeError(f"unexpected answers: {outcome.statuses}")


def rebuild(stage: Stage, url: str, server: Server) -> float:
    """How much larger the larger worker is after many changes and rebuilt feeds, MiB."""
    before = largest(server)
    with feeds.changers(stage, [url]) as [changer]:
        for _ in range(stage.options.changes * 5):
            changer.change()
            ask(server.port, request(feeds.ALL))
    return largest(server) - before


def largest(server: Server) -> float:
    return max(processes.rss_mib(pid) for pid in server.workers())
