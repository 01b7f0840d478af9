"""Random days of runs that share a waitlist, and of an event that can be at the same time, against a plain model."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from events.models import ANONYMOUS, SYSTEM, Event, Registration, SeatPool
from events.operations import falling_due, offering, planning, publishing, registering, scheduling, waitlisting
from tests import factories
from tests.factories import NOW
from tests.races.crowd import outcome
from tests.stateful.playing import Day, breaks, play
from tests.stateful.several_runs import LENGTH, LIVE, OFFER, Entry, Model, Run

RUNS = st.integers(0, 3)
NUMBERS = st.integers(0, 6)
NAMED = st.frozensets(st.integers(0, 2), max_size=1)
STARTS = [600, 660, 1200, 1260, 1800]  # on a grid, so that runs begin together, and overlap, often


class SeveralRuns(Day):
    @initialize(
        capacity=st.integers(1, 2),
        waitlist=st.sampled_from(["automatic", "offer"]),
        refuses_clashes=st.booleans(),
        first=st.lists(st.tuples(NUMBERS, RUNS, NAMED), max_size=8),
    )
    def three_runs_and_an_event(
        self, capacity: int, waitlist: str, refuses_clashes: bool, first: list[tuple[int, int, frozenset[int]]]
    ) -> None:
        self.minutes, self.codes = 0, {}
        self.model = Model([Run(starts, capacity) for starts in (600, 1200, 1800, 660)], waitlist, refuses_clashes)
        programme = factories.programme(clashes="refuse" if refuses_clashes else "warn")
        series = factories.series(of=programme)
        self.events = []
        for number, run in enumerate(self.model.runs):
            event = factories.draft(
                f"Run {number}", of=programme, series=series if self.model.in_series(number) else None,
                capacity=capacity, waitlist=waitlist, offer_minutes=OFFER,
            )  # fmt: skip
            factories.session(event, starts=self._at(run.starts), length=timedelta(minutes=LENGTH))
            self.events.append(factories.publish(event))
        for number, wanted, named in first:
            self.register(number=number, run=wanted, named=named)

    def _at(self, minutes: int) -> datetime:
        return NOW + timedelta(minutes=minutes)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": SYSTEM, "now": self._at(self.minutes)}

    def tick(self) -> int:
        self.minutes += 1
        return self.minutes

    def entry(self, data: st.DataObject, *statuses: str) -> tuple[Entry, Registration]:
        """Mostly one in these states, else any."""
        found = [entry for entry in self.model.entries if entry.status in statuses] or self.model.entries
        entry = data.draw(st.sampled_from(found))
        return entry, Registration.objects.get(code=self.codes[entry])

    # Who comes and goes

    @rule(number=NUMBERS, run=RUNS, named=NAMED)
    def register(self, number: int, run: int, named: frozenset[int]) -> None:
        accepts = named if self.model.in_series(run) else frozenset[int]()
        right, made = self.model.register(number, run, accepts, self.tick()), []

        def act() -> None:
            event = Event.objects.get(pk=self.events[run].pk)
            applicant = factories.applicant(number, accepts=[self.events[other] for other in accepts])
            now = self._at(self.minutes)
            made.append(registering.register(event=event, applicant=applicant, actor=ANONYMOUS, now=now))

        assert outcome(act) in right
        if right == {"ok"}:
            self.codes[self.model.entries[-1]] = made[0].code

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), actor=st.sampled_from([ANONYMOUS, SYSTEM]))
    def leave(self, data: st.DataObject, actor: Any) -> None:
        entry, row = self.entry(data, *LIVE)
        now = self.tick()
        told = outcome(lambda: registering.cancel(registration=row, actor=actor, now=self._at(now)))

        assert told == self.model.cancel(entry, now)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        entry, row = self.entry(data, "offered")
        now = self.tick()
        told = outcome(lambda: offering.accept(registration=row, by_link=True, now=self._at(now)))

        assert told == self.model.accept(entry, now)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def decline(self, data: st.DataObject) -> None:
        entry, row = self.entry(data, "offered")
        now = self.tick()
        told = outcome(lambda: offering.decline(registration=row, now=self._at(now)))

        assert told == self.model.decline(entry, now)

    # What the organizer does

    @rule(run=RUNS, capacity=st.integers(0, 3), on_purpose=st.booleans())
    def resize(self, run: int, capacity: int, on_purpose: bool) -> None:
        now, change = self.tick(), {"fields": {"capacity": capacity}, "over_commit": on_purpose}
        told = outcome(lambda: planning.amend_event(event=self.events[run], **change, **self.by))

        assert told == self.model.resize(run, capacity, now, over_commit=on_purpose)

    @rule(run=RUNS, later=st.sampled_from(STARTS))
    def move(self, run: int, later: int) -> None:
        now = self.tick()
        begins = now // 600 * 600 + later
        starts = self._at(begins)
        moment = scheduling.block(starts=starts, ends=starts + timedelta(minutes=LENGTH), timezone="Asia/Seoul")
        session = self.events[run].sessions.get()
        told = outcome(lambda: scheduling.amend(session=session, moment=moment, **self.by))

        assert told == ("session_cancelled" if self.model.runs[run].is_off else "ok")
        if told == "ok":
            self.model.runs[run].starts = begins

    @precondition(lambda self: self.minutes > 10)
    @rule(run=RUNS)
    def call_off(self, run: int) -> None:
        now = self.tick()
        publishing.cancel(event=self.events[run], **self.by)

        if not self.model.runs[run].is_off:
            self.model.call_off(run, now)

    @rule(minutes=st.sampled_from([1, 1, 61, 600]))
    def let_time_pass(self, minutes: int) -> None:
        self.minutes += minutes
        falling_due.run(now=self._at(self.minutes))

        self.model.let_time_pass(self.minutes)

    # What must be true after every step

    @invariant()
    def everybody_stands_where_the_model_says(self) -> None:
        runs = {event.pk: number for number, event in enumerate(self.events)}
        rows = {row.code: (row.status, runs[row.event_id]) for row in Registration.objects.all()}

        assert {entry: rows[code] for entry, code in self.codes.items()} == {
            entry: (entry.status, entry.run) for entry in self.model.entries
        }

    @invariant()
    def those_who_wait_stand_in_order(self) -> None:
        entries = {code: entry for entry, code in self.codes.items()}
        codes = dict(Registration.objects.values_list("pk", "code"))
        for number, event in enumerate(Event.objects.filter(pk__in=[one.pk for one in self.events]).order_by("pk")):
            places = [entries[codes[pk]] for pk in waitlisting.positions(event)]

            assert places == self.model.waiting(number)

    @invariant()
    def the_seats_are_counted(self) -> None:
        pools = SeatPool.objects.order_by("event").values_list("taken", "seats")

        assert list(pools) == [
            (len(self.model.holders(number)), run.capacity) for number, run in enumerate(self.model.runs)
        ]

    @invariant()
    def the_auditor_is_content(self) -> None:
        assert breaks(self._at(self.minutes)) == []


@pytest.mark.django_db
def test_no_sequence_of_steps_parts_runs_from_their_model() -> None:
    play(SeveralRuns)
