"""iCalendar: lenient where files are sloppy, exact where times are concerned."""

import pytest

from events.importers import reading
from events.importers.entries import ImportRefused
from events.operations.drafting import DraftEvent, DraftSession, DraftTopic, Refused
from tests.events.importers.schedules import calendar, entry, excerpt, utc


def spans(raw: bytes, timezone: str | None = None) -> list[tuple[str, str, str]]:
    """(source id, start, end) of the sessions of the only entry."""
    draft = reading.read(raw, timezone=timezone)
    assert draft.refused == []
    [only] = draft.entries
    return [(s.source_id, f"{s.starts_at:%m-%d %H:%M}", f"{s.ends_at:%m-%d %H:%M}") for s in only.sessions]


def refusals(raw: bytes) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.field, one.code) for one in reading.read(raw).refused]


def test_a_holiday_is_a_whole_local_day() -> None:
    draft = reading.read(excerpt("holidays-kr-excerpt.ics"))

    assert (draft.title, draft.timezone, draft.refused) == ("대한민국의 공휴일", "Asia/Seoul", [])
    assert [one.title_ko for one in draft.entries] == ["1월 1일", "설날 전날", "설날", "설날 다음 날"]
    assert draft.entries[0] == DraftEvent(
        source_id="20180101-fbe3d03c43fb47f8f07196897b886d23",
        line=7,
        title_ko="1월 1일",
        sessions=[
            DraftSession(
                source_id="20180101-fbe3d03c43fb47f8f07196897b886d23",
                line=7,
                starts_at=utc("2017-12-31T15:00"),
                ends_at=utc("2018-01-01T15:00"),
                timezone="Asia/Seoul",
                all_day=True,
            )
        ],
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(line_end: str) -> None:
    raw = excerpt("holidays-kr-excerpt.ics")

    assert reading.read(raw.replace(b"\n", line_end.encode())) == reading.read(raw)


def test_everything_an_entry_says_is_read_and_no_addresses_of_people() -> None:
    raw = calendar(
        "UID:u1\nSUMMARY;LANGUAGE=ko:영화\\, 촬\n 영\nDTSTART;TZID=Korea Standard Time:20261003T140000\n"
        "DURATION:PT1H30M\nDESCRIPTION:<p>첫 줄</p><p>둘째</p>\nCATEGORIES:촬영,VFX\nCATEGORIES:VFX\nSTATUS:TENTATIVE\n"
        "CLASS:PRIVATE\nLOCATION:영화의전당\nURL:https://example.org/a\nORGANIZER:mailto:a@example.org\n"
        "ATTENDEE;CN=B:mailto:b@example.org\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"
    )

    draft = reading.read(raw)

    assert draft.entries == [
        DraftEvent(
            source_id="u1",
            line=3,
            title_ko="영화, 촬영",
            description_ko="첫 줄\n\n둘째",
            language="ko",
            topics=[DraftTopic("topic-b9791ade", "촬영"), DraftTopic("vfx", "VFX")],
            status="tentative",
            visibility="unlisted",
            url="https://example.org/a",
            sessions=[
                DraftSession(
                    source_id="u1",
                    line=3,
                    starts_at=utc("2026-10-03T05:00"),
                    ends_at=utc("2026-10-03T06:30"),
                    timezone="Asia/Seoul",
                    status="tentative",
                    venue="영화의전당",
                )
            ],
        )
    ]


def test_local_times_use_the_callers_zone_then_the_calendars() -> None:
    assert spans(calendar(entry())) == [("u1", "03-01 15:00", "03-01 16:00")]
    assert spans(calendar(entry()), "Asia/Seoul") == [("u1", "03-01 01:00", "03-01 02:00")]


def test_a_local_time_without_any_zone_is_refused() -> None:
    assert reading.read(calendar(entry(), zone="")).refused == [
        Refused(3, "Title", "timezone", "timezone_missing", "a local time needs a time zone such as Asia/Seoul")
    ]


def test_utc_times_need_no_zone() -> None:
    raw = calendar(entry(starts="20260301T100000Z", ends="20260301T110000Z"), zone="")

    assert reading.read(raw).entries[0].sessions[0].timezone == "UTC"


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Asia/Seoul", "Asia/Seoul"),
        ("Korea Standard Time", "Asia/Seoul"),
        ("/freeassociation.sourceforge.net/Asia/Seoul", "Asia/Seoul"),
        ("Our zone", "Europe/Berlin"),
    ],
)
def test_zone_names_of_other_makers_are_understood(tzid: str, zone: str) -> None:
    named = b"BEGIN:VTIMEZONE\nTZID:Our zone\nX-LIC-LOCATION:Europe/Berlin\nEND:VTIMEZONE\nBEGIN:VEVENT"
    raw = calendar(entry()).replace(b"DTSTART:", f"DTSTART;TZID={tzid}:".encode())

    draft = reading.read(raw.replace(b"BEGIN:VEVENT", named, 1))

    assert [one.sessions[0].timezone for one in draft.entries] == [zone]


