"""frab XML: the excerpt as a whole, and what a schedule can get wrong."""

import gzip

import pytest

from events.importers import reading
from events.importers.entries import ImportRefused
from events.operations.drafting import DraftEvent, DraftRoom, DraftSession, DraftSpeaker, DraftTopic, Refused
from tests.events.importers.schedules import excerpt, utc

GOOD = '<event guid="g{n}"><date>2026-10-03T10:00:00+09:00</date><duration>01:00</duration><title>T{n}</title></event>'


def schedule(*events: str, day: str = "2026-10-03") -> bytes:
    zone = "<conference><title>C</title><time_zone_name>Asia/Seoul</time_zone_name></conference>"
    body = "\n".join(events)
    return f'<schedule>{zone}<day date="{day}"><room name="R">\n{body}\n</room></day></schedule>'.encode()


def test_the_opening_of_38c3_is_read_with_everything_it_says() -> None:
    draft = reading.read(excerpt("38c3-excerpt.xml"))

    assert draft.entries[0] == DraftEvent(
        source_id="270fa44c-821a-577f-8ca3-33e8d4a8c2a7",
        line=24,
        title_en="38C3: Opening Ceremony",
        summary_en="Glad you could make it! Take a seat and buckle up for a ride through four days of chaotic "
        "adventures.",
        description_en="This ceremony will prepare you for the 38C3 in all its glory, underground and above, hacks and "
        "trolls, art and radical ideas. Let's kick this thing off together!",
        kind="other",
        language="en",
        topics=[DraftTopic("ccc", "CCC")],
        url="https://events.ccc.de/congress/2024/hub/de/event/38c3-opening-ceremony/",
        sessions=[
            DraftSession(
                source_id="270fa44c-821a-577f-8ca3-33e8d4a8c2a7",
                line=24,
                starts_at=utc("2024-12-27T09:30"),
                ends_at=utc("2024-12-27T10:00"),
                timezone="Europe/Berlin",
                room="Saal 1",
                speakers=[
                    DraftSpeaker("0c16ffaa-709d-599f-959f-9a38b911361a", "Gabriela Bogk"),
                    DraftSpeaker("4cee1e72-681f-5c8b-8dcd-8e58c8f4a445", "Senficon"),
                    DraftSpeaker("721a267b-b09d-5422-8221-4f9a71cfc727", "Aline Blankertz"),
                ],
            )
        ],
    )
    assert draft.rooms == [
        DraftRoom("Saal 1", source_id="ba692ba3-421b-5371-8309-60acc34a3c05"),
        DraftRoom("Saal GLITCH", source_id="7202df07-050c-552f-8318-992f94e40ef0"),
        DraftRoom("SoS Saal D", source_id="f4fdccc0-e702-4274-92e8-1aab56d33ae6"),
    ]


def test_gzip_changes_nothing() -> None:
    raw = excerpt("38c3-excerpt.xml")

    assert reading.read(gzip.compress(raw), filename="s.xml.gz") == reading.read(raw)


def test_bad_events_are_refused_by_line_and_the_rest_is_kept() -> None:
    raw = schedule(
        GOOD.format(n=1),
        '<event guid="g2"><date>2026-10-03T10:00:00+09:00</date><duration>01:00</duration><title> </title></event>',
        '<event guid="g3"><date>2026-13-03T10:00:00+09:00</date><duration>01:00</duration><title>T3</title></event>',
        '<event guid="g4"><date>2026-10-03T10:00:00+09:00</date><duration>1h</duration><title>T4</title></event>',
        "<event><date>2026-10-03T10:00:00+09:00</date><duration>01:00</duration><title>T5</title></event>",
        '<event guid="g6"><date>2026-10-03T10:00:00+09:00</date><duration>00:00</duration><title>T6</title></event>',
        GOOD.format(n=1),
        GOOD.format(n=8),
    )

    draft = reading.read(raw)

    assert [(entry.source_id, entry.line) for entry in draft.entries] == [("g1", 2), ("g8", 9)]
    assert [(one.line, one.ref, one.field, one.code) for one in draft.refused] == [
        (3, "g2", "title", "missing"),
        (4, "T3", "date", "invalid"),
        (5, "T4", "duration", "invalid"),
        (6, "T5", "guid", "missing"),
        (7, "T6", "ends", "ends_before_start"),
        (8, "T1", "source_id", "duplicate"),
    ]
    assert draft.refused[2] == Refused(
        5, "T4", "duration", "invalid", "'1h' is not a duration such as 01:30 (hours and minutes)"
    )


def test_a_start_without_date_after_midnight_belongs_to_the_evening_before() -> None:
    event = '<event guid="g"><start>{}</start><duration>01:00</duration><title>T</title></event>'

    evening = reading.read(schedule(event.format("23:00"))).entries[0].sessions[0]
    night = reading.read(schedule(event.format("01:00"))).entries[0].sessions[0]

    assert evening.starts_at == utc("2026-10-03T14:00")
    assert night.starts_at == utc("2026-10-03T16:00")


def test_an_hour_in_the_night_of_the_clock_change_is_an_hour() -> None:
    raw = schedule(
        '<event guid="g"><date>2026-10-25T02:30:00+02:00</date><duration>01:00</duration><title>T</title></event>'
    ).replace(b"Asia/Seoul", b"Europe/Berlin")

    session = reading.read(raw).entries[0].sessions[0]

    assert (session.starts_at, session.ends_at) == (utc("2026-10-25T00:30"), utc("2026-10-25T01:30"))


def test_the_zone_that_the_caller_names_wins_over_the_conference() -> None:
    draft = reading.read(schedule(GOOD.format(n=1)), timezone="Europe/Paris")

    assert draft.timezone == "Europe/Paris"
    assert draft.entries[0].sessions[0].timezone == "Europe/Paris"
    assert draft.entries[0].sessions[0].starts_at == utc("2026-10-03T01:00")


def test_an_entry_without_a_room_has_none() -> None:
    raw = schedule(GOOD.format(n=1)).replace(b' name="R"', b"")

    draft = reading.read(raw)

    assert (draft.rooms, draft.entries[0].sessions[0].room) == ([], "")


def test_other_xml_is_refused_with_its_line() -> None:
    with pytest.raises(ImportRefused) as refused:
        reading.read(b"<!-- c -->\n<rss/>", format="frab-xml")

    assert refused.value.code == "malformed"
    assert refused.value.message == "Line 2: A schedule begins with <schedule>, not <rss>."
