"""Every kind of secret at every door (SAFETY A5): each opens its own, and none opens another's.

A new kind goes into `Secrets`, a new door into DOORS, and which opens which into OPENS: the pairs are all tried.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from events.agendas import rooms
from events.errors import DomainError
from events.models import Event, Member, Registration, SignIn
from events.models.tokens import derive, signing_secret
from events.operations import offering, signing_in, subscribing
from events.operations.signing_in import BROWSER
from tests import factories
from tests.api.conftest import World
from venues.models import Room

MEMBER, ATTENDEE = "owner@ours.example", "person1@mail.example"
EVENT = "/api/v1/events/lighting/registrations/"


@dataclass(frozen=True)
class Secrets:
    """One of each kind, all about the same few people and things."""

    api_key: str
    key_that_registers: str
    webhook: str
    registration_code: str
    group_code: str
    ticket: str
    offer: str
    invitation_code: str
    registration_calendar: str
    personal_calendar: str
    room_calendar: str
    member_link: str
    member_code: str
    attendee_link: str
    attendee_code: str
    member_session: str
    attendee_session: str


@pytest.fixture
def offered(world: World) -> Registration:
    """A seat that is held until the address is proven, of the person who has one of everything."""
    Event.objects.filter(pk=world.event.pk).update(needs_proof=True, waitlist="offer")
    world.event.refresh_from_db()
    world.event.pools.update(is_plain=False)
    return factories.register(world.event, 1, now=timezone.now())


@pytest.fixture
def secrets(world: World, offered: Registration, settings: Any) -> Secrets:
    settings.RATE_LIMITS = False
    now = timezone.now()
    room = factories.room("Room 201", at=factories.venue("Cinema Center", of=world.ours, now=now), now=now)
    group = factories.group(world.event, 2, now=now)
    invitation = factories.code(world.event, now=now)
    Event.objects.filter(pk=world.event.pk).update(needs_code=True)
    link = subscribing.add_link(attendee=subscribing.attendee_of(key=ATTENDEE), name="Phone", now=now)
    chances = {door: signing_in.chance(door=door, key=key, now=now) for door, key in SIGNED.items()}
    return Secrets(
        api_key=factories.key(world.ours, "owner", now=now),
        key_that_registers=factories.key(world.ours, scopes=["register"], now=now),
        webhook=signing_secret(kind="webhook", uid=uuid4(), generation=0),
        registration_code=offered.code,
        group_code=group.code,
        ticket=offered.ticket,
        offer=offering.token_of(offered),
        invitation_code=invitation.code,
        registration_calendar=derive(kind="registration-calendar", row_id=offered.pk, generation=0),
        personal_calendar=subscribing.address_of(link).split("/")[-1].removesuffix(".ics"),
        room_calendar=rooms.token_of(Member.objects.get(organization=world.ours), room),
        member_link=signing_in.link_of(chances["organize"]),
        member_code=signing_in.code_of(chances["organize"]),
        attendee_link=signing_in.link_of(chances["my"]),
        attendee_code=signing_in.code_of(chances["my"]),
        member_session=session_of_member(Member.objects.get(organization=world.ours)),
        attendee_session=session_of_attendee(link.attendee_id, now=now),
    )


SIGNED = {"organize": MEMBER, "my": ATTENDEE}


def session_of_member(member: Member) -> str:
    client = Client()
    client.force_login(member.person)
    return client.cookies["sessionid"].value


def session_of_attendee(attendee: int, *, now: datetime) -> str:
    session = Client().session
    session[BROWSER] = {"id": attendee, "since": now.isoformat()}
    session.save()
    return str(session.session_key)


def bearer(path: str) -> Callable[[str], bool]:
    return lambda secret: bool(APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}").get(path).status_code < 300)


def at(path: str, verb: str = "get") -> Callable[[str], bool]:
    """Opened by what stands in the address."""
    sent: dict[str, Any] = {} if verb == "get" else {"data": {}, "format": "json"}
    return lambda secret: bool(
        getattr(APIClient(), verb)(path.format(quote(secret, safe="")), **sent).status_code < 300
    )


def signs_in(path: str, kept: str) -> Callable[[str], bool]:
    def opens(secret: str) -> bool:
        client = Client()
        client.post(path.format(quote(secret, safe="")))
        return kept in client.session

    return opens


def guessed(check: Callable[..., Any], email: str) -> Callable[[str], bool]:
    def opens(secret: str) -> bool:
        try:
            check(email=email, code=secret, now=timezone.now())
        except DomainError:
            return False
        return True

    return opens


def invited(secret: str) -> bool:
    body = {"name": "A", "email": "new@mail.example", "code": secret[:80]}
    return bool(APIClient().post(EVENT, body, "json").status_code == 201)


def carried(path: str) -> Callable[[str], bool]:
    """Opened by a browser's cookie."""

    def opens(secret: str) -> bool:
        client = Client()
        client.cookies["sessionid"] = secret
        answer = client.get(path)
        return answer.status_code == 200 and b'name="email"' not in answer.content

    return opens


