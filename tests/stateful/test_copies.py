"""Random days of a schedule, and people who keep copies of its public lists: deltas make any old copy the fresh one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from rest_framework.test import APIClient

from events.models import SYSTEM, Event, Session
from events.operations import deciding, importing, placing, planning, publishing, questioning, scheduling
from events.operations.drafting import Draft, DraftEvent, DraftSession, DraftSpeaker, DraftTopic
from tests import factories
from tests.api.copying import Copy, fresh
from tests.factories import HOUR, NOW, WEEK
from tests.races.crowd import outcome
from tests.stateful.playing import Day, play

EVENTS = 6  # the first of them public without sessions, the last two drafts
FIELDS = ["title_en", "slug", "capacity", "summary_ko", "visibility", "series", "registration", "minimum", "topics"]
SHOWN = ["venue", "room", "speaker", "topic", "series", "programme"]


class Copies(Day):
    @initialize()
    def a_programme_and_what_it_shows(self) -> None:
        self.ticks = 0
        self.client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
        self.organization = factories.organization()
        self.programme = factories.programme(of=self.organization)
        self.rooms = [factories.room(f"Room {number}", at=None if number else self.venue()) for number in range(2)]
        self.speakers = [factories.speaker(f"Speaker {number}", of=self.organization) for number in range(2)]
        self.topics = [factories.topic(f"Topic {number}") for number in range(2)]
        self.series = factories.series(of=self.programme)
        for number in range(EVENTS):
            event = factories.draft(
                f"Event {number}", of=self.programme, topics=self.topics[:number], capacity_from_room=number == 1
            )
            for day in range(number % 4):
                factories.session(
                    event, starts=NOW + WEEK + timedelta(days=10 * number + day), room=self.rooms[day % 2],
                    speakers=self.speakers[day % 2 :],
                )  # fmt: skip
            if number < EVENTS - 2:
                factories.publish(event)
        self.follower, self.copies = Copy(), [Copy()]

    def venue(self) -> Any:
        return factories.venue(of=self.organization)

    @property
    def by(self) -> dict[str, Any]:
        self.ticks += 1
        return {"actor": SYSTEM, "now": NOW + timedelta(minutes=self.ticks)}

    def event(self, which: int) -> Event:
        return list(Event.objects.order_by("pk"))[which % Event.objects.count()]

    def session(self, which: int) -> Session:
        return list(Session.objects.order_by("pk"))[which % Session.objects.count()]

    @rule(which=st.integers(0, 9), step=st.sampled_from(["publish", "publish", "unpublish", "cancel", "go", "no go"]))
    def take_a_step(self, which: int, step: str) -> None:
        event = self.event(which)
        steps: dict[str, Callable[[], Any]] = {
            "go": lambda: deciding.decide(event=event, takes_place=True, **self.by),
            "no go": lambda: deciding.decide(event=event, takes_place=False, **self.by),
        }
        outcome(steps.get(step) or (lambda: getattr(publishing, step)(event=event, **self.by)))

    @rule(which=st.integers(0, 9), name=st.sampled_from(FIELDS), value=st.integers(0, 2))
    def amend_an_event(self, which: int, name: str, value: int) -> None:
        values: dict[str, Any] = {
            "title_en": f"Title {value}",
            "slug": f"event-{self.ticks}-{value}",
            "capacity": [None, 10, 20][value],
            "summary_ko": "요약" * value,
            "visibility": ["public", "unlisted", "public"][value],
            "series": self.series if value else None,
            "registration": ["none", "open", "approval"][value],
            "minimum": value or None,
        }
        fields = {} if name == "topics" else {name: values[name]}
        if name == "minimum":
            fields["decides_at"] = NOW + timedelta(days=6)
        topics = self.topics[:value] if name == "topics" else None
        outcome(lambda: planning.amend_event(event=self.event(which), fields=fields, topics=topics, **self.by))

    @rule(which=st.integers(0, 9), number=st.integers(0, 2))
    def ask_questions(self, which: int, number: int) -> None:
        questions = [{"key": f"q{each}", "kind": "text", "title_en": "Why?"} for each in range(number)]
        outcome(lambda: questioning.set_questions(event=self.event(which), questions=questions, **self.by))

    @rule(which=st.integers(0, 9), day=st.integers(0, 40))
    def add_a_session(self, which: int, day: int) -> None:
        starts = NOW + WEEK + timedelta(days=day)
        outcome(lambda: factories.session(self.event(which), starts=starts, now=self.by["now"]))

    @rule(which=st.integers(0, 9), day=st.integers(0, 40), room=st.integers(0, 2), speakers=st.integers(0, 2))
    def move_a_session(self, which: int, day: int, room: int, speakers: int) -> None:
        starts = NOW + WEEK + timedelta(days=day)
        moment = scheduling.block(starts=starts, ends=starts + HOUR, timezone="Asia/Seoul")
        fields = {"room": [None, *self.rooms][room], "title_en": ["", "Own title", "Event 1"][speakers]}
        outcome(
            lambda: scheduling.amend(
                session=self.session(which), moment=moment, fields=fields, speakers=self.speakers[:speakers],
                override=["capacity", "speaker_clash"], **self.by,
            )
        )  # fmt: skip

    @rule(which=st.integers(0, 9), name=st.sampled_from(["Own title", "Event 1", "Event 2", ""]))
    def name_a_session(self, which: int, name: str) -> None:
        outcome(lambda: scheduling.amend(session=self.session(which), fields={"title_en": name}, **self.by))

    @rule(which=st.integers(0, 1), seats=st.integers(1, 40))
    def furnish_a_room(self, which: int, seats: int) -> None:
        amended = {"room": self.rooms[which], "organization": self.organization, "fields": {"seats": seats}}
        outcome(lambda: placing.amend_room(**amended, **self.by))

    @rule(which=st.integers(0, 9))
    def cancel_a_session(self, which: int) -> None:
        outcome(lambda: scheduling.cancel(session=self.session(which), **self.by))

    @rule(what=st.sampled_from(SHOWN), field=st.sampled_from(["name", "slug"]), which=st.integers(0, 1))
    def amend_what_is_shown(self, what: str, field: str, which: int) -> None:
        name = "name_en" if what == "speaker" else "title_en"
        fields = {"slug": f"new-{what}-{self.ticks}"} if field == "slug" else {name: f"{what} {self.ticks}"}
        place, room = {"organization": self.organization}, self.rooms[which]
        match what:
            case "venue":
                placing.amend_venue(venue=room.venue, fields=fields, **place, **self.by)
            case "room":
                placing.amend_room(room=room, fields=fields, **place, **self.by)
            case _:
                things = {"speaker": self.speakers[which], "topic": self.topics[which], "series": self.series}
                planning.amend(thing=things.get(what, self.programme), fields=fields, **self.by)

    @rule(is_public=st.sampled_from([True, True, False]))
    def open_or_close_the_programme(self, is_public: bool) -> None:
        planning.amend(thing=self.programme, fields={"is_public": is_public}, **self.by)

    @rule(number=st.integers(0, 2), publish=st.booleans(), title=st.sampled_from(["A", "B"]))
    def import_a_file(self, number: int, publish: bool, title: str) -> None:
        entries = [self._entry(f"{title} {each}", each) for each in range(number + 1)]
        draft, by = Draft("csv", entries=entries), self.by
        importing.take(
            draft=draft, programme=self.programme, publish=publish, actor=by["actor"], clock=lambda: by["now"]
        )

    def _entry(self, title: str, number: int) -> DraftEvent:
        starts = NOW + WEEK + timedelta(days=60 + number)
        session = DraftSession(
            f"s{number}", number, starts, starts + HOUR, "Asia/Seoul", speakers=[DraftSpeaker("kim", f"Kim {title}")]
        )
        topics = [DraftTopic("imported", "Imported")]
        return DraftEvent(f"e{number}", number, title_en=title, topics=topics, sessions=[session])

    @invariant()
    def whoever_follows_has_every_step(self) -> None:
        self.follower.follow(self.client)
        assert self.follower.lists == fresh(self.client)

    @rule(which=st.integers(0, 9))
    def put_a_copy_away(self, which: int) -> None:
        self.copies.append([self.follower, *self.copies][which % (len(self.copies) + 1)].kept())

    @rule(which=st.integers(0, 9), page_size=st.sampled_from([1, 3, 200]))
    def bring_a_copy_up_to_date(self, which: int, page_size: int) -> None:
        copy = self.copies[which % len(self.copies)]
        copy.follow(self.client, page_size=page_size)
        assert copy.lists == fresh(self.client)

    def teardown(self) -> None:
        try:
            now = fresh(self.client)
            for copy in [Copy(), *self.copies]:
                copy.follow(self.client)
                assert copy.lists == now
        finally:
            super().teardown()


@pytest.mark.django_db
def test_deltas_make_every_old_copy_the_fresh_one() -> None:
    play(Copies)


@pytest.mark.django_db
def test_control_without_a_stamp_a_copy_stays_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine would find: a topic of another slug, which no calendar text shows."""
    monkeypatch.setattr(planning, "NAMING", frozenset())
    client, topic = APIClient(), factories.topic()
    factories.event(topics=[topic])
    copy = Copy()
    copy.follow(client)

    planning.amend(thing=topic, fields={"slug": "another"}, actor=SYSTEM, now=NOW)
    copy.follow(client)

    assert copy.lists != fresh(client)
