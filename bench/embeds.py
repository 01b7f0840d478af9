"""The feed that embeds read, 50 events with live seats: unchanged, asked with an ETag, and after a change.

Unchanged beside a bare view with the same bytes; after a change beside the plain DRF list of the same 50 events.
"""

from bench import servers
from bench.databases import POSTGRESQL
from bench.feeds import CLIENTS, FLOOR_ETAG, changers, note, rebuilt
from bench.lists import EVENTS, filtered, first_day
from bench.load import ask, request
from bench.measuring import in_turns, share
from bench.servers import Server
from bench.stage import Stage, same_bytes

SIZE = 1000
FEED = "/feeds/events.json"
KEPT = "embed"
LEAST_WARM, LEAST_304, MOST_COLD = 0.25, 0.20, 0.6


def run(stage: Stage) -> None:
    url = stage.databases.filled(POSTGRESQL, SIZE)
    with stage.serving(url) as [own]:
        listed = filtered(first_day(own.port))
        # As the builder writes it.
        path = f"{listed.replace(EVENTS, FEED)}&when=upcoming&lang=ko"
        body = ask(own.port, request(path))[2]
        if body.count(b'"id":"urn:uuid:') != 50:
            raise RuntimeError(f"{body.count(b'urn:uuid:')} events, not 50")
        (stage.bodies / KEPT).write_bytes(body)
        with stage.serving(url, settings=servers.FLOOR) as [low]:
            get = ("GET", path, b"", {})
            cold, warm, revalidated = stage.statements(
                stage.told(url), [get, get, ("GET", path, b"", {"If-None-Match": "*"})]
            )
            unchanged(stage, own, low, path, statements=(len(warm), len(revalidated)))
            [plain] = stage.statements(stage.told(url, servers.FLOOR), [("GET", listed, b"", {})])
            after_a_change(stage, url, own, low, (path, listed), statements=(len(cold), len(plain)))


def unchanged(stage: Stage, own: Server, low: Server, path: str, *, statements: tuple[int, int]) -> None:
    """Ours asks the database each time whether the seats are the same; the floor only has the bytes."""
    kept = f"/bytes/{KEPT}"
    length = len(same_bytes((own, path), (low, kept)))
    etag = ask(own.port, request(path))[1]["etag"]
    whole = {"ours": request(path), "floor": request(kept)}
    again = {
        "ours": request(path, headers=[("If-None-Match", etag)]),
        "floor": request(kept, headers=[("If-None-Match", FLOOR_ETAG)]),
    }
    for case, asked, status, expected, least, count in (
        ("embed of 50, unchanged", whole, 200, length, LEAST_WARM, statements[0]),
        ("embed of 50, 304", again, 304, 0, LEAST_304, statements[1]),
    ):
        targets = {
            name: stage.target(server, asked[name], kind=POSTGRESQL, clients=CLIENTS, status=status, size=expected)
            for name, server in (("ours", own), ("floor", low))
        }
        found = in_turns(targets, rounds=stage.options.rounds)
        note(stage, case, found, statements={"ours": count, "floor": 0})
        stage.report.goal(f"{case}: share of the bare view", share(found["floor"], found["ours"]), least=least)


def after_a_change(
    stage: Stage, url: str, own: Server, low: Server, paths: tuple[str, str], *, statements: tuple[int, int]
) -> None:
    """Before each request one session gets another title; then the feed, or the plain list, is asked once."""
    with changers(stage, [url]) as [changer]:
        targets = {
            "ours": rebuilt(stage, own, paths[0], changer),
            "plain DRF list": rebuilt(stage, low, paths[1], changer),
        }
        found = in_turns(targets, rounds=stage.options.rounds)
    case = "embed of 50, after a change"
    note(stage, case, found, statements=dict(zip(targets, statements, strict=True)))
    cost = 1 / share(found["plain DRF list"], found["ours"])
    stage.report.goal(f"{case}: cost in plain DRF lists", cost, most=MOST_COLD)
