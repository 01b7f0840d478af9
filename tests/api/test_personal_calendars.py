"""Personal calendars over HTTP: what they hold for whom, what vouches for them, and how a link dies (SAFETY A3-A5)."""

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import calendars as served
from api import personal_calendars
from events import outbox
from events.calendars import for_rendering, halved
from events.ical import EDITION, Frame, calendar, halves, vevent
from events.models import ANONYMOUS, CalendarLink, Event, ParticipantFragment, Registration, Session
from events.models.tokens import derive
from events.operations import (
    offering,
    placing,
    planning,
    publishing,
    registering,
    rendering,
    scheduling,
    subscribing,
    switching,
)
from tests.api.test_calendars import SHOWN, name_a_speaker
from tests.calendar_entries import workshop
from tests.calendar_oracles import assert_sound
from tests.school import School

pytestmark = pytest.mark.django_db

MINA = "mina@example.org"
JOIN = "https://meet.example.org/1"


@pytest.fixture
def school() -> School:
    return School()


def link(school: School, email: str = MINA, **more: Any) -> CalendarLink:
    owner = subscribing.attendee_of(key=email)
    return subscribing.add_link(attendee=owner, now=school.now, **{"name": "Phone", **more})


def get(of: CalendarLink, query: str = "", **headers: str) -> Any:
    return Client(headers=headers).get(subscribing.address_of(of) + query)


def calendar_of(registration: Registration) -> str:
    token = derive(kind="registration-calendar", row_id=registration.pk, generation=0)
    return f"/calendars/registrations/{token}.ics"


def entries(of: CalendarLink, query: str = "") -> list[dict[str, str]]:
    """What each entry says, after the linter and the parsers agreed on the feed."""
    answer = get(of, query)
    assert answer.status_code == 200, answer.content
    assert_sound(answer.content)
    text = answer.content.replace(b"\r\n ", b"").decode()
    return [
        dict(re.findall(r"^([A-Z-]+)[^:\r\n]*:(.*)\r$", block, re.MULTILINE))
        for block in text.split("BEGIN:VEVENT")[1:]
    ]


def shown(of: CalendarLink, query: str = "") -> list[tuple[str, str, str, str]]:
    return [(e["SUMMARY"], e["STATUS"], e["TRANSP"], e["SEQUENCE"]) for e in entries(of, query)]


def fill(school: School, event: Event) -> Registration:
    """The event has one seat, and somebody else sits in it."""
    planning.amend_event(event=event, fields={"capacity": 1, "waitlist": "automatic"}, **school.when())
    return school.register("other@example.org", event)


def test_a_link_that_is_fetched_too_often_waits_and_others_do_not(school: School, settings: Any) -> None:
    settings.CALLBOARD_LIMITS = settings.CALLBOARD_LIMITS | {"calendar": 2}
    mina, other = link(school), link(school, "other@example.org")
    etag = get(mina)["ETag"]

    known, refused = get(mina, if_none_match=etag), get(mina, if_none_match=etag)

    assert (known.status_code, refused.status_code, get(other).status_code) == (304, 429, 200)
    assert (refused.json()["code"], refused["Cache-Control"]) == ("throttled", "private, no-cache")
    assert 0 < int(refused["Retry-After"]) <= 3600


def test_it_holds_what_its_owner_is_registered_for_and_nothing_else(school: School) -> None:
    scheduling.amend(session=school.session(), fields={"joining_url": JOIN}, **school.when())
    school.register()
    school.register("other@example.org", school.talk)
    mina, other = link(school), link(school, "other@example.org")

    [workshop] = entries(mina)
    [talk] = entries(other)

    assert (workshop["SUMMARY"], talk["SUMMARY"]) == ("믹싱 워크숍", "촬영 강연")
    assert (workshop["TRANSP"], workshop["STATUS"], workshop["CONFERENCE"]) == ("OPAQUE", "CONFIRMED", JOIN)


