"""A small published programme, made by the operations themselves: one workshop, one talk, two rooms."""

from datetime import UTC, datetime, timedelta
from typing import Any

from events.models import SYSTEM, Event, Registration, Session
from events.operations import organizing, placing, planning, publishing, registering, scheduling

NOW = datetime(2030, 11, 1, tzinfo=UTC)


class School:
    """A film school's winter programme. Each step happens a minute after the one before."""

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

    def session(self) -> Session:
        """The workshop's only session as the database has it now."""
        return self.workshop.sessions.select_related("event__programme").get()

    def register(self, email: str = "mina@example.org", event: Event | None = None) -> Registration:
        chosen = Event.objects.select_related("programme").get(pk=(event or self.workshop).pk)
        applicant = registering.Applicant("김미나", email)
        return registering.register(event=chosen, applicant=applicant, **self.when())
