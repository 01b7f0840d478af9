"""Fill an empty database: N workshops in 10 rooms, 100 a day, 200-character texts, 50 speakers.

Written in bulk, but as the operations would have left it: `manage.py audit` finds nothing.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from events import calendars, outbox
from events.models import (
    SYSTEM,
    Audience,
    Event,
    Organization,
    Programme,
    SeatMovement,
    SeatPool,
    Session,
    SessionSpeaker,
    Speaker,
    Topic,
)
from venues.models import Booking, Room, Venue

ROOMS, A_DAY, SPEAKERS, SEATS = 10, 100, 50, 200
TOPICS = ("Virtual production", "Digital imaging", "Mixing", "Editing", "Post supervision")
AUDIENCES = ("Students", "Professionals")
ZONE = ZoneInfo("Asia/Seoul")
LENGTH = timedelta(minutes=50)
TEXT_EN = (
    "A hands-on workshop for students and professionals: plan, light, shoot and finish a scene on a virtual stage,"
    " with a crew of eight and an instructor who does it every day. Bring your own questions."
).ljust(200, ".")[:200]
TEXT_KO = (
    "학생과 현업 종사자를 위한 실습 워크숍입니다. 여덟 명이 한 팀이 되어 가상 스튜디오에서 장면을 설계하고"
    " 조명을 세우고 촬영하고 마무리합니다. 매일 현장에서 일하는 강사가 함께합니다. 평소에 궁금했던 것을 가져오세요."
).ljust(200, ".")[:200]


def main(events: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with transaction.atomic():
        fill(count=int(events), now=now)


def fill(*, count: int, now: datetime) -> None:
    """`count` published workshops exist, 30 days ahead and later, so that registration is open."""
    organization = Organization.objects.create(slug="bench", title_ko="벤치", title_en="Bench", updated_at=now)
    programme = Programme.objects.create(
        organization=organization, slug="workshops", title_ko="워크숍", title_en="Workshops", updated_at=now
    )
    rooms = _rooms(organization.uid, now)
    speakers = _speakers(organization, now)
    events = _events(programme, count, now)
    sessions = _sessions(events, rooms, now)
    SessionSpeaker.objects.bulk_create(
        SessionSpeaker(session=session, speaker=speakers[number % SPEAKERS]) for number, session in enumerate(sessions)
    )
    Booking.objects.bulk_create(
        Booking(room=s.room, purpose=s.uid, holder=organization.uid, starts_at=s.starts_at, ends_at=s.ends_at)
        for s in sessions
    )
    _pools(events, now)
    _publish(organization, events, sessions, now)


def _rooms(owner: UUID, now: datetime) -> list[Room]:
    venue = Venue.objects.create(
        slug="centre", owner=owner, title_ko="센터", title_en="Centre", updated_at=now,
        address_ko="부산 해운대구 수영강변대로 120", address_en="120 Suyeonggangbyeon-daero, Busan",
        latitude="35.171000", longitude="129.127000",
    )  # fmt: skip
    return Room.objects.bulk_create(
        Room(venue=venue, slug=f"room-{n}", title_ko=f"{n}호실", title_en=f"Room {n}", seats=SEATS, updated_at=now)
        for n in range(1, ROOMS + 1)
    )


def _speakers(organization: Organization, now: datetime) -> list[Speaker]:
    return Speaker.objects.bulk_create(
        Speaker(
            organization=organization, slug=f"speaker-{n}", name_ko=f"강사 {n}", name_en=f"Speaker {n}", updated_at=now
        )
        for n in range(1, SPEAKERS + 1)
    )


def _events(programme: Programme, count: int, now: datetime) -> list[Event]:
    """Events with a topic and both audiences."""
    topics = Topic.objects.bulk_create(
        Topic(slug=f"topic-{n}", title_ko=f"분야 {n}", title_en=title, updated_at=now) for n, title in enumerate(TOPICS)
    )
    audiences = Audience.objects.bulk_create(
        Audience(slug=title.lower(), title_ko=title, title_en=title, position=n) for n, title in enumerate(AUDIENCES)
    )
    events = Event.objects.bulk_create(
        Event(
            programme=programme, slug=f"workshop-{n:05}", title_ko=f"워크숍 {n:05}", title_en=f"Workshop {n:05}",
            summary_ko=TEXT_KO, summary_en=TEXT_EN, status="published", was_public=True, capacity=SEATS, waitlist="off",
            created_at=now, updated_at=now,
        )
        for n in range(count)
    )  # fmt: skip
    Event.topics.through.objects.bulk_create(
        Event.topics.through(event=event, topic=topics[n % len(topics)]) for n, event in enumerate(events)
    )
    Event.audiences.through.objects.bulk_create(
        Event.audiences.through(event=event, audience=audience) for event in events for audience in audiences
    )
    return events


def _sessions(events: list[Event], rooms: list[Room], now: datetime) -> list[Session]:
    """One for each event: on the hour, in the next room, ten hours a day."""
    first_day = now.astimezone(ZONE).date() + timedelta(days=30)
    sessions = []
    for number, event in enumerate(events):
        day, place = divmod(number, A_DAY)
        starts = _on_the_hour(first_day + timedelta(days=day), 9 + place // ROOMS)
        event.first_starts_at, event.last_ends_at = starts.astimezone(UTC), (starts + LENGTH).astimezone(UTC)
        sessions.append(
            Session(
                event=event, room=rooms[place % ROOMS], status="confirmed", timezone=ZONE.key,
                starts_at=event.first_starts_at, ends_at=event.last_ends_at,
                starts_on=starts.date(), starts_local=starts.time(), created_at=now, updated_at=now,
            )
        )  # fmt: skip
    Event.objects.bulk_update(events, ["first_starts_at", "last_ends_at"], batch_size=500)
    return Session.objects.bulk_create(sessions)


def _pools(events: list[Event], now: datetime) -> None:
    """Each event's seats, with the ledger's first line; they admit people until the event begins."""
    pools = SeatPool.objects.bulk_create(
        SeatPool(event=event, seats=SEATS, is_admitting=True, is_plain=True, closes_at=event.first_starts_at)
        for event in events
    )
    SeatMovement.objects.bulk_create(
        SeatMovement(pool=pool, seats_delta=SEATS, reason="opened", at=now) for pool in pools
    )


def _on_the_hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE)


def _publish(organization: Organization, events: list[Event], sessions: list[Session], now: datetime) -> None:
    calendars.refresh(session_ids=[session.pk for session in sessions], now=now)
    version = outbox.raise_version()
    outbox.stamp_version(version=version, events=events, sessions=sessions)
    for event in events:
        event.version = version
        outbox.record_change(
            kind="event.published", actor=SYSTEM, now=now, organization_id=organization.pk, event=event,
            before={"status": "draft"}, after={"status": "published"}, version=version,
        )  # fmt: skip
