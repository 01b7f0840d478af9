"""More people than seats: three stacked pools beside one, a promotion of five hundred, and an opening rush."""

import json
import statistics
from collections import Counter
from typing import Any

from bench import servers
from bench.databases import POSTGRESQL, SQLITE
from bench.load import request
from bench.measuring import in_turns, throughput
from bench.registering import EVENTS, PATH, SEATS, Door, Supply, registration, slug, web
from bench.stage import Stage

STACKED = range(500, 560)  # numbers of events that get quotas
QUEUE, RUSH_SEATS, RUSH_PEOPLE, RUSH_SECONDS = 700, 500, 5000, 60


def run(stage: Stage) -> None:
    for kind in (POSTGRESQL, SQLITE):
        url = stage.databases.copy(kind, EVENTS, name=f"crowding_{kind}")
        told = stage.told(url)
        inside(told, "stack", *(slug(number) for number in STACKED))
        with stage.serving(url) as [server]:
            doors = {
                "one pool": Door(web(stage, server, kind, 8, PATH), Supply()),
                "three pools": Door(web(stage, server, kind, 8, PATH), Supply(number=STACKED.start - 1)),
            }
            for door in doors.values():
                door.hot()  # warm
            found = in_turns({name: door.hot for name, door in doors.items()}, rounds=stage.options.rounds)
            for name, series in found.items():
                stage.report.add(f"crowds, {kind}, {SEATS} people for {SEATS} seats", name, series)
            speed = throughput(found["one pool"], found["three pools"])
            stage.report.goal(f"crowds, {kind}: speed with three stacked pools / one", speed, least=0.6)
            rush(stage, server.port, kind, told)
        promote(stage, kind, told)


def promote(stage: Stage, kind: str, told: Any) -> None:
    """Five hundred people get seats that one step added; the statements must not follow their number."""
    few, many = (inside(told, "promote", slug(QUEUE + place), str(number)) for place, number in ((1, 50), (2, 500)))
    stage.report.goal(f"crowds, {kind}: seconds to promote 500 people", many["seconds"], most=2)
    more = many["statements"] / few["statements"]
    stage.report.goal(f"crowds, {kind}: statements to promote 500 / 50", more, most=1.2)


def rush(stage: Stage, port: int, kind: str, told: Any) -> None:
    """Registration opens: five thousand people at once for five hundred seats, from the same two cores."""
    event = inside(told, "queue", slug(QUEUE), str(RUSH_SEATS))
    posts = [
        request(PATH.format(event), method="POST", body=registration(f"rush{number}@example.org"))
        for number in range(RUSH_PEOPLE)
    ]
    outcome = stage.client.send(port, posts, clients=16)
    left = inside(told, "line", event)
    wanted = {"confirmed": RUSH_SEATS, "waitlisted": RUSH_PEOPLE - RUSH_SEATS, "disorder": 0, "breaks": 0}
    if outcome.statuses != Counter({201: RUSH_PEOPLE}) or left != wanted:
        raise RuntimeError(f"{kind}: the rush gave {dict(outcome.statuses)} and left {left}")
    p99 = statistics.quantiles(outcome.took, n=100)[98] * 1000
    stage.report.goal(f"crowds, {kind}: seconds of a rush of 5,000 people", outcome.seconds, most=RUSH_SECONDS)
    stage.report.notes.append(
        f"{kind}: {RUSH_PEOPLE:,} people for {RUSH_SEATS} seats in {outcome.seconds:.0f} s: {RUSH_SEATS} confirmed, the"
        f" others waitlisted in order, no error; p50 {statistics.median(outcome.took) * 1000:.0f} ms, p99 {p99:.0f} ms"
    )


def inside(told: Any, *arguments: str) -> Any:
    return json.loads(servers.run("-m", "bench.inside", "crowds", *arguments, told=told))
