"""The calendar around the entries: its properties, the zones it carries, the empty feed and the single download."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from events import ical
from tests.calendar_entries import programme, workshop
from tests.calendar_linter import faults
from tests.calendar_oracles import assert_sound

HEAD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Callboard//Callboard Calendars//EN
CALSCALE:GREGORIAN
NAME:부산 워크숍\\, 2026
X-WR-CALNAME:부산 워크숍\\, 2026
DESCRIPTION:영화제 기간의 모든 워크숍
X-WR-CALDESC:영화제 기간의 모든 워크숍
CATEGORIES:VFX,OTT
URL:https://callboard.test/ko/programmes/biff/
SOURCE;VALUE=URI:https://callboard.test/calendars/programmes/biff.ics
X-WR-TIMEZONE:Asia/Seoul
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
LAST-MODIFIED:20260901T123015Z
"""

SINGLE_HEAD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Callboard//Callboard Calendars//EN
CALSCALE:GREGORIAN
"""

REVISED_AT = workshop().revised_at


def bytes_of(golden: str) -> bytes:
    return golden.replace("\n", "\r\n").encode()


def test_a_feed_is_its_head_its_zones_and_its_entries_in_the_order_given() -> None:
    first, second = ical.vevent(workshop()), ical.vevent(workshop(uid=UUID(int=1), timezone="Europe/Berlin"))

    raw = ical.calendar(programme(), [second, first], ["Europe/Berlin", "Asia/Seoul", "Europe/Berlin"], REVISED_AT)

    zones = ical.vtimezone("Asia/Seoul") + ical.vtimezone("Europe/Berlin")
    assert raw == bytes_of(HEAD) + zones + second + first + b"END:VCALENDAR\r\n"
    assert [uid for uid, *_ in assert_sound(raw)] == [str(UUID(int=1)), str(workshop().uid)]


def test_head_and_tail_are_all_that_stands_around_the_entries() -> None:
    entry = ical.vevent(workshop())

    raw = ical.calendar(programme(), [entry], ["Asia/Seoul"], REVISED_AT)

    assert raw == ical.head(programme(), REVISED_AT, ["Asia/Seoul"]) + entry + ical.TAIL


def test_a_token_feed_does_not_name_its_own_address() -> None:
    assert b"SOURCE" not in ical.head(programme(source=None), REVISED_AT, [])


def test_a_hint_that_names_no_zone_is_left_out_because_readers_raise_on_it() -> None:
    assert b"X-WR-TIMEZONE" not in ical.head(programme(timezone="Asia/Busan"), REVISED_AT, [])


def test_a_feed_that_says_little_says_only_that() -> None:
    bare = programme(description="", categories=(), timezone=None, source=None, url="")

    head = ical.head(bare, None, ["Asia/Seoul"])

    assert head == bytes_of(SINGLE_HEAD) + bytes_of(
        "NAME:부산 워크숍\\, 2026\nX-WR-CALNAME:부산 워크숍\\, 2026\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H\nX-PUBLISHED-TTL:PT1H\n"
    ) + ical.vtimezone("Asia/Seoul")


@pytest.mark.parametrize(
    ("timezone", "carried"),
    [("Asia/Seoul", "Asia/Seoul"), ("Africa/Cairo", "Etc/UTC"), (None, "Etc/UTC"), ("x", "Etc/UTC")],
)
def test_a_feed_without_entries_is_valid_because_it_carries_a_zone(timezone: str | None, carried: str) -> None:
    raw = ical.calendar(programme(timezone=timezone), [], [], None)

    assert raw.endswith(b"X-PUBLISHED-TTL:PT1H\r\n" + ical.vtimezone(carried) + b"END:VCALENDAR\r\n")
    assert assert_sound(raw) == []


def test_a_change_of_the_head_alone_never_changes_the_entries() -> None:
    entry = ical.vevent(workshop())

    korean = ical.calendar(programme(), [entry], ["Asia/Seoul"], REVISED_AT)
    later = ical.calendar(programme(), [entry], ["Asia/Seoul"], datetime(2026, 9, 2, tzinfo=UTC))

    assert later == korean.replace(b"LAST-MODIFIED:20260901T123015Z", b"LAST-MODIFIED:20260902T000000Z", 1)


def test_a_single_download_has_no_name_so_that_outlook_adds_an_appointment() -> None:
    raw = ical.one_event(workshop())

    assert raw == bytes_of(SINGLE_HEAD) + ical.vtimezone("Asia/Seoul") + ical.vevent(workshop()) + ical.TAIL
    assert assert_sound(raw) == [
        (str(workshop().uid), workshop().starts_at, workshop().ends_at, "CONFIRMED", workshop().summary)
    ]


def test_a_single_download_in_utc_or_in_dates_needs_no_zone() -> None:
    for entry in (workshop(timezone="Africa/Cairo"), workshop(all_day=True)):
        raw = ical.one_event(entry)

        assert raw == bytes_of(SINGLE_HEAD) + ical.vevent(entry) + ical.TAIL
        assert faults(raw) == []


def test_a_stored_entry_downloads_as_the_same_bytes() -> None:
    assert ical.single(ical.vevent(workshop()), "Asia/Seoul") == ical.one_event(workshop())


@pytest.mark.parametrize(
    "text", ["a\r\nMETHOD:PUBLISH", "a\u2028b", "a\x00b", "a\ud800b", "a\\Nb", "a" * 200, "가" * 200, ""]
)
def test_no_text_of_a_frame_leaves_its_line(text: str) -> None:
    frame = programme(name=text, description=text, url=f"https://x.test/{text}", timezone=text, categories=(text,))

    raw = ical.calendar(frame, [ical.vevent(workshop())], ["Asia/Seoul"], REVISED_AT)

    assert len(assert_sound(raw)) == 1
    assert b"\r\nMETHOD" not in raw


def test_feeds_have_no_method_because_dtstamp_means_revision_only_without_one() -> None:
    raw = ical.calendar(programme(), [ical.vevent(workshop())], ["Asia/Seoul"], REVISED_AT)

    assert b"METHOD" not in raw
    assert raw.count(b"DTSTAMP:20260901T123015Z\r\nLAST-MODIFIED:20260901T123015Z\r\n") == 1
