"""Personal calendars of 120 sessions: unchanged, asked with an ETag, and after a change, each beside a bare view."""

import json

from bench import servers
from bench.databases import POSTGRESQL
from bench.feeds import CLIENTS, FLOOR_ETAG, changers, note, rebuilt
from bench.load import ask, request
from bench.measuring import in_turns, share
from bench.stage import Stage, same_bytes

EVENTS, SESSIONS = 1000, 120
KEPT = "personal"
LEAST_WARM, LEAST_304 = 0.30, 0.20


def run(stage: Stage) -> None:
    url = stage.databases.copy(POSTGRESQL, EVENTS, name="personal")
    path = json.loads(servers.run("-m", "bench.inside", "people", str(SESSIONS), told=stage.told(url)))
    with stage.serving(url) as [own]:
        body = ask(own.port, request(path))[2]
        if body.count(b"BEGIN:VEVENT") != SESSIONS:
            raise RuntimeError(f"{body.count(b'BEGIN:VEVENT')} sessions, not {SESSIONS}")
        (stage.bodies / KEPT).write_bytes(body)
        with stage.serving(url, settings=servers.FLOOR) as [low]:
            etag = ask(own.port, request(path))[1]["etag"]
            same_bytes((own, path), (low, f"/bytes/{KEPT}"))
            whole = {"ours": request(path), "floor": request(f"/bytes/{KEPT}")}
            again = {
                "ours": request(path, headers=[("If-None-Match", etag)]),
                "floor": request(f"/bytes/{KEPT}", headers=[("If-None-Match", FLOOR_ETAG)]),
            }
            get = ("GET", path, b"", {})
            cold, warm, revalidated = stage.statements(
                stage.told(url), [get, get, ("GET", path, b"", {"If-None-Match": "*"})]
            )
            for case, asked, status, length, least, sql in (
                (f"personal calendar of {SESSIONS}, unchanged", whole, 200, len(body), LEAST_WARM, warm),
                (f"personal calendar of {SESSIONS}, 304", again, 304, 0, LEAST_304, revalidated),
            ):
                targets = {
                    name: stage.target(
                        server, asked[name], kind=POSTGRESQL, clients=CLIENTS, status=status, size=length
                    )
                    for name, server in (("ours", own), ("floor", low))
                }
                found = in_turns(targets, rounds=stage.options.rounds)
                note(stage, case, found, statements={"ours": len(sql), "floor": 0})
                stage.report.goal(f"{case}: share of the bare view", share(found["floor"], found["ours"]), least=least)
            with changers(stage, [url]) as [changer]:
                targets = {
                    "ours": rebuilt(stage, own, path, changer),
                    "floor": rebuilt(stage, low, f"/bytes/{KEPT}", changer),
                }
                found = in_turns(targets, rounds=stage.options.rounds)
            note(
                stage, f"personal calendar of {SESSIONS}, after a change", found,
                statements={"ours": len(cold), "floor": 0},
            )  # fmt: skip
