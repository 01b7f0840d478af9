"""PyCon Korea's Django fixture: programmes, and the dates, slots, rooms and speakers they name by id."""

import re
from collections.abc import Iterator
from datetime import datetime, time
from functools import partial
from typing import Any

from events.importers import texts, times
from events.importers.entries import Collector, Unfit
from events.importers.json_items import Item, parsed
from events.importers.unpacking import text_of
from events.operations.drafting import Draft, DraftEvent, DraftRoom, DraftSession, DraftSpeaker, DraftTopic

FORMAT = "pyconkr-json"
HOME_ZONE = "Asia/Seoul"
SEATS = re.compile(r"(\d{1,5})석")
CLOCK = re.compile(r"(\d{2}):(\d{2})(?::\d{2})?")

Slot = tuple[datetime, datetime]


class Tables:
    """The rows of the fixture by model and primary key."""

    def __init__(self, items: Iterator[Item]) -> None:
        self.programmes: list[Item] = []
        self._fields: dict[tuple[str, str], Any] = {}
        for item in items:
            model = texts.cleaned(texts.member(item.value, "model")).removeprefix("pyconkr.")
            if model == "program":
                self.programmes.append(item)
            self._fields[model, texts.cleaned(texts.member(item.value, "pk"))] = texts.member(item.value, "fields")

    def row(self, model: str, key: object, field: str) -> Any:
        """The fields of the row that `field` points at; Unfit when the file does not hold it."""
        fields = self._fields.get((model, texts.cleaned(key)))
        if fields is None:
            raise Unfit(field, "dangling", f"there is no {model} with the id {texts.cleaned(key)[:20]!r} in this file")
        return fields


def read(data: bytes, *, zone: str | None) -> Draft:
    """All programmes. The fixture's times are local to Korea unless the caller says otherwise."""
    tables = Tables(parsed(text_of(data)).items())
    collector = Collector()
    zone = zone or HOME_ZONE
    for item in tables.programmes:
        ref = texts.cleaned(texts.member(texts.member(item.value, "fields"), "name")) or item.ref
        collector.take(item.line, ref, partial(_event, item, tables, zone, collector))
    if any(len(entry.sessions) > len({s.starts_at for s in entry.sessions}) for entry in collector.entries):
        collector.notes.append("An entry in several rooms at once has a session in each; the first has the speakers.")
    return collector.draft(FORMAT, timezone=zone)


def _event(item: Item, tables: Tables, zone: str, collector: Collector) -> DraftEvent:
    fields = texts.member(item.value, "fields")
    source = texts.source_id(texts.member(item.value, "pk"), "pk")
    category = texts.member(fields, "category")
    topics = [_topic(tables.row("programcategory", category, "category"))] if category is not None else []
    return DraftEvent(
        source_id=f"program/{source}",
        line=item.line,
        **texts.worded(
            title=texts.title_of(texts.member(fields, "name")),
            description=texts.paragraphs(texts.member(fields, "desc")),
        ),
        kind="talk" if category is not None else "other",
        language=texts.language_of(texts.member(fields, "language")),
        topics=topics,
        url=texts.web_address(texts.member(fields, "slide_url"), "slide_url"),
        sessions=_sessions(item, fields, tables, zone, collector),
    )


def _sessions(item: Item, fields: Any, tables: Tables, zone: str, collector: Collector) -> list[DraftSession]:
    rooms = [_room(tables.row("room", key, "rooms")) for key in _keys(fields, "rooms")]
    speakers = [_speaker(key, tables) for key in _keys(fields, "speakers")]
    for room in rooms:
        collector.room(room)
    sessions = []
    for block, (starts, ends) in enumerate(_blocks(fields, tables), start=1):
        span = times.span(starts, ends, zone=zone, field="times")
        for position, name in enumerate([room.name for room in rooms] or [""], start=1):
            sessions.append(
                DraftSession(
                    # By position, so that a move to another slot or room stays the same session.
                    source_id=f"{block}/{position}",
                    line=item.line,
                    starts_at=span.starts_at,
                    ends_at=span.ends_at,
                    timezone=span.timezone,
                    room=name,
                    # Nobody speaks in two rooms at once: the others are overflow rooms.
                    speakers=speakers if position == 1 else [],
                )
            )
    return sessions


def _blocks(fields: Any, tables: Tables) -> list[Slot]:
    """The slots of a programme on its day; slots that touch are one block."""
    row = tables.row("programdate", texts.member(fields, "date"), "date")
    day = times.parsed(texts.cleaned(texts.member(row, "day")), "date")
    slots = sorted(_slot(day, tables.row("programtime", key, "times")) for key in _keys(fields, "times"))
    if not slots:
        raise Unfit("times", "missing", "a programme needs at least one slot")
    blocks = [slots[0]]
    for starts, ends in slots[1:]:
        if starts <= blocks[-1][1]:
            blocks[-1] = (blocks[-1][0], max(ends, blocks[-1][1]))
        else:
            blocks.append((starts, ends))
    return blocks


def _slot(day: Any, row: Any) -> Slot:
    return datetime.combine(day, _clock(row, "begin")), datetime.combine(day, _clock(row, "end"))


def _clock(row: Any, name: str) -> time:
    match = CLOCK.fullmatch(texts.cleaned(texts.member(row, name)))
    try:
        return time(int(match[1]), int(match[2])) if match else time(24)
    except ValueError as error:
        raise Unfit("times", "invalid", f"the {name} of a slot is a time of day such as 09:00:00") from error


def _keys(fields: Any, name: str) -> list[str]:
    return list(dict.fromkeys(texts.strings(texts.member(fields, name), name)))


def _room(fields: Any) -> DraftRoom:
    name = texts.one_line(texts.member(fields, "name"), "rooms", texts.NAME_LENGTH)
    seats = SEATS.search(texts.cleaned(texts.member(fields, "desc")))
    return DraftRoom(name, seats=int(seats[1]) if seats else None)


def _topic(fields: Any) -> DraftTopic:
    return texts.topic(texts.member(fields, "name"), texts.member(fields, "slug"))


def _speaker(key: str, tables: Tables) -> DraftSpeaker:
    fields = tables.row("speaker", key, "speakers")
    slug = texts.cleaned(texts.member(fields, "slug")) or key
    return texts.speaker(texts.member(fields, "name"), source=f"pyconkr/{slug}", bio=texts.member(fields, "desc"))
