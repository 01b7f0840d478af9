"""Sample entries and frames for the tests of the calendar text; a change names only what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from events.ical import Entry, Frame

WORKSHOP = Entry(
    uid=UUID("7f1d2c3b-4a59-4e68-8b77-96a5b4c3d2e1"),
    sequence=2,
    status="confirmed",
    starts_at=datetime(2026, 10, 8, 1, 0, tzinfo=UTC),
    ends_at=datetime(2026, 10, 8, 3, 0, tzinfo=UTC),
    timezone="Asia/Seoul",
    all_day=False,
    starts_on=date(2026, 10, 8),
    ends_on=date(2026, 10, 8),
    summary="색보정 입문, 1부",
    description="다빈치 리졸브로 하는 색보정; 노트북을 가져오세요.\n강사: 김하늘",
    location="강의실 301, 영화의전당, 부산 해운대구 수영강변대로 120",
    url="https://callboard.test/ko/events/color-grading/",
    categories=("후반 작업", "색보정, DI"),
    created_at=datetime(2026, 8, 1, 9, 0, tzinfo=UTC),
    revised_at=datetime(2026, 9, 1, 12, 30, 15, 987654, tzinfo=UTC),
    language="ko",
)

PROGRAMME = Frame(
    name="부산 워크숍, 2026",
    description="영화제 기간의 모든 워크숍",
    url="https://callboard.test/ko/programmes/biff/",
    source="https://callboard.test/calendars/programmes/biff.ics",
    language="ko",
    timezone="Asia/Seoul",
    categories=("VFX", "OTT"),
)


def workshop(**changes: Any) -> Entry:
    return replace(WORKSHOP, **changes)


def programme(**changes: Any) -> Frame:
    return replace(PROGRAMME, **changes)
