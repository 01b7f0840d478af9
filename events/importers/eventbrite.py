"""Eventbrite's API answer "events of an organization": zones per entry, HTML descriptions, one page of several."""

from functools import partial
from typing import Any

from events.importers import texts, times
from events.importers.entries import Collector, Unfit
from events.importers.json_items import Document, Item, parsed
from events.importers.unpacking import text_of
from events.operations.drafting import Draft, DraftEvent, DraftSession

FORMAT = "eventbrite-json"
KINDS = {"2": "talk", "9": "workshop"}  # format_id: "Seminar or Talk", "Class, Training, or Workshop"
STATUSES = {"canceled": "cancelled", "cancelled": "cancelled", "draft": "tentative"}
CATEGORIES = {
    "101": "Business & Professional",
    "102": "Science & Technology",
    "103": "Music",
    "104": "Film, Media & Entertainment",
    "105": "Performing & Visual Arts",
    "107": "Health & Wellness",
    "112": "Government & Politics",
    "113": "Community & Culture",
    "115": "Family & Education",
}


def read(data: bytes, *, zone: str | None) -> Draft:
    """All events of the page. Each has its own zone; `zone` helps out where one has none."""
    document = parsed(text_of(data))
    collector = Collector()
    placeless = 0
    for item in document.items("events"):
        ref = texts.cleaned(texts.member(texts.member(item.value, "name"), "text")) or item.ref
        collector.take(item.line, ref, partial(_event, item, zone))
        placeless += bool(texts.member(item.value, "venue_id")) and not texts.member(item.value, "venue")
    collector.notes.extend(_page_note(document))
    if placeless:
        collector.notes.append(
            f"Entries that name their venue by number only: {placeless}. Fetch them with expand=venue."
        )
    return collector.draft(FORMAT, timezone=zone)


def _page_note(document: Document) -> list[str]:
    page = texts.member(document.value, "pagination")
    number, count = texts.member(page, "page_number"), texts.member(page, "page_count")
    if not isinstance(number, int) or not isinstance(count, int) or count < 2:
        return []
    total = texts.member(page, "object_count")
    return [f"This is page {number} of {count} ({total} entries in all); import the other pages too."]


def _event(item: Item, zone: str | None) -> DraftEvent:
    value = item.value
    source = texts.source_id(texts.member(value, "id"), "id")
    status = STATUSES.get(texts.cleaned(texts.member(value, "status")), "confirmed")
    description = texts.member(value, "description")
    return DraftEvent(
        source_id=source,
        line=item.line,
        **texts.worded(
            title=texts.title_of(texts.member(texts.member(value, "name"), "text")),
            description=texts.paragraphs(texts.member(description, "html") or texts.member(description, "text")),
        ),
        kind=KINDS.get(texts.cleaned(texts.member(value, "format_id")), "other"),
        language=texts.language_of(texts.member(value, "locale")),
        topics=texts.topics([CATEGORIES.get(texts.cleaned(texts.member(value, "category_id")), "")]),
        status=status,
        visibility="public" if texts.member(value, "listed") is not False else "unlisted",
        capacity=texts.whole_number(texts.member(value, "capacity"), "capacity"),
        url=texts.web_address(texts.member(value, "url")),
        sessions=[_session(item, source, status, zone)],
    )


def _session(item: Item, source: str, status: str, zone: str | None) -> DraftSession:
    value = item.value
    zone = texts.cleaned(texts.member(texts.member(value, "start"), "timezone")) or zone
    span = times.span(_moment(value, "start"), _moment(value, "end"), zone=zone, field="start")
    return DraftSession(
        source_id=source,
        line=item.line,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        timezone=span.timezone,
        status=status,
        online=texts.member(value, "online_event") is True,
        venue=texts.one_line(texts.member(texts.member(value, "venue"), "name"), "venue", texts.NAME_LENGTH),
    )


def _moment(value: Any, name: str) -> Any:
    """The instant. Where the local time beside it says something else, one of the two is wrong: nobody knows which."""
    written = texts.member(value, name)
    utc = times.parsed_moment(texts.cleaned(texts.member(written, "utc")), f"{name}.utc")
    zone = texts.cleaned(texts.member(written, "timezone"))
    local = texts.cleaned(texts.member(written, "local"))
    if utc.tzinfo is None:
        raise Unfit(f"{name}.utc", "invalid", "a UTC time ends in Z, such as 2026-10-03T05:00:00Z")
    if local and times.is_zone(zone) and times.shown_in(zone, utc) != times.parsed_moment(local, f"{name}.local"):
        raise Unfit(f"{name}.local", "contradiction", f"{local} in {zone} is not {utc.isoformat()}")
    return utc
