"""Small schedules for tests: the excerpts, and files put together from a few lines."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl

from events.importers import template

EXCERPTS = Path(__file__).resolve().parents[2] / "data"


def excerpt(name: str) -> bytes:
    return (EXCERPTS / name).read_bytes()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(*entries: str, zone: str = "America/New_York") -> bytes:
    """A calendar of these VEVENTs, each given as its lines; the first line of the first one is line 4."""
    head = f"BEGIN:VCALENDAR\nX-WR-TIMEZONE:{zone}\n" if zone else "BEGIN:VCALENDAR\nVERSION:2.0\n"
    body = "".join(f"BEGIN:VEVENT\n{entry}\nEND:VEVENT\n" for entry in entries)
    return f"{head}{body}END:VCALENDAR\n".encode()


def entry(rule: str = "", *, uid: str = "u1", starts: str = "20260301T100000", ends: str = "20260301T110000") -> str:
    """The lines of a VEVENT, local unless the times end in Z."""
    rule = f"\n{rule}" if rule else ""
    return f"UID:{uid}\nSUMMARY:Title\nDTSTART:{starts}\nDTEND:{ends}{rule}"


def eventbrite(**changes: Any) -> bytes:
    """One page with one event, changed as asked."""
    event = {
        "id": "1",
        "name": {"text": "Title"},
        "start": {"timezone": "Asia/Seoul", "utc": "2026-10-03T05:00:00Z"},
        "end": {"timezone": "Asia/Seoul", "utc": "2026-10-03T06:00:00Z"},
    } | changes
    return json.dumps({"pagination": {}, "events": [event]}).encode()


def workbook(rows: list[list[Any]]) -> bytes:
    """The template with these rows below its header, as a spreadsheet program saves it."""
    book = openpyxl.load_workbook(io.BytesIO(template.template_xlsx()))
    for row in rows:
        book.worksheets[0].append(row)
    for cell in (cell for cells in book.worksheets[0].iter_rows() for cell in cells if cell.data_type == "f"):
        cell.data_type = "s"  # typed as text, as the template's columns are
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return written.getvalue()


def workbook_with(name: str, data: bytes) -> bytes:
    """The template with one member of its archive replaced."""
    with zipfile.ZipFile(io.BytesIO(template.template_xlsx())) as packed:
        members = {member: packed.read(member) for member in packed.namelist()}
    return archive(members | {name: data})
