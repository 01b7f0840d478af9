"""One filter language: the same query string selects the same events on every surface (RULES 16-19).

40 random queries in each run; `CALLBOARD_TEST_EXAMPLES=2000 pytest tests/test_same_set.py` asks more of them.
"""

import os
import random
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from api import answers
from events import filters
from events.models import SYSTEM
from events.operations import publishing, scheduling
from tests import factories
from tests.factories import HOUR, WEEK

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("CALLBOARD_TEST_EXAMPLES", "40"))
SLUG = re.compile(r'href="(?:https://callboard\.test)?/ko/events/([\w-]+)/[?"]')
ENTRY_URL = re.compile(r"^URL[^:]*:https://callboard\.test/ko/events/([\w-]+)/", re.MULTILINE)
ENTRY_UID = re.compile(r"^UID:([0-9a-f-]{36})", re.MULTILINE)
# On sessions these two are about the session itself, on events about the event (RULES 16).
OF_EACH_ITSELF = {"status", "updated_since"}


class World:
    """A dozen events of two programmes that differ in all that a filter can ask for, and three that nobody may find."""

    def __init__(self) -> None:
        self.now = now = timezone.now()
        self.office = factories.organization("Office", now=now)
        self.partner = factories.organization("Partner", owner="partner@demo.example", now=now)
        campaign = factories.campaign("Grow", of=self.office, now=now)
        self.workshops = factories.programme(
            "Workshops", of=self.office, partners=[(self.partner, "host")], campaign=campaign, now=now
        )
        self.talks = factories.programme("Talks", of=self.partner, now=now)
        area = factories.topic("Skills", now=now)
        self.topics = [factories.topic(title, parent=area, now=now) for title in ("Mixing", "Colour")]
        self.audiences = [factories.audience("student"), factories.audience("professional")]
        self.speakers = [
            factories.speaker(name, of=self.office, name_ko=korean, now=now)
            for name, korean in (("Yoon Harin", "윤하린"), ("Seo Jun", "서준"))
        ]
        centre, studio = (factories.venue(title, of=self.office, now=now) for title in ("Centre", "Studio"))
        self.rooms = [factories.room(f"Hall {n}", at=at, now=now) for n, at in enumerate((centre, centre, studio), 1)]
        self.series = factories.series("Runs", of=self.workshops, now=now)
        for number in range(12):
            self._event(number)
        self._hidden()

    def _event(self, number: int) -> None:
        """Some are over, some began, some are full; some sessions, and events, were called off; one has none."""
        now = self.now
        kinds, languages = ("workshop", "talk", "course"), ("ko", "en")
        event = factories.draft(
            f"{('Mixing', 'Colour', 'Sound')[number % 3]} lesson {number}",
            of=self.talks if number % 4 == 3 else self.workshops,
            series=self.series if number in (4, 8) else None,
            kind=kinds[number % 3],
            language=languages[number % 2],
            topics=[self.topics[number % 2]] if number % 5 else [],
            audiences=[self.audiences[number % 2]] if number % 3 else [],
            capacity=(None, 1, 5)[number % 3],
            summary_ko="색과 소리" if number % 2 else "",
            now=now,
        )
        for which in range((0, 1, 2, 3)[min(number, 3)]):
            days = 7 * which + number - (30 if number in (4, 10) or (number % 3 == 1 and not which) else 0)
            factories.session(
                event,
                starts=now + WEEK / 7 * days + HOUR * (1 + 2 * number),
                room=self.rooms[(number + which) % 3] if number % 4 != 2 else None,
                speakers=self.speakers[: 1 + which % 2] if number % 3 else [],
                online=number % 4 == 2 and not which,
                title_en="Second part" if which else "",
                now=now,
            )
        factories.publish(event, now=now)
        if number % 4 == 0 and event.first_starts_at:
            factories.enter(event, number, now=now)
        if number % 3 == 2:
            scheduling.cancel(session=event.sessions.order_by("pk")[0], actor=SYSTEM, now=now)
        if number in (7, 9):
            publishing.cancel(event=event, actor=SYSTEM, now=now)

    def _hidden(self) -> None:
        factories.draft("Draft lesson", of=self.workshops, now=self.now)
        factories.event("Unlisted lesson", of=self.workshops, visibility="unlisted", now=self.now)
        withdrawn = factories.event("Withdrawn lesson", of=self.workshops, now=self.now)
        publishing.unpublish(event=withdrawn, actor=SYSTEM, now=self.now)

    def values(self) -> dict[str, list[str]]:
        days = [f"{self.now + timedelta(days=day):%Y-%m-%d}" for day in (12, -31, -1, 3, 40)]
        times = [f"{self.now + timedelta(days=day):%Y-%m-%dT%H:%M:%S+09:00}" for day in (-25, 2, 9)]
        return {
            "campaign": ["grow"],
            "programme": ["workshops", "talks"],
            "organization": ["office", "partner"],
            "venue": ["centre", "studio"],
            "room": ["hall-1", "hall-2", "hall-3"],
            "topic": ["skills", "mixing", "colour"],
            "audience": ["student", "professional"],
            "kind": ["workshop", "talk", "course", "other"],
            "language": ["ko", "en", "ja"],
            "speaker": ["yoon-harin", "seo-jun"],
            "series": ["runs"],
            "event": ["mixing-lesson-3", "colour-lesson-4", "sound-lesson-2", "unlisted-lesson", "withdrawn-lesson"],
            "q": ["second", "lesson", "mixing", "윤하린", "색과", "harin second", "sound", "nothing"],
            "starts_after": days + times,
            "starts_before": days + times,
            "when": ["upcoming", "past"],
            "status": ["published", "cancelled"],
            "cancelled": ["hide"],
            "has_seats": ["true", "false"],
            "online": ["true", "false"],
            "updated_since": ["0", "20", "60", days[0]],
        }


