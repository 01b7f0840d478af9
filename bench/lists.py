"""The event list: one page of 50 with a date filter, beside a plain DRF ModelViewSet that answers the same bytes."""

import json
from datetime import date, timedelta
from urllib.parse import urlencode

from bench import servers
from bench.databases import POSTGRESQL
from bench.load import ask, request
from bench.measuring import Target, in_turns, share
from bench.stage import Stage, same_bytes

EVENTS = "/api/v1/events/"
CLIENTS = 8
MOST_STATEMENTS = 6


def run(stage: Stage) -> None:
    """Both sizes run at once, so that their ratio too comes from the same rounds."""
    sizes = stage.options.sizes
    urls = [stage.databases.filled(POSTGRESQL, size) for size in sizes]
    with stage.serving(*urls) as ours, stage.serving(*urls, settings=servers.FLOOR) as floors:
        path = filtered(first_day(ours[0].port))
        targets: dict[str, Target] = {}
        for size, own, low in zip(sizes, ours, floors, strict=True):
            body = same_bytes((own, path), (low, path))
            for name, server in (("ours", own), ("floor", low)):
                targets[f"{name} {size}"] = stage.target(
                    server, request(path), kind=POSTGRESQL, clients=CLIENTS, size=len(body)
                )
        found = in_turns(targets, rounds=stage.options.rounds)
    for size, url in zip(sizes, urls, strict=True):
        counts = {}
        for name, settings in (("ours", servers.OURS), ("floor", servers.FLOOR)):
            [sql] = stage.statements(stage.told(url, settings), [("GET", path, b"", {})])
            counts[name] = len(sql)
            stage.report.add(f"50 of {size:,} events, by date", name, found[f"{name} {size}"], len(sql))
        speed = share(found[f"floor {size}"], found[f"ours {size}"])
        stage.report.goal(f"50 of {size:,} events, by date: speed in plain DRFs", speed, least=1.2)
        stage.report.goal(f"50 of {size:,} events, by date: statements", counts["ours"], most=MOST_STATEMENTS)
    if len(sizes) == 2:
        small, large = (found[f"ours {size}"] for size in sizes)
        stage.report.goal("event list: cost of 50 in 5,000 / in 1,000", 1 / share(small, large), most=1.15)


def first_day(port: int) -> date:
    """The day of the first session: the data set begins 30 days after it was made."""
    _, _, body = ask(port, request(f"{EVENTS}?page_size=1"))
    return date.fromisoformat(json.loads(body)["results"][0]["sessions"][0]["starts_on"])


def filtered(first: date) -> str:
    """Three days of a hundred events each, whatever the size of the whole."""
    days = {"starts_after": first + timedelta(days=3), "starts_before": first + timedelta(days=5)}
    return f"{EVENTS}?{urlencode({name: day.isoformat() for name, day in days.items()})}"
