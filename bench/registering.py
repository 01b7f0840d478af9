"""Registering: on one event that everybody wants and spread over a hundred, beside the same statements without us."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench import measuring, servers
from bench.databases import POSTGRESQL, SQLITE
from bench.driver import Attempt, Drivers
from bench.load import Outcome, request
from bench.measuring import Series, Target, Turn, in_turns, share, throughput
from bench.servers import Server
from bench.stage import Stage

SEATS, SPREAD, RACERS = 200, 100, 1000
EVENTS = 1000
OURS, RAW, MINIMAL, DRIVER = "ours", "raw view", "two-statement view", "driver"
PATH, WHOLE_PATH, MINIMAL_PATH = (
    "/api/v1/events/{}/registrations/",
    "/registrations/whole/{}",
    "/registrations/minimal/{}",
)
MOST_STATEMENTS = 10
Send = Callable[[Sequence[Attempt]], tuple[Turn, Outcome]]


@dataclass(slots=True)
class Supply:
    """Fresh events and fresh people: nobody registers twice, and hot events are new in each turn."""

    number: int = SPREAD
    person: int = 0
    sold_out: list[str] = field(default_factory=list)

    def event(self) -> str:
        self.number += 1
        return slug(self.number)

    def people(self, count: int) -> list[str]:
        self.person += count
        return [f"person{number}@example.org" for number in range(self.person - count, self.person)]


def slug(number: int) -> str:
    return f"workshop-{number:05}"


@dataclass(slots=True)
class Door:
    """One way in: what it sends, and to whom."""

    send: Send
    supply: Supply

    def hot(self) -> Turn:
        """Two hundred people for two hundred seats: everybody gets one."""
        event = self.supply.event()
        turn = self._expecting(201, [(event, address) for address in self.supply.people(SEATS)])
        self.supply.sold_out.append(event)
        return turn

    def refused(self) -> Turn:
        """Two hundred more at a door where nothing is left."""
        event = self.supply.sold_out[-1]
        return self._expecting(409, [(event, address) for address in self.supply.people(SEATS)])

    def spread(self) -> Turn:
        """Two hundred people who want a hundred different events."""
        people = self.supply.people(SEATS)
        return self._expecting(201, [(slug(number % SPREAD), address) for number, address in enumerate(people)])

    def _expecting(self, status: int, attempts: Sequence[Attempt]) -> Turn:
        turn, outcome = self.send(attempts)
        if outcome.statuses != Counter({status: len(attempts)}):
            raise RuntimeError(f"expected {len(attempts)} x {status}, got {dict(outcome.statuses)}")
        return turn


def run(stage: Stage) -> None:
    """Both databases in the same rounds, because SQLite is compared with PostgreSQL too."""
    kinds = (POSTGRESQL, SQLITE)
    urls = {kind: stage.databases.copy(kind, EVENTS, name=f"registering_{kind}") for kind in kinds}
    low_urls = {kind: stage.databases.copy(kind, EVENTS, name=f"floor_{kind}") for kind in kinds}
    recorded = {kind: record(stage, kind, low_urls[kind]) for kind in kinds}
    supplies = {(kind, side): Supply() for kind in kinds for side in ("ours", "floor")}
    with ExitStack() as stack:
        ours = {kind: stack.enter_context(stage.serving(urls[kind]))[0] for kind in kinds}
        lows = {
            kind: stack.enter_context(
                stage.serving(low_urls[kind], settings=servers.FLOOR, BENCH_STATEMENTS=str(recorded[kind]))
            )[0]
            for kind in kinds
        }
        for clients in stage.options.clients:
            doors: dict[tuple[str, str], Door] = {}
            with ExitStack() as drivers:
                for kind in kinds:
                    own, low = supplies[kind, "ours"], supplies[kind, "floor"]
                    doors[kind, OURS] = Door(
                        web(stage, ours[kind], kind, clients, "/api/v1/events/{}/registrations/"), own
                    )
                    doors[kind, RAW] = Door(web(stage, lows[kind], kind, clients, WHOLE_PATH), low)
                    doors[kind, MINIMAL] = Door(web(stage, lows[kind], kind, clients, MINIMAL_PATH), low)
                    direct = Drivers(
                        kind=kind,
                        url=low_urls[kind],
                        statements=recorded[kind],
                        clients=clients,
                        roots=stage.databases.roots(kind),
                    )
                    drivers.callback(direct.stop)
                    doors[kind, DRIVER] = Door(direct.send, low)
                compare(stage, doors, clients, statements=len(json.loads(recorded[POSTGRESQL].read_text())))
        for kind in kinds:
            race(stage, ours[kind], kind, supplies[kind, "ours"])
    for kind in kinds:
        prove(stage, kind, urls[kind], supplies[kind, "ours"])


def record(stage: Stage, kind: str, url: str) -> Path:
    """Our statements of one registration, as the floors replay them."""
    path = stage.scratch / f"statements-{kind}.json"
    body = registration("recorded@example.org").decode()
    address = PATH.format(slug(EVENTS - 1))
    path.write_text(servers.run("-m", "bench.inside", "record", address, body, told=stage.told(url)))
    return path


def registration(address: str) -> bytes:
    return json.dumps({"name": "Kim Minji", "email": address, "audience": "students", "language": "en"}).encode()


def web(stage: Stage, server: Server, kind: str, clients: int, path: str) -> Send:
    def send(attempts: Sequence[Attempt]) -> tuple[Turn, Outcome]:
        posts = [request(path.format(event), method="POST", body=registration(address)) for event, address in attempts]
        return measuring.metered(
            lambda: stage.client.send(server.port, posts, clients=clients),
            roots=[server.pid, *stage.databases.roots(kind)],
        )

    return send


def compare(stage: Stage, doors: dict[tuple[str, str], Door], clients: int, *, statements: int) -> None:
    targets: dict[str, Target] = {}
    for (kind, name), door in doors.items():
        door.hot()  # warm, and somewhere to be refused
        targets[f"{kind} {name} hot"] = door.hot
        if name in (OURS, MINIMAL):
            targets[f"{kind} {name} refused"] = door.refused
            targets[f"{kind} {name} spread"] = door.spread
    found = in_turns(targets, rounds=stage.options.rounds)
    for kind in (POSTGRESQL, SQLITE):
        here = {name.removeprefix(f"{kind} "): series for name, series in found.items() if name.startswith(kind)}
        tell(stage, kind, clients, here)
        for name, series in here.items():
            target, _, case = name.rpartition(" ")
            count = None if case == "refused" else 2 if target == MINIMAL else statements
            stage.report.add(f"{kind}, {clients} clients, {case}", target, series, count)
    speed = throughput(found[f"{POSTGRESQL} {OURS} hot"], found[f"{SQLITE} {OURS} hot"])
    stage.report.goal(f"registering, {clients} clients: SQLite's speed in PostgreSQLs", speed, least=0.8)
    stage.report.goal(f"registering, {clients} clients: statements", statements, most=MOST_STATEMENTS)


def tell(stage: Stage, kind: str, clients: int, found: dict[str, Series]) -> None:
    """The goals of one database."""
    goal, ours, where = stage.report.goal, found[f"{OURS} hot"], f"registering, {kind}, {clients} clients"
    goal(f"{where}: share of our statements in a bare view", share(found[f"{RAW} hot"], ours), least=0.5)
    goal(f"{where}: share of the two-statement view", share(found[f"{MINIMAL} hot"], ours), least=0.25)
    goal(f"{where}: a refusal's cost in successes", 1 / share(ours, found[f"{OURS} refused"]), most=1 / 3)
    goal(f"{where}: speed on one event / spread", throughput(found[f"{OURS} spread"], ours), least=0.85)
    if clients == max(stage.options.clients):
        slow = ours.milliseconds(0.95) / found[f"{MINIMAL} hot"].milliseconds(0.95)
        goal(f"{where}: p95 in two-statement views", slow, most=5)


def race(stage: Stage, server: Server, kind: str, supply: Supply) -> None:
    """A thousand people at once for two hundred seats, many more of them than workers: the answers must add up."""
    event = supply.event()
    posts = [
        request(PATH.format(event), method="POST", body=registration(address)) for address in supply.people(RACERS)
    ]
    outcome = stage.client.send(server.port, posts, clients=16)
    if outcome.statuses != Counter({201: SEATS, 409: RACERS - SEATS}):
        raise RuntimeError(f"{kind}: the race gave {dict(outcome.statuses)}")
    supply.sold_out.append(event)
    stage.report.notes.append(f"{kind}: {RACERS:,} attempts on {SEATS} seats: {SEATS} sold, the others 409, no error")


def prove(stage: Stage, kind: str, url: str, supply: Supply) -> None:
    """Every hot event sold exactly its seats, and the audit finds nothing."""
    sql = (
        "SELECT e.slug, p.taken, count(r.id) FROM events_event e JOIN events_seatpool p ON p.event_id = e.id"
        " JOIN events_registration r ON r.event_id = e.id AND r.status = 'confirmed' GROUP BY e.slug, p.taken"
    )
    sold = {name: (taken, people) for name, taken, people in _rows(kind, url, sql)}
    wrong = {name: sold.get(name) for name in supply.sold_out if sold.get(name) != (SEATS, SEATS)}
    if wrong:
        raise RuntimeError(f"{kind}: not exactly {SEATS} seats sold: {wrong}")
    servers.run("manage.py", "audit", told=stage.told(url))
    events = len(supply.sold_out)
    stage.report.notes.append(f"{kind}: {events} events of {SEATS} seats sold out exactly, the audit finds nothing")


def _rows(kind: str, url: str, sql: str) -> Iterator[tuple[str, int, int]]:
    if kind == POSTGRESQL:
        with psycopg.connect(url) as connection:
            yield from connection.execute(sql).fetchall()
    else:
        with sqlite3.connect(urlsplit(url).path) as file:
            yield from file.execute(sql).fetchall()
