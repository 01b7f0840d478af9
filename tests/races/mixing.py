"""All the ways to a seat and from it, mixed at random: what a client of the large races does, turn after turn.

Time is a counter that all clients share: each turn has an instant of its own, so that the history tells turns apart,
and offers run out while the race is on.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from events.models import ANONYMOUS, SYSTEM, Actor, Audience, Event, Invitation, Organization, Registration, SeatPool
from events.operations import (
    allotting,
    committing,
    falling_due,
    grouping,
    inviting,
    offering,
    planning,
    publishing,
    registering,
    repeating,
    selecting,
)
from tests import factories
from tests.factories import NOW
from tests.races.crowd import FORK
from venues.errors import Refusal

TURN = timedelta(seconds=1)
PEOPLE = 120
OFFER_MINUTES = 1


class Clock:
    """`tick()` is the next instant; nobody else gets the same one."""

    def __init__(self) -> None:
        self.turns = FORK.Value("q", 0)

    def tick(self) -> datetime:
        with self.turns.get_lock():
            self.turns.value += 1
            return NOW + self.turns.value * TURN

    def now(self) -> datetime:
        return NOW + int(self.turns.value) * TURN


@dataclass
class Scene:
    """One event, or equal runs of a series, that everybody wants; and what it takes to get in by each way."""

    events: list[Event]
    audiences: list[Audience | None]
    partner: Organization
    organizer: Actor
    nominator: Actor
    codes: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)
    people: int = PEOPLE

    @property
    def ids(self) -> list[int]:
        return [event.pk for event in self.events]

    def open_events(self) -> list[Event]:
        """Those of them that take everybody in now, as far as there are seats."""
        return list(Event.objects.filter(pk__in=self.ids, status="published", registration="open").order_by("pk"))


@dataclass
class Client:
    """One of the crowd, with chances of its own."""

    scene: Scene
    clock: Clock
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    def play(self, turns: int) -> Counter[str]:
        """So many turns, each another way; what came of them. What is no refusal ends the race."""
        for _turn in range(turns):
            self.take(self.choose())
        return self.counts

    def choose(self) -> str:
        """The way of the next turn."""
        ways = list(self.scene.weights)
        return self.chance.choices(ways, [self.scene.weights[name] for name in ways])[0]

    def take(self, name: str) -> str:
        """One turn of that way."""
        try:
            told = WAYS[name](self) or "ok"
        except Refusal as refusal:
            told = refusal.code
        self.counts[told if told != "ok" else name] += 1
        return told

    # Who it is about

    def event(self) -> Event:
        return Event.objects.select_related("programme", "series").get(pk=self.chance.choice(self.scene.ids))

    def applicant(self, **fields: Any) -> registering.Applicant:
        number = self.chance.randrange(self.scene.people)
        return factories.applicant(number, **{"audience": self.chance.choice(self.scene.audiences), **fields})

    def one(self, *statuses: str) -> Registration | None:
        """Some registration that is in one of these states, or was a moment ago."""
        rows = Registration.objects.filter(event__in=self.scene.ids, status__in=statuses).order_by("pk")
        found = list(rows.select_related("event__programme")[self.chance.randrange(8) :][:1])
        return found[0] if found else None

    def some_applications(self) -> tuple[Event, list[Registration]]:
        event = self.event()
        rows = list(Registration.objects.filter(event=event, status="applied").order_by("pk")[:10])
        return event, self.chance.sample(rows, min(len(rows), self.chance.randint(1, 5)))


def come(client: Client) -> None:
    """As the API does it: one statement finds the event with what registering reads of it."""
    door = registering.door(slug=client.chance.choice(client.scene.events).slug, actor=ANONYMOUS)
    if door is not None:
        registering.register(
            event=door.event, applicant=client.applicant(), actor=ANONYMOUS, now=client.clock.tick(), door=door
        )


def come_twice(client: Client) -> str:
    """The same request twice, with its key: the second answer is the first one's."""
    event, applicant, now = client.event(), client.applicant(), client.clock.tick()
    key = f"turn-{now.isoformat()}"
    claim = repeating.claim(actor=ANONYMOUS, method="POST", path=f"/{event.slug}/", key=key, body=b"{}")

    def act() -> repeating.Outcome:
        made = registering.register(event=event, applicant=applicant, actor=ANONYMOUS, now=now)
        return repeating.Outcome(201, {"code": made.code})

    first = repeating.once(claim=claim, act=act, now=now)
    again = repeating.once(claim=claim, act=act, now=now)
    assert again.is_replay
    assert again.body == first.body
    return "replayed"


def come_with_code(client: Client) -> None:
    applicant = client.applicant(code=client.chance.choice(client.scene.codes))
    registering.register(event=client.event(), applicant=applicant, actor=ANONYMOUS, now=client.clock.tick())


def be_entered(client: Client) -> None:
    registering.register(
        event=client.event(), applicant=client.applicant(), actor=client.scene.organizer, now=client.clock.tick(),
        is_staff=True,
    )  # fmt: skip


