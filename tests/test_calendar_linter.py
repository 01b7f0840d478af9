"""The linter names each of the 25 faults that parsers were seen to accept or reject, and passes the sound feed."""

from collections.abc import Callable

import pytest

from tests.calendar_linter import RULES, faults

GOOD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Linter//EN
UID:feed-1
NAME:부산\\, 워크숍
REFRESH-INTERVAL;VALUE=DURATION:PT1H
BEGIN:VTIMEZONE
TZID:Asia/Seoul
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
TZNAME:KST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:4be0
DTSTAMP:20260901T000000Z
DTSTART;TZID=Asia/Seoul:20261008T100000
DTEND;TZID=Asia/Seoul:20261008T120000
SUMMARY:색보정\\, 기초
DESCRIPTION:첫 줄입니다\\n둘째 줄은 조금 더 길어서 한 번
  접힙니다\\; 그리고 끝
GEO:35.171;129.127
CATEGORIES:VFX,색\\,보정
STATUS:CONFIRMED
SEQUENCE:0
ORGANIZER;CN="Kim, Minji":mailto:hello@example.org
END:VEVENT
BEGIN:VEVENT
UID:4be1
DTSTAMP:20260901T000000Z
DTSTART;VALUE=DATE:20261009
DTEND;VALUE=DATE:20261010
SUMMARY:하루 종일
END:VEVENT
BEGIN:VEVENT
UID:4be2
DTSTAMP:20260901T000000Z
DTSTART;TZID=Asia/Seoul:20261013T190000
DURATION:PT2H
RRULE:FREQ=WEEKLY;UNTIL=20261130T000000Z
SUMMARY:매주
END:VEVENT
BEGIN:VEVENT
UID:4be2
DTSTAMP:20260901T000000Z
RECURRENCE-ID;TZID=Asia/Seoul:20261020T190000
DTSTART;TZID=Asia/Seoul:20261021T190000
DURATION:PT2H
SEQUENCE:1
SUMMARY:매주
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def edited(old: str, new: str) -> Callable[[bytes], bytes]:
    before, after = (text.replace("\n", "\r\n").encode() for text in (old, new))

    def edit(raw: bytes) -> bytes:
        assert before in raw, f"the sound feed has no {old!r}"
        return raw.replace(before, after, 1)

    return edit


def without_components(raw: bytes) -> bytes:
    return raw[: raw.index(b"BEGIN:VTIMEZONE")] + b"END:VCALENDAR\r\n"


def without_zone(raw: bytes) -> bytes:
    end = b"END:VTIMEZONE\r\n"
    return raw[: raw.index(b"BEGIN:VTIMEZONE")] + raw[raw.index(end) + len(end) :]


def folded_inside_a_character(raw: bytes) -> bytes:
    word = "하루".encode()
    return raw.replace(word, word[:1] + b"\r\n " + word[1:], 1)


# The twelve that none of six parsers noticed, then the thirteen that at least one did.
SINGLE_FAULTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "an unfolded long line": ("line-too-long", edited("한 번\n  접", "한 번 접")),
    "LF alone as line end": ("bare-newline", lambda raw: raw.replace(b"\r\n", b"\n")),
    "a plain-text ORGANIZER": ("organizer-not-uri", edited("mailto:hello@example.org", "Kim Minji")),
    "DTEND before DTSTART": ("end-not-after-start", edited("T120000\nSUMMARY", "T090000\nSUMMARY")),
    "a duplicate UID": ("duplicate-uid", edited("UID:4be1", "UID:4be0")),
    "REFRESH-INTERVAL without VALUE": ("refresh-interval-without-value", edited("INTERVAL;VALUE=DURATION", "INTERVAL")),
    "an unescaped comma": ("unescaped-text", edited("SUMMARY:색보정\\,", "SUMMARY:색보정,")),
    "DTSTAMP with TZID": ("not-utc", edited("DTSTAMP:20260901T000000Z", "DTSTAMP;TZID=Asia/Seoul:20260901T090000")),
    "TZID on a time in UTC": ("tzid-on-utc", edited("20261008T100000", "20261008T010000Z")),
    "a calendar property after the components": (
        "property-after-component",
        edited("END:VCALENDAR", "X-WR-CALNAME:late\nEND:VCALENDAR"),
    ),
    "a local UNTIL beside TZID": ("until-not-utc", edited("UNTIL=20261130T000000Z", "UNTIL=20261130T000000")),
    "a negative SEQUENCE": ("bad-sequence", edited("SEQUENCE:0", "SEQUENCE:-1")),
    "no DTSTAMP": ("missing-dtstamp", edited("UID:4be1\nDTSTAMP:20260901T000000Z\n", "UID:4be1\n")),
    "no UID": ("missing-uid", edited("UID:4be1\n", "")),
    "TZID without VTIMEZONE": ("tzid-without-zone", without_zone),
    "a fold inside a character": ("fold-inside-character", folded_inside_a_character),
    "a control character": ("control-character", edited("SUMMARY:하루", "SUMMARY:하\x0b루")),
    "METHOD:PUBLISH without ORGANIZER": ("publish-without-organizer", edited("UID:feed-1", "METHOD:PUBLISH")),
    "an unknown STATUS": ("bad-status", edited("STATUS:CONFIRMED", "STATUS:MOVED")),
    "DATE beside DATE-TIME": ("date-type-mix", edited("DTEND;VALUE=DATE:20261010", "DTEND:20261010T000000Z")),
    "DTEND and DURATION": ("end-and-duration", edited("SUMMARY:하루", "DURATION:P1D\nSUMMARY:하루")),
    "no PRODID": ("missing-prodid", edited("PRODID:-//Example//Linter//EN\n", "")),
    "an empty calendar": ("empty-calendar", without_components),
    "a raw newline in a text": ("not-a-content-line", edited("SUMMARY:하루 종일", "SUMMARY:하루\n종일")),
    "a comma in GEO": ("bad-geo", edited("GEO:35.171;129.127", "GEO:35.171,129.127")),
}