ONE_VALUE = {"q", "starts_after", "starts_before", "when", "cancelled", "has_seats", "online", "updated_since"}


def asked(number: int, values: dict[str, list[str]]) -> dict[str, str]:
    """Each filter once by itself; then none to four, each with one value or several."""
    if number < len(values):
        name = sorted(values)[number]
        return {name: values[name][0]}
    chance = random.Random(number)
    names = {*chance.sample(sorted(values), k=chance.choice((0, 1, 1, 2, 3)))}
    names |= {*chance.sample(sorted(filters.ABOUT_SESSIONS), k=chance.choice((0, 1)))}
    return {
        name: ",".join(chance.sample(values[name], k=1 if name in ONE_VALUE else chance.randint(1, len(values[name]))))
        for name in sorted(names)
    }


class Surfaces:
    """What each surface shows for a query: slugs of events, and of sessions their uids."""

    def __init__(self) -> None:
        self.client = Client()

    def text(self, path: str, query: dict[str, str], **more: str) -> str:
        answer = self.client.get(f"{path}?{urlencode(query | more)}")
        assert answer.status_code == 200, (path, query, answer.content)
        return answer.content.decode()

    def listed(self, query: dict[str, str]) -> set[str]:
        answer = self.client.get("/api/v1/events/", query | {"page_size": "200"})
        assert answer.status_code == 200, (query, answer.content)
        return {event["slug"] for event in answer.json()["results"]}

    def all_of(self, query: dict[str, str]) -> dict[str, set[str]]:
        items = self.items(query)
        return {
            "page": self.linked(self.text("/ko/events/", query)),
            "frame": self.linked(self.text("/embed/events/", query, lang="ko", page_size="200")),
            "json": {item["_callboard"]["slug"] for item in items},
            **{written: self.read(written, query) for written in ("rss", "atom")},
        }

    def items(self, query: dict[str, str]) -> list[dict[str, Any]]:
        answer = self.client.get("/feeds/events.json", query | {"page_size": "200"})
        assert answer.status_code == 200, (query, answer.content)
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def linked(self, text: str) -> set[str]:
        """The events that a document leads to."""
        return set(SLUG.findall(text))

    def read(self, written: str, query: dict[str, str]) -> set[str]:
        found = feedparser.parse(self.text(f"/feeds/events.{written}", query, page_size="200"))
        return {entry.link.rstrip("/").rpartition("/")[2] for entry in found.entries}

    def calendar(self, query: dict[str, str]) -> tuple[set[str], set[str]]:
        text = self.text("/calendars/sessions.ics", query).replace("\r\n ", "").replace("\r\n", "\n")
        return set(ENTRY_URL.findall(text)), set(ENTRY_UID.findall(text))


def test_the_same_query_selects_the_same_events_everywhere(settings: Any) -> None:
    settings.RATE_LIMITS = False
    cache.clear()
    answers.shelf.clear()
    world, surfaces = World(), Surfaces()
    values, sizes, used = world.values(), Counter[int](), Counter[str]()
    for number in range(EXAMPLES):
        query = asked(number, values)
        wanted = surfaces.listed(query)
        differing = {name: found for name, found in surfaces.all_of(query).items() if found != wanted}
        assert differing == {}, (number, query, wanted)
        if OF_EACH_ITSELF.isdisjoint(query):
            items = surfaces.items(query)
            sessions = {one["uid"] for item in items for one in item["_callboard"]["sessions"]}
            held = {item["_callboard"]["slug"] for item in items if item["_callboard"]["sessions"]}
            assert surfaces.calendar(query) == (held, sessions), (number, query)
        sizes[len(wanted)] += 1
        used.update(list(query))

    assert sizes[0] < EXAMPLES / 2  # the queries are about something, and tell events apart
    assert len(sizes) > 5
    assert len(used) > 15
