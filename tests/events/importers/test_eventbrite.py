"""Eventbrite JSON: zones per entry, HTML, contradictions, the page it is."""

from typing import Any

import pytest

from events.importers import reading
from events.operations.drafting import DraftEvent, DraftSession, DraftTopic
from tests.events.importers.schedules import eventbrite, excerpt, utc


def test_a_webinar_is_read_with_everything_it_says() -> None:
    draft = reading.read(excerpt("eventbrite-excerpt.json"))

    webinar = draft.entries[1]
    assert webinar == DraftEvent(
        source_id="8485425135",
        line=73,
        title_en="Citers Catchup",
        description_en=webinar.description_en,
        kind="other",
        language="en-AU",
        capacity=22,
        url="https://www.eventbrite.com.au/e/citers-catchup-tickets-8485425135",
        sessions=[
            DraftSession(
                source_id="8485425135",
                line=73,
                starts_at=utc("2013-11-12T01:30"),
                ends_at=utc("2013-11-12T02:30"),
                timezone="Australia/Sydney",
                online=True,
            )
        ],
    )
    assert webinar.description_en.startswith("What?\nThis is the kick off meeting for The Citers Catchup - come along")
    assert draft.entries[0].topics == [DraftTopic("science-technology", "Science & Technology")]
    assert [entry.line for entry in draft.entries] == [11, 73, 134]


def test_the_notes_say_which_page_it_is_and_that_venues_are_numbers() -> None:
    assert reading.read(excerpt("eventbrite-excerpt.json")).notes == [
        "This is page 1 of 2 (68 entries in all); import the other pages too.",
        "Entries that name their venue by number only: 2. Fetch them with expand=venue.",
    ]


def test_an_expanded_venue_is_named() -> None:
    [entry] = reading.read(eventbrite(venue_id="7", venue={"name": "영화의전당"})).entries

    assert entry.sessions[0].venue == "영화의전당"


@pytest.mark.parametrize(
    ("status", "listed", "expected"),
    [
        ("completed", True, ("confirmed", "public")),
        ("live", False, ("confirmed", "unlisted")),
        ("canceled", True, ("cancelled", "public")),
        ("draft", None, ("tentative", "public")),
    ],
)
def test_status_and_listing_are_kept(status: str, listed: bool | None, expected: tuple[str, str]) -> None:
    [entry] = reading.read(eventbrite(status=status, listed=listed)).entries

    assert (entry.sessions[0].status, entry.visibility) == (entry.status, entry.visibility) == expected


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": None}, "title", "missing"),
        ({"capacity": -1}, "capacity", "invalid"),
        ({"capacity": 10**40}, "capacity", "invalid"),
        ({"start": {"timezone": "Mars/Olympus", "utc": "2026-10-03T05:00:00Z"}}, "timezone", "timezone_unknown"),
        ({"start": {"utc": "2026-10-03T05:00:00Z"}}, "timezone", "timezone_missing"),
        ({"start": {"timezone": "Asia/Seoul", "utc": "2026-10-03T05:00:00"}}, "start.utc", "invalid"),
        (
            {"start": {"timezone": "Asia/Seoul", "utc": "2026-10-03T05:00:00Z", "local": "2026-10-03T15:00:00"}},
            "start.local",
            "contradiction",
        ),
        ({"description": {"html": "<p>" + "x" * 50_001}}, "description", "too_long"),
    ],
)
def test_a_bad_value_names_its_field(changes: dict[str, Any], field: str, code: str) -> None:
    draft = reading.read(eventbrite(**changes))

    assert [(one.field, one.code) for one in draft.refused] == [(field, code)]
    assert draft.entries == []


def test_where_an_entry_has_no_zone_the_callers_is_used() -> None:
    raw = eventbrite(start={"utc": "2026-10-03T05:00:00Z"}, end={"utc": "2026-10-03T06:00:00Z"})

    [entry] = reading.read(raw, timezone="Asia/Seoul").entries

    assert entry.sessions[0].timezone == "Asia/Seoul"
