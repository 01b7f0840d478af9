"""Hostile files end in a clear error inside 2 s and 256 MB, measured on the child itself; honest ones come through."""

import gzip
import json
import logging
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from events.importers import guarding, reading
from events.importers.entries import ImportRefused
from events.importers.sandbox import MEMORY_BYTES
from events.operations.drafting import Draft
from tests.events.importers.schedules import (
    archive,
    calendar,
    entry,
    eventbrite,
    excerpt,
    workbook_with,
)

# A slim process in between: a child's peak memory starts with that of the process it was forked from.
LAUNCHER = """
import json, os, sys
command = json.loads(sys.argv[1])
_, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
seconds = used.ru_utime + used.ru_stime
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, used.ru_maxrss * 1024]), file=sys.stderr)
"""
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'


@dataclass(frozen=True)
class Measured:
    code: int
    cpu_seconds: float
    peak_bytes: int
    answer: bytes


def measured(raw: bytes, format_name: str = "auto") -> Measured:
    """The child of `read_guarded`, with what it used."""
    command = guarding.command({"filename": "", "format": format_name, "timezone": "Asia/Seoul"})
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, json.dumps(command)],
        input=raw,
        capture_output=True,
        env=guarding.ENVIRONMENT,
        check=True,
        timeout=60,
    )
    code, cpu_seconds, peak_bytes = json.loads(done.stderr.strip().split(b"\n")[-1])
    return Measured(code, cpu_seconds, peak_bytes, done.stdout)


def refusal_of(used: Measured) -> str:
    """The code of the refusal of the file; or of its only entry, where an entry was refused and nothing taken."""
    try:
        draft = guarding.outcome_of(used.code, used.answer)
    except ImportRefused as refused:
        return refused.code
    assert draft.entries == []
    [code] = {one.code for one in draft.refused}
    return code


def sheet_with(rows: str) -> bytes:
    return workbook_with("xl/worksheets/sheet1.xml", SHEET.format(rows).encode())


def html(text: str) -> bytes:
    return eventbrite(description={"html": text})