def test_an_unknown_zone_name_is_refused_not_guessed() -> None:
    raw = calendar(entry()).replace(b"DTSTART:", b"DTSTART;TZID=Mars/Olympus:")

    assert refusals(raw) == [(3, "DTSTART", "timezone_unknown")]


@pytest.mark.parametrize(
    ("lines", "field", "code"),
    [
        ("SUMMARY:a\nDTSTART:20260301T100000\nDTEND:20260301T110000", "UID", "missing"),
        ("UID:u\nDTSTART:20260301T100000\nDTEND:20260301T110000", "title", "missing"),
        ("UID:u\nSUMMARY:a\nDTEND:20260301T110000", "DTSTART", "missing"),
        ("UID:u\nSUMMARY:a\nDTSTART:20260301T100000", "DTEND", "missing"),
        ("UID:u\nSUMMARY:a\nDTSTART:2026-03-01\nDTEND:20260301T110000", "DTSTART", "invalid"),
        ("UID:u\nSUMMARY:a\nDTSTART:20260301T100000\nDTSTART:20260302T100000", "DTSTART", "invalid"),
        ("UID:u\nSUMMARY:a\nDTSTART:20260301T100000\nDTEND;VALUE=DATE:20260302", "DTEND", "invalid"),
        ("UID:u\nSUMMARY:a\nDTSTART:20260301T100000\nDURATION:P99999999999D", "DURATION", "invalid"),
        ("UID:u\nSUMMARY:a\nDTSTART:20260301T100000\nDTEND:20260301T090000", "ends", "ends_before_start"),
        ("UID:u\nSUMMARY:a\nDTSTART:20260308T023000\nDTEND:20260308T090000", "DTSTART", "time_skipped"),
    ],
)
def test_a_bad_entry_is_refused_by_line_and_the_next_one_kept(lines: str, field: str, code: str) -> None:
    raw = calendar(lines, entry(uid="good"))

    assert refusals(raw) == [(3, field, code)]
    assert [one.source_id for one in reading.read(raw).entries] == ["good"]


def test_the_same_uid_twice_is_refused_where_it_stands_again() -> None:
    raw = calendar(entry(), entry())

    assert refusals(raw) == [(9, "source_id", "duplicate")]


def test_a_zero_length_whole_day_is_that_day() -> None:
    raw = calendar("UID:u1\nSUMMARY:a\nDTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260301")

    assert spans(raw) == [("u1", "03-01 05:00", "03-02 05:00")]


def test_other_components_are_named_in_a_note() -> None:
    raw = calendar(entry()).replace(b"END:VCALENDAR", b"BEGIN:VTODO\nUID:t\nEND:VTODO\nEND:VCALENDAR")

    assert reading.read(raw).notes == ["Only VEVENT is read; left out: VTODO."]


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "malformed", 3),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "malformed", None),
        (b"BEGIN:VEVENT\nEND:VEVENT\n", "malformed", 1),
        (b"nothing", "malformed", None),
        (b"BEGIN:VCALENDAR\nX:\xff\xfe\nEND:VCALENDAR\n", "encoding", 2),
        (b"BEGIN:VCALENDAR\n" + 5 * b"BEGIN:VEVENT\n", "too_deep", 6),
    ],
)
def test_a_calendar_that_does_not_hold_together_is_refused_by_line(raw: bytes, code: str, line: int | None) -> None:
    with pytest.raises(ImportRefused) as refused:
        reading.read(raw, format="icalendar")

    assert (refused.value.code, refused.value.details["line"]) == (code, line)


