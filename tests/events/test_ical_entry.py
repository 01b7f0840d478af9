"""Entries as bytes: literal golden ones, and texts that try to break out of their line."""

import string
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import ical
from events.ical import Entry
from tests.calendar_entries import programme, workshop
from tests.calendar_lines import content_line, tree, unfolded
from tests.calendar_linter import faults
from tests.calendar_oracles import assert_sound

SEOUL = """\
BEGIN:VEVENT
UID:7f1d2c3b-4a59-4e68-8b77-96a5b4c3d2e1
DTSTART;TZID=Asia/Seoul:20261008T100000
DTEND;TZID=Asia/Seoul:20261008T120000
SUMMARY:색보정 입문\\, 1부
DESCRIPTION:다빈치 리졸브로 하는 색보정\\; 노트북을 가져
 오세요.\\n강사: 김하늘\\n\\nhttps://callboard.test/ko/events/color-gr
 ading/
CATEGORIES:후반 작업,색보정\\, DI
LOCATION:강의실 301\\, 영화의전당\\, 부산 해운대구 수영강
 변대로 120
URL:https://callboard.test/ko/events/color-grading/
TRANSP:TRANSPARENT
CREATED:20260801T090000Z
DTSTAMP:20260901T123015Z
LAST-MODIFIED:20260901T123015Z
SEQUENCE:2
STATUS:CONFIRMED
END:VEVENT
"""

# From before the clocks go back until after they have: three hours pass, two on the wall.
BERLIN = """\
BEGIN:VEVENT
UID:7f1d2c3b-4a59-4e68-8b77-96a5b4c3d2e1
DTSTART;TZID=Europe/Berlin:20261025T013000
DTEND;TZID=Europe/Berlin:20261025T033000
SUMMARY:Night shoot
TRANSP:OPAQUE
CREATED:20260801T090000Z
DTSTAMP:20260901T123015Z
LAST-MODIFIED:20260901T123015Z
SEQUENCE:2
STATUS:TENTATIVE
END:VEVENT
"""

ALL_DAY = """\
BEGIN:VEVENT
UID:7f1d2c3b-4a59-4e68-8b77-96a5b4c3d2e1
DTSTART;VALUE=DATE:20261009
DTEND;VALUE=DATE:20261012
SUMMARY:연휴
TRANSP:TRANSPARENT
CREATED:20260801T090000Z
DTSTAMP:20260901T123015Z
LAST-MODIFIED:20260901T123015Z
SEQUENCE:2
STATUS:CONFIRMED
END:VEVENT
"""

CANCELLED = """\
BEGIN:VEVENT
UID:7f1d2c3b-4a59-4e68-8b77-96a5b4c3d2e1
DTSTART:20261008T010000Z
DTEND:20261008T030000Z
SUMMARY:[취소] 연휴
TRANSP:TRANSPARENT
CREATED:20260801T090000Z
DTSTAMP:20260901T123015Z
LAST-MODIFIED:20260901T123015Z
SEQUENCE:3
STATUS:CANCELLED
END:VEVENT
"""

PARTICIPANT = """\
BEGIN:VEVENT
UID:7f1d2c3b-4a59-4e68-8b77-96a5b4c3d2e1
DTSTART;TZID=Asia/Seoul:20261008T100000
DTEND;TZID=Asia/Seoul:20261008T120000
SUMMARY:Sound
DESCRIPTION:Join online: https://meet.example.org/j/1?pwd=a%20b\\nhttps://c
 allboard.test/ko/events/color-grading/
GEO:35.171087;129.12704
URL:https://callboard.test/ko/events/color-grading/
CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Join online:https://meet.ex
 ample.org/j/1?pwd=a%20b
TRANSP:OPAQUE
RELATED-TO;RELTYPE=PARENT:00000000-0000-4000-8000-000000000001
CREATED:20260801T090000Z
DTSTAMP:20260901T123015Z
LAST-MODIFIED:20260901T123015Z
SEQUENCE:2
STATUS:CONFIRMED
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT1H30M
DESCRIPTION:Sound
END:VALARM
END:VEVENT
"""

SHORT: dict[str, Any] = {"description": "", "location": "", "url": "", "categories": ()}


def bytes_of(golden: str) -> bytes:
    return golden.replace("\n", "\r\n").encode()


def properties(raw: bytes) -> list[tuple[str, list[str]]]:
    """The components of a calendar and the names of their properties, in order."""
    calendar, found = tree([line for number, text in unfolded(raw) if (line := content_line(number, text))])
    assert calendar is not None
    assert found == []
    return [(part.name, [line.name for line in part.lines]) for part in calendar.walk()]


def value(raw: bytes, name: str) -> str:
    lines = [line for number, text in unfolded(raw) if (line := content_line(number, text)) and line.name == name]
    assert len(lines) == 1
    return lines[0].value


def test_a_workshop_in_seoul_is_these_bytes() -> None:
    assert ical.vevent(workshop()) == bytes_of(SEOUL)


