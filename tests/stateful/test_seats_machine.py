"""Random days in the life of an event, against a model in plain Python, and the auditor after every step.

Longer by CALLBOARD_TEST_STEPS and CALLBOARD_TEST_EXAMPLES (`make stateful`); hypothesis keeps a failing day and plays
it again first.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from events.models import ANONYMOUS, LIVE, SYSTEM, Change, Event, Registration, SeatPool, Session
from events.operations import planning, publishing, registering, repeating, scheduling
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from tests.races.crowd import outcome
from tests.stateful.playing import Day, play

PEOPLE = st.integers(0, 7)
SIZES = st.one_of(st.none(), st.integers(0, 5))


@dataclass
class Model:
    """What must be true of the event, said without a database."""

    capacity: int | None = 3
    status: str = "draft"
    was_public: bool = False
    live: set[int] = field(default_factory=set)
    cancelled: set[int] = field(default_factory=set)  # which of the two sessions

    @property
    def has_room(self) -> bool:
        return self.capacity is None or len(self.live) < self.capacity

    def answer_to(self, person: int) -> str:
        """What somebody who registers now is told."""
        if self.status == "cancelled":
            return "event_cancelled"
        if self.status == "draft":
            return "registration_closed"
        if person in self.live:
            return "already_registered"
        return "ok" if self.has_room else "event_full"


@dataclass
class Entry:
    """A session's public entry as a subscriber knows it; `shown` is None where there is none to see."""

    shown: tuple[Any, ...] | None = None
    sequence: int = 0
    was_seen: bool = False

    def after(self, shown: tuple[Any, ...] | None) -> "Entry":
        """SEQUENCE rises by one with every change that can be seen, and when an entry comes back (RULES 3, 22)."""
        is_raised = self.was_seen and shown is not None and shown != self.shown
        return Entry(shown, self.sequence + is_raised, self.was_seen or shown is not None)