def many(number: int, rule: str) -> bytes:
    return calendar(*(entry(rule, uid=str(each)) for each in range(number)))


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # name: (format, the file, code of the refusal)
    "gzip bomb": ("auto", lambda: gzip.compress(b"<schedule>" + bytes(200_000_000)), "bomb"),
    "gzip in gzip": ("auto", lambda: gzip.compress(gzip.compress(b"<schedule/>" * 100)), "bomb"),
    "gzip cut short": ("auto", lambda: gzip.compress(b"<schedule/>" * 1000)[:-9], "malformed"),
    "gzip of 43 MB just inside the ratio": (
        "kotlinconf-json",
        lambda: gzip.compress(
            b"[" + random.Random(1).randbytes(12_000).hex().encode() * 1_800 + random.Random(2).randbytes(300_000)
        ),
        "encoding",
    ),
    "billion laughs": (
        "auto",
        lambda: b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><schedule>&b;</schedule>',
        "forbidden_markup",
    ),
    "external entity": (
        "auto",
        lambda: b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><schedule>&a;</schedule>',
        "forbidden_markup",
    ),
    "external DTD": ("auto", lambda: b'<!DOCTYPE s SYSTEM "http://127.0.0.1/x"><schedule/>', "forbidden_markup"),
    "deep XML": ("auto", lambda: b"<schedule>" + b"<a>" * 1_000_000, "too_deep"),
    "many elements": ("auto", lambda: b"<schedule>" + b"<a/>" * 1_200_000, "too_many_entries"),
    "unclosed comment": ("auto", lambda: b"<schedule><!--" + b"-a" * 2_000_000, "malformed"),
    "unknown encoding": ("auto", lambda: b'<?xml version="1.0" encoding="utf-7"?><schedule/>', "encoding"),
    "Korean XML in another encoding": (
        "auto",
        lambda: '<?xml version="1.0" encoding="euc-kr"?><schedule>한</schedule>'.encode("cp949"),
        "encoding",
    ),
    "deep lists": ("pyconkr-json", lambda: b"[" * 4_000_000, "too_deep"),
    "deep objects": ("eventbrite-json", lambda: b'{"events":' * 400_000, "too_deep"),
    "lists deeper than any schedule": ("eventbrite-json", lambda: b"[" * 50 + b"]" * 50, "too_deep"),
    "a million items": ("auto", lambda: b'[{"model":"pyconkr.x"}' + b",{}" * 1_600_000 + b"]", "too_many_entries"),
    "a number of 4 MB": ("auto", lambda: b'{"pagination":' + b"9" * 4_000_000 + b"}", "malformed"),
    "a number beyond floats": ("auto", lambda: eventbrite(capacity=7).replace(b"7", b"1e999"), "invalid"),
    "not a number": ("auto", lambda: eventbrite(capacity=float("nan")), "malformed"),
    "escaped quotes without end": ("eventbrite-json", lambda: b'{"a":"' + b'\\"' * 2_000_000, "malformed"),
    "HTML of open comments": ("auto", lambda: html("<p><!--" * 600_000), "too_long"),
    "HTML of open declarations": ("auto", lambda: html("<p>" + "<!" * 90_000), "too_long"),
    "rule for every second": ("auto", lambda: calendar(entry("RRULE:FREQ=SECONDLY")), "rule_too_fine"),
    "rule without end": ("auto", lambda: calendar(entry("RRULE:FREQ=DAILY")), "rule_endless"),
    "rule for a billion days": ("auto", lambda: calendar(entry("RRULE:FREQ=DAILY;COUNT=1000000000")), "rule_too_long"),
    "rule until the year 9999": ("auto", lambda: calendar(entry("RRULE:FREQ=DAILY;UNTIL=99991231")), "rule_too_long"),
    "rule that never happens": (
        "auto",
        lambda: calendar(entry("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5")),
        "too_slow",
    ),
    "a thousand slow rules": ("auto", lambda: many(999, "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;COUNT=5"), "too_slow"),
    "half a million occurrences": ("auto", lambda: many(1900, "RRULE:FREQ=DAILY;COUNT=366"), "too_many_entries"),
    "2,001 components": ("auto", lambda: many(2001, ""), "too_many_entries"),
    "deep components": ("auto", lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000, "too_deep"),
    "calendar over 1 MB": ("auto", lambda: b"BEGIN:VCALENDAR\n" + b"X:y\n" * 300_000, "too_large"),
    "a quarter million properties": ("auto", lambda: calendar(entry("X:1\n" * 240_000)), "too_large"),
    "half a million categories": ("auto", lambda: calendar(entry("CATEGORIES:" + "a," * 450_000)), "too_slow too_long"),
    "many added dates": (
        "auto",
        lambda: calendar(entry("RDATE:" + ",".join(f"2026{day:02}01T{hour:02}{minute:02}00" for day in range(1, 13)
                               for hour in range(24) for minute in range(60)))),
        "rule_too_long",
    ),
    "rule of a time zone": (
        "auto",
        lambda: calendar(entry()).replace(
            b"BEGIN:VEVENT",
            b"BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T000000\nRRULE:FREQ=SECONDLY\nTZOFFSETFROM:+0000\n"
            b"TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT",
        ).replace(b"DTSTART:2026", b"DTSTART;TZID=X:2026"),
        "timezone_unknown",
    ),
    "empty lines": ("auto", lambda: b"event_id,starts\n" + b"\n" * 4_900_000, "too_large"),
    "a million rows": ("auto", lambda: b"event_id,starts\n" + b"a,b\n" * 1_200_000, "too_many_entries"),
    "a million columns": ("auto", lambda: b"event_id,starts" + b"," * 4_000_000, "too_large"),
    "a quote without end": ("auto", lambda: b'event_id,starts\n"' + b"a,b\n" * 1_200_000, "malformed"),
    "text in no encoding": ("csv", lambda: b"event_id,starts\n\xff\xfe\xff", "encoding"),
    "workbook bomb": (
        "auto",
        lambda: workbook_with("xl/sharedStrings.xml", b"<sst>" + bytes(100_000_000) + b"</sst>"),
        "bomb",
    ),
    "workbook with a million fonts": (
        "auto",
        lambda: workbook_with("xl/styles.xml", b"<styleSheet>" + b"<font/>" * 500_000 + b"</styleSheet>"),
        "bomb",
    ),
    "workbook with entities": (
        "auto",
        lambda: workbook_with("xl/worksheets/sheet1.xml", (ENTITY + SHEET.format("&a;")).encode()),
        "forbidden_markup",
    ),
    "workbook that claims a million rows": (
        "auto",
        lambda: sheet_with(
            '<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t>'
            "</is></c></row></sheetData>"
        ),
        "empty",
    ),
    "archive that is no workbook": ("auto", lambda: archive({"a": b"b"}), "malformed"),
    "chance": ("auto", lambda: random.Random(3).randbytes(1_000_000), "format_unknown"),
    "zeros": ("csv", lambda: bytes(1_000_000), "encoding"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_inside_two_seconds_and_256_mb(name: str) -> None:
    format_name, make, code = HOSTILE[name]

    used = measured(make(), format_name)

    assert refusal_of(used) in code.split(), used
    assert (used.cpu_seconds < 2.0, used.peak_bytes < 256 * 1024 * 1024) == (True, True), used


@pytest.mark.parametrize("name", ["38c3-excerpt.xml", "kotlinconf-excerpt.json", "holidays-kr-excerpt.ics"])
def test_the_confined_child_reads_what_we_would_read_ourselves(name: str) -> None:
    raw = excerpt(name)

    draft = guarding.read_guarded(raw, filename=name, timezone="Asia/Seoul")

    assert draft == reading.read(raw, timezone="Asia/Seoul")
    assert draft.entries != []


@pytest.mark.sample_data
def test_the_largest_real_file_needs_less_than_half_of_what_it_may_use(sample_data: Callable[[str], object]) -> None:
    path = sample_data("38c3-schedule.xml.gz")

    used = measured(path.read_bytes())  # type: ignore[attr-defined]

    assert isinstance(guarding.outcome_of(used.code, used.answer), Draft)
    assert (used.cpu_seconds < 1.0, used.peak_bytes < MEMORY_BYTES // 2) == (True, True), used


def test_a_refusal_crosses_the_border_with_its_line() -> None:
    with pytest.raises(ImportRefused) as refused:
        guarding.read_guarded(b"BEGIN:VCALENDAR\nEND:VEVENT\n")

    assert (refused.value.code, refused.value.status) == ("malformed", 400)
    assert refused.value.message == "Line 2: END:VEVENT does not match what began before."
    assert refused.value.details == {"line": 2}


def test_a_file_over_5_mb_starts_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "command", lambda options: ["/nonexistent"])

    with pytest.raises(ImportRefused) as refused:
        guarding.read_guarded(b"a" * (5 * 1024 * 1024 + 1))

    assert refused.value.code == "too_large"


def test_memory_is_ended_by_the_kernel_whatever_the_parser_does() -> None:
    greedy = f"from events.importers import sandbox; sandbox.confine(); bytearray({MEMORY_BYTES})"

    done = subprocess.run(
        [sys.executable, "-c", greedy], env=guarding.ENVIRONMENT, capture_output=True, check=False, timeout=30
    )

    assert b"MemoryError" in done.stderr
    with pytest.raises(ImportRefused) as refused:
        guarding.outcome_of(done.returncode, done.stdout)
    assert refused.value.code == "too_much_memory"


def test_a_child_that_gets_no_processor_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "command", lambda options: [sys.executable, "-c", "import time; time.sleep(30)"])

    with pytest.raises(ImportRefused) as refused:
        guarding.read_guarded(b"a", wall_seconds=0.2)

    assert refused.value.code == "too_slow"


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b'{"draft": {}}', b'{"draft": {"entries": 1}}'])
def test_an_answer_that_makes_no_sense_is_a_refusal(answer: bytes) -> None:
    with pytest.raises(ImportRefused) as refused:
        guarding.outcome_of(0, answer)

    assert refused.value.code == "unreadable"


def test_the_child_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setattr(
        guarding,
        "command",
        lambda options: [sys.executable, "-c", "import os, sys; sys.exit(1 if 'SECRET_KEY' in os.environ else 0)"],
    )

    with pytest.raises(ImportRefused) as refused:
        guarding.read_guarded(b"a")

    assert refused.value.code == "unreadable"


def test_a_name_that_looks_like_an_option_is_only_a_name() -> None:
    draft = guarding.read_guarded(excerpt("holidays-kr-excerpt.ics"), filename="../../--help\n.ics")

    assert len(draft.entries) == 4


def test_what_a_library_choked_on_is_logged_for_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    raw = workbook_with("xl/workbook.xml", b"<workbook/>")

    with caplog.at_level(logging.WARNING), pytest.raises(ImportRefused) as refused:
        guarding.read_guarded(raw)

    assert refused.value.code == "unreadable"
    assert "Traceback" in caplog.text