def test_a_night_across_the_end_of_summer_time_is_these_bytes() -> None:
    night = workshop(
        **SHORT,
        summary="Night shoot",
        language="en",
        status="tentative",
        opaque=True,
        timezone="Europe/Berlin",
        starts_at=datetime(2026, 10, 24, 23, 30, tzinfo=UTC),
        ends_at=datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    )

    assert ical.vevent(night) == bytes_of(BERLIN)


def test_an_all_day_entry_ends_on_the_day_after_its_last() -> None:
    holidays = workshop(
        **SHORT,
        summary="연휴",
        all_day=True,
        starts_on=date(2026, 10, 9),
        ends_on=date(2026, 10, 11),
        timezone="nowhere",
    )

    assert ical.vevent(holidays) == bytes_of(ALL_DAY)


def test_a_cancelled_entry_is_marked_in_its_title_and_takes_no_time_and_rings_nobody() -> None:
    cancelled = workshop(
        **SHORT,
        summary="연휴",
        status="cancelled",
        sequence=3,
        timezone="Africa/Cairo",
        opaque=True,
        alarm=timedelta(minutes=30),
    )

    assert ical.vevent(cancelled) == bytes_of(CANCELLED)


def test_a_participant_gets_the_joining_link_twice_and_an_alarm() -> None:
    own = workshop(
        **SHORT | {"url": workshop().url},
        summary="Sound",
        language="en",
        opaque=True,
        joining_url="https://meet.example.org/j/1?pwd=a%20b",
        geo=(35.1710874, 129.12704),
        event_uid=UUID("00000000-0000-4000-8000-000000000001"),
        alarm=timedelta(hours=1, minutes=30),
    )

    assert ical.vevent(own) == bytes_of(PARTICIPANT)


@pytest.mark.parametrize(
    ("language", "title"), [("ko", "[취소] 소리"), ("en", "[Cancelled] 소리"), ("fr", "[Cancelled] 소리")]
)
def test_the_mark_of_a_cancelled_entry_is_in_its_language(language: str, title: str) -> None:
    assert value(ical.vevent(workshop(summary="소리", status="cancelled", language=language)), "SUMMARY") == title


def test_equal_entries_are_equal_bytes_whatever_the_zone_object_of_their_times() -> None:
    new_york = ZoneInfo("America/New_York")
    same = workshop(
        starts_at=workshop().starts_at.astimezone(new_york), ends_at=workshop().ends_at.astimezone(new_york)
    )

    assert ical.vevent(same) == ical.vevent(workshop())


def test_what_a_registration_changes_stands_together_at_the_end() -> None:
    names = properties(ical.one_event(workshop(alarm=timedelta(minutes=10))))

    assert [props[-4:] for part, props in names if part == "VEVENT"] == [
        ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS"]
    ]
    assert names[-1] == ("VALARM", ["ACTION", "TRIGGER", "DESCRIPTION"])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"C:\New", r"C:\\New"),
        (r"already \, escaped", r"already \\\, escaped"),
        ("one\rtwo\r\nthree\n\nfour", "one two three four"),
        ("one\u2028two\u2029three", "one two three"),
        ("tab\tnul\x00vt\x0bff\x0cnel\x85del\x7fesc\x1b[0m", "tab nulvtffneldelesc[0m"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ('colon: "quoted" ^caret', 'colon: "quoted" ^caret'),
        ("  around  ", "around"),
        ("", ""),
    ],
)
def test_a_title_is_one_escaped_line(text: str, written: str) -> None:
    assert value(ical.vevent(workshop(summary=text)), "SUMMARY") == written


def test_a_description_keeps_its_lines_and_ends_in_the_address() -> None:
    entry = workshop(description=" one\r\ntwo\u2028three\rfour\n", joining_url="", url="https://x.test/a")

    assert value(ical.vevent(entry), "DESCRIPTION") == r"one\ntwo\nthree\nfour\n\nhttps://x.test/a"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://x.test/ko/행사/a b", "https://x.test/ko/%ED%96%89%EC%82%AC/a%20b"),
        ("https://x.test/?a=1&b=2;c,d%20e#f", "https://x.test/?a=1&b=2;c,d%20e#f"),
        ("https://x.test/\r\nATTENDEE:mailto:a@b.c", "https://x.test/%20ATTENDEE:mailto:a@b.c"),
        ('https://x.test/"\\<>{}|^`', "https://x.test/%22%5C%3C%3E%7B%7D%7C%5E%60"),
    ],
)
def test_an_address_is_written_as_a_uri(address: str, written: str) -> None:
    assert value(ical.vevent(workshop(url=address)), "URL") == written


def test_a_joining_address_can_be_followed_from_the_description_too() -> None:
    raw = ical.vevent(workshop(**SHORT, joining_url="https://meet.test/방 1"))

    assert value(raw, "CONFERENCE") == "https://meet.test/%EB%B0%A9%201"
    assert value(raw, "DESCRIPTION") == "온라인 참여: https://meet.test/%EB%B0%A9%201"


