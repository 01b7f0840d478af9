"""Random days of an event with quotas, a waitlist, offers, applications, groups and codes, against a plain model."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from events.models import ANONYMOUS, SYSTEM, Event, Registration, SeatPool
from events.operations import (
    allotting,
    deciding,
    falling_due,
    grouping,
    offering,
    planning,
    publishing,
    registering,
    repeating,
    scheduling,
    selecting,
)
from tests import factories
from tests.races.crowd import outcome
from tests.seat_oracle import Limit, Person
from tests.stateful.event_day import AUDIENCES, CODE, POLICIES, SEED, EventDay
from tests.stateful.one_event import DAY, LIVE, Policy
from tests.stateful.playing import play

NUMBERS = st.integers(0, 7)
SIZES = st.integers(0, 6)
WHO = st.sampled_from(["", "student", *AUDIENCES])
QUOTAS = {"floor": "student", "ceiling": "professional", "allotment": "studio"}


class OneEvent(EventDay):
    @initialize(
        policy=POLICIES,
        capacity=st.integers(1, 5),
        follows_room=st.booleans(),
        floor=st.integers(0, 2),
        first=st.lists(WHO, max_size=6),
    )
    def an_event(self, policy: Policy, capacity: int, follows_room: bool, floor: int, first: list[str]) -> None:
        """Some people are in already."""
        self.begin(policy, capacity, follows_room=follows_room)
        if floor:
            self.set_aside(kind="floor", seats=floor, on_purpose=False)
        for number, audience in enumerate(first):
            self.be_entered(number=number, audience=audience)

    # Who comes and goes

    @rule(number=NUMBERS, audience=WHO, has_code=st.booleans(), sent=st.integers(1, 2))
    def register(self, number: int, audience: str, has_code: bool, sent: int) -> None:
        who, now = Person(audience or None), self.tick()
        claim = repeating.claim(actor=ANONYMOUS, method="POST", path="/", key=f"minute-{now:012}", body=b"")
        answers: list[repeating.Outcome] = []
        expected = self.model.register([(number, who)], now, has_code=has_code)

        def act() -> repeating.Outcome:
            row = factories.register(
                self.event, number, now=self.now, audience=self.audiences.get(audience), code=CODE if has_code else ""
            )
            return repeating.Outcome(201, {"code": row.code})

        told = [
            outcome(lambda: answers.append(repeating.once(claim=claim, act=act, now=self.now))) for _ in range(sent)
        ]

        assert told == [expected] * sent
        assert len({answer.body["code"] for answer in answers}) == (expected == "ok")
        if expected == "ok":
            self.codes[number] = answers[0].body["code"]

    @rule(number=NUMBERS, audience=WHO)
    def be_entered(self, number: int, audience: str) -> None:
        expected = self.model.register([(number, Person(audience or None))], self.tick(), is_staff=True)

        self._come(number, expected, is_staff=True, audience=self.audiences.get(audience))

    @precondition(lambda self: self.model.policy.registration == "open")
    @rule(number=NUMBERS)
    def be_nominated(self, number: int) -> None:
        expected = self.model.register([(number, Person(None, "studio"))], self.tick())

        self._come(number, expected, partner=self.partner)

    def _come(self, number: int, expected: str, *, is_staff: bool = False, **fields: Any) -> None:
        made: list[Registration] = []

        def act() -> None:
            event = Event.objects.get(pk=self.event.pk)
            applicant = factories.applicant(number, **fields)
            actor = SYSTEM if is_staff or "partner" in fields else ANONYMOUS
            made.append(
                registering.register(event=event, applicant=applicant, actor=actor, now=self.now, is_staff=is_staff)
            )

        assert outcome(act) == expected
        if made:
            self.codes[number] = made[0].code

    @rule(numbers=st.lists(NUMBERS, min_size=2, max_size=3, unique=True), data=st.data())
    def come_together(self, numbers: list[int], data: st.DataObject) -> None:
        audiences = [data.draw(WHO) for _number in numbers]
        party = [(number, Person(audience or None)) for number, audience in zip(numbers, audiences, strict=True)]
        people = [
            factories.applicant(number, audience=self.audiences.get(audience))
            for number, audience in zip(numbers, audiences, strict=True)
        ]
        expected = self.model.register(party, self.tick())
        made: list[Registration] = []

        def act() -> None:
            event = Event.objects.get(pk=self.event.pk)
            booked = grouping.register(event=event, booker=people[0], people=people, actor=ANONYMOUS, now=self.now)
            made.extend(booked.registrations)

        assert outcome(act) == expected
        self.codes |= {number: row.code for number, row in zip(numbers, made, strict=bool(made))}

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), actor=st.sampled_from([ANONYMOUS, SYSTEM]))
    def leave(self, data: st.DataObject, actor: Any) -> None:
        number = self.somebody(data, *LIVE)
        expected = self.model.cancel(number, self.tick())
        [row] = self.rows([number])

        assert outcome(lambda: registering.cancel(registration=row, actor=actor, now=self.now)) == expected

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), in_time=st.booleans())
    def accept(self, data: st.DataObject, in_time: bool) -> None:
        """Now and then at the very minute of the deadline, which is too late."""
        number = self.somebody(data, "offered")
        self.tick()
        if not in_time:
            self.minutes = max(self.minutes, self.model.entries[number].deadline or 0)
        expected = self.model.accept(number, self.minutes)
        [row] = self.rows([number])

        assert outcome(lambda: offering.accept(registration=row, by_link=True, now=self.now)) == expected

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def decline(self, data: st.DataObject) -> None:
        number = self.somebody(data, "offered")
        expected = self.model.decline(number, self.tick())
        [row] = self.rows([number])

        assert outcome(lambda: offering.decline(registration=row, now=self.now)) == expected

    # Who chooses

    @precondition(lambda self: self.model.entries and self.model.policy.registration == "approval")
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        numbers = self.some(data, "applied")
        expected, rows = self.model.approve(numbers, self.tick()), self.rows(numbers)

        assert outcome(lambda: selecting.approve(event=self.event, registrations=rows, **self.by)) == expected

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), status=st.sampled_from(["applied", "waitlisted", "offered"]))
    def turn_down(self, data: st.DataObject, status: str) -> None:
        numbers = self.some(data, status)
        expected, rows = self.model.turn_down(numbers, self.tick()), self.rows(numbers)

        assert outcome(lambda: selecting.decline(event=self.event, registrations=rows, **self.by)) == expected

    @precondition(lambda self: self.model.policy.registration == "approval")
    @rule()
    def draw(self) -> None:
        expected = self.model.draw(self.codes, SEED, self.tick())

        assert outcome(lambda: selecting.draw(event=self.event, **self.by)) == expected

    # What the organizer does

    @rule(capacity=SIZES, on_purpose=st.booleans())
    def resize(self, capacity: int, on_purpose: bool) -> None:
        now = self.tick()
        if self.follows_room and self.model.status != "cancelled" and 0 not in self.model.off:
            capacity = max(size for size in self.rooms if size <= max(capacity, 1))
            told = self._change_room(capacity, on_purpose)
        elif self.follows_room:
            return
        else:
            change = {"event": self.event, "fields": {"capacity": capacity}, "over_commit": on_purpose}
            told = outcome(lambda: planning.amend_event(**change, **self.by))

        assert told in self.model.resize(capacity, now, over_commit=on_purpose)
        if told == "ok":
            self.model.resized(capacity, now)

    def _change_room(self, seats: int, on_purpose: bool) -> str:
        return outcome(
            lambda: scheduling.amend(
                session=self.sessions[0], fields={"room": self.rooms[seats]},
                override=["capacity"] if on_purpose else [], **self.by,
            )
        )  # fmt: skip

    @precondition(lambda self: self.model.status != "cancelled")
    @rule(kind=st.sampled_from(sorted(QUOTAS)), seats=st.integers(0, 3), on_purpose=st.booleans())
    def set_aside(self, kind: str, seats: int, on_purpose: bool) -> None:
        now, whose = self.tick(), QUOTAS[kind]
        limit = Limit(kind, seats, **{"partner" if kind == "allotment" else "audience": whose})
        right = self.model.set_aside(kind, limit, now, over_commit=on_purpose)
        if kind in self.model.quotas:
            pool = SeatPool.objects.get(event=self.event, kind=kind)
            told = outcome(lambda: allotting.amend(pool=pool, seats=seats, over_commit=on_purpose, **self.by))
        else:
            days = self.model.policy.releases_days_before if kind == "floor" else None
            told = outcome(
                lambda: allotting.set_aside(
                    event=self.event, kind=kind, seats=seats, audience=self.audiences.get(whose),
                    partner=self.partner if kind == "allotment" else None, over_commit=on_purpose,
                    release=allotting.Release(days_before=days), **self.by,
                )
            )  # fmt: skip

        assert told in right
        if told == "ok":
            self.model.quota_is(kind, limit, now)

    @precondition(lambda self: self.model.quotas)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(sorted(self.model.quotas)))
        allotting.release(pool=SeatPool.objects.get(event=self.event, kind=kind), **self.by)

        self.model.release(kind, self.minutes)

    @rule(which=st.integers(0, 1), hours=st.integers(60, 160))
    def move(self, which: int, hours: int) -> None:
        self.tick()
        starts = self._at(hours * 60)
        moment = scheduling.block(starts=starts, ends=starts + factories.HOUR, timezone="Asia/Seoul")
        told = outcome(lambda: scheduling.amend(session=self.sessions[which], moment=moment, **self.by))

        is_off = which in self.model.off or self.model.status == "cancelled"
        assert told == ("session_cancelled" if is_off else "ok")
        if told == "ok":
            self.model.starts[which] = hours * 60

    @rule(which=st.integers(0, 1))
    def cancel_a_session(self, which: int) -> None:
        self.tick()
        scheduling.cancel(session=self.sessions[which], **self.by)

        self.model.off.add(which)

    @precondition(lambda self: not self.model.is_due(self.minutes + 1))
    @rule()
    def unpublish_and_publish(self) -> None:
        self.tick()
        expected = "has_registrations" if any(e.status in LIVE for e in self.model.entries.values()) else "ok"
        expected = "event_cancelled" if self.model.status == "cancelled" else expected

        assert outcome(lambda: publishing.unpublish(event=self.event, **self.by)) == expected
        if expected == "ok":
            assert outcome(lambda: factories.register(self.event, 9, now=self.now)) == "registration_closed"
            publishing.publish(event=self.event, **self.by)

    @rule(takes_place=st.sampled_from([True, True, False]))
    def decide(self, takes_place: bool) -> None:
        self.tick()
        told = outcome(lambda: deciding.decide(event=self.event, takes_place=takes_place, **self.by))

        assert told == self.model.decide(takes_place=takes_place)

    @precondition(lambda self: self.minutes > 20)
    @rule(really=st.sampled_from([False, False, True]))
    def call_off(self, really: bool) -> None:
        self.tick()
        if really:
            publishing.cancel(event=self.event, **self.by)
            self.model.call_off()

    @rule(minutes=st.sampled_from([10, 31, 61, 300, DAY]))
    def let_time_pass(self, minutes: int) -> None:
        self.minutes += minutes
        falling_due.run(now=self.now)

        self.model.let_time_pass(self.minutes)


@pytest.mark.django_db
def test_no_sequence_of_steps_parts_an_event_from_its_model() -> None:
    play(OneEvent)
