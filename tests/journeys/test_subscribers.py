"""Real calendar clients take over what organizers do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from events.models import SYSTEM, Event
from events.operations import organizing, placing, planning, publishing, scheduling
from tests.journeys.subscriber import Subscriber

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2030, 11, 1, tzinfo=UTC)


class Programme:
    """One published workshop in two rooms' reach, and a talk on another day; each step happens a minute later."""

    def __init__(self) -> None:
        self.now = NOW
        self.organization, _owner = organizing.found(
            fields={"title_en": "Film School", "title_ko": "영화학교"}, owner_email="owner@example.org", now=self.now
        )
        self.programme = planning.create_programme(
            organization=self.organization, fields={"title_en": "Winter", "title_ko": "겨울"}, **self.when()
        )
        venue = placing.open_venue(
            organization=self.organization, fields={"title_en": "Centre", "title_ko": "센터"}, **self.when()
        )
        self.rooms = [
            placing.open_room(venue=venue, fields={"title_en": f"Room {n}", "title_ko": f"{n}강의실"}, **self.when())
            for n in (1, 2)
        ]
        self.topic = planning.create_topic(fields={"title_en": "Mixing", "title_ko": "믹싱"}, **self.when())
        self.workshop = self.event("믹싱 워크숍", "Mixing workshop", datetime(2030, 12, 3, 10), topics=[self.topic])
        self.talk = self.event("촬영 강연", "Camera talk", datetime(2030, 12, 4, 14))

    def when(self) -> dict[str, Any]:
        self.now += timedelta(minutes=1)
        return {"actor": SYSTEM, "now": self.now}

    def event(self, title_ko: str, title_en: str, starts: datetime, **more: Any) -> Event:
        event = planning.create_event(
            programme=self.programme, fields={"title_ko": title_ko, "title_en": title_en}, **more, **self.when()
        )
        moment = scheduling.block(starts=starts, ends=starts + timedelta(hours=2), timezone="Asia/Seoul")
        scheduling.create(event=event, blocks=[moment], room=self.rooms[0], **self.when())
        return publishing.publish(event=event, **self.when())


def test_a_calendar_client_takes_over_every_change(live_server: Any, tmp_path: Path) -> None:
    world = Programme()
    everything = Subscriber(tmp_path / "all", f"{live_server.url}/calendars/programmes/{world.programme.slug}.ics")
    mixing = Subscriber(tmp_path / "mixing", f"{live_server.url}/calendars/sessions.ics?topic={world.topic.slug}")
    session = world.workshop.sessions.get()
    first = "2030-12-03 10:00-12:00 믹싱 워크숍 [CONFIRMED] 1강의실, 센터"
    talk = "2030-12-04 14:00-16:00 촬영 강연 [CONFIRMED] 1강의실, 센터"

    assert everything.sync() == [first, talk]
    assert mixing.sync() == [first]

    later = scheduling.block(starts=datetime(2030, 12, 3, 15), ends=datetime(2030, 12, 3, 17), timezone="Asia/Seoul")
    session = scheduling.amend(session=session, moment=later, **world.when())
    assert everything.sync() == ["2030-12-03 15:00-17:00 믹싱 워크숍 [CONFIRMED] 1강의실, 센터", talk]

    session = scheduling.amend(session=session, fields={"room": world.rooms[1]}, **world.when())
    assert mixing.sync() == ["2030-12-03 15:00-17:00 믹싱 워크숍 [CONFIRMED] 2강의실, 센터"]

    scheduling.cancel(session=session, **world.when())
    gone = "2030-12-03 15:00-17:00 [취소] 믹싱 워크숍 [CANCELLED] 2강의실, 센터"
    assert everything.sync() == [gone, talk]

    publishing.unpublish(event=world.talk, **world.when())
    assert everything.sync() == [gone]

    publishing.publish(event=world.talk, **world.when())
    assert everything.sync() == [gone, talk]


def test_a_client_that_follows_an_address_in_english_reads_english(live_server: Any, tmp_path: Path) -> None:
    world = Programme()
    subscriber = Subscriber(tmp_path / "en", f"{live_server.url}/calendars/events/{world.talk.slug}.ics?lang=en")

    shown = subscriber.sync()

    assert shown == ["2030-12-04 14:00-16:00 Camera talk [CONFIRMED] Room 1, Centre"]