def test_a_joining_note_that_is_no_address_stands_in_the_description_only() -> None:
    raw = ical.vevent(workshop(**SHORT, joining_url="줌 방 번호 123"))

    assert value(raw, "DESCRIPTION") == "온라인 참여: 줌 방 번호 123"
    assert b"CONFERENCE" not in raw


@pytest.mark.parametrize(
    ("geo", "written"),
    [
        ((35.17108749, 129.1270401), b"GEO:35.171087;129.12704\r\n"),
        ((-33.0, 0.0), b"GEO:-33;0\r\n"),
        ((1e-05, -1e-07), b"GEO:0.00001;0\r\n"),
        ((90, -180), b"GEO:90;-180\r\n"),
    ],
)
def test_a_position_has_six_decimals_at_most(geo: tuple[float, float], written: bytes) -> None:
    assert written in ical.vevent(workshop(geo=geo))


@pytest.mark.parametrize("geo", [(float("nan"), 0.0), (0.0, float("inf")), (91.0, 0.0), (0.0, -180.1)])
def test_what_is_no_position_is_left_out(geo: tuple[float, float]) -> None:
    assert b"GEO" not in ical.vevent(workshop(geo=geo))


def test_topics_are_one_property_with_each_name_once() -> None:
    entry = workshop(categories=("VFX", " ", "a;b", "VFX", "two\nlines"))

    assert value(ical.vevent(entry), "CATEGORIES") == r"VFX,a\;b,two lines"


@pytest.mark.parametrize("length", [timedelta(0), timedelta(microseconds=900), timedelta(hours=-1)])
def test_an_entry_without_length_has_no_end(length: timedelta) -> None:
    raw = ical.one_event(workshop(ends_at=workshop().starts_at + length))

    assert b"DTEND" not in raw
    assert faults(raw) == []


@pytest.mark.parametrize(
    "entry",
    [
        workshop(),
        workshop(status="cancelled"),
        workshop(status="tentative", alarm=timedelta(days=1, minutes=5), joining_url="https://meet.example.org/1"),
        workshop(timezone="Europe/Dublin", geo=(35.1, 129.1), event_uid=UUID(int=3)),
        workshop(timezone="America/Santiago"),
        workshop(all_day=True, ends_on=date(2026, 10, 11)),
    ],
)
def test_three_parsers_agree_about_every_kind_of_entry(entry: Entry) -> None:
    seen = assert_sound(ical.one_event(entry))

    starts, ends = (
        (date(2026, 10, 8), entry.ends_on + timedelta(days=1)) if entry.all_day else (entry.starts_at, entry.ends_at)
    )
    title = f"[취소] {entry.summary}" if entry.status == "cancelled" else entry.summary
    assert seen == [(str(entry.uid), starts, ends, entry.status.upper(), title)]


POISON = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cc", "Zl", "Zp"]),
        st.sampled_from("\r\n\\;,:\"^Nn \t\u200b\ufeff\ufffe'=" + string.ascii_letters + "가색🎬"),
    ),
    max_size=120,
) | st.sampled_from(
    ["\r\nATTENDEE:mailto:a@b.c", "\nEND:VEVENT", "\u2028BEGIN:VALARM", "\\N", "\\", "a" * 300, "색" * 99]
)


def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


@settings(max_examples=300, deadline=None)
@given(POISON, POISON, POISON, POISON, st.lists(POISON, max_size=3), POISON)
def test_no_text_raises_or_adds_a_line_or_loses_a_letter(
    summary: str, description: str, location: str, link: str, topics: list[str], name: str
) -> None:
    entry = workshop(
        summary=summary,
        description=description,
        location=f"가{location}",
        url=f"https://callboard.test/{link}",
        joining_url=f"https://meet.example.org/{link}",
        categories=("VFX", *topics),
        alarm=timedelta(minutes=5),
    )
    benign = workshop(alarm=timedelta(minutes=5), joining_url="https://meet.example.org/")
    frame = programme(name=f"가{name}", description=f"가{description}", source=f"https://callboard.test/{link}")

    raw = ical.calendar(frame, [ical.vevent(entry)], ["Asia/Seoul"], entry.revised_at)

    wanted = ical.calendar(programme(), [ical.vevent(benign)], ["Asia/Seoul"], entry.revised_at)
    assert properties(raw) == properties(wanted)
    [(_, starts_at, ends_at, _, title)] = assert_sound(raw)
    assert (starts_at, ends_at) == (entry.starts_at, entry.ends_at)
    assert letters(title) == letters(summary)


def test_the_property_test_would_see_an_injected_line() -> None:
    raw = ical.one_event(workshop(summary="MARK"))

    assert properties(raw.replace(b"MARK", b"MARK\r\nATTENDEE:mailto:a@b.c")) != properties(raw)