def be_nominated(client: Client) -> None:
    applicant = client.applicant(partner=client.scene.partner)
    registering.register(
        event=client.event(), applicant=applicant, actor=client.scene.nominator, now=client.clock.tick()
    )


def come_together(client: Client) -> None:
    first = client.chance.randrange(client.scene.people)
    people = [
        factories.applicant(first + number, audience=client.chance.choice(client.scene.audiences)) for number in (0, 1)
    ]
    grouping.register(event=client.event(), booker=people[0], people=people, actor=ANONYMOUS, now=client.clock.tick())


def leave(client: Client) -> str | None:
    row = client.one("applied", "waitlisted", "offered", "confirmed")
    if row is None:
        return "nobody"
    actor = client.chance.choice([ANONYMOUS, client.scene.organizer, SYSTEM])
    registering.cancel(registration=row, actor=actor, now=client.clock.tick())
    return None


def accept(client: Client) -> str | None:
    row = client.one("offered")
    if row is None:
        return "nobody"
    offering.accept(registration=row, by_link=True, now=client.clock.tick())
    return None


def decline(client: Client) -> str | None:
    row = client.one("offered")
    if row is None:
        return "nobody"
    offering.decline(registration=row, now=client.clock.tick())
    return None


class Complaints(logging.Handler):
    """What was logged as failed instead of being raised, so that it stood in nobody's way."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.errors.append(error or RuntimeError(record.getMessage()))


def settle(now: datetime) -> None:
    """Everything due has happened. What failed for one event, and was only logged, is raised here."""
    complaints, log = Complaints(), logging.getLogger(committing.__name__)
    log.addHandler(complaints)
    try:
        falling_due.run(now=now)
    finally:
        log.removeHandler(complaints)
    for error in complaints.errors:
        raise error


def let_time_pass(client: Client) -> None:
    settle(client.clock.tick())


def approve(client: Client) -> str | None:
    event, rows = client.some_applications()
    if not rows:
        return "nobody"
    selecting.approve(event=event, registrations=rows, actor=client.scene.organizer, now=client.clock.tick())
    return None


def turn_down(client: Client) -> str | None:
    event, rows = client.some_applications()
    if not rows:
        return "nobody"
    selecting.decline(event=event, registrations=rows[:1], actor=client.scene.organizer, now=client.clock.tick())
    return None


def draw(client: Client) -> None:
    selecting.draw(event=client.event(), actor=client.scene.organizer, now=client.clock.tick())


def resize(client: Client) -> None:
    event = client.event()
    capacity = max((event.capacity or 0) + client.chance.randint(-3, 3), 1)
    planning.amend_event(
        event=event, fields={"capacity": capacity}, over_commit=client.chance.random() < 0.5,
        actor=client.scene.organizer, now=client.clock.tick(),
    )  # fmt: skip


def set_aside(client: Client) -> str | None:
    """Another quota, or another size of one; now and then it is released for good."""
    event, now = client.event(), client.clock.tick()
    quotas = list(SeatPool.objects.filter(event=event, released_at=None).exclude(kind="open").order_by("pk"))
    by = {"actor": client.scene.organizer, "now": now}
    if not quotas or client.chance.random() < 0.1:
        audience = client.chance.choice([audience for audience in client.scene.audiences if audience])
        kind = client.chance.choice(["floor", "ceiling"])
        allotting.set_aside(event=event, kind=kind, seats=client.chance.randint(1, 5), audience=audience, **by)
        return None
    quota = client.chance.choice(quotas)
    if client.chance.random() < 0.1:
        allotting.release(pool=quota, **by)
        return "released"
    allotting.amend(pool=quota, seats=max(quota.seats + client.chance.randint(-2, 2), 0), **by)
    return None


def unpublish(client: Client) -> None:
    publishing.unpublish(event=client.event(), actor=client.scene.organizer, now=client.clock.tick())


def publish(client: Client) -> None:
    publishing.publish(event=client.event(), actor=client.scene.organizer, now=client.clock.tick())


def call_off(client: Client) -> None:
    """One run of several; a single event is not called off, or the race is over."""
    event = client.event()
    if len(client.scene.events) > 1 and event.pk != client.scene.ids[0]:
        publishing.cancel(event=event, actor=client.scene.organizer, now=client.clock.tick())


WAYS: dict[str, Callable[[Client], str | None]] = {
    "come": come,
    "come_twice": come_twice,
    "come_with_code": come_with_code,
    "be_entered": be_entered,
    "be_nominated": be_nominated,
    "come_together": come_together,
    "leave": leave,
    "accept": accept,
    "decline": decline,
    "let_time_pass": let_time_pass,
    "approve": approve,
    "turn_down": turn_down,
    "draw": draw,
    "resize": resize,
    "set_aside": set_aside,
    "unpublish": unpublish,
    "publish": publish,
    "call_off": call_off,
}
TOLD = ("nobody", "replayed", "released")  # what a way says that is no refusal
COMING = {"come": 30, "come_twice": 3, "be_entered": 4, "come_together": 4, "leave": 14}
ORGANIZING = {"resize": 3, "unpublish": 1, "publish": 1, "let_time_pass": 2}


@dataclass(frozen=True)
class World:
    """Who is there in every race."""

    organization: Organization
    partner: Organization
    organizer: Actor
    nominator: Actor
    audiences: list[Audience | None]

    def scene(self, *events: Event, **more: Any) -> Scene:
        return Scene(
            events=list(events), audiences=self.audiences, partner=self.partner, organizer=self.organizer,
            nominator=self.nominator, **more,
        )  # fmt: skip


def world() -> World:
    organization = factories.organization()
    partner = factories.organization("Studio", title_ko="스튜디오", owner="studio@demo.example")
    return World(
        organization=organization, partner=partner, organizer=factories.member(organization),
        nominator=factories.member(partner), audiences=[None, *map(factories.audience, ("student", "professional"))],
    )  # fmt: skip


def plain(world: World, *, capacity: int = 12, **fields: Any) -> Scene:
    """One pool, and nothing but time decides."""
    programme = factories.programme(of=world.organization)
    event = factories.event(of=programme, capacity=capacity, **{"waitlist": "automatic", **fields})
    offers = {"accept": 8, "decline": 4} if event.waitlist == "offer" or event.needs_proof else {}
    return world.scene(event, weights=COMING | ORGANIZING | offers)


def divided(world: World, *, capacity: int = 16, **fields: Any) -> Scene:
    """A floor that is released on a day, a ceiling, an allotment, two codes; freed seats are offered."""
    programme = factories.programme(of=world.organization)
    event = factories.event(
        of=programme, capacity=capacity, **{"waitlist": "offer", "offer_minutes": OFFER_MINUTES, **fields}
    )
    _none, students, professionals = world.audiences
    by = {"actor": SYSTEM, "now": NOW}
    allotting.set_aside(event=event, kind="floor", seats=capacity // 4, audience=students, **by)
    allotting.set_aside(event=event, kind="ceiling", seats=capacity // 3, audience=professionals, **by)
    quota = allotting.set_aside(event=event, kind="allotment", seats=capacity // 4, partner=world.partner, **by)
    codes = [*_codes(event, uses=10, priority=1), *_codes(event, uses=10, pool=quota)]
    ways = {"come_with_code": 6, "be_nominated": 6, "accept": 10, "decline": 4, "set_aside": 4}
    return world.scene(event, codes=codes, weights=COMING | ORGANIZING | ways)


def approved(world: World, *, capacity: int = 10, **fields: Any) -> Scene:
    """People apply; organizers choose."""
    programme = factories.programme(of=world.organization)
    event = factories.event(
        of=programme, capacity=capacity, registration="approval", **{"waitlist": "automatic", **fields}
    )
    return world.scene(event, weights=COMING | ORGANIZING | {"approve": 10, "turn_down": 3})


def drawn(world: World, *, closes_after: int, capacity: int = 10, **fields: Any) -> Scene:
    """People apply until registration closes; then everybody wants to draw."""
    programme = factories.programme(of=world.organization)
    closes_at = NOW + closes_after * TURN
    event = factories.event(
        of=programme, capacity=capacity, registration="approval", registration_closes_at=closes_at,
        **{"waitlist": "automatic", **fields},
    )  # fmt: skip
    selecting.announce_draw(event=event, actor=SYSTEM, now=NOW, seed="who comes to the school")
    return world.scene(event, weights=COMING | {"let_time_pass": 2, "draw": 6})


def in_runs(world: World, *, capacity: int = 6, runs: int = 3, **fields: Any) -> Scene:
    """Equal runs with one waitlist: the last has a floor, and one may be called off."""
    programme = factories.programme(of=world.organization)
    series = planning.create_series(programme=programme, fields={"title_en": "Runs"}, actor=SYSTEM, now=NOW)
    events = []
    for number in range(runs):
        run = factories.draft(of=programme, capacity=capacity, series=series, **{"waitlist": "automatic", **fields})
        factories.session(run, starts=NOW + factories.WEEK + number * timedelta(days=1))
        events.append(factories.publish(run))
    allotting.set_aside(event=events[-1], kind="floor", seats=2, audience=world.audiences[1], actor=SYSTEM, now=NOW)
    return world.scene(*events, weights=COMING | {"resize": 3, "let_time_pass": 2, "set_aside": 1, "call_off": 1})


def _codes(event: Event, *, uses: int, priority: int = 0, pool: SeatPool | None = None) -> list[str]:
    found: list[Invitation] = inviting.invite(
        event=event, uses=uses, priority=priority, pool=pool, actor=SYSTEM, now=NOW
    )
    return [invitation.code for invitation in found]
