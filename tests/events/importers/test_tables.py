"""CSV and XLSX of our template: as people fill it in, in two languages and many encodings."""

from datetime import UTC, date, datetime, time

import pytest

from events.importers import columns, reading, template
from events.importers.entries import ImportRefused
from events.operations.drafting import DraftEvent, DraftRoom, DraftSession, DraftSpeaker, DraftTopic, Refused
from tests.events.importers.schedules import utc, workbook

FULL = {
    "event_id": "vfx-01",
    "title_ko": "버추얼 프로덕션",
    "title_en": "=1+1",
    "kind": "masterclass",
    "language": "ko",
    "topics": "VFX; 촬영",
    "starts": "2026-10-03 14:00",
    "ends": "16:00",
    "venue": "영화의전당",
    "room": "소극장",
    "capacity": "30",
    "speakers": "홍길동; +82 10 1234 5678",
    "summary_ko": "요약",
    "description_en": "*Markdown* & text",
    "visibility": "unlisted",
    "online_url": "https://example.org/join",
    "url": "https://example.org",
}


def event(line: int) -> DraftEvent:
    return DraftEvent(
        source_id="vfx-01",
        line=line,
        title_ko="버추얼 프로덕션",
        title_en="=1+1",
        summary_ko="요약",
        description_en="*Markdown* & text",
        kind="masterclass",
        language="ko",
        topics=[DraftTopic("vfx", "VFX"), DraftTopic("topic-b9791ade", "촬영")],
        visibility="unlisted",
        capacity=30,
        url="https://example.org",
        sessions=[
            DraftSession(
                source_id="1",
                line=line,
                starts_at=utc("2026-10-03T05:00"),
                ends_at=utc("2026-10-03T07:00"),
                timezone="Asia/Seoul",
                venue="영화의전당",
                room="소극장",
                online=True,
                online_url="https://example.org/join",
                speakers=[
                    DraftSpeaker("name/홍길동", "홍길동"),
                    DraftSpeaker("name/+82 10 1234 5678", "+82 10 1234 5678"),
                ],
            )
        ],
    )


def table(*rows: str, header: str = "event_id,title_en,starts,ends") -> bytes:
    return "\n".join([header, *rows]).encode()


def refusals(raw: bytes) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.field, one.code) for one in reading.read(raw, timezone="Asia/Seoul").refused]


def starts(written: str, ends: str = "2026-10-04 10:00") -> tuple[datetime, bool]:
    raw = table(f'1,T,"{written}","{ends}"')
    draft = reading.read(raw, timezone="Asia/Seoul")
    assert draft.refused == []
    return draft.entries[0].sessions[0].starts_at, draft.entries[0].sessions[0].all_day


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16"])
@pytest.mark.parametrize("language", ["name", "korean"])
def test_a_row_is_read_however_a_spreadsheet_saved_it(separator: str, encoding: str, language: str) -> None:
    names = {column.name: getattr(column, language) for column in columns.COLUMNS}
    lines = [separator.join(names[name] for name in FULL), separator.join(f'"{value}"' for value in FULL.values())]

    draft = reading.read("\r\n".join(lines).encode(encoding), timezone="Asia/Seoul")

    assert (draft.refused, draft.notes) == ([], [])
    assert draft.entries == [event(2)]
    assert draft.rooms == [DraftRoom("소극장", "영화의전당")]


def test_a_workbook_with_text_cells_is_read_the_same() -> None:
    draft = reading.read(workbook([[FULL.get(column.name) for column in columns.COLUMNS]]), timezone="Asia/Seoul")

    assert (draft.format, draft.refused, draft.notes) == ("xlsx", [], [])
    assert draft.entries == [event(2)]


