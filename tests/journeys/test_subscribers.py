"""Real calendar clients take over what organizers do."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from events.models import ANONYMOUS
from events.operations import planning, publishing, registering, scheduling, subscribing
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


def test_a_personal_link_takes_over_what_happens_to_its_owner(live_server: Any, tmp_path: Path) -> None:
    """From the waitlist to a seat, a move, another room, called off; and a second device that is revoked."""
    world = School()
    planning.amend_event(event=world.workshop, fields={"capacity": 1, "waitlist": "automatic"}, **world.when())
    first = world.register("first@example.org")
    assert world.register("mina@example.org").status == "waitlisted"
    mina = subscribing.attendee_of(key="mina@example.org")
    phone, laptop = (subscribing.add_link(attendee=mina, name=name, now=world.now) for name in ("Phone", "Laptop"))
    devices = [
        Subscriber(tmp_path / link.name, f"{live_server.url}{subscribing.address_of(link)}") for link in (phone, laptop)
    ]
    session = world.session()

    assert devices[0].sync() == ["2030-12-03 10:00-12:00 믹싱 워크숍 [TENTATIVE] 1강의실, 센터"]

    registering.cancel(registration=first, actor=ANONYMOUS, now=world.when()["now"])
    assert devices[0].sync() == ["2030-12-03 10:00-12:00 믹싱 워크숍 [CONFIRMED] 1강의실, 센터"]

    later = scheduling.block(starts=datetime(2030, 12, 3, 15), ends=datetime(2030, 12, 3, 17), timezone="Asia/Seoul")
    session = scheduling.amend(session=session, moment=later, **world.when())
    assert devices[0].sync() == ["2030-12-03 15:00-17:00 믹싱 워크숍 [CONFIRMED] 1강의실, 센터"]

    scheduling.amend(session=session, fields={"room": world.rooms[1]}, **world.when())
    assert devices[0].sync() == devices[1].sync() == ["2030-12-03 15:00-17:00 믹싱 워크숍 [CONFIRMED] 2강의실, 센터"]

    talk = world.register("mina@example.org", world.talk)
    subscribing.revoke(attendee=mina, uid=laptop.uid, now=world.now)
    publishing.cancel(event=world.workshop, **world.when())
    gone = "2030-12-03 15:00-17:00 [취소] 믹싱 워크숍 [CANCELLED] 2강의실, 센터"
    assert devices[0].sync() == [gone, "2030-12-04 14:00-16:00 촬영 강연 [CONFIRMED] 1강의실, 센터"]

    registering.cancel(registration=talk, actor=ANONYMOUS, now=world.when()["now"])
    assert devices[0].sync() == [gone]

    with pytest.raises(AssertionError, match="Not Found"):
        devices[1].sync()
    phone.refresh_from_db()
    assert phone.last_fetched_by == "vdirsyncer"
