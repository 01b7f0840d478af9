"""Calendars over HTTP: addresses, filters, caching, and what each entry depends on."""

import gzip
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import calendars as served
from events.models import ANONYMOUS, SYSTEM, Event, Fragment, Session
from events.models.tokens import derive
from events.operations import placing, planning, publishing, registering, scheduling
from tests.calendar_oracles import assert_sound
from tests.school import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


def unfolded(body: bytes) -> str:
    return body.replace(b"\r\n ", b"").decode()


def feed(address: str) -> str:
    """The feed's text, after the linter and three parsers agreed on it."""
    answer = Client().get(f"/calendars/{address}")
    assert answer.status_code == 200, answer.content
    assert_sound(answer.content)
    return unfolded(answer.content)


def summaries(address: str) -> list[str]:
    return re.findall(r"^SUMMARY:(.*)\r$", feed(address), re.MULTILINE)


@pytest.mark.parametrize(
    "address",
    [
        "sessions.ics",
        "sessions.ics?programme=winter&starts_after=2030-12-01&starts_before=2030-12-31",
        "programmes/winter.ics",
        "venues/centre.ics",
        "organizations/film-school.ics",
        "sessions.ics?when=upcoming&utm_source=mail&_=1",
        "sessions.ics?room=room-1&cancelled=hide&has_seats=true",
    ],
)
def test_each_public_address_holds_what_it_names(school: School, address: str) -> None:
    assert summaries(address) == ["믹싱 워크숍", "촬영 강연"]


def test_an_event_a_topic_and_a_single_session_hold_one_entry(school: School) -> None:
    assert summaries(f"events/{school.talk.slug}.ics?lang=en") == ["Camera talk"]
    assert summaries("sessions.ics?topic=mixing") == ["믹싱 워크숍"]
    assert summaries(f"sessions/{school.session().uid}.ics") == ["믹싱 워크숍"]


def test_a_campaign_holds_its_programmes(school: School) -> None:
    campaign = planning.create_campaign(organization=school.organization, fields={"title_en": "Grow"}, **school.when())
    planning.amend(thing=school.programme, fields={"campaign": campaign}, **school.when())

    assert summaries("campaigns/grow.ics?q=camera") == ["촬영 강연"]
    planning.amend(thing=campaign, fields={"slug": "grow-creative"}, **school.when())
    assert summaries("campaigns/grow.ics") == summaries("campaigns/grow-creative.ics") == ["믹싱 워크숍", "촬영 강연"]


def test_a_download_names_no_calendar_and_a_feed_does(school: School) -> None:
    download = feed(f"sessions/{school.session().uid}.ics")

    assert "X-WR-CALNAME" not in download
    assert "X-WR-CALNAME:겨울" in feed("programmes/winter.ics")
    assert "METHOD" not in download


def test_the_same_bytes_until_something_changes(school: School) -> None:
    client = Client()
    first = client.get("/calendars/sessions.ics")
    served.shelf.clear()
    again = client.get("/calendars/sessions.ics")
    scheduling.cancel(session=school.session(), **school.when())
    after = client.get("/calendars/sessions.ics")

    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    assert after["ETag"] != first["ETag"]
    assert "[취소] 믹싱 워크숍" in unfolded(after.content)


@pytest.mark.parametrize("spelling", ["{}", "W/{}", '"other", {}', "*"])
def test_a_poll_for_what_the_client_has_is_a_304_of_one_statement(school: School, spelling: str) -> None:
    client = Client()
    etag = client.get("/calendars/sessions.ics")["ETag"]

    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get("/calendars/sessions.ics", headers={"If-None-Match": spelling.format(etag)})

    assert (answer.status_code, answer.content, len(asked)) == (304, b"", 1)
    assert answer["ETag"] == etag


def test_if_modified_since_alone_never_gives_a_304(school: School) -> None:
    client = Client()
    first = client.get("/calendars/sessions.ics")

    answer = client.get("/calendars/sessions.ics", headers={"If-Modified-Since": first["Last-Modified"]})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("address", "cold"), [("sessions.ics", 2), ("sessions.ics?topic=mixing", 3), ("venues/centre.ics", 3)]
)
def test_statements_are_constant(school: School, address: str, cold: int) -> None:
    client = Client()
    counts = []
    for number in range(5):
        served.shelf.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/calendars/{address}")
        with CaptureQueriesContext(connection) as warm:
            client.get(f"/calendars/{address}")
        counts.append((len(asked), len(warm)))
        school.event(f"행사 {number}", f"Event {number}", datetime(2030, 12, 10 + number, 10), topics=[school.topic])

    assert counts == [(cold, 1)] * 5