def test_a_workbook_with_real_dates_and_numbers_is_understood() -> None:
    def row(**cells: object) -> list[object]:
        return [({"title_en": "T"} | cells).get(column.name) for column in columns.COLUMNS]

    raw = workbook(
        [
            row(event_id=7, starts=datetime(2026, 10, 3, 14), ends=datetime(2026, 10, 3, 16), capacity=20.0),
            row(event_id=8, starts=datetime(2026, 10, 3, 14), ends=time(16)),
            row(event_id=9, starts=date(2026, 10, 3), ends=date(2026, 10, 4)),
            row(event_id=10, starts=datetime(2026, 10, 3), ends=time(2)),
        ]
    )

    draft = reading.read(raw, timezone="Asia/Seoul")

    assert draft.refused == []
    assert [(one.source_id, one.capacity) for one in draft.entries] == [
        ("7", 20),
        ("8", None),
        ("9", None),
        ("10", None),
    ]
    assert [(s.starts_at, s.ends_at, s.all_day) for one in draft.entries for s in one.sessions] == [
        (utc("2026-10-03T05:00"), utc("2026-10-03T07:00"), False),
        (utc("2026-10-03T05:00"), utc("2026-10-03T07:00"), False),
        (utc("2026-10-02T15:00"), utc("2026-10-04T15:00"), True),
        (utc("2026-10-02T15:00"), utc("2026-10-02T17:00"), False),
    ]


def test_rows_with_the_same_id_are_sessions_of_one_event() -> None:
    raw = table("a,T,2026-10-03 10:00,11:00", "b,U,2026-10-03 10:00,11:00", "a,,2026-10-10 10:00,11:00")

    draft = reading.read(raw, timezone="Asia/Seoul")

    assert [(one.source_id, [(s.source_id, s.line) for s in one.sessions]) for one in draft.entries] == [
        ("a", [("1", 2), ("2", 4)]),
        ("b", [("1", 3)]),
    ]


def test_a_bad_later_session_is_refused_alone() -> None:
    raw = table("a,T,2026-10-03 10:00,11:00", "a,,2026-10-10 10:00,09:00", "a,,2026-10-17 10:00,11:00")

    draft = reading.read(raw, timezone="Asia/Seoul")

    assert [session.source_id for session in draft.entries[0].sessions] == ["1", "3"]
    assert draft.refused == [
        Refused(3, "a", "ends", "ends_before_start", "the end must be later than the start, 2026-10-10T01:00:00+00:00")
    ]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (",T,2026-10-03 10:00,11:00", "event_id", "missing"),
        ("a,,2026-10-03 10:00,11:00", "title_ko", "missing"),
        ("a,T,,11:00", "starts", "missing"),
        ("a,T,2026-10-03 10:00,", "ends", "missing"),
        ("a,T,next week,11:00", "starts", "invalid"),
        ("a,T,2026-02-30 10:00,11:00", "starts", "invalid"),
        ("a,T,2026-10-03 25:00,11:00", "starts", "invalid"),
        ("a,T,2026-10-03,2026-10-04 10:00", "ends", "invalid"),
        ("a,T", "starts", "missing"),
    ],
)
def test_a_bad_row_names_line_and_field(row: str, field: str, code: str) -> None:
    assert refusals(table("good,T,2026-10-03 10:00,11:00", row)) == [(3, field, code)]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("kind", "party", "invalid"),
        ("status", "maybe", "invalid"),
        ("visibility", "secret", "invalid"),
        ("capacity", "1.5", "invalid"),
        ("capacity", "-1", "invalid"),
        ("capacity", "1000001", "invalid"),
        ("timezone", "KST", "timezone_unknown"),
        ("url", "ftp://x", "invalid"),
        ("room", "x" * 201, "too_long"),
        ("speakers", ";".join(f"s{number}" for number in range(51)), "too_long"),
    ],
)
def test_a_bad_cell_names_its_column(column: str, value: str, code: str) -> None:
    raw = table(f"a,T,2026-10-03 10:00,11:00,{value}", header=f"event_id,title_en,starts,ends,{column}")

    assert refusals(raw) == [(2, column, code)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-10-03 14:00", (utc("2026-10-03T05:00"), False)),
        ("2026-10-03T14:00:00", (utc("2026-10-03T05:00"), False)),
        ("2026/10/3 14:00", (utc("2026-10-03T05:00"), False)),
        ("2026. 10. 3. 14:00", (utc("2026-10-03T05:00"), False)),
        ("2026-10-03 오후 2:00", (utc("2026-10-03T05:00"), False)),
        ("2026-10-03 오전 12:30", (utc("2026-10-02T15:30"), False)),
        ("2026-10-03 2:00 PM", (utc("2026-10-03T05:00"), False)),
        ("2026-10-03 14:00+01:00", (utc("2026-10-03T13:00"), False)),
        ("2026-10-03T14:00:00Z", (utc("2026-10-03T14:00"), False)),
    ],
)
def test_times_are_read_as_people_write_them(written: str, expected: tuple[datetime, bool]) -> None:
    assert starts(written) == expected


