"""Things for tests, made through the real operations: `factories.event(capacity=2)`, `factories.register(event, 1)`.

Every function takes `now` (NOW unless said); sessions start a week after it. Tests over HTTP pass the real time.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

from events.models import (
    SYSTEM,
    Actor,
    ApiKey,
    Audience,
    Campaign,
    Delivery,
    Event,
    Group,
    Invitation,
    Organization,
    Person,
    Programme,
    Registration,
    Role,
    SeatPool,
    Series,
    Session,
    Speaker,
    Topic,
)
from events.models.delivery import LANES
from events.notices import mailing
from events.operations import (
    allotting,
    grouping,
    inviting,
    keying,
    organizing,
    placing,
    planning,
    publishing,
    registering,
    scheduling,
    signing_in,
)
from venues.models import Room, Venue

NOW = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)  # a Thursday, noon in Seoul
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)

_numbers = count(1)


def organization(
    title_en: str = "Grow Creative Office", *, title_ko: str = "그로우 크리에이티브 사무국",
    owner: str = "owner@demo.example", now: datetime = NOW, **fields: Any,
) -> Organization:  # fmt: skip
    """An organization and its owner."""
    values = {"title_en": title_en, "title_ko": title_ko, **fields}
    return organizing.found(fields=values, owner_email=owner, now=now)[0]


def person(email: str = "member@demo.example") -> Person:
    """Somebody who could sign in, member of nothing."""
    return Person.objects.create_user(email)


def member(organization: Organization, role: Role = "editor", *, email: str = "", now: datetime = NOW) -> Actor:
    """The actor that a member with this role is."""
    address = email or f"{role}-{next(_numbers)}@demo.example"
    row = organizing.set_member(organization=organization, email=address, role=role, now=now)
    return Actor(kind="person", person_id=row.person_id, roles=MappingProxyType({organization.pk: role}))


def key(
    organization: Organization, role: Role = "editor", *, scopes: Iterable[str] = (), now: datetime = NOW
) -> str:  # fmt: skip
    """The secret of a new API key, as it goes behind "Bearer "."""
    return issued(organization, role, scopes=scopes, now=now)[1]


def issued(
    organization: Organization, role: Role = "editor", *, scopes: Iterable[str] = (), now: datetime = NOW, **values: Any
) -> tuple[ApiKey, str]:
    """A new API key and its secret."""
    return keying.issue(
        organization=organization, role=role, name="test", scopes=scopes, actor=SYSTEM, now=now, **values
    )  # fmt: skip


def key_actor(
    organization: Organization, role: Role = "editor", *, scopes: Iterable[str] = (), now: datetime = NOW
) -> Actor:  # fmt: skip
    """The actor that a new API key is."""
    return issued(organization, role, scopes=scopes, now=now)[0].as_actor()


def campaign(title_en: str = "Grow Creative", *, of: Organization, now: datetime = NOW, **fields: Any) -> Campaign:
    return planning.create_campaign(organization=of, fields={"title_en": title_en, **fields}, actor=SYSTEM, now=now)


def programme(
    title_en: str = "BIFF Workshops", *, of: Organization | None = None,
    partners: Sequence[tuple[Organization, str]] = (), now: datetime = NOW, **fields: Any,
) -> Programme:  # fmt: skip
    """A public programme; of a new organization unless one is given."""
    return planning.create_programme(
        organization=of or organization(now=now), fields={"title_en": title_en, **fields}, partners=partners,
        actor=SYSTEM, now=now,
    )  # fmt: skip


def topic(title_en: str = "Virtual production", *, now: datetime = NOW, **fields: Any) -> Topic:
    return planning.create_topic(fields={"title_en": title_en, **fields}, actor=SYSTEM, now=now)


def audience(slug: str = "student") -> Audience:
    titles = {"student": "학생", "professional": "현업인"}
    return Audience.objects.create(slug=slug, title_en=slug.capitalize(), title_ko=titles.get(slug, ""))


def speaker(name_en: str = "Yoon Harin", *, of: Organization, now: datetime = NOW, **fields: Any) -> Speaker:
    return planning.create_speaker(organization=of, fields={"name_en": name_en, **fields}, actor=SYSTEM, now=now)


def venue(
    title_en: str = "Busan Cinema Center", *, of: Organization | None = None, now: datetime = NOW, **fields: Any
) -> Venue:
    values = {"title_en": title_en, **fields}
    return placing.open_venue(organization=of or organization(now=now), fields=values, actor=SYSTEM, now=now)


def room(
    title_en: str = "Room 201", *, at: Venue | None = None, seats: int | None = 40, now: datetime = NOW, **fields: Any
) -> Room:
    values = {"title_en": title_en, "seats": seats, **fields}
    return placing.open_room(venue=at or venue(now=now), fields=values, actor=SYSTEM, now=now)


def draft(
    title_en: str = "Lighting an LED wall", *, of: Programme | None = None, topics: Sequence[Topic] = (),
    audiences: Sequence[Audience] = (), now: datetime = NOW, **fields: Any,
) -> Event:  # fmt: skip
    """A draft event without sessions and, unless said, without a waitlist; of a new programme unless one is given."""
    return planning.create_event(
        programme=of or programme(now=now), fields={"title_en": title_en, "waitlist": "off", **fields}, topics=topics,
        audiences=audiences, actor=SYSTEM, now=now,
    )  # fmt: skip


def session(
    event: Event, *, starts: datetime | None = None, length: timedelta = 2 * HOUR, timezone: str = "Asia/Seoul",
    room: Room | None = None, speakers: Sequence[Speaker] = (), override: Sequence[str] = (), now: datetime = NOW,
    **fields: Any,
) -> Session:  # fmt: skip
    """A draft session of the event, a week after `now` unless said; naive `starts` is local in `timezone`."""
    begins = starts or now + WEEK
    moment = scheduling.block(starts=begins, ends=begins + length, timezone=timezone)
    return scheduling.create(
        event=event,
        blocks=[moment],
        room=room,
        speakers=speakers,
        fields=fields,
        override=override,
        actor=SYSTEM,
        now=now,
    )[0]


def all_day_session(
    event: Event, *, first: date, last: date, timezone: str = "Asia/Seoul", now: datetime = NOW
) -> Session:
    moment = scheduling.whole_days(first=first, last=last, timezone=timezone)
    return scheduling.create(event=event, blocks=[moment], actor=SYSTEM, now=now)[0]


def publish(event: Event, *, now: datetime = NOW) -> Event:
    return publishing.publish(event=event, actor=SYSTEM, now=now)


def event(
    title_en: str = "Lighting an LED wall", *, of: Programme | None = None, sessions: int = 1, room: Room | None = None,
    speakers: Sequence[Speaker] = (), now: datetime = NOW, **fields: Any,
) -> Event:  # fmt: skip
    """A published event with this many sessions, one a day from a week after `now`. `fields` as in `draft`."""
    made = draft(title_en, of=of, now=now, **fields)
    for day in range(sessions):
        session(made, starts=now + WEEK + day * timedelta(days=1), room=room, speakers=speakers, now=now)
    return publish(made, now=now)


def applicant(number: int = 1, **fields: Any) -> registering.Applicant:
    """Person number `number`, with an address of their own."""
    return registering.Applicant(**{"name": f"김하늘 {number}", "email": f"person{number}@mail.example", **fields})


def register(
    event: Event, number: int = 1, *, actor: Actor | None = None, now: datetime = NOW, **fields: Any
) -> Registration:
    """Person number `number` is registered for the event, read afresh as a request would."""
    fresh = Event.objects.get(pk=event.pk)
    return registering.register(event=fresh, applicant=applicant(number, **fields), actor=actor or Actor(), now=now)


def crowd(event: Event, numbers: Iterable[int], *, now: datetime = NOW, **fields: Any) -> list[Registration]:
    """These people register, one a second: confirmed while there are seats, then waiting, or as the event has it."""
    seconds = enumerate(numbers)
    return [register(event, number, now=now + timedelta(seconds=second), **fields) for second, number in seconds]


def enter(event: Event, number: int = 1, *, actor: Actor = SYSTEM, now: datetime = NOW, **fields: Any) -> Registration:
    """An organizer enters person number `number`."""
    fresh = Event.objects.get(pk=event.pk)
    return registering.register(
        event=fresh, applicant=applicant(number, **fields), actor=actor, now=now, is_staff=True
    )  # fmt: skip


def group(event: Event, *numbers: int, now: datetime = NOW) -> Group:
    """Somebody books for these people."""
    fresh = Event.objects.get(pk=event.pk)
    people = [applicant(number) for number in numbers]
    booker = registering.Applicant("박서준", "booker@mail.example")
    return grouping.register(event=fresh, booker=booker, people=people, actor=Actor(), now=now).group


def statuses(rows: Iterable[Registration]) -> list[str]:
    """How these registrations stand now, in the given order."""
    wanted = [row.pk for row in rows]
    found = dict(Registration.objects.filter(pk__in=wanted).values_list("pk", "status"))
    return [found[pk] for pk in wanted]


def quota(
    event: Event, seats: int, kind: str = "floor", *, audience: Audience | None = None,
    partner: Organization | None = None, release: allotting.Release = allotting.NEVER, over_commit: bool = False,
    now: datetime = NOW,
) -> SeatPool:  # fmt: skip
    """Seats set aside for one audience or partner, or a ceiling on one."""
    return allotting.set_aside(
        event=event, kind=kind, seats=seats, audience=audience, partner=partner, release=release,
        over_commit=over_commit, actor=SYSTEM, now=now,
    )  # fmt: skip


def code(event: Event, text: str = "", *, now: datetime = NOW, **terms: Any) -> Invitation:
    """An invitation code of the event, used once at most unless said; a random one unless written."""
    return inviting.invite(event=event, code=text, actor=SYSTEM, now=now, **terms)[0]


def series(title_en: str = "Lighting", *, of: Programme | None = None, now: datetime = NOW, **fields: Any) -> Series:
    values = {"title_en": title_en, **fields}
    return planning.create_series(programme=of or programme(now=now), fields=values, actor=SYSTEM, now=now)


def run(of: Series, day: int = 0, *, now: datetime = NOW, **fields: Any) -> Event:
    """A published run of the series so many days after the first one, with a waitlist unless said."""
    values = {"waitlist": "automatic", **fields}
    made = draft(f"Run of day {day}", of=of.programme, series=of, now=now, **values)
    session(made, starts=now + WEEK + day * timedelta(days=1), now=now)
    return publish(made, now=now)


def runs(number: int, *, now: datetime = NOW, **fields: Any) -> list[Event]:
    """So many runs of one new series, a day apart. `fields` as in `run`."""
    row = series(now=now)
    return [run(row, day, now=now, **fields) for day in range(number)]


def deliver(*, now: datetime = NOW) -> int:
    """The worker sends all that waits in both lanes; how many messages it looked at."""
    looked_at = 0
    for lane in LANES:
        while found := mailing.deliver(lane=lane, now=now):
            looked_at += found
    return looked_at


def member_link(*, now: datetime = NOW) -> str:
    """The secret part of a link by which the only person with an account signs in."""
    row = signing_in.chance(door="organize", key=Person.objects.get().email_key, now=now)
    return signing_in.link_of(row)


def ordered(kind: str) -> list[str]:
    """To whom messages of this kind go, in the order in which they were ordered."""
    found = Delivery.objects.filter(kind=kind).order_by("pk")
    return list(found.values_list("registration__email", flat=True))