def test_weekly_keeps_the_wall_time_when_clocks_change() -> None:
    assert spans(calendar(entry("RRULE:FREQ=WEEKLY;COUNT=3"))) == [
        ("20260301", "03-01 15:00", "03-01 16:00"),
        ("20260308", "03-08 14:00", "03-08 15:00"),
        ("20260315", "03-15 14:00", "03-15 15:00"),
    ]


def test_a_rule_in_utc_keeps_utc() -> None:
    raw = calendar(
        entry("RRULE:FREQ=WEEKLY;UNTIL=20260308T100000Z", starts="20260301T100000Z", ends="20260301T110000Z")
    )

    assert spans(raw) == [("20260301", "03-01 10:00", "03-01 11:00"), ("20260308", "03-08 10:00", "03-08 11:00")]


def test_until_in_utc_ends_a_local_rule_at_that_instant() -> None:
    raw = calendar(entry("RRULE:FREQ=DAILY;UNTIL=20260303T150000Z"))

    assert [day for day, _, _ in spans(raw)] == ["20260301", "20260302", "20260303"]


def test_dates_are_added_and_left_out() -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260302T100000\nRDATE:20260303T200000,20260310T100000"

    assert spans(calendar(entry(rule))) == [
        ("20260301", "03-01 15:00", "03-01 16:00"),
        ("20260303", "03-03 15:00", "03-03 16:00"),
        ("20260303T200000", "03-04 01:00", "03-04 02:00"),
        ("20260310", "03-10 14:00", "03-10 15:00"),
    ]


def test_whole_days_repeat_as_whole_days() -> None:
    raw = calendar(
        "UID:u1\nSUMMARY:a\nDTSTART;VALUE=DATE:20260307\nDTEND;VALUE=DATE:20260309\nRRULE:FREQ=WEEKLY;COUNT=2"
    )

    assert spans(raw) == [("20260307", "03-07 05:00", "03-09 04:00"), ("20260314", "03-14 04:00", "03-16 04:00")]


def test_an_occurrence_that_clocks_skip_is_refused_and_the_others_kept() -> None:
    raw = calendar(entry("RRULE:FREQ=WEEKLY;COUNT=3", starts="20260301T023000", ends="20260301T033000"))

    draft = reading.read(raw)

    assert [session.source_id for session in draft.entries[0].sessions] == ["20260301", "20260315"]
    assert draft.refused == [
        Refused(
            3, "Title", "RRULE", "time_skipped", "2026-03-08 02:30 does not exist in America/New_York: clocks skip it"
        )
    ]


def test_an_occurrence_changed_by_hand_replaces_the_one_it_names() -> None:
    changed = (
        entry(starts="20260309T120000", ends="20260309T130000") + "\nRECURRENCE-ID:20260308T100000\nSTATUS:CANCELLED"
    )

    draft = reading.read(calendar(entry("RRULE:FREQ=WEEKLY;COUNT=2"), changed))

    assert [(s.source_id, s.line, s.starts_at, s.status) for s in draft.entries[0].sessions] == [
        ("20260301", 3, utc("2026-03-01T15:00"), "confirmed"),
        ("20260308", 10, utc("2026-03-09T16:00"), "cancelled"),
    ]