class Seats(Day):
    @initialize()
    def an_event_with_two_sessions_in_one_room(self) -> None:
        self.minutes = 0
        self.model = Model()
        room = factories.room(seats=None)
        self.event = factories.draft("Day", title_ko="하나", capacity=3)
        self.sessions = [
            factories.session(self.event, starts=NOW + WEEK + day * timedelta(days=1), room=room) for day in (0, 1)
        ]
        self.entries = [Entry(), Entry()]
        self.held: dict[int, Registration] = {}

    @property
    def when(self) -> dict[str, Any]:
        self.minutes += 1
        return {"actor": SYSTEM, "now": NOW + timedelta(minutes=self.minutes)}

    # Who comes and goes

    @rule(person=PEOPLE, sent=st.integers(1, 3))
    def register(self, person: int, sent: int) -> None:
        now = self.when["now"]
        key = f"attempt-{self.minutes:012d}"
        claim = repeating.claim(actor=ANONYMOUS, method="POST", path="/", key=key, body=b"")
        expected = self.model.answer_to(person)
        answers: list[repeating.Outcome] = []

        def act() -> repeating.Outcome:
            return repeating.Outcome(201, {"code": factories.register(self.event, person, now=now).code})

        told = [outcome(lambda: answers.append(repeating.once(claim=claim, act=act, now=now))) for _ in range(sent)]

        assert told == [expected] * sent
        assert len({answer.body["code"] for answer in answers}) == (expected == "ok")
        if expected == "ok":
            self.model.live.add(person)
            self.held[person] = Registration.objects.get(code=answers[0].body["code"])

    @precondition(lambda self: self.held)
    @rule(data=st.data(), times=st.integers(1, 2))
    def leave(self, data: st.DataObject, times: int) -> None:
        person = data.draw(st.sampled_from(sorted(self.held)))

        for _ in range(times):
            registering.cancel(registration=self.held[person], actor=ANONYMOUS, now=self.when["now"])

        self.model.live.discard(person)

    # What the organizer does

    @rule(capacity=SIZES, on_purpose=st.booleans())
    def resize(self, capacity: int | None, on_purpose: bool) -> None:
        is_cut = capacity is not None and (self.model.capacity is None or capacity < self.model.capacity)
        is_refused = is_cut and len(self.model.live) > (capacity or 0) and not on_purpose
        change = {"event": self.event, "fields": {"capacity": capacity}, "over_commit": on_purpose}

        told = outcome(lambda: planning.amend_event(**change, **self.when))

        assert told == ("capacity_below_taken" if is_refused else "ok")
        self.model.capacity = self.model.capacity if is_refused else capacity

    @rule()
    def publish(self) -> None:
        told = outcome(lambda: publishing.publish(event=self.event, **self.when))

        assert told == ("event_cancelled" if self.model.status == "cancelled" else "ok")
        if self.model.status == "draft":
            self.model.status, self.model.was_public = "published", True

    @rule()
    def unpublish(self) -> None:
        expected = {"cancelled": "event_cancelled", "draft": "ok"}.get(
            self.model.status, "has_registrations" if self.model.live else "ok"
        )

        assert outcome(lambda: publishing.unpublish(event=self.event, **self.when)) == expected
        self.model.status = "draft" if expected == "ok" else self.model.status

    @rule(which=st.integers(0, 1), hours=st.integers(0, 30))
    def move(self, which: int, hours: int) -> None:
        other = Session.objects.get(pk=self.sessions[1 - which].pk)
        starts = NOW + WEEK + hours * HOUR
        ends = starts + 2 * HOUR
        is_taken = 1 - which not in self.model.cancelled and starts < other.ends_at and other.starts_at < ends
        moment = scheduling.block(starts=starts, ends=ends, timezone="Asia/Seoul")

        told = outcome(lambda: scheduling.amend(session=self.sessions[which], moment=moment, **self.when))

        assert told == ("session_cancelled" if which in self.model.cancelled else "room_taken" if is_taken else "ok")

    @rule(which=st.integers(0, 1))
    def cancel_a_session(self, which: int) -> None:
        scheduling.cancel(session=self.sessions[which], **self.when)

        self.model.cancelled.add(which)

    @rule(words=st.sampled_from(["하나", "둘", "셋"]), visibility=st.sampled_from(["public", "unlisted"]))
    def reword(self, words: str, visibility: str) -> None:
        fields = {"title_ko": words, "visibility": visibility, "description_en": words}

        planning.amend_event(event=self.event, fields=fields, **self.when)

    @precondition(lambda self: self.minutes > 12)
    @rule()
    def call_off(self) -> None:
        publishing.cancel(event=self.event, **self.when)

        self.model.cancelled |= {0, 1}
        self.model.live.clear()
        self.model.status = "cancelled"

    # What must be true after every step

    @invariant()
    def the_counters_say_who_is_in(self) -> None:
        pool = SeatPool.objects.get(event=self.event)
        live = Registration.objects.filter(event=self.event, status__in=LIVE).values_list("email_key", flat=True)
        left = None if self.model.capacity is None else max(self.model.capacity - len(self.model.live), 0)

        assert {int(key.removeprefix("person").partition("@")[0]) for key in live} == self.model.live
        assert (pool.taken, pool.seats_left) == (len(self.model.live), left)

    @invariant()
    def subscribers_see_what_they_should(self) -> None:
        event = Event.objects.get(pk=self.event.pk)
        is_public = self.model.status != "draft" and self.model.was_public
        for which, session in enumerate(Session.objects.filter(event=event).order_by("pk")):
            # A session that was cancelled before anybody could see it is never shown.
            is_shown = is_public and (which not in self.model.cancelled or self.entries[which].was_seen)
            is_off = which in self.model.cancelled
            shown = (session.starts_at, event.title_ko, is_off) if is_shown else None
            self.entries[which] = self.entries[which].after(shown)

            assert (session.sequence, session.was_public) == (
                self.entries[which].sequence,
                self.entries[which].was_seen,
            )
            assert Session.objects.readable().filter(pk=session.pk).exists() is is_shown
        assert Event.objects.readable().filter(pk=event.pk).exists() is is_public

    @invariant()
    def versions_only_rise(self) -> None:
        told = Change.objects.filter(event=self.event, version__isnull=False).order_by("pk")
        versions = list(told.values_list("version", flat=True))

        assert versions == sorted(set(versions))

    @invariant()
    def the_auditor_is_content(self) -> None:
        assert list(audit.run()) == []


@pytest.mark.django_db
def test_no_sequence_of_steps_breaks_an_invariant() -> None:
    play(Seats)