def test_somebody_who_waits_sees_it_as_tentative_free_time_without_the_joining_link(school: School) -> None:
    scheduling.amend(session=school.session(), fields={"joining_url": JOIN}, **school.when())
    fill(school, school.workshop)
    assert school.register().status == "waitlisted"

    [waiting] = entries(link(school))

    assert (waiting["STATUS"], waiting["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")
    assert JOIN not in str(waiting)
    assert entries(link(school, scope="confirmed")) == []


def test_from_the_waitlist_to_a_seat_the_same_entry_becomes_busy(school: School) -> None:
    first = fill(school, school.workshop)
    school.register()
    mina = link(school)
    before = entries(mina)[0]

    registering.cancel(registration=first, actor=ANONYMOUS, now=school.when()["now"])

    after = entries(mina)[0]
    assert after["UID"] == before["UID"]
    assert (after["STATUS"], after["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert (before["SEQUENCE"], after["SEQUENCE"]) == ("0", "1")
    assert after["DTSTAMP"] > before["DTSTAMP"]


def test_a_withdrawal_leaves_and_what_the_organizer_ended_stays_marked(school: School) -> None:
    withdrawn, ended = school.register(), school.register(event=school.talk)
    mina, seats_only = link(school), link(school, scope="confirmed")
    registering.cancel(registration=withdrawn, actor=ANONYMOUS, now=school.when()["now"])
    registering.cancel(registration=ended, **school.when())

    assert shown(mina) == [("[취소] 촬영 강연", "CANCELLED", "TRANSPARENT", "1")]
    assert shown(seats_only) == shown(mina)


def test_who_was_never_in_hears_of_no_end_in_a_calendar_of_seats(school: School) -> None:
    fill(school, school.workshop)
    school.register()
    publishing.cancel(event=school.workshop, **school.when())

    assert shown(link(school, scope="confirmed")) == []
    assert [entry[:2] for entry in shown(link(school))] == [("[취소] 믹싱 워크숍", "CANCELLED")]


def test_a_called_off_event_is_cancelled_with_both_sequences(school: School) -> None:
    school.register()
    publishing.cancel(event=school.workshop, **school.when())

    assert shown(link(school)) == [("[취소] 믹싱 워크숍", "CANCELLED", "TRANSPARENT", "2")]


def test_sequence_does_not_fall_when_somebody_comes_back(school: School) -> None:
    mina = link(school)
    registering.cancel(registration=school.register(), **school.when())
    [cancelled] = entries(mina)

    school.register()

    [back] = entries(mina)
    assert (cancelled["UID"], cancelled["STATUS"]) == (back["UID"], "CANCELLED")
    assert back["STATUS"] == "CONFIRMED"
    assert int(back["SEQUENCE"]) > int(cancelled["SEQUENCE"])


def runs(school: School, **fields: Any) -> tuple[Event, Event]:
    """The workshop, and another run of it."""
    titled = {"title_en": "Mixing", **fields}
    series = planning.create_series(programme=school.programme, fields=titled, **school.when())
    other = school.event("두 번째 믹싱", "Mixing again", datetime(2030, 12, 10, 10))
    for run in (school.workshop, other):
        planning.amend_event(event=run, fields={"series": series}, **school.when())
    return Event.objects.get(pk=school.workshop.pk), Event.objects.get(pk=other.pk)


def switch(school: School, registration: Registration, run: Event) -> Registration:
    return switching.switch(registration=registration, run=run, **school.when())


def test_who_switches_into_a_run_that_they_had_left_is_in_it(school: School) -> None:
    here, there = runs(school, allows_repeats=True)
    first = school.register(event=there)
    tried = school.register(event=here)
    registering.cancel(registration=tried, actor=ANONYMOUS, now=school.when()["now"])
    mina = link(school)
    assert [entry[0] for entry in shown(mina)] == ["두 번째 믹싱"]

    switch(school, first, here)

    assert [entry[:3] for entry in shown(mina)] == [("믹싱 워크숍", "CONFIRMED", "OPAQUE")]
    own = Client().get(calendar_of(first)).content
    assert own[own.index(b"BEGIN:VEVENT") :] in get(mina).content
    assert b"BEGIN:VEVENT" not in Client().get(calendar_of(tried)).content


def test_of_two_that_ended_the_one_that_ended_last_is_told(school: School) -> None:
    here, there = runs(school, allows_repeats=True)
    first = school.register(event=there)
    registering.cancel(registration=school.register(event=here), **school.when())
    mina = link(school)
    assert shown(mina)[0][1] == "CANCELLED"

    registering.cancel(registration=switch(school, first, here), actor=ANONYMOUS, now=school.when()["now"])

    assert shown(mina) == []


def test_sequence_goes_on_rising_through_the_runs_of_a_series(school: School) -> None:
    """Each step that somebody takes between the runs and back raises what they have seen of either."""
    here, there = runs(school)
    mina = link(school)
    seen: dict[str, list[tuple[int, str]]] = {}

    def look() -> None:
        for entry in entries(mina):
            seen.setdefault(entry["UID"], []).append((int(entry["SEQUENCE"]), entry["DTSTAMP"]))

    row = school.register(event=here)
    look()
    for run in (there, here, there):
        switch(school, row, run)
        look()
    registering.cancel(registration=row, **school.when())
    look()
    back = school.register(event=here)
    look()

    steps = {uid: [step for step, _stamp in told] for uid, told in seen.items()}
    assert steps == {str(run.sessions.get().uid): told for run, told in ((here, [0, 2, 5]), (there, [1, 3, 4, 5]))}
    assert all([stamp for _step, stamp in told] == sorted({stamp for _step, stamp in told}) for told in seen.values())
    own = Client().get(calendar_of(back)).content
    assert b"SEQUENCE:5\r\nSTATUS:CONFIRMED" in own


def test_alarms_and_language_are_the_links_own(school: School) -> None:
    school.register()
    phone = link(school, alarm_minutes=30, language="en")
    registering.cancel(registration=school.register(event=school.talk), **school.when())

    body = get(phone).content.decode()

    assert assert_sound(body.encode())[0][4] in {"Mixing workshop", "[Cancelled] Camera talk"}
    assert body.count("BEGIN:VALARM") == 1
    assert "TRIGGER:-PT30M\r\nDESCRIPTION:Mixing workshop\r\nEND:VALARM" in body
    assert "X-WR-CALNAME:My workshops" in body
    assert "SOURCE" not in body


@pytest.mark.parametrize(
    "query", ["?programme=winter", "?event=x", "?person=other", "?utm_source=x", "?lang=fr", "?q="]
)
def test_no_parameter_widens_or_narrows_it(school: School, query: str) -> None:
    school.register()

    answer = get(link(school), query)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"?{query[1:].partition('=')[0]}"
    assert [entry[0] for entry in shown(link(school), "?lang=en")] == ["Mixing workshop"]


def test_a_token_of_another_kind_row_or_generation_opens_nothing(school: School) -> None:
    registration = school.register()
    mina = link(school)
    other = link(school, "other@example.org")
    good = derive(kind="calendar", row_id=mina.pk, generation=0)
    same_row = {"registration-calendar", "offer", "manage", "unsubscribe", "calendar2", ""}
    tokens = [derive(kind=kind, row_id=mina.pk, generation=0) for kind in sorted(same_row)]
    tokens += [
        good.replace(f"{mina.pk:x}-", f"{other.pk:x}-", 1),
        derive(kind="calendar", row_id=mina.pk, generation=1),
    ]
    tokens += [good[:-1], f"{good}A", f"fffffffffffffff-{good[3:]}", registration.code, registration.ticket, "0" * 60]

    assert Client().get(f"/calendars/personal/{good}.ics").status_code == 200
    assert {Client().get(f"/calendars/personal/{token}.ics").status_code for token in tokens} == {404}
    assert Client().get(f"/calendars/registrations/{good}.ics").status_code == 404


def test_a_revoked_link_and_a_rotated_address_are_gone_at_once_and_the_others_stay(school: School) -> None:
    school.register()
    owner = subscribing.attendee_of(key=MINA)
    phone, laptop, tablet = link(school), link(school, name="Laptop"), link(school, name="Tablet")
    assert {get(one).status_code for one in (phone, laptop, tablet)} == {200}

    subscribing.revoke(attendee=owner, uid=phone.uid, now=school.now)
    moved = subscribing.rotate(attendee=owner, uid=laptop.uid, now=school.now)

    assert [get(one).status_code for one in (phone, laptop, moved, tablet)] == [404, 404, 200, 200]


def test_it_is_private_and_an_unchanged_poll_is_a_304_in_one_statement(school: School) -> None:
    school.register()
    phone = link(school)
    answer = get(phone)
    served.shelf.clear()  # another process

    with CaptureQueriesContext(connection) as statements:
        again = get(phone, **{"if-none-match": answer["ETag"]})

    assert answer["Cache-Control"] == again["Cache-Control"] == "private, no-cache"
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex", "no-referrer")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    assert len(statements) == 1
    assert get(phone).content == answer.content


def test_after_an_upgrade_nobody_hears_that_nothing_changed_by_what_an_older_build_sent(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.register()
    phone = link(school)
    with monkeypatch.context() as older:
        older.setattr(personal_calendars, "MARK", "0.2020a-")
        sent = get(phone)
        assert get(phone, **{"if-none-match": sent["ETag"]}).status_code == 304
    served.shelf.clear()
    CalendarLink.objects.update(last_fetched_at=F("last_fetched_at") - timedelta(minutes=2))

    upgraded = get(phone, **{"if-none-match": sent["ETag"]})

    assert (upgraded.status_code, upgraded.content) == (200, sent.content)
    assert upgraded["ETag"].startswith(f'"{personal_calendars.SHAPE}.{EDITION}-')
    served.shelf.clear()
    with CaptureQueriesContext(connection) as statements:
        assert get(phone, **{"if-none-match": upgraded["ETag"]}).status_code == 304
    assert len(statements) == 1


def test_how_they_look_has_a_number() -> None:
    """Whoever changes these bytes raises `personal_calendars.SHAPE`, and writes the new pair down here."""
    seen = workshop(timezone="Etc/UTC", joining_url=JOIN)
    half = halves.busy(halves.first_half(vevent(seen)))
    end = {"stamp": "20301101T000000Z", "sequence": 3}
    going = half + halves.second_half(status="confirmed", alarm=halves.alarm(half, 30), **end)
    off = halves.called_off(half, "ko") + halves.second_half(status="cancelled", **end)
    frame = Frame(name="나의 워크숍", description="이", source=None, language="ko", url="https://callboard.test/ko/my/")

    sample = calendar(frame, [going.encode(), off.encode()], ["Etc/UTC"], seen.revised_at)

    looks = hashlib.sha256(sample).hexdigest()[:12]
    assert (personal_calendars.SHAPE, looks) == (1, "cea75424e807")


def test_gzip_has_its_own_etag_and_either_is_known(school: School) -> None:
    school.register()
    phone = link(school)
    plain, zipped = get(phone), get(phone, **{"accept-encoding": "gzip"})

    assert zipped["ETag"] == plain["ETag"][:-1] + '-gz"'
    assert zipped["Content-Encoding"] == "gzip"
    for etag in (plain["ETag"], zipped["ETag"], f"W/{plain['ETag']}"):
        assert get(phone, **{"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize("number", [1, 5])
def test_a_built_calendar_takes_three_statements(school: School, number: int) -> None:
    for day in range(1, number):
        event = school.event(f"강연 {day}", f"Talk {day}", school.session().starts_at.replace(tzinfo=None, day=4 + day))
        school.register(event=event)
    school.register()
    phone = link(school)
    get(phone)
    served.shelf.clear()

    with CaptureQueriesContext(connection) as statements:
        answer = get(phone)

    assert answer.content.count(b"BEGIN:VEVENT") == number
    assert len(statements) == 3


def test_every_kind_of_change_gives_new_bytes(school: School) -> None:
    """Nothing that vouches for a calendar stays the same while the calendar does not."""
    mina = school.register()
    phone = link(school)
    owner = subscribing.attendee_of(key=MINA)
    fresh = {get(phone).content}
    for change in (
        lambda: scheduling.amend(session=school.session(), fields={"title_ko": "1부"}, **school.when()),
        lambda: scheduling.amend(session=school.session(), fields={"joining_url": JOIN}, **school.when()),
        lambda: school.register(event=school.talk),
        lambda: registering.cancel(registration=mina, **school.when()),
        lambda: subscribing.amend_link(
            attendee=owner, uid=phone.uid, fields={"alarm_minutes": 10}, now=school.now
        ),
        lambda: subscribing.amend_link(attendee=owner, uid=phone.uid, fields={"language": "en"}, now=school.now),
    ):  # fmt: skip
        before = get(phone)
        change()
        after = get(phone, **{"if-none-match": before["ETag"]})
        assert after.status_code == 200
        fresh.add(after.content)

    assert len(fresh) == 7


def test_a_link_knows_what_it_was_sent_and_by_whom_it_was_asked(school: School) -> None:
    school.register()
    phone = link(school)

    get(phone, **{"user-agent": "Google-Calendar-Importer"})

    phone.refresh_from_db()
    assert (phone.last_fetched_by, phone.sent_revision) == ("google", 1)
    assert phone.sent_version == outbox.current_version()
    noted = phone.last_fetched_at
    get(phone)
    phone.refresh_from_db()
    assert phone.last_fetched_at == noted  # the same once more within a minute
    CalendarLink.objects.update(last_fetched_at=noted - timedelta(minutes=2))
    get(phone, **{"user-agent": "curl/8"})
    phone.refresh_from_db()
    assert phone.last_fetched_at > noted
    assert phone.last_fetched_by == "other"


def test_head_and_refused_requests_are_no_fetch(school: School) -> None:
    phone = link(school)

    Client().head(subscribing.address_of(phone))
    Client().post(subscribing.address_of(phone))
    get(phone, "?x=1")

    phone.refresh_from_db()
    assert phone.last_fetched_at is None


def test_a_database_that_takes_no_writes_costs_the_note_and_not_the_calendar(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    school.register()
    phone = link(school)
    CalendarLink.objects.filter(pk=phone.pk).update(sent_etag="x")
    refusing = {
        "sqlite": "CREATE TRIGGER t BEFORE UPDATE ON events_calendarlink BEGIN SELECT RAISE(ABORT, 'full'); END",
        "postgresql": "ALTER TABLE events_calendarlink ADD CONSTRAINT full_disk CHECK (last_fetched_at IS NULL)",
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(refusing[connection.vendor])

    with caplog.at_level(logging.WARNING):
        answer = get(phone)

    assert answer.status_code == 200
    assert "was not noted" in caplog.text
    assert subscribing.address_of(phone) not in caplog.text


def test_sessions_stored_before_there_were_halves_get_them_and_nobody_hears_of_it(school: School) -> None:
    school.register()
    phone = link(school)
    before = shown(phone)
    ParticipantFragment.objects.all().delete()
    served.shelf.clear()
    without = get(phone)
    CalendarLink.objects.update(sent_etag=without["ETag"].strip('"'))
    assert get(phone, **{"if-none-match": without["ETag"]}).status_code == 304

    rendering.render_all(clock=lambda: school.now)

    assert get(phone, **{"if-none-match": without["ETag"]}).status_code == 200
    assert shown(phone) == before
    assert not Session.objects.exclude(sequence=0).exists()


def say_where_it_happens(school: School) -> None:
    scheduling.amend(session=school.session(), fields={"joining_url": JOIN}, **school.when())


def have_nobody_speak(school: School) -> None:
    scheduling.amend(session=school.session(), speakers=[], **school.when())


def rename_a_speaker(school: School) -> None:
    planning.amend(thing=school.session().speakers.get(), fields={"name_ko": "두소리"}, **school.when())


def rename_venue(school: School) -> None:
    venue = school.rooms[0].venue
    placing.amend_venue(
        venue=venue, organization=school.organization, fields={"title_ko": "새 센터"}, **school.when()
    )  # fmt: skip


def move_the_event_to_another_address(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"slug": "sound"}, **school.when())


def take_the_topic_away(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={}, topics=[], **school.when())


def serve_it_elsewhere(school: School) -> None:
    settings.CALLBOARD_URL = "https://elsewhere.test"  # the test puts it back
    rendering.render_all(clock=lambda: school.when()["now"])


DEPENDENCIES = [
    *(change for change in SHOWN if change is not name_a_speaker), have_nobody_speak, rename_a_speaker,
    say_where_it_happens, rename_venue, move_the_event_to_another_address, take_the_topic_away, serve_it_elsewhere,
]  # fmt: skip


@pytest.mark.parametrize("change", DEPENDENCIES)
def test_whatever_the_stored_halves_show_changes_with_it(
    school: School, change: Callable[[School], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They depend on session, event, speakers, topics, room, venue, programme and CALLBOARD_URL (RULES 23)."""
    monkeypatch.setattr(settings, "CALLBOARD_URL", settings.CALLBOARD_URL)
    name_a_speaker(school)
    school.register()
    phone = link(school)
    [before] = entries(phone)

    change(school)

    [after] = entries(phone)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed > {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
    rows = ParticipantFragment.objects.filter(base_url=settings.CALLBOARD_URL, session=school.session())
    columns = ("language", "stamp", "sequence", "status", "zone", "seated", "unseated")
    wanted = [half for session in for_rendering([school.session().pk]) for half in halved(session)]
    assert sorted(rows.values_list(*columns)) == sorted(
        tuple(getattr(half, name) for name in columns) for half in wanted
    )


def test_an_offer_is_tentative(school: School) -> None:
    first = fill(school, school.workshop)
    planning.amend_event(event=school.workshop, fields={"waitlist": "offer"}, **school.when())
    waiting = school.register()
    registering.cancel(registration=first, actor=ANONYMOUS, now=school.when()["now"])
    waiting.refresh_from_db()
    assert waiting.status == "offered"
    phone = link(school)
    assert [entry[1] for entry in shown(phone)] == ["TENTATIVE"]

    offering.decline(registration=waiting, now=school.when()["now"])

    assert shown(phone) == []


def test_the_calendar_of_one_registration_agrees_with_the_persons(school: School) -> None:
    registering.cancel(registration=school.register(), **school.when())
    again = school.register()

    own = Client().get(calendar_of(again)).content

    whole = get(link(school)).content
    assert own[own.index(b"BEGIN:VEVENT") :] == whole[whole.index(b"BEGIN:VEVENT") :]
    assert b"SEQUENCE:2\r\nSTATUS:CONFIRMED" in own
