"""Joined from halves, an entry has the same bytes as if it had been written whole."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import ical
from events.ical import halves
from tests.calendar_entries import workshop

STAMP = "20261001T080000Z"
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=120)
LONG = "촬영 감독과 함께하는 가상 스튜디오 조명 실습, 두 번째 시간; 준비물은 노트북\\메모"


@settings(max_examples=150, deadline=None)
@given(
    summary=LINES, description=LINES, location=LINES, sequence=st.integers(0, 2**31 - 1),
    minutes=st.integers(0, 40_000),
    status=st.sampled_from(["tentative", "confirmed", "cancelled"]), language=st.sampled_from(["ko", "en"]),
)  # fmt: skip
def test_halves_join_to_the_entry_that_is_written_whole(
    summary: str, description: str, location: str, sequence: int, minutes: int, status: str, language: str
) -> None:
    seen = workshop(summary=summary, description=description, location=location, language=language)
    half = halves.first_half(ical.vevent(seen))
    before = timedelta(minutes=minutes)
    whole = replace(seen, sequence=sequence, status=status, opaque=True, alarm=before)

    busy = halves.busy(half) if status != "cancelled" else halves.called_off(halves.busy(half), language)
    stamp = f"{whole.revised_at:%Y%m%dT%H%M%SZ}"
    alarm = halves.alarm(busy, minutes) if status != "cancelled" else ""
    joined = busy + halves.second_half(stamp=stamp, sequence=sequence, status=status, alarm=alarm)

    assert joined.encode() == ical.vevent(whole)


@pytest.mark.parametrize("title", ["", "Sound", LONG, "SUMMARY:\r\nTRANSP:OPAQUE"])
def test_a_title_that_looks_like_other_lines_stays_a_title(title: str) -> None:
    seen = workshop(summary=title)

    half = halves.called_off(halves.busy(halves.first_half(ical.vevent(seen))), seen.language)

    joined = half + halves.second_half(stamp=STAMP, sequence=0, status="cancelled")
    unlike = replace(seen, sequence=0, status="cancelled")
    assert joined.replace(STAMP, f"{seen.revised_at:%Y%m%dT%H%M%SZ}").encode() == ical.vevent(unlike)
