"""Real calendar clients take over what organizers do."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from events.operations import publishing, scheduling
from tests.journeys.subscriber import Subscriber
from tests.school import School

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_calendar_client_takes_over_every_change(live_server: Any, tmp_path: Path) -> None:
    world = School()
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
    world = School()
    subscriber = Subscriber(tmp_path / "en", f"{live_server.url}/calendars/events/{world.talk.slug}.ics?lang=en")

    shown = subscriber.sync()

    assert shown == ["2030-12-04 14:00-16:00 Camera talk [CONFIRMED] Room 1, Centre"]
