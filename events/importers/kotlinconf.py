"""KotlinConf's conference.json: sessions and speakers in two lists, local times without an offset."""

from functools import partial
from typing import Any

from events.importers import texts, times
from events.importers.entries import Collector, ImportRefused, Unfit
from events.importers.json_items import Document, Item, parsed
from events.importers.unpacking import text_of
from events.operations.drafting import Draft, DraftEvent, DraftSession, DraftSpeaker

FORMAT = "kotlinconf-json"
KINDS = {"Workshop": "workshop", "Codelab": "workshop", "Regular session": "talk", "Lightning talk": "talk"}


def read(data: bytes, *, zone: str | None) -> Draft:
    """All sessions. The file names no time zone, so the caller must."""
    if not zone:
        raise ImportRefused(
            "timezone_missing",
            "The times in this file are local and it names no time zone. Say which one they are in, such as "
            "Europe/Copenhagen (option --timezone, field timezone).",
        )
    document = parsed(text_of(data))
    collector = Collector()
    speakers = _speakers(document, collector)
    for item in document.items("sessions"):
        ref = texts.cleaned(texts.member(item.value, "title")) or item.ref
        collector.take(item.line, ref, partial(_event, item, speakers, zone))
    return collector.draft(FORMAT, timezone=zone)


def _speakers(document: Document, collector: Collector) -> dict[str, DraftSpeaker]:
    known = {}
    for item in document.items("speakers") if texts.member(document.value, "speakers") else ():
        try:
            source = texts.source_id(texts.member(item.value, "id"), "speakers")
            known[source] = _speaker(item.value, source)
        except Unfit as unfit:
            collector.refuse(item.line, item.ref, unfit)
    return known


def _speaker(value: Any, source: str) -> DraftSpeaker:
    position = texts.one_line(texts.member(value, "position"), "position", 500)
    about = texts.paragraphs(texts.member(value, "description"), "speakers")
    return texts.speaker(texts.member(value, "name"), source=source, bio=f"{position}\n\n{about}".strip())


def _event(item: Item, speakers: dict[str, DraftSpeaker], zone: str) -> DraftEvent:
    value = item.value
    source = texts.source_id(texts.member(value, "id"), "id")
    tags = texts.strings(texts.member(value, "tags"), "tags")
    span = times.span(
        times.parsed_moment(texts.cleaned(texts.member(value, "startsAt")), "startsAt"),
        times.parsed_moment(texts.cleaned(texts.member(value, "endsAt")), "endsAt"),
        zone=zone,
        field="startsAt",
    )
    session = DraftSession(
        source_id=source,
        line=item.line,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        timezone=span.timezone,
        room=texts.one_line(texts.member(value, "location"), "location", texts.NAME_LENGTH),
        speakers=_named(texts.strings(texts.member(value, "speakerIds"), "speakerIds"), speakers),
    )
    return DraftEvent(
        source_id=source,
        line=item.line,
        **texts.worded(
            title=texts.title_of(texts.member(value, "title")),
            description=texts.paragraphs(texts.member(value, "description")),
        ),
        kind=next((KINDS[tag] for tag in tags if tag in KINDS), "other"),
        language="en",
        topics=texts.topics([tag for tag in tags if tag not in KINDS]),
        url=texts.web_address(texts.member(value, "videoUrl"), "videoUrl"),
        sessions=[session],
    )


def _named(ids: list[str], speakers: dict[str, DraftSpeaker]) -> list[DraftSpeaker]:
    for one in ids:
        if one not in speakers:
            raise Unfit("speakerIds", "dangling", f"{one[:60]!r} is not the id of a speaker in this file")
    return [speakers[one] for one in dict.fromkeys(ids)]