def test_moving_a_series_to_another_hour_keeps_the_source_ids() -> None:
    before = spans(calendar(entry("RRULE:FREQ=WEEKLY;COUNT=2")))
    after = spans(calendar(entry("RRULE:FREQ=WEEKLY;COUNT=2", starts="20260301T120000", ends="20260301T130000")))

    assert [name for name, _, _ in after] == [name for name, _, _ in before]
    assert [start for _, start, _ in after] == ["03-01 17:00", "03-08 16:00"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=SECONDLY;COUNT=2", "rule_too_fine"),
        ("FREQ=MINUTELY;UNTIL=20260302T000000Z", "rule_too_fine"),
        ("FREQ=HOURLY;COUNT=2", "rule_too_fine"),
        ("FREQ=DAILY;BYHOUR=1,2,3;COUNT=2", "rule_too_fine"),
        ("FREQ=DAILY", "rule_endless"),
        ("FREQ=DAILY;COUNT=1000000000", "rule_too_long"),
        ("FREQ=DAILY;COUNT=367", "rule_too_long"),
        ("FREQ=DAILY;UNTIL=99991231T000000Z", "rule_too_long"),
        ("FREQ=DAILY;COUNT=0", "rule_invalid"),
        ("FREQ=DAILY;COUNT=-1", "rule_invalid"),
        ("FREQ=DAILY;COUNT=2;INTERVAL=0", "rule_invalid"),
        ("FREQ=DAILY;COUNT=2;INTERVAL=99999", "rule_invalid"),
        ("FREQ=DAILY;COUNT=" + "9" * 600, "rule_invalid"),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=XX", "rule_invalid"),
        ("FREQ=WEEKLY;UNTIL=soon", "rule_invalid"),
        ("FREQ=YEARLY;COUNT=200", "out_of_range"),
    ],
)
def test_a_rule_without_bounds_is_refused(rule: str, code: str) -> None:
    raw = calendar(entry(f"RRULE:{rule}"), entry(uid="good"))

    draft = reading.read(raw)

    assert {(one.line, one.field, one.code) for one in draft.refused} == {(3, "RRULE", code)}
    assert draft.entries[-1].source_id == "good"


def test_366_days_are_the_most() -> None:
    [only] = reading.read(calendar(entry("RRULE:FREQ=DAILY;COUNT=366"))).entries

    assert len(only.sessions) == 366


def test_two_thousand_components_are_the_most() -> None:
    entries = [entry(uid=str(number)) for number in range(2000)]

    assert len(reading.read(calendar(*entries[:1999])).entries) == 1999
    with pytest.raises(ImportRefused) as refused:
        reading.read(calendar(*entries))
    assert refused.value.code == "too_many_entries"


def test_exceptions_by_day_and_in_utc_are_understood() -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260302\nEXDATE:20260303T150000Z"

    assert [day for day, _, _ in spans(calendar(entry(rule)))] == ["20260301", "20260304"]


def test_a_duration_of_whole_days_keeps_the_wall_time() -> None:
    raw = calendar("UID:u1\nSUMMARY:a\nDTSTART:20260307T100000\nDURATION:P1D")

    assert spans(raw) == [("u1", "03-07 15:00", "03-08 14:00")]


@pytest.mark.parametrize(
    ("rule", "field", "code"),
    [
        ("RRULE:FREQ=DAILY;COUNT=2\nEXRULE:FREQ=DAILY;COUNT=1", "EXRULE", "unsupported"),
        ("RDATE;VALUE=PERIOD:20260303T100000Z/PT1H", "RDATE", "unsupported"),
        ("RDATE:soon", "RDATE", "invalid"),
        ("RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=3", "RRULE", "rule_invalid"),
        ("RRULE:soon", "RRULE", "rule_invalid"),
        ("RRULE:FREQ=DAILY;UNTIL=20261301T000000Z", "RRULE", "rule_invalid"),
    ],
)
def test_a_repetition_that_is_not_understood_refuses_the_entry(rule: str, field: str, code: str) -> None:
    assert refusals(calendar(entry(rule))) == [(3, field, code)]


def test_a_change_for_all_the_future_is_refused_alone() -> None:
    changed = (
        entry(starts="20260308T120000", ends="20260308T130000") + "\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260308T100000"
    )
    raw = calendar(entry("RRULE:FREQ=WEEKLY;COUNT=2"), changed)

    assert refusals(raw) == [(10, "RECURRENCE-ID", "unsupported")]
    assert [session.starts_at for session in reading.read(raw).entries[0].sessions] == [
        utc("2026-03-01T15:00"),
        utc("2026-03-08T14:00"),
    ]
