"""frab and pretalx schedule XML: days hold rooms, rooms hold events; guids are stable."""

import re
from datetime import datetime, timedelta
from functools import partial

from events.importers import texts, times
from events.importers.entries import Collector, ImportRefused, Unfit
from events.importers.xml_nodes import Node, parsed
from events.operations.drafting import Draft, DraftEvent, DraftRoom, DraftSession, DraftSpeaker

FORMAT = "frab-xml"
DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")
KINDS = {
    "masterclass": "masterclass",
    "workshop": "workshop",
    "talk": "talk",
    "lecture": "talk",
    "course": "course",
}
NIGHT_ENDS = 6  # a schedule's day lasts until this hour of the next morning


def read(data: bytes, *, zone: str | None) -> Draft:
    """All events of the schedule, in the order of the file."""
    root = parsed(data)
    conference = root.child("conference")
    if root.tag != "schedule":
        raise ImportRefused("malformed", f"A schedule begins with <schedule>, not <{root.tag[:40]}>.", line=root.line)
    zone = zone or (conference.said("time_zone_name") if conference else "") or None
    collector = Collector()
    several = 0
    for day in root.all("day"):
        for room in day.all("room"):
            for event in room.all("event"):
                ref = event.said("title") or event.attributes.get("guid", "")
                collector.take(event.line, ref, partial(_event, event, day, room, zone))
                several += "," in event.said("language")
            if name := room.attributes.get("name", "").strip():
                collector.room(_room(name, room))
    if several:
        collector.notes.append(f"Entries that name several languages: {several}. The first one was kept.")
    title = conference.said("title") if conference else ""
    return collector.draft(FORMAT, title=texts.shortened(texts.cleaned(title), texts.TITLE_LENGTH), timezone=zone)


def _room(name: str, room: Node) -> DraftRoom:
    return DraftRoom(_room_name(name[: texts.NAME_LENGTH]), source_id=texts.cleaned(room.attributes.get("guid"))[:200])


def _room_name(name: str) -> str:
    return texts.one_line(name, "room", texts.NAME_LENGTH)


def _event(event: Node, day: Node, room: Node, zone: str | None) -> DraftEvent:
    source = texts.source_id(event.attributes.get("guid") or event.attributes.get("id"), "guid")
    title = texts.title_of(event.said("title"))
    summary, description = texts.summary_and_description(
        texts.paragraphs(event.said("abstract") or event.said("subtitle"), "abstract"),
        texts.paragraphs(event.said("description")),
    )
    return DraftEvent(
        source_id=source,
        line=event.line,
        **texts.worded(title=title, summary=summary, description=description),
        kind=_kind(event.said("type")),
        language=texts.language_of(event.said("language")),
        topics=texts.topics([event.said("track")]),
        url=texts.web_address(event.said("url")),
        sessions=[_session(event, day, room, zone, source)],
    )


def _session(event: Node, day: Node, room: Node, zone: str | None, source: str) -> DraftSession:
    span = times.lasting(_starts(event, day), _duration(event.said("duration")), zone=zone, field="date")
    persons = event.child("persons")
    speakers = [_person(person) for person in persons.all("person")] if persons else []
    return DraftSession(
        source_id=source,
        line=event.line,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        timezone=span.timezone,
        room=_room_name(event.said("room") or room.attributes.get("name", "")),
        speakers=list({one.source_id: one for one in speakers}.values()),
    )


def _person(person: Node) -> DraftSpeaker:
    name = person.text.strip() or person.said("name") or person.attributes.get("name", "")
    return texts.speaker(
        name, source=person.attributes.get("guid") or person.attributes.get("id"), bio=person.said("biography")
    )


def _starts(event: Node, day: Node) -> datetime:
    """The event's own instant; else its clock time on its day, which lasts until the next morning."""
    if written := event.said("date"):
        return times.parsed_moment(written, "date")
    starts = times.parsed_moment(f"{day.attributes.get('date', '')} {event.said('start')}", "start")
    return starts + timedelta(days=1) if starts.hour < NIGHT_ENDS else starts


def _duration(text: str) -> timedelta:
    match = DURATION.fullmatch(text)
    if match is None:
        raise Unfit("duration", "invalid", f"{text[:20]!r} is not a duration such as 01:30 (hours and minutes)")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _kind(text: str) -> str:
    said = text.casefold()
    return next((kind for word, kind in KINDS.items() if word in said), "other")
