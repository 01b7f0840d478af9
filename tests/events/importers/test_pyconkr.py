"""PyCon Korea's fixture: rows joined by id, blocks merged, dangling keys refused."""

import json
from typing import Any

import pytest

from events.importers import reading
from events.operations.drafting import DraftEvent, DraftSession, DraftSpeaker, DraftTopic, Refused
from tests.events.importers.schedules import excerpt, utc


def fixture(**changes: Any) -> bytes:
    """One programme on a day with three slots, of which the first two touch; rooms 1 and 2."""
    slots = [("09:00:00", "10:00:00"), ("10:00:00", "11:00:00"), ("13:00:00", "14:00:00")]
    programme = {"name": "T", "desc": "", "language": "ko", "date": 1, "times": [1], "rooms": [1], "speakers": []}
    rows = [
        ("programdate", 1, {"day": "2026-10-03"}),
        *(("programtime", key, {"begin": begin, "end": end}) for key, (begin, end) in enumerate(slots, start=1)),
        ("room", 1, {"name": "가", "desc": "249석 98평"}),
        ("room", 2, {"name": "나", "desc": ""}),
        ("speaker", 5, {"name": "정민영", "slug": "kkung"}),
        ("program", 9, programme | changes),
    ]
    items = [json.dumps({"pk": pk, "model": f"pyconkr.{model}", "fields": fields}) for model, pk, fields in rows]
    return ("[\n" + ",\n".join(items) + "\n]").encode()


def times_and_rooms(raw: bytes) -> list[tuple[str, str, str, str]]:
    [entry] = reading.read(raw).entries
    return [(s.source_id, f"{s.starts_at:%H:%M}", f"{s.ends_at:%H:%M}", s.room) for s in entry.sessions]


def test_a_talk_is_joined_from_all_its_tables() -> None:
    draft = reading.read(excerpt("pyconkr-excerpt.json"))

    talk = draft.entries[0]
    assert talk == DraftEvent(
        source_id="program/3",
        line=200,
        title_ko="제약을 넘어 : Gevent",
        description_ko=talk.description_ko,
        kind="talk",
        language="ko",
        topics=[DraftTopic("general", "파이썬 일반")],
        sessions=[
            DraftSession(
                source_id="1/1",
                line=200,
                starts_at=utc("2014-08-30T02:00"),
                ends_at=utc("2014-08-30T02:45"),
                timezone="Asia/Seoul",
                room="젬마홀",
                speakers=[DraftSpeaker("pyconkr/kkung", "정민영")],
            )
        ],
    )
    assert talk.description_ko.endswith("제약을 극복하기 위해 많은걸 할 필요도 없지만요.")


def test_slots_that_touch_are_one_block_and_others_another_session() -> None:
    assert times_and_rooms(fixture(times=[3, 1, 2])) == [
        ("1/1", "00:00", "02:00", "가"),
        ("2/1", "04:00", "05:00", "가"),
    ]


def test_every_room_is_held_and_only_the_first_has_the_speakers() -> None:
    [entry] = reading.read(fixture(rooms=[1, 2], speakers=[5])).entries

    assert [(session.room, [one.name for one in session.speakers]) for session in entry.sessions] == [
        ("가", ["정민영"]),
        ("나", []),
    ]
    assert reading.read(fixture(rooms=[1, 2])).notes == [
        "An entry in several rooms at once has a session in each; the first has the speakers."
    ]


def test_an_entry_without_a_room_keeps_its_time() -> None:
    assert times_and_rooms(fixture(rooms=[])) == [("1/1", "00:00", "01:00", "")]


def test_moving_to_another_slot_and_room_keeps_the_source_id() -> None:
    assert times_and_rooms(fixture(times=[3], rooms=[2])) == [("1/1", "04:00", "05:00", "나")]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"rooms": [99]}, "rooms", "dangling"),
        ({"speakers": [99]}, "speakers", "dangling"),
        ({"times": [99]}, "times", "dangling"),
        ({"date": 99}, "date", "dangling"),
        ({"category": 99}, "category", "dangling"),
        ({"times": []}, "times", "missing"),
        ({"name": ""}, "title", "missing"),
        ({"rooms": 1}, "rooms", "invalid"),
    ],
)
def test_a_key_that_points_nowhere_is_refused_by_line(changes: dict[str, Any], field: str, code: str) -> None:
    draft = reading.read(fixture(**changes))

    assert [(one.line, one.field, one.code) for one in draft.refused] == [(9, field, code)]
    assert draft.rooms == []


def test_the_refusal_says_which_key() -> None:
    assert reading.read(fixture(rooms=[99])).refused == [
        Refused(9, "T", "rooms", "dangling", "there is no room with the id '99' in this file")
    ]