DOORS: dict[str, Callable[[str], bool]] = {
    "API as a member": bearer("/api/v1/organizations/ours/changes/"),
    "API to read what a key made": bearer("/api/v1/registrations/"),
    "API of a registration": at("/api/v1/registrations/{}/"),
    "API to cancel": at("/api/v1/registrations/{}/cancel/", "post"),
    "page of a registration": at("/ko/my/registrations/{}/"),
    "API of a group": at("/api/v1/groups/{}/"),
    "page of a group": at("/ko/my/groups/{}/"),
    "API of an offer": at("/api/v1/offers/{}/"),
    "API to accept an offer": at("/api/v1/offers/{}/accept/", "post"),
    "page of an offer": at("/ko/offers/{}/"),
    "registering with a code": invited,
    "calendar of a registration": at("/calendars/registrations/{}.ics"),
    "calendar of a person": at("/calendars/personal/{}.ics"),
    "calendar of a room": at("/calendars/rooms/room-201/{}.ics"),
    "sign-in of members by link": signs_in("/organize/sign-in/{}/", "_auth_user_id"),
    "sign-in of members by code": guessed(signing_in.member_by_code, MEMBER),
    "sign-in of attendees by link": signs_in("/ko/my/sign-in/{}/", BROWSER),
    "sign-in of attendees by code": guessed(signing_in.attendee_by_code, ATTENDEE),
    "console": carried("/organize/"),
    "my registrations": carried("/ko/my/"),
}
OPENS = {
    "api_key": {"API as a member", "API to read what a key made"},
    "key_that_registers": {"API to read what a key made"},
    "registration_code": {"API of a registration", "API to cancel", "page of a registration"},
    "group_code": {"API of a group", "page of a group"},
    "offer": {"API of an offer", "API to accept an offer", "page of an offer"},
    "invitation_code": {"registering with a code"},
    "registration_calendar": {"calendar of a registration"},
    "personal_calendar": {"calendar of a person"},
    "room_calendar": {"calendar of a room"},
    "member_link": {"sign-in of members by link"},
    "member_code": {"sign-in of members by code"},
    "attendee_link": {"sign-in of attendees by link"},
    "attendee_code": {"sign-in of attendees by code"},
    "member_session": {"console"},
    "attendee_session": {"my registrations"},
    # They open nothing: a webhook's secret signs what we send, and doors of rooms do not read tickets yet.
    "webhook": set(),
    "ticket": set(),
}


def tried(door: Callable[[str], bool], secret: str) -> bool:
    """Whether it opens; what was done behind it is taken back."""
    with transaction.atomic():
        opened = door(secret)
        transaction.set_rollback(True)
    return opened


def test_every_secret_opens_its_own_doors_and_no_other(secrets: Secrets) -> None:
    opened = {
        kind: {name for name, door in DOORS.items() if tried(door, secret)} for kind, secret in asdict(secrets).items()
    }

    assert opened == OPENS


def test_a_token_of_the_right_row_and_another_kind_opens_nothing(secrets: Secrets, offered: Registration) -> None:
    member, room = Member.objects.get(organization__slug="ours"), Room.objects.get()
    rows = {
        "calendar of a registration": ("registration-calendar", offered.pk, 0),
        "API of an offer": ("offer", offered.pk, 0),
        "calendar of a person": ("calendar", int(secrets.personal_calendar.split("-")[0], 16), 0),
        "calendar of a room": (rooms._kind(room), member.pk, member.calendar_generation),
        **{
            f"sign-in of {who} by link": (f"sign-in-{row.door}", row.pk, signing_in._generation(row))
            for who, row in (
                ("members", SignIn.objects.get(door="organize")),
                ("attendees", SignIn.objects.get(door="my")),
            )
        },
    }
    kinds = {kind for kind, _row, _generation in rows.values()} | {"webhook", "unsubscribe", "sign-in-code-my"}

    opened = {
        (name, kind)
        for name, (_kind, row_id, generation) in rows.items()
        for kind in kinds
        if tried(DOORS[name], derive(kind=kind, row_id=row_id, generation=generation))
    }

    assert opened == {(name, kind) for name, (kind, _row, _generation) in rows.items()}


def test_a_key_beside_another_secret_does_not_open_its_door(secrets: Secrets, world: World) -> None:
    """Two credentials at once: a key with scopes meets nobody by their code, and no key is an attendee."""
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secrets.key_that_registers}")

    answers = [
        client.get(f"/api/v1/registrations/{secrets.registration_code}/"),
        client.post(f"/api/v1/registrations/{secrets.registration_code}/cancel/"),
        client.get(f"/api/v1/groups/{secrets.group_code}/"),
        client.get(f"/api/v1/offers/{secrets.offer}/"),
        client.post(f"/api/v1/offers/{secrets.offer}/accept/"),
        client.get("/api/v1/calendar-links/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 403, 403, 401]
    assert Registration.objects.get(code=secrets.registration_code).status == "offered"
