"""One session as a calendar entry: the facts, and its VEVENT (RFC 5545 3.6.1)."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

from icalendar import Alarm, Event, Parameters, vCalAddress, vUnknown, vUri

from events.ical import texts
from events.ical.zones import local_time, zone_of

CANCELLED = {"ko": "[취소]", "en": "[Cancelled]"}
_JOIN = {"ko": "온라인 참여", "en": "Join online"}


Partstat = Literal["ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "DECLINED"]


@dataclass(frozen=True, slots=True)
class Invited:
    """Who invites whom by mail, and what is known of their coming (RFC 5545 3.2.12)."""

    organizer: str  # an address that receives replies
    organizer_name: str
    attendee: str  # the one recipient of the mail: nobody hears of the others
    partstat: Partstat


@dataclass(frozen=True, slots=True)
class Entry:
    """One session as a calendar shows it, every text already in the calendar's language."""

    uid: UUID
    sequence: int
    status: Literal[
        "tentative", "confirmed", "cancelled", ""
    ]  # "": only this attendee no longer comes (RFC 5546 3.2.5)
    starts_at: datetime  # aware UTC, half-open with ends_at
    ends_at: datetime
    timezone: str  # IANA
    all_day: bool
    starts_on: date  # local dates, read when all_day
    ends_on: date  # the last day, inclusive
    summary: str
    description: str
    location: str
    url: str
    categories: tuple[str, ...]
    created_at: datetime
    revised_at: datetime  # DTSTAMP and LAST-MODIFIED: without METHOD they are the same (RFC 5545 3.8.7.2)
    language: str  # "ko" or "en"
    fold: int = 0  # 1: the local start is the second of two equal wall times
    geo: tuple[float, float] | None = None  # latitude, longitude in degrees
    event_uid: UUID | None = None  # given when the event has several sessions, so that they can be seen as one
    opaque: bool = False  # for what a person attends; an entry that is only offered or cancelled takes no time
    joining_url: str = ""  # for participants only
    alarm: timedelta | None = None  # how long before the start; for a participant who asked
    invited: Invited | None = None  # in mails only

    @property
    def tzid(self) -> str | None:
        """The zone whose VTIMEZONE the entry needs, or None when it is written in UTC or as dates."""
        return None if self.all_day else zone_of(self.timezone, self.starts_at, self.ends_at, self.fold)


def vevent(entry: Entry) -> bytes:
    """Return BEGIN:VEVENT to END:VEVENT, folded, the same bytes for the same entry.

    What a registration can change in a personal calendar (SEQUENCE, STATUS, the times of revision, an alarm) stands
    together at the end, so that a stored entry can be cut there.
    """
    event = Event()
    event.add("uid", str(entry.uid))
    _add_times(event, entry)
    _add_texts(event, entry)
    _add_place(event, entry)
    event.add("transp", "OPAQUE" if entry.opaque and entry.status != "cancelled" else "TRANSPARENT")
    if entry.event_uid:
        event.add("related-to", str(entry.event_uid), parameters={"RELTYPE": "PARENT"})
    if entry.invited is not None:
        _add_people(event, entry.invited)
    event.add("created", entry.created_at)
    event.add("dtstamp", entry.revised_at)
    event.add("last-modified", entry.revised_at)
    event.add("sequence", entry.sequence)
    if entry.status:
        event.add("status", entry.status.upper())
    if entry.alarm is not None and entry.status != "cancelled":
        event.add_component(_alarm(entry, entry.alarm))
    written: bytes = event.to_ical(sorted=False)
    return written


def _add_times(event: Event, entry: Entry) -> None:
    if entry.all_day:
        event.add("dtstart", entry.starts_on)
        event.add("dtend", max(entry.starts_on, entry.ends_on) + timedelta(days=1))
        return
    tzid = entry.tzid
    starts_at, ends_at = (
        local_time(tzid, instant) if tzid else instant.astimezone(UTC) for instant in (entry.starts_at, entry.ends_at)
    )
    event.add("dtstart", starts_at)
    # Without an end an entry is a moment, which is legal; DTEND at DTSTART is not (RFC 5545 3.8.2.2).
    if entry.ends_at.replace(microsecond=0) > entry.starts_at:
        event.add("dtend", ends_at)


def _add_texts(event: Event, entry: Entry) -> None:
    """Title, text and topics.

    No LANGUAGE parameter: a text that exists in one language stands in both calendars, and a label would lie.
    """
    event.add("summary", texts.Text(_title(entry)))
    if description := _description(entry):
        event.add("description", texts.Text(description))
    if categories := texts.categories(entry.categories):
        event.add("categories", categories)


def _add_place(event: Event, entry: Entry) -> None:
    if location := texts.one_line(entry.location):
        event.add("location", texts.Text(location))
    if entry.geo and (position := _position(*entry.geo)):
        event.add("geo", vUnknown(position), encode=False)
    if url := texts.uri(entry.url):
        event.add("url", vUri(url))
    if joining := texts.uri(entry.joining_url):
        label = _in_words(_JOIN, entry.language)
        parameters = Parameters({"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"], "LABEL": label})
        event.add("conference", vUri(joining), parameters=parameters)


def _add_people(event: Event, invited: Invited) -> None:
    """ORGANIZER and the one ATTENDEE, as bare mailto addresses: Apple refuses anything else (RFC 5546 3.2.2)."""
    name = texts.one_line(invited.organizer_name)
    event.add("organizer", vCalAddress(f"mailto:{invited.organizer}"), parameters={"CN": name} if name else {})
    event.add(
        "attendee", vCalAddress(f"mailto:{invited.attendee}"),
        parameters={"ROLE": "REQ-PARTICIPANT", "PARTSTAT": invited.partstat, "RSVP": "FALSE"},
    )  # fmt: skip


def _title(entry: Entry) -> str:
    title = texts.one_line(entry.summary)
    return cancelled_title(title, entry.language) if entry.status == "cancelled" else title


def cancelled_title(title: str, language: str) -> str:
    """Return the title with the mark before it, which also programs show that hide STATUS."""
    return f"{_in_words(CANCELLED, language)} {title}".rstrip()


def _description(entry: Entry) -> str:
    """The text, then the links: Google drops URL, and hardly any program shows CONFERENCE."""
    joining = texts.one_line(entry.joining_url)
    links = [
        f"{_in_words(_JOIN, entry.language)}: {texts.uri(joining) or joining}" if joining else "",
        texts.uri(entry.url),
    ]
    parts = [texts.many_lines(entry.description), "\n".join(filter(None, links))]
    return "\n\n".join(filter(None, parts))


def _position(latitude: float, longitude: float) -> str:
    """GEO with at most six decimals (RFC 5545 3.8.1.6); "" for what is no place on earth."""
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        return ""
    rounded = (round(degrees, 6) + 0.0 for degrees in (latitude, longitude))  # + 0.0 takes the sign off a zero
    return ";".join(f"{degrees:.6f}".rstrip("0").rstrip(".") for degrees in rounded)


def _alarm(entry: Entry, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -abs(before))
    alarm.add("description", texts.Text(_title(entry)))
    return alarm


def _in_words(words: dict[str, str], language: str) -> str:
    return words.get(language, words["en"])
