"""The five real files beside the project, whole: exact counts, and values looked up in them by hand."""

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from events.importers import guarding
from events.operations.drafting import Draft, DraftRoom, DraftSession, DraftSpeaker, DraftTopic
from tests.events.importers.schedules import utc

pytestmark = pytest.mark.sample_data

Find = Callable[[str], Path]


def read(path: Path, timezone: str | None = None) -> Draft:
    return guarding.read_guarded(path.read_bytes(), filename=path.name, timezone=timezone)


def test_all_1007_events_of_38c3_are_read(sample_data: Find) -> None:
    draft = read(sample_data("38c3-schedule.xml.gz"))

    assert (draft.format, draft.title, draft.timezone, draft.refused) == ("frab-xml", "38C3", "Europe/Berlin", [])
    assert len(draft.entries) == len({entry.source_id for entry in draft.entries}) == 1007
    assert len(draft.rooms) == 72
    assert Counter(entry.kind for entry in draft.entries) == {"other": 632, "talk": 235, "workshop": 140}
    assert Counter(entry.language for entry in draft.entries) == {"de": 589, "en": 374, "": 44}
    assert len({topic.slug for entry in draft.entries for topic in entry.topics}) == 7
    assert sum(len(session.speakers) for entry in draft.entries for session in entry.sessions) == 1032
    assert draft.notes == ["Entries that name several languages: 174. The first one was kept."]


def test_every_38c3_line_number_is_where_the_event_stands(sample_data: Find) -> None:
    path = sample_data("38c3-schedule.xml.gz")
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")

    draft = read(path)

    assert [f'guid="{entry.source_id}"' in lines[(entry.line or 0) - 1] for entry in draft.entries] == [True] * 1007


def test_a_talk_after_midnight_is_on_its_own_date(sample_data: Find) -> None:
    draft = read(sample_data("38c3-schedule.xml.gz"))

    talk = next(entry for entry in draft.entries if entry.title_en.startswith("Blåmba!"))

    assert talk.line == 600
    assert talk.sessions == [
        DraftSession(
            source_id="4bf7f17e-2158-5b5b-b274-0b595f800371",
            line=600,
            starts_at=utc("2024-12-27T23:15"),
            ends_at=utc("2024-12-27T23:55"),
            timezone="Europe/Berlin",
            room="Saal GLITCH",
            speakers=talk.sessions[0].speakers,
        )
    ]
    assert [speaker.name for speaker in talk.sessions[0].speakers] == ["Manawyrm"]


def test_all_112_sessions_of_kotlinconf_are_read_in_the_zone_that_is_asked_for(sample_data: Find) -> None:
    draft = read(sample_data("kotlinconf-2025.json"), timezone="Europe/Copenhagen")

    assert (draft.format, draft.refused, len(draft.entries)) == ("kotlinconf-json", [], 112)
    assert len(draft.rooms) == 12
    assert Counter(entry.kind for entry in draft.entries) == {"talk": 76, "other": 23, "workshop": 13}
    assert len({one.source_id for e in draft.entries for s in e.sessions for one in s.speakers}) == 105
    keynote = next(entry for entry in draft.entries if entry.source_id == "857088")
    assert keynote.title_en == "Opening keynote"
    assert keynote.sessions[0].starts_at == utc("2025-05-22T07:00")
    assert keynote.sessions[0].ends_at == utc("2025-05-22T08:00")
    assert len(keynote.sessions[0].speakers) == 8


def test_all_50_eventbrite_workshops_are_read_each_in_its_own_zone(sample_data: Find) -> None:
    draft = read(sample_data("eventbrite-workshops.json"))

    assert (draft.format, draft.refused, len(draft.entries)) == ("eventbrite-json", [], 50)
    assert Counter(entry.sessions[0].timezone for entry in draft.entries) == {
        "Australia/Sydney": 19,
        "Australia/Brisbane": 8,
        "Australia/Perth": 8,
        "Australia/Melbourne": 5,
        "Australia/Hobart": 5,
        "Australia/Adelaide": 4,
        "America/New_York": 1,
    }
    assert Counter(entry.visibility for entry in draft.entries) == {"public": 48, "unlisted": 2}
    assert draft.notes == [
        "This is page 1 of 2 (68 entries in all); import the other pages too.",
        "Entries that name their venue by number only: 42. Fetch them with expand=venue.",
    ]
    first = draft.entries[0]
    assert (first.title_en, first.capacity) == ("ANDS SA Community Day", 50)
    assert first.sessions[0].starts_at == utc("2012-06-28T23:15")
    assert first.description_en.endswith("2:30pm | Making Data Discoverable This session will cover specifics of "
        "metadata best practice, including ANDS Activity and Party infrastructure projects.\n\n"
        "Afternoon Tea Open forum and questions")  # fmt: skip
    assert not any(mark in entry.description_en for entry in draft.entries for mark in ("<p", "<span", "\r", "&nbsp;"))


def test_all_26_programmes_of_pycon_korea_are_joined_from_five_tables(sample_data: Find) -> None:
    draft = read(sample_data("pyconkr-2014.json"))

    assert (draft.format, draft.refused, len(draft.entries)) == ("pyconkr-json", [], 26)
    assert draft.rooms == [
        DraftRoom("B115", seats=70),
        DraftRoom("계단강의실", seats=146),
        DraftRoom("젬마홀", seats=249),
    ]
    assert Counter(len(entry.sessions) for entry in draft.entries) == {1: 21, 3: 5}
    talk = next(entry for entry in draft.entries if entry.source_id == "program/2")
    assert (talk.title_ko, talk.kind, talk.language) == ("위대한 dict 이해하고 사용하기", "talk", "ko")
    assert talk.topics == [DraftTopic("general", "파이썬 일반")]
    assert talk.sessions[0].speakers == [DraftSpeaker("pyconkr/jongman", "구종만")]
    assert (talk.sessions[0].room, talk.sessions[0].timezone) == ("젬마홀", "Asia/Seoul")


def test_all_192_korean_holidays_are_read_as_whole_days(sample_data: Find) -> None:
    draft = read(sample_data("holidays-kr.ics"))

    assert (draft.format, draft.title, draft.timezone) == ("icalendar", "대한민국의 공휴일", "Asia/Seoul")
    assert (draft.refused, draft.notes, len(draft.entries)) == ([], [], 192)
    assert {session.all_day for entry in draft.entries for session in entry.sessions} == {True}
    last = draft.entries[-1]
    assert (last.title_ko, last.line) == ("대체공휴일(기독탄신일)", 1535)
    assert last.sessions[0].starts_at == utc("2027-12-26T15:00")
    assert last.sessions[0].ends_at == utc("2027-12-27T15:00")