def test_a_whole_day_includes_its_last_day() -> None:
    [one] = reading.read(table("a,T,2026-10-03,2026-10-04"), timezone="Asia/Seoul").entries

    assert (one.sessions[0].starts_at, one.sessions[0].ends_at) == (utc("2026-10-02T15:00"), utc("2026-10-04T15:00"))


def test_line_numbers_count_cells_with_line_breaks() -> None:
    raw = table('a,"T\nmore",2026-10-03 10:00,11:00', "", "b,U,bad,11:00")

    draft = reading.read(raw, timezone="Asia/Seoul")

    assert [(one.line, one.title_en) for one in draft.entries] == [(2, "T more")]
    assert [one.line for one in draft.refused] == [5]


def test_excels_separator_line_is_understood() -> None:
    raw = b"sep=;\nevent_id;title_en;starts;ends\na;T;2026-10-03 10:00;11:00\n"

    [one] = reading.read(raw, format="csv", timezone="Asia/Seoul").entries

    assert (one.title_en, one.line) == ("T", 3)


def test_unknown_columns_are_noted() -> None:
    raw = table("a,T,2026-10-03 10:00,11:00,x", header="event_id,title_en,starts,ends,Colour")

    assert reading.read(raw, timezone="Asia/Seoul").notes == ["Columns that nobody knows were left out: Colour."]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("event_id,title_en", "Line 1: The first row must name the columns; starts is missing."),
        ("event_id,event_id,starts", "Line 1: Columns stand twice: event_id."),
        ("", "The table has no header row."),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(header: str, message: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        reading.read(f"{header}\n , ".encode(), format="csv")

    assert refused.value.message == message


@pytest.mark.parametrize("make", [template.template_csv, template.template_xlsx])
def test_the_template_itself_is_a_file_without_entries(make: object) -> None:
    assert callable(make)

    draft = reading.read(make())

    assert (draft.entries, draft.refused, draft.notes) == ([], [], [])


def test_the_example_of_the_template_can_be_imported() -> None:
    lines = template.template_csv().decode("utf-8-sig").split("\r\n")

    draft = reading.read(f"{lines[0]}\n{lines[4].replace('# ', '', 1)}".encode(), timezone="Asia/Seoul")

    assert draft.refused == []
    assert [(one.source_id, one.kind, one.capacity) for one in draft.entries] == [("vfx-01", "workshop", 30)]
    assert draft.entries[0].sessions[0].starts_at == datetime(2026, 10, 3, 5, tzinfo=UTC)


def test_every_korean_choice_of_the_template_is_understood() -> None:
    korean = {column.name: column.help_ko for column in columns.COLUMNS}

    assert [columns.KINDS[kind] for kind in korean["kind"].split(", ")] == [
        "workshop",
        "masterclass",
        "talk",
        "course",
        "cohort",
        "other",
    ]
