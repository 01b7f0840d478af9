"""Detection, the words of refusals, line numbers of JSON, and that no bytes whatever raise anything else."""

import gzip
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.importers import json_items, reading, template
from events.importers.entries import ImportRefused
from tests.events.importers.schedules import calendar, entry, eventbrite, excerpt

EXAMPLES = {
    "frab-xml": excerpt("38c3-excerpt.xml"),
    "kotlinconf-json": excerpt("kotlinconf-excerpt.json"),
    "eventbrite-json": excerpt("eventbrite-excerpt.json"),
    "pyconkr-json": excerpt("pyconkr-excerpt.json"),
    "icalendar": excerpt("holidays-kr-excerpt.ics"),
    "csv": template.template_csv(),
    "xlsx": template.template_xlsx(),
}


def refusal(raw: bytes, **options: str) -> tuple[str, str]:
    with pytest.raises(ImportRefused) as refused:
        reading.read(raw, **options)
    return refused.value.code, refused.value.message


def test_there_is_an_example_of_every_format() -> None:
    assert tuple(EXAMPLES) == reading.FORMATS


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_format_is_recognised_by_its_content(name: str) -> None:
    assert reading.detect(EXAMPLES[name], "file.bin") == name
    assert reading.detect(gzip.compress(EXAMPLES[name])) == name


def test_a_name_helps_where_the_content_does_not() -> None:
    assert reading.detect(b"a;b", "PLAN.CSV") == "csv"
    assert reading.detect(b"a", "plan.ics.gz") == "icalendar"


def test_an_unrecognised_file_is_told_the_formats() -> None:
    listed = "frab-xml, kotlinconf-json, eventbrite-json, pyconkr-json, icalendar, csv, xlsx."

    assert refusal(b"hello") == ("format_unknown", f"The format was not recognised; name one of: {listed}")
    assert refusal(b"hello", format="doc") == ("format_unknown", f"'doc' is no format; choose one of: {listed}")


def test_an_unknown_zone_is_refused_before_reading() -> None:
    assert refusal(b"BEGIN:VCALENDAR", timezone="KST") == (
        "timezone_unknown",
        "'KST' is not an IANA time zone such as Asia/Seoul.",
    )


@pytest.mark.parametrize(("wrong", "example"), [(wrong, one) for wrong in EXAMPLES for one in EXAMPLES if wrong != one])
def test_a_file_of_another_format_is_refused_in_words(wrong: str, example: str) -> None:
    code, message = refusal(EXAMPLES[example], format=wrong, timezone="Asia/Seoul")

    assert code in {"malformed", "header", "encoding"}, message


def test_items_of_json_know_their_line() -> None:
    text = '{\n"x": [{"sessions": [{}]}],\n"sessions": [\n{"a": "[{\\"\\n"},\n\n{"b": [{}, {}]}, {}\n]}'

    items = list(json_items.parsed(text).items("sessions"))

    assert [(item.ref, item.line) for item in items] == [("sessions[0]", 4), ("sessions[1]", 6), ("sessions[2]", 6)]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ).flatmap(lambda junk: st.lists(st.just({"junk": junk})))
)
def test_lines_of_json_are_right_whatever_stands_in_it(values: list[object]) -> None:
    text = json.dumps({"before": values, "items": values}, indent=1)
    expected = [number for number, line in enumerate(text.split("\n"), start=1) if line == "  {"][len(values) :]

    found = [item.line for item in json_items.parsed(text).items("items")] if values else []

    assert found == expected


def taken(raw: bytes, name: str) -> int:
    """How many entries are read; none of a refused file. Anything but ImportRefused goes through."""
    try:
        return len(reading.read(raw, format=name, timezone="Asia/Seoul").entries)
    except ImportRefused:
        return 0


@pytest.mark.parametrize("name", ["auto", *EXAMPLES])
@given(raw=st.binary(max_size=2000))
def test_random_bytes_never_give_anything_but_a_refusal(name: str, raw: bytes) -> None:
    assert taken(raw, name) == 0


@pytest.mark.parametrize("name", EXAMPLES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(name: str, seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(EXAMPLES[name])
    for _ in range(chance.randint(1, 20)):
        place = chance.randrange(len(raw))
        raw[place : place + chance.randint(0, 5)] = chance.randbytes(chance.randint(0, 5))

    assert taken(bytes(raw), name) <= 4


@given(junk=st.text(max_size=300))
def test_junk_inside_a_well_formed_entry_spoils_only_that_entry(junk: str) -> None:
    raw = calendar(entry(uid="good")).decode() + "\n"
    page = json.loads(eventbrite())
    page["events"].append({"id": junk, "name": {"text": junk}, "start": junk, "description": {"html": junk}})

    draft = reading.read(json.dumps(page).encode())

    assert [one.source_id for one in draft.entries] == ["1"]
    assert [one.line for one in draft.refused] == [1]
    assert reading.read(raw.encode()).entries[0].source_id == "good"