# What else the calendars of this project promise.
MORE_FAULTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "an unescaped semicolon": ("unescaped-text", edited("접힙니다\\;", "접힙니다;")),
    "an unknown escape": ("unescaped-text", edited("SUMMARY:하루 종일", "SUMMARY:하루\\t종일")),
    "a fold inside an escape": ("fold-inside-escape", edited("SUMMARY:색보정\\, 기초", "SUMMARY:색보정\\\n , 기초")),
    "bytes that are no UTF-8": (
        "not-utf8",
        lambda raw: raw.replace("하루 종일".encode(), "하루 종일".encode("euc-kr")),
    ),
    "an injected property": ("repeated-property", edited("SUMMARY:하루 종일", "SUMMARY:하루 종일\nSUMMARY:둘")),
    "a component that never ends": ("unbalanced-component", edited("END:VEVENT\nEND:VCALENDAR", "END:VCALENDAR")),
    "no VERSION": ("missing-version", edited("VERSION:2.0\n", "")),
    "no DTSTART": ("missing-dtstart", edited("DTSTART;VALUE=DATE:20261009\nDTEND;VALUE=DATE:20261010\n", "")),
    "a floating time": ("bad-time", edited("DTSTART;TZID=Asia/Seoul:20261013", "DTSTART:20261013")),
    "a duration in words of another format": ("bad-duration", edited("DURATION:PT2H", "DURATION:2:00:00")),
}


def codes(raw: bytes) -> list[str]:
    return sorted({fault.split(" ")[0] for fault in faults(raw)})


def test_the_sound_feed_has_no_fault() -> None:
    assert faults(GOOD) == []


def test_there_are_twenty_five_single_faults() -> None:
    assert len(SINGLE_FAULTS) == 25


@pytest.mark.parametrize(("code", "edit"), SINGLE_FAULTS.values(), ids=SINGLE_FAULTS.keys())
def test_one_edit_of_the_sound_feed_gives_this_fault_and_no_other(code: str, edit: Callable[[bytes], bytes]) -> None:
    assert codes(edit(GOOD)) == [code]


@pytest.mark.parametrize(("code", "edit"), MORE_FAULTS.values(), ids=MORE_FAULTS.keys())
def test_what_the_feeds_promise_beyond_that_is_checked_too(code: str, edit: Callable[[bytes], bytes]) -> None:
    assert code in codes(edit(GOOD))


def test_every_rule_has_a_fault_that_breaks_it() -> None:
    assert {code for code, _ in [*SINGLE_FAULTS.values(), *MORE_FAULTS.values()]} == set(RULES)


def test_a_fault_names_its_line_and_its_rule() -> None:
    assert faults(edited("SEQUENCE:0", "SEQUENCE:-1")(GOOD)) == [
        "bad-sequence (line 27): SEQUENCE is a number from 0 (RFC 5545 3.8.7.4)"
    ]


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"hello", b"\xff\xfe", b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n"])
def test_what_is_no_calendar_is_refused_without_an_exception(raw: bytes) -> None:
    assert faults(raw) != []
