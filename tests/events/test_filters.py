"""One filter language: what each word selects, and what is refused (RULES 16-19)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from events import filters
from events.models import ANONYMOUS, SYSTEM, Actor, Event, Session
from events.operations import organizing, placing, planning, publishing, scheduling
from tests import factories
from tests.factories import NOW, WEEK

pytestmark = pytest.mark.django_db


class World:
    """Three public events: a course of two evenings with a speaker, an online talk, and one without sessions."""

    def __init__(self) -> None:
        self.office = factories.organization("Office")
        self.partner = factories.organization("Partner", owner="partner@demo.example")
        self.campaign = factories.campaign("Grow", of=self.office)
        self.programme = factories.programme(
            "Workshops", of=self.office, partners=[(self.partner, "host")], campaign=self.campaign
        )
        self.other = factories.programme("Talks", of=self.partner)
        self.area = factories.topic("Skills")
        self.topic = factories.topic("Mixing", parent=self.area)
        self.student = factories.audience("student")
        self.speaker = factories.speaker("Yoon Harin", of=self.office, name_ko="윤하린")
        self.hall = factories.room("Hall", at=factories.venue("Centre", of=self.office))
        self.course = self._course()
        self.talk = factories.event(
            "Colour talk", of=self.other, sessions=0, kind="talk", language="en", summary_ko="색을 이야기합니다"
        )
        factories.session(self.talk, starts=NOW + 3 * WEEK, online=True)
        factories.publish(self.talk)
        self.idea = factories.event("Open call", of=self.programme, sessions=0)

    def _course(self) -> Event:
        course = factories.draft(
            "Evening course",
            of=self.programme,
            kind="course",
            topics=[self.topic],
            audiences=[self.student],
            capacity=1,
        )
        factories.session(course, starts=datetime(2026, 10, 8, 19), room=self.hall, speakers=[self.speaker])
        factories.session(course, starts=datetime(2026, 10, 15, 19), title_en="Second evening")
        return factories.publish(course)


@pytest.fixture
def world() -> World:
    return World()


def events(query: str, *, actor: Actor = ANONYMOUS, now: datetime = NOW, **more: Any) -> list[str]:
    rows = Event.objects.visible_to(actor)
    chosen = filters.events(queryset=rows, query=QueryDict(query), actor=actor, now=now, **more)
    return sorted(chosen.values_list("slug", flat=True))


def sessions(query: str, *, actor: Actor = ANONYMOUS, now: datetime = NOW) -> list[str]:
    rows = Session.objects.visible_to(actor)
    chosen = filters.sessions(queryset=rows, query=QueryDict(query), actor=actor, now=now)
    return [f"{row.event.slug} {row.starts_on:%m-%d}" for row in chosen.order_by("starts_at").select_related("event")]


FIRST, SECOND, TALK = "evening-course 10-08", "evening-course 10-15", "colour-talk 10-22"


@pytest.mark.parametrize(
    ("query", "found_sessions", "found_events"),
    [
        ("", [FIRST, SECOND, TALK], ["colour-talk", "evening-course", "open-call"]),
        ("campaign=grow", [FIRST, SECOND], ["evening-course", "open-call"]),
        ("programme=workshops", [FIRST, SECOND], ["evening-course", "open-call"]),
        ("programme=workshops,talks", [FIRST, SECOND, TALK], ["colour-talk", "evening-course", "open-call"]),
        ("organization=office", [FIRST, SECOND], ["evening-course", "open-call"]),
        ("organization=partner", [FIRST, SECOND, TALK], ["colour-talk", "evening-course", "open-call"]),
        ("venue=centre", [FIRST], ["evening-course"]),
        ("room=hall", [FIRST], ["evening-course"]),
        ("topic=mixing", [FIRST, SECOND], ["evening-course"]),
        ("topic=skills", [FIRST, SECOND], ["evening-course"]),
        ("audience=student", [FIRST, SECOND], ["evening-course"]),
        ("kind=talk,course", [FIRST, SECOND, TALK], ["colour-talk", "evening-course"]),
        ("language=en", [TALK], ["colour-talk"]),
        ("speaker=yoon-harin", [FIRST], ["evening-course"]),
        ("event=colour-talk", [TALK], ["colour-talk"]),
        ("q=EVENING", [FIRST, SECOND], ["evening-course"]),
        ("q=second", [SECOND], ["evening-course"]),
        ("q=윤하린", [FIRST], ["evening-course"]),
        ("q=이야기 colour", [TALK], ["colour-talk"]),
        ("q=evening colour", [], []),
        ("q=100%25", [], []),
        ("online=true", [TALK], ["colour-talk"]),
        ("online=false", [FIRST, SECOND], ["evening-course"]),
        ("starts_after=2026-10-15", [SECOND, TALK], ["colour-talk", "evening-course"]),
        ("starts_before=2026-10-15", [FIRST, SECOND], ["evening-course"]),
        ("starts_after=2026-10-15T19:00:00%2B09:00", [SECOND, TALK], ["colour-talk", "evening-course"]),
        ("starts_after=2026-10-15T19:00:00+09:00", [SECOND, TALK], ["colour-talk", "evening-course"]),
        ("starts_after=2026-10-15T10:00:01Z", [TALK], ["colour-talk"]),
        ("has_seats=true", [FIRST, SECOND, TALK], ["colour-talk", "evening-course", "open-call"]),
        ("has_seats=false", [], []),
        ("cancelled=hide", [FIRST, SECOND, TALK], ["colour-talk", "evening-course"]),
        ("room=hall&starts_after=2026-10-09", [], []),
        ("kind=course&language=en", [], []),
    ],
)
def test_each_filter_selects_sessions_and_the_events_that_hold_one(
    world: World, query: str, found_sessions: list[str], found_events: list[str]
) -> None:
    assert (sessions(query), events(query)) == (found_sessions, found_events)


def test_an_event_matches_when_one_session_meets_all_session_filters_together(world: World) -> None:
    assert events("speaker=yoon-harin&starts_after=2026-10-15") == []
    assert events("speaker=yoon-harin&starts_before=2026-10-14") == ["evening-course"]


def test_words_stand_in_one_session_together_and_with_the_other_filters(world: World) -> None:
    for query in ("q=harin second", "q=second&room=hall", "q=harin&starts_after=2026-10-15"):
        assert (sessions(query), events(query)) == ([], [])
    assert (sessions("q=second evening"), events("q=second course")) == ([SECOND], ["evening-course"])


def test_it_is_known_which_filters_are_about_sessions(world: World) -> None:
    values = {
        "venue": "centre", "room": "hall", "speaker": "yoon-harin", "q": "x", "starts_after": "2026-10-01",
        "starts_before": "2026-10-01", "when": "past", "cancelled": "hide", "online": "true", "kind": "talk",
        "campaign": "grow", "programme": "talks", "organization": "office", "topic": "mixing", "audience": "student",
        "language": "en", "event": "open-call", "status": "cancelled", "has_seats": "true", "updated_since": "0",
    }  # fmt: skip
    joined = {
        name
        for name, value in values.items()
        if "events_session" in str(filters.events(
            queryset=Event.objects.all(), query=QueryDict(f"{name}={value}"), actor=SYSTEM, now=NOW
        ).query)
    }  # fmt: skip

    assert filters.NAMES - values.keys() == {"series"}
    assert joined == filters.ABOUT_SESSIONS


def test_words_alone_find_an_event_that_has_no_session_yet(world: World) -> None:
    assert events("q=open call") == ["open-call"]
    assert events("q=open call&when=upcoming") == []


def test_upcoming_means_that_it_has_not_ended(world: World) -> None:
    during, after = datetime(2026, 10, 15, 11, 59, tzinfo=UTC), datetime(2026, 10, 15, 12, tzinfo=UTC)

    assert sessions("when=upcoming", now=during) == [SECOND, TALK]
    assert sessions("when=upcoming", now=after) == [TALK]
    assert events("when=past", now=after) == ["evening-course"]


def test_a_full_event_has_no_seats(world: World) -> None:
    factories.register(world.course)

    assert events("has_seats=true") == ["colour-talk", "open-call"]
    assert sessions("has_seats=false") == [FIRST, SECOND]


def test_seats_are_asked_for_the_audiences_that_stand_beside_it(world: World) -> None:
    professional = factories.audience("professional")
    both = factories.event("Both", of=world.programme, capacity=2, audiences=[world.student, professional])
    factories.quota(both, 1, audience=world.student)
    factories.register(both, 1)

    assert events("has_seats=true&audience=student") == ["both", "evening-course"]
    assert events("has_seats=true&audience=professional") == []
    assert events("has_seats=false&audience=professional") == ["both"]
    assert events("has_seats=true&audience=student,professional&event=both") == ["both"]
    assert sessions("has_seats=false&audience=professional") == ["both 10-08"]


def test_an_unknown_audience_is_named_once(world: World) -> None:
    with pytest.raises(filters.FilterRefused) as refusal:
        events("audience=nobody&has_seats=true")

    assert refusal.value.errors == {"audience": ["“nobody”은(는) 없는 값입니다."]}


def test_it_is_known_for_which_audiences_somebody_asks(world: World) -> None:
    professional = factories.audience("professional")

    assert filters.audiences(QueryDict("audience=student, professional&audience=student")) == [
        world.student.pk, professional.pk,
    ]  # fmt: skip
    assert filters.audiences(QueryDict("audience=&kind=talk")) == []


def test_status_is_the_sessions_on_sessions_and_the_events_on_events(world: World) -> None:
    scheduling.cancel(session=world.course.sessions.get(starts_on="2026-10-08"), actor=SYSTEM, now=NOW)
    publishing.cancel(event=world.talk, actor=SYSTEM, now=NOW)

    assert sessions("status=cancelled") == [FIRST, TALK]
    assert events("status=cancelled") == ["colour-talk"]
    assert sessions("cancelled=hide") == [SECOND]
    assert events("cancelled=hide") == ["evening-course"]


def test_what_was_public_gives_nothing_and_what_never_was_is_unknown(world: World) -> None:
    factories.draft("Secret", of=world.programme)
    publishing.unpublish(event=world.talk, actor=SYSTEM, now=NOW)

    assert events("event=colour-talk") == []
    assert refused("event=secret") == {"event": ["“secret”"]}
    assert refused("event=nothing") == {"event": ["“nothing”"]}


def test_members_filter_their_drafts_too(world: World) -> None:
    factories.draft("Secret", of=world.programme)
    viewer = factories.member(world.office, "viewer")

    assert events("event=secret", actor=viewer) == ["secret"]
    assert events("status=draft", actor=viewer) == ["secret"]
    assert refused("event=secret", actor=factories.member(world.partner, "owner")) == {"event": ["“secret”"]}


def test_an_old_address_selects_the_same_set(world: World) -> None:
    titles = {"title_en": "Runs"}
    series = planning.create_series(programme=world.programme, fields=titles, actor=SYSTEM, now=NOW)
    planning.amend_event(event=world.course, fields={"series": series}, actor=SYSTEM, now=NOW)
    for thing in (world.programme, world.campaign, world.speaker, series):
        planning.amend(thing=thing, fields={"slug": f"new-{thing.slug}"}, actor=SYSTEM, now=NOW)
    planning.amend_event(event=world.talk, fields={"slug": "new-colour-talk"}, actor=SYSTEM, now=NOW)
    organizing.amend(organization=world.office, fields={"slug": "new-office"}, now=NOW)
    placing.amend_room(room=world.hall, organization=world.office, fields={"slug": "new-hall"}, actor=SYSTEM, now=NOW)

    for old in ("programme=workshops", "campaign=grow", "speaker=yoon-harin", "series=runs", "event=colour-talk",
                "organization=office", "room=hall"):  # fmt: skip
        assert events(old) == events(old.replace("=", "=new-")) != []


def test_a_programme_that_was_public_gives_nothing_and_one_that_never_was_is_unknown(world: World) -> None:
    hidden = factories.programme("Hidden", of=world.partner, is_public=False)
    planning.amend(thing=hidden, fields={"slug": "well-hidden"}, actor=SYSTEM, now=NOW)
    planning.amend(thing=world.other, fields={"slug": "closed", "is_public": False}, actor=SYSTEM, now=NOW)

    assert (events("programme=closed"), events("programme=talks")) == ([], [])
    assert events("programme=talks", actor=SYSTEM) == ["colour-talk"]
    assert refused("programme=hidden") == {"programme": ["“hidden”"]}
    assert refused("programme=well-hidden") == {"programme": ["“well-hidden”"]}


def test_updated_since_takes_a_version_or_a_time(world: World) -> None:
    version = Event.objects.get(pk=world.idea.pk).version
    later = NOW + timedelta(hours=1)
    planning.amend_event(event=world.talk, fields={"title_en": "Colour"}, actor=SYSTEM, now=later)

    assert events(f"updated_since={version}") == ["colour-talk"]
    assert events("updated_since=2026-10-01T04:00:00Z") == ["colour-talk"]
    assert events("updated_since=2026-10-01") == ["colour-talk", "evening-course", "open-call"]
    assert events("updated_since=2027-01-01") == []


def refused(query: str, *, actor: Actor = ANONYMOUS, **more: Any) -> Mapping[str, list[str]]:
    with pytest.raises(filters.FilterRefused) as caught:
        events(query, actor=actor, **more)
    return {
        name: [text[text.find("“") : text.find("”") + 1] for text in texts]
        for name, texts in caught.value.errors.items()
    }


@pytest.mark.parametrize(
    "query",
    [
        "colour=red", "topic=nowhere", "topic=mixing,nowhere", "topic=", "topic=,", "kind=party", "status=gone",
        "language=%21", "when=soon", "when=past&when=upcoming", "cancelled=show", "has_seats=yes", "online=1",
        "starts_after=tomorrow", "starts_after=2026-02-30", "starts_after=2026-10-01T10:00", "starts_before=12",
        "updated_since=-1", "updated_since=1e3", "q=" + "x" * 201, "q=a%00b", "venue=centre%00", "utm_source=mail",
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(world: World, query: str) -> None:
    assert list(refused(query)) == [query.split("=")[0]]


def test_every_unknown_word_and_value_is_named_at_once(world: World) -> None:
    assert set(refused("topic=nowhere&venue=elsewhere")) == {"topic", "venue"}
    assert set(refused("colour=red&size=9")) == {"colour", "size"}


def test_pages_and_feeds_ignore_what_mailings_append(world: World) -> None:
    assert events("kind=talk&utm_source=mail&fbclid=1&gclid=2&_=3", lenient=True) == ["colour-talk"]
    assert list(refused("kind=talk&utm=1", lenient=True)) == ["utm"]
