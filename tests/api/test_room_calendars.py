"""How a room is used, behind a member's own token; and the calendar of one instructor."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.agendas import rooms
from events.models import Member
from events.operations import organizing, placing, planning, publishing, scheduling, subscribing
from tests.calendar_oracles import assert_sound
from tests.school import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def member(school: School) -> Member:
    return Member.objects.select_related("organization", "person").get(organization=school.organization)


def address(member: Member, school: School, number: int = 0) -> str:
    room = school.rooms[number]
    return f"/calendars/rooms/{room.slug}/{rooms.token_of(member, room)}.ics"


def seen(path: str) -> list[tuple[str, str]]:
    answer = Client().get(path)
    assert answer.status_code == 200, answer.content
    return [(entry[4], entry[3]) for entry in sorted(assert_sound(answer.content), key=lambda e: str(e[1]))]


def draft(school: School, title: str, day: int) -> Any:
    event = planning.create_event(programme=school.programme, fields={"title_ko": title}, **school.when())
    starts = datetime(2030, 12, day, 10)
    block = scheduling.block(starts=starts, ends=starts + timedelta(hours=2), timezone="Asia/Seoul")
    return scheduling.create(event=event, blocks=[block], room=school.rooms[0], **school.when())


def other_organization(school: School) -> Member:
    """Somebody else, who may book the rooms too, and does."""
    other, _owner = organizing.found(fields={"title_en": "Rival"}, owner_email="rival@example.org", now=school.now)
    placing.amend_venue(
        venue=school.rooms[0].venue, organization=school.organization, fields={"is_shared": True}, **school.when()
    )
    programme = planning.create_programme(organization=other, fields={"title_en": "Secret plans"}, **school.when())
    event = planning.create_event(programme=programme, fields={"title_en": "Canary show"}, **school.when())
    starts = datetime(2030, 12, 5, 10)
    block = scheduling.block(starts=starts, ends=starts + timedelta(hours=2), timezone="Asia/Seoul")
    scheduling.create(event=event, blocks=[block], room=school.rooms[0], **school.when())
    return Member.objects.select_related("organization").get(organization=other)


def test_it_shows_every_hold_drafts_included_and_of_others_only_that_it_is_taken(
    school: School, member: Member
) -> None:
    draft(school, "계획", 6)
    rival = other_organization(school)
    placing.close(
        venue=school.rooms[0].venue, room=school.rooms[0], starts_at=school.now, ends_at=school.now + timedelta(hours=1)
    )

    own, theirs = (seen(f"{address(who, school)}?lang=en") for who in (member, rival))

    assert own == [
        ("Closed", "CONFIRMED"),
        ("Mixing workshop", "CONFIRMED"),
        ("Camera talk", "CONFIRMED"),
        ("Taken", "CONFIRMED"),
        ("Draft: 계획", "TENTATIVE"),
    ]
    assert theirs == [
        ("Closed", "CONFIRMED"),
        ("Taken", "CONFIRMED"),
        ("Taken", "CONFIRMED"),
        ("Draft: Canary show", "TENTATIVE"),
        ("Taken", "CONFIRMED"),
    ]
    assert b"Canary" not in Client().get(address(member, school)).content
    assert "계획" not in Client().get(address(rival, school)).content.decode()


def test_a_draft_that_moves_is_the_same_entry_with_a_higher_sequence(school: School, member: Member) -> None:
    [session] = draft(school, "계획", 6)

    def entry() -> tuple[str, int]:
        body = Client().get(address(member, school)).content.decode().replace("\r\n ", "")
        block = next(part for part in body.split("BEGIN:VEVENT") if "계획" in part)
        lines = dict(line.split(":", 1) for line in block.split("\r\n") if ":" in line)
        return lines["UID"], int(lines["SEQUENCE"])

    before = entry()
    starts = datetime(2030, 12, 7, 10)
    moment = scheduling.block(starts=starts, ends=starts + timedelta(hours=2), timezone="Asia/Seoul")
    scheduling.amend(session=session, moment=moment, **school.when())
    after = entry()

    assert after[0] == before[0] != str(session.uid)
    assert after[1] > before[1]


def test_the_token_dies_with_the_membership_the_role_and_a_renewal(school: School, member: Member) -> None:
    first = address(member, school)
    assert Client().get(first).status_code == 200

    renewed = subscribing.renew_room_calendars(member=member)
    second = address(renewed, school)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)

    Member.objects.filter(pk=member.pk).update(role="door")
    assert Client().get(second).status_code == 404
    Member.objects.filter(pk=member.pk).update(role="viewer")
    assert Client().get(second).status_code == 200
    Member.objects.filter(pk=member.pk).delete()
    assert Client().get(second).status_code == 404


def test_a_token_opens_one_room_of_ones_own_and_takes_no_filter(school: School, member: Member) -> None:
    one, other = address(member, school, 0), address(member, school, 1)
    swapped = other.rsplit("/", 1)[0] + "/" + one.rsplit("/", 1)[1]
    stranger, _owner = organizing.found(fields={"title_en": "Stranger"}, owner_email="s@example.org", now=school.now)
    outside = Member.objects.select_related("organization").get(organization=stranger)

    assert Client().get(swapped).status_code == 404
    assert Client().get(f"/calendars/rooms/{school.rooms[0].slug}.ics").status_code == 404
    assert Client().get(address(outside, school)).status_code == 404
    assert Client().get(f"{one}?organization=film-school").status_code == 400
    answer = Client().get(one)
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    assert answer.content == Client().get(one).content


@pytest.mark.parametrize("number", [1, 5])
def test_a_room_takes_a_constant_number_of_statements(school: School, member: Member, number: int) -> None:
    for day in range(number):
        draft(school, f"계획 {day}", 6 + day)
    path = address(member, school)

    with CaptureQueriesContext(connection) as statements:
        assert len(seen(path)) == 2 + number

    assert len(statements) == 9


def test_the_calendar_of_an_instructor_holds_their_public_sessions(school: School) -> None:
    speaker = planning.create_speaker(
        organization=school.organization, fields={"name_ko": "김하늘", "name_en": "Haneul Kim"}, **school.when()
    )
    path = f"/calendars/speakers/{speaker.slug}.ics"
    assert Client().get(path).status_code == 404

    scheduling.amend(session=school.session(), speakers=[speaker], **school.when())
    [hidden] = draft(school, "계획", 6)
    scheduling.amend(session=hidden, speakers=[speaker], **school.when())
    assert seen(path) == [("믹싱 워크숍", "CONFIRMED")]
    assert "X-WR-CALNAME:Haneul Kim" in Client().get(f"{path}?lang=en").content.decode()
    assert seen(f"{path}?venue=centre") == [("믹싱 워크숍", "CONFIRMED")]

    publishing.unpublish(event=school.workshop, **school.when())
    assert seen(path) == []
