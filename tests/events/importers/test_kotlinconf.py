"""KotlinConf JSON: local times need a zone; dangling speakers are refused."""

import json
from typing import Any

import pytest

from events.importers import reading
from events.importers.entries import ImportRefused
from events.operations.drafting import DraftEvent, DraftSession, DraftTopic, Refused
from tests.events.importers.schedules import excerpt, utc


def conference(**changes: Any) -> bytes:
    session = {"id": "1", "title": "T", "startsAt": "2026-10-03T10:00", "endsAt": "2026-10-03T11:00"} | changes
    return json.dumps({"sessions": [session], "speakers": []}, indent=1).encode()


def refusal(raw: bytes, zone: str = "Asia/Seoul") -> Refused:
    [refused] = reading.read(raw, timezone=zone).refused
    return refused


def test_a_talk_is_read_with_everything_it_says() -> None:
    draft = reading.read(excerpt("kotlinconf-excerpt.json"), timezone="Europe/Copenhagen")

    talk = draft.entries[1]
    [speaker] = talk.sessions[0].speakers
    assert talk == DraftEvent(
        source_id="814508",
        line=14,
        title_en="Kotlin and Spring: The modern server side stack",
        description_en=talk.description_en,
        kind="talk",
        language="en",
        topics=[DraftTopic("intermediate", "Intermediate"), DraftTopic("server-side", "Server-side")],
        url="https://www.youtube.com/watch?v=NcAW-FZtpzk",
        sessions=[
            DraftSession(
                source_id="814508",
                line=14,
                starts_at=utc("2025-05-22T08:15"),
                ends_at=utc("2025-05-22T09:00"),
                timezone="Europe/Copenhagen",
                room="Keynote room",
                speakers=[speaker],
            )
        ],
    )
    assert talk.description_en.startswith("Rod will discuss his experience")
    assert "\r" not in talk.description_en
    assert (speaker.source_id, speaker.name) == ("7d983480-a141-4710-bbf5-4b90c23c9b9b", "Rod Johnson")


def test_without_a_zone_the_file_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(ImportRefused) as refused:
        reading.read(excerpt("kotlinconf-excerpt.json"))

    assert refused.value.code == "timezone_missing"
    assert "--timezone" in refused.value.message


def test_a_speaker_who_is_not_in_the_file_is_refused_by_line() -> None:
    assert refusal(conference(speakerIds=["nobody"])) == Refused(
        3, "T", "speakerIds", "dangling", "'nobody' is not the id of a speaker in this file"
    )


def test_a_local_time_that_clocks_skip_is_refused() -> None:
    raw = conference(startsAt="2026-03-29T02:30", endsAt="2026-03-29T04:00")

    assert refusal(raw, "Europe/Copenhagen") == Refused(
        3, "T", "startsAt", "time_skipped", "2026-03-29 02:30 does not exist in Europe/Copenhagen: clocks skip it"
    )


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"id": None}, "id", "missing"),
        ({"title": 7 * [1]}, "title", "missing"),
        ({"title": "x" * 301}, "title", "too_long"),
        ({"startsAt": "tomorrow"}, "startsAt", "invalid"),
        ({"startsAt": None}, "startsAt", "invalid"),
        ({"startsAt": "2026-10-03"}, "startsAt", "invalid"),
        ({"endsAt": "2026-10-03T10:00"}, "ends", "ends_before_start"),
        ({"endsAt": "2028-10-03T10:00"}, "ends", "out_of_range"),
        ({"startsAt": "1066-10-14T09:00"}, "startsAt", "out_of_range"),
        ({"startsAt": "0001-01-01T00:00"}, "startsAt", "out_of_range"),
        ({"location": "x" * 201}, "location", "too_long"),
        ({"tags": "Talk"}, "tags", "invalid"),
        ({"videoUrl": "javascript:alert(1)"}, "videoUrl", "invalid"),
    ],
)
def test_a_bad_value_names_its_field(changes: dict[str, Any], field: str, code: str) -> None:
    refused = refusal(conference(**changes))

    assert (refused.line, refused.field, refused.code) == (3, field, code)


@pytest.mark.parametrize("session", ["text", 7, None, [], [[1]]])
def test_an_item_that_is_no_object_is_refused_alone(session: Any) -> None:
    raw = json.dumps({"sessions": [session], "speakers": [], "startsAt": ""}).encode()

    refused = reading.read(raw, format="kotlinconf-json", timezone="Asia/Seoul").refused

    assert [(one.ref, one.code) for one in refused] == [("sessions[0]", "missing")]