def test_gzip_has_its_own_etag_and_either_one_is_recognized(school: School) -> None:
    client = Client()
    plain = client.get("/calendars/sessions.ics")
    zipped = client.get("/calendars/sessions.ics", headers={"Accept-Encoding": "gzip, br"})

    assert gzip.decompress(zipped.content) == plain.content
    assert zipped["ETag"] == plain["ETag"].rstrip('"') + '-gz"'
    assert (zipped["Content-Encoding"], zipped["Vary"]) == ("gzip", "Accept-Encoding")
    assert client.get("/calendars/sessions.ics", headers={"If-None-Match": zipped["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "is_zipped"),
    [("GZIP", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0, identity", False), ("br", False)],
)
def test_a_subscriber_who_declines_gzip_gets_none(school: School, accepted: str, is_zipped: bool) -> None:
    answer = Client().get("/calendars/sessions.ics", headers={"Accept-Encoding": accepted})

    assert answer.has_header("Content-Encoding") == is_zipped


def test_gzip_can_be_switched_off(school: School, settings: LazySettings) -> None:
    settings.CALLBOARD_FEED_GZIP = False

    answer = Client().get("/calendars/sessions.ics", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers


def test_head_says_what_get_would_and_sends_nothing(school: School) -> None:
    client = Client()
    got = client.get("/calendars/sessions.ics")

    head = client.head("/calendars/sessions.ics")

    assert (head.content, dict(head.headers)) == (b"", dict(got.headers))


def test_a_feed_is_open_to_other_sites_and_sets_no_cookie(school: School) -> None:
    answer = Client().get("/calendars/sessions.ics", headers={"Accept": "application/json", "Cookie": "sessionid=x"})

    assert dict(answer.headers) | {"ETag": "", "Last-Modified": "", "Content-Length": ""} == {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=60",
        "Content-Disposition": 'inline; filename="sessions.ics"',
        "Content-Length": "",
        "Content-Type": "text/calendar; charset=utf-8",
        "ETag": "",
        "Last-Modified": "",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    assert not answer.cookies


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ("sessions.ics?topic=nowhere", "?topic"),
        ("sessions.ics?topik=mixing", "?topik"),
        ("sessions.ics?topic=", "?topic"),
        ("sessions.ics?lang=fr", "?lang"),
        ("sessions.ics?starts_after=yesterday", "?starts_after"),
        ("sessions.ics?starts_after=2030-12-01T10:00", "?starts_after"),
        ("sessions.ics?when=now", "?when"),
        ("sessions.ics?page_size=5", "?page_size"),
        ("sessions.ics?updated_since=" + "9" * 30, "?updated_since"),
        ("events/mixing-workshop.ics?status=gone", "?status"),
        ("sessions.ics?q=a%00b", "?q"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(school: School, address: str, pointer: str) -> None:
    answer = Client().get(f"/calendars/{address}")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_wrong_filter_is_the_same_problem_in_a_calendar_and_in_the_api(school: School) -> None:
    calendar = Client().get("/calendars/sessions.ics?topic=nowhere&lang=en")
    listed = Client().get("/api/v1/sessions/?topic=nowhere&lang=en")

    assert calendar.json() == listed.json()
    assert calendar["Access-Control-Allow-Origin"] == listed["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "address",
    ["nothing.ics", "events/unknown.ics", "programmes/unknown.ics", "sessions/00000000-0000-4000-8000-000000000000.ics",
     "registrations/1-aaaaaaaaaaaaaaaaaaaaaaaaaaaa.ics", "registrations/ffffffffffffffffff-aaaaaaaaaaa.ics"],
)  # fmt: skip
def test_an_unknown_calendar_is_a_404(school: School, address: str) -> None:
    answer = Client().get(f"/calendars/{address}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_calendars_are_read_only(school: School) -> None:
    answer = Client().post("/calendars/sessions.ics")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_what_is_withdrawn_does_not_come_back_with_an_old_address(school: School, settings: LazySettings) -> None:
    usual = settings.CALLBOARD_URL
    settings.CALLBOARD_URL = "https://elsewhere.test"
    publishing.unpublish(event=school.talk, **school.when())
    settings.CALLBOARD_URL = usual

    assert summaries("sessions.ics") == ["믹싱 워크숍"]


def test_a_draft_has_no_calendar_and_a_withdrawn_event_an_empty_one(school: School) -> None:
    draft = planning.create_event(programme=school.programme, fields={"title_en": "Draft"}, **school.when())
    publishing.unpublish(event=school.talk, **school.when())

    assert Client().get(f"/calendars/events/{draft.slug}.ics").status_code == 404
    assert summaries(f"events/{school.talk.slug}.ics") == []
    assert summaries(f"sessions/{school.talk.sessions.get().uid}.ics") == []
    assert summaries("sessions.ics") == ["믹싱 워크숍"]


def test_an_unlisted_event_is_found_by_its_exact_address_only(school: School) -> None:
    planning.amend_event(event=school.talk, fields={"visibility": "unlisted"}, **school.when())

    assert summaries(f"events/{school.talk.slug}.ics") == ["촬영 강연"]
    assert summaries("sessions.ics") == ["믹싱 워크숍"]
    assert summaries(f"sessions.ics?event={school.talk.slug}") == []


def test_an_old_address_gives_the_same_calendar(school: School) -> None:
    before = feed("events/camera-talk.ics")
    planning.amend_event(event=school.talk, fields={"slug": "camera"}, **school.when())

    assert summaries("events/camera-talk.ics") == summaries("events/camera.ics") == ["촬영 강연"]
    assert before != feed("events/camera.ics")


def test_republishing_keeps_the_uid_and_raises_the_sequence(school: School) -> None:
    uid = school.session().uid
    publishing.unpublish(event=school.workshop, **school.when())
    publishing.publish(event=school.workshop, **school.when())

    text = feed(f"sessions/{uid}.ics")

    assert f"UID:{uid}" in text
    assert "SEQUENCE:1" in text


def rename_topic(school: School) -> None:
    planning.amend(thing=school.topic, fields={"title_ko": "녹음"}, **school.when())


def rename_programme(school: School) -> None:
    planning.amend(thing=school.programme, fields={"title_ko": "봄"}, **school.when())


def rename_event(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"title_ko": "새 워크숍"}, **school.when())


def summarize_event(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"summary_ko": "소리를 만집니다"}, **school.when())


def rename_room(school: School) -> None:
    placing.amend_room(
        room=school.rooms[0], organization=school.organization, fields={"title_ko": "대강의실"}, **school.when()
    )


def move_venue(school: School) -> None:
    placing.amend_venue(
        venue=school.rooms[0].venue, organization=school.organization,
        fields={"address_ko": "부산 해운대구"}, **school.when(),
    )  # fmt: skip


def place_venue_on_earth(school: School) -> None:
    placing.amend_venue(
        venue=school.rooms[0].venue, organization=school.organization,
        fields={"latitude": "35.171", "longitude": "129.127"}, **school.when(),
    )  # fmt: skip


def name_a_speaker(school: School) -> None:
    speaker = planning.create_speaker(organization=school.organization, fields={"name_ko": "한소리"}, **school.when())
    scheduling.amend(session=school.session(), speakers=[speaker], **school.when())


def title_the_session(school: School) -> None:
    scheduling.amend(session=school.session(), fields={"title_ko": "1부"}, **school.when())


def move_the_session(school: School) -> None:
    start = datetime(2030, 12, 5, 10)
    moment = scheduling.block(starts=start, ends=start + timedelta(hours=1), timezone="Asia/Seoul")
    scheduling.amend(session=school.session(), moment=moment, **school.when())


def change_room(school: School) -> None:
    scheduling.amend(session=school.session(), fields={"room": school.rooms[1]}, **school.when())


def cancel_the_event(school: School) -> None:
    publishing.cancel(event=school.workshop, **school.when())


SHOWN = [
    rename_topic, rename_programme, rename_event, summarize_event, rename_room, move_venue, place_venue_on_earth,
    name_a_speaker, title_the_session, move_the_session, change_room, cancel_the_event,
]  # fmt: skip


@pytest.mark.parametrize("change", SHOWN)
def test_a_change_of_what_is_shown_raises_the_sequence_by_one(school: School, change: Callable[[School], None]) -> None:
    before = feed(f"sessions/{school.session().uid}.ics")
    change(school)
    after = feed(f"sessions/{school.session().uid}.ics")

    stamp = school.session().updated_at
    assert "SEQUENCE:0" in before
    assert "SEQUENCE:1" in after
    assert f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}" in after
    assert f"LAST-MODIFIED:{stamp:%Y%m%dT%H%M%SZ}" in after


def test_a_renamed_speaker_is_shown_anew(school: School) -> None:
    name_a_speaker(school)
    speaker = school.session().speakers.get()
    planning.amend(thing=speaker, fields={"name_ko": "두소리"}, **school.when())

    text = feed(f"sessions/{school.session().uid}.ics")

    assert "두소리" in text
    assert "SEQUENCE:2" in text


def hide_capacity(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 12}, **school.when())


def describe_at_length(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"description_ko": "긴 설명"}, **school.when())


def take_a_seat(school: School) -> None:
    school.register()


def rename_another_room(school: School) -> None:
    placing.amend_room(
        room=school.rooms[1], organization=school.organization, fields={"title_ko": "다른 방"}, **school.when()
    )


@pytest.mark.parametrize("change", [hide_capacity, describe_at_length, take_a_seat, rename_another_room])
def test_a_change_of_what_is_not_shown_leaves_the_bytes_alone(school: School, change: Callable[[School], None]) -> None:
    address = f"/calendars/sessions/{school.session().uid}.ics"
    before = Client().get(address)
    change(school)
    after = Client().get(address)

    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


def test_one_change_renders_one_entry(school: School) -> None:
    before = dict(Fragment.objects.values_list("session_id", "pk").filter(language="ko"))
    move_the_session(school)
    after = dict(Fragment.objects.values_list("session_id", "pk").filter(language="ko"))

    changed = {session for session in before if before[session] != after[session]}
    assert changed == {school.session().pk}


def test_seats_and_now_are_asked_each_time(school: School) -> None:
    planning.amend_event(event=school.workshop, fields={"capacity": 1}, **school.when())
    free = summaries("sessions.ics?has_seats=true")
    school.register()

    assert free == ["믹싱 워크숍", "촬영 강연"]
    assert summaries("sessions.ics?has_seats=true") == ["촬영 강연"]


def registration_calendar(registration: Any) -> str:
    token = derive(kind="registration-calendar", row_id=registration.pk, generation=registration.token_generation)
    return f"registrations/{token}.ics"


def test_a_registration_has_its_own_calendar_with_the_joining_link(school: School) -> None:
    scheduling.amend(session=school.session(), fields={"joining_url": "https://meet.example.org/1"}, **school.when())
    registration = school.register()

    answer = Client().get(f"/calendars/{registration_calendar(registration)}")

    assert [entry[4] for entry in assert_sound(answer.content)] == ["믹싱 워크숍"]
    assert "https://meet.example.org/1" in unfolded(answer.content)
    assert "TRANSP:OPAQUE" in unfolded(answer.content)
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "meet.example.org" not in feed("sessions.ics")


def test_a_withdrawal_empties_the_calendar_and_a_call_off_marks_it(school: School) -> None:
    withdrawn, stayed = school.register("a@example.org"), school.register("b@example.org")
    registering.cancel(registration=withdrawn, actor=ANONYMOUS, now=school.now)
    cancel_the_event(school)

    assert summaries(registration_calendar(withdrawn)) == []
    assert summaries(registration_calendar(stayed)) == ["[취소] 믹싱 워크숍"]


def test_a_token_opens_no_other_registration_and_dies_when_revoked(school: School) -> None:
    one, other = school.register("a@example.org"), school.register("b@example.org")
    address = registration_calendar(one)
    stolen = address.replace(f"registrations/{one.pk:x}-", f"registrations/{other.pk:x}-")
    assert summaries(address) == ["믹싱 워크숍"]

    type(one).objects.filter(pk=one.pk).update(token_generation=1)

    assert Client().get(f"/calendars/{stolen}").status_code == 404
    assert Client().get(f"/calendars/{address}").status_code == 404


def test_a_cancelled_draft_was_never_public(school: School) -> None:
    event: Event = planning.create_event(programme=school.programme, fields={"title_en": "Idea"}, **school.when())
    start = datetime(2030, 12, 20, 10)
    scheduling.create(
        event=event, blocks=[scheduling.block(starts=start, ends=start + timedelta(hours=1), timezone="Asia/Seoul")],
        actor=SYSTEM, now=school.now,
    )  # fmt: skip
    publishing.cancel(event=event, **school.when())

    assert Session.objects.filter(event=event, was_public=True).count() == 0
    assert Client().get("/calendars/events/idea.ics").status_code == 404
