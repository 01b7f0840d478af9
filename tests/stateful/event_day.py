"""One event in the database beside its model: how a day of it begins, and what must be true after every step."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant

from events.models import SYSTEM, Invitation, Registration, SeatPool
from events.operations import selecting, waitlisting
from tests import factories
from tests.factories import NOW
from tests.stateful.one_event import DAY, OFFER, PROOF, Policy
from tests.stateful.organized_event import OrganizedEvent
from tests.stateful.playing import Day, breaks

AUDIENCES = ("student", "professional")
CODE, SEED = "FESTIVAL", "the seed of a test"
POLICIES = st.builds(
    Policy,
    registration=st.sampled_from(["open", "open", "approval"]),
    waitlist=st.sampled_from(["automatic", "offer", "off"]),
    needs_proof=st.booleans(),
    passes_groups=st.booleans(),
    closes=st.sampled_from([None, None, 300]),
    minimum=st.sampled_from([None, None, 2]),
    decides=st.just(4 * DAY),
)


class EventDay(Day):
    def begin(self, policy: Policy, capacity: int, *, follows_room: bool) -> None:
        """The event is published, with two sessions, the first in a room whose seats it has, if it follows one."""
        self.minutes, self.codes, self.follows_room = 0, {}, follows_room
        self.model = OrganizedEvent(policy, capacity, starts=[5 * DAY, 6 * DAY])
        if policy.minimum is None:
            policy.decides = None
        self.audiences = {slug: factories.audience(slug) for slug in AUDIENCES}
        self.partner = factories.organization("Studio", owner="studio@demo.example")
        venue = factories.venue()
        self.rooms = {seats: factories.room(f"Room {seats}", at=venue, seats=seats) for seats in range(1, 7)}
        self.event = factories.draft(
            capacity=capacity, registration=policy.registration, waitlist=policy.waitlist, offer_minutes=OFFER,
            needs_proof=policy.needs_proof, proof_minutes=PROOF, passes_groups=policy.passes_groups,
            capacity_from_room=follows_room, minimum=policy.minimum, decides_at=self._at(policy.decides),
            registration_closes_at=self._at(policy.closes),
        )  # fmt: skip
        hall = self.rooms[capacity] if follows_room else None
        self.sessions = [
            factories.session(self.event, starts=self._at(starts), room=room)
            for starts, room in zip(self.model.starts, (hall, None), strict=True)
        ]
        factories.publish(self.event)
        factories.code(self.event, CODE, uses=policy.code_uses, priority=1)
        if policy.registration == "approval":
            selecting.announce_draw(event=self.event, actor=SYSTEM, now=NOW, seed=SEED)

    def _at(self, minutes: int | None) -> Any:
        return None if minutes is None else NOW + timedelta(minutes=minutes)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(minutes=self.minutes)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": SYSTEM, "now": self.now}

    def tick(self) -> int:
        self.minutes += 1
        return self.minutes

    def rows(self, numbers: list[int]) -> list[Registration]:
        return [Registration.objects.get(code=self.codes[number]) for number in numbers]

    def somebody(self, data: st.DataObject, *statuses: str) -> int:
        """Mostly somebody in one of these states, else anybody who ever registered."""
        found = [number for number, entry in self.model.entries.items() if entry.status in statuses]
        return int(data.draw(st.sampled_from(found or sorted(self.model.entries))))

    def some(self, data: st.DataObject, status: str) -> list[int]:
        numbers = [number for number, entry in self.model.entries.items() if entry.status == status]
        return data.draw(st.lists(st.sampled_from(numbers or sorted(self.model.entries)), min_size=1, unique=True))

    # What must be true after every step

    @invariant()
    def everybody_stands_where_the_model_says(self) -> None:
        rows = {row.code: row for row in Registration.objects.filter(event=self.event)}
        deadlines = {n: e.deadline for n, e in self.model.entries.items() if e.status == "offered"}

        assert {number: rows[code].status for number, code in self.codes.items()} == self.model.standing()
        assert {
            number: rows[self.codes[number]].offer_expires_at for number in deadlines
        } == {number: self._at(deadline) for number, deadline in deadlines.items()}  # fmt: skip

    @invariant()
    def those_who_wait_stand_in_order(self) -> None:
        numbers = {code: number for number, code in self.codes.items()}
        places = waitlisting.positions(self.event)
        codes = dict(Registration.objects.filter(pk__in=places).values_list("pk", "code"))

        assert [numbers[codes[pk]] for pk in places] == [entry.number for entry in self.model.waiting()]

    @invariant()
    def the_seats_are_counted(self) -> None:
        pools = list(SeatPool.objects.filter(event=self.event))
        seated = [pool for pool in pools if pool.kind != "ceiling"]
        active = {pool.kind: pool.seats for pool in pools if pool.kind != "open" and pool.released_at is None}

        assert sum(pool.taken for pool in seated) == len(self.model.holders)
        assert sum(pool.seats for pool in seated) == self.model.capacity
        assert active == {kind: q.limit.seats for kind, q in self.model.quotas.items() if not q.is_released}
        assert Invitation.objects.get(event=self.event).used == self.model.used

    @invariant()
    def the_auditor_is_content(self) -> None:
        assert breaks(self.now) == []
