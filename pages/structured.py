"""What search engines read on an event's page and in a frame: schema.org/Event as JSON-LD, escaped for its element."""

import json
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from events.calendars import event_url
from events.models import Event, Session, worded
from pages.availability import Availability

# Whatever could end the script element or a line of JavaScript (SAFETY 4.2).
ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
SOLD_OUT = "https://schema.org/SoldOut"
OFFERS = {"open": "https://schema.org/InStock", "waitlist": SOLD_OUT, "full": SOLD_OUT}


def event(event: Event, *, sessions: list[Session], availability: Availability, language: str) -> SafeString:
    """The event with its loaded sessions (speakers, rooms and venues prefetched) as one JSON document."""
    return _document(_whole(event, sessions, availability, language))


def events(shown: Iterable[tuple[Event, list[Session], Availability]], *, language: str) -> SafeString:
    """Several of them in one document."""
    return _document({"@graph": [_whole(event, own, stands, language) for event, own, stands in shown]})


def _document(shown: dict[str, Any]) -> SafeString:
    text = json.dumps({"@context": "https://schema.org"} | shown, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(text)  # noqa: S308 - escaped in the line above


def _whole(event: Event, sessions: list[Session], availability: Availability, language: str) -> dict[str, Any]:
    shown = _event(event, sessions, availability, language)
    if len(sessions) > 1:
        shown["subEvent"] = [
            {"@type": "Event", "name": shown["name"]} | _block(session, event, language) for session in sessions
        ]
    return shown


def _event(event: Event, sessions: list[Session], availability: Availability, language: str) -> dict[str, Any]:
    url = event_url(event.slug, language)
    organizer = event.programme.organization
    speakers = {billing.speaker_id: billing.speaker for session in sessions for billing in session.billing.all()}
    shown: dict[str, Any] = {
        "@type": "Event",
        "@id": f"{url}#event",
        "name": worded(event, "title", language),
        "description": worded(event, "summary", language),
        "url": url,
        "inLanguage": event.language,
        "eventStatus": _status(event.status),
        "organizer": {"@type": "Organization", "name": worded(organizer, "title", language)}
        | ({"url": organizer.url} if organizer.url else {}),
        "performer": [{"@type": "Person", "name": worded(s, "name", language)} for s in speakers.values()],
        "audience": [
            {"@type": "Audience", "audienceType": worded(whom, "title", language)} for whom in event.audiences.all()
        ],
    }
    if sessions:
        shown |= _block(sessions[0], event, language) | {"endDate": _local(sessions[-1], sessions[-1].ends_at)}
        shown |= {"eventAttendanceMode": _attendance(sessions), "eventStatus": _status(event.status)}
    if availability.badge in OFFERS:
        shown["offers"] = {"@type": "Offer", "availability": OFFERS[availability.badge], "url": url}
    if event.capacity is not None:
        shown["maximumAttendeeCapacity"] = event.capacity
    return {name: value for name, value in shown.items() if value not in ("", [])}


def _block(session: Session, event: Event, language: str) -> dict[str, Any]:
    cancelled = "cancelled" in (session.status, event.status)
    return {
        "startDate": session.starts_on.isoformat() if session.all_day else _local(session, session.starts_at),
        "endDate": _local(session, session.ends_at),
        "eventStatus": _status("cancelled" if cancelled else ""),
        "eventAttendanceMode": _attendance([session]),
        "location": _location(session, event, language),
    }


def _location(session: Session, event: Event, language: str) -> dict[str, Any]:
    if session.room is None:
        return {"@type": "VirtualLocation", "url": event_url(event.slug, language)}
    venue = session.room.venue
    place: dict[str, Any] = {
        "@type": "Place",
        "name": f"{worded(venue, 'title', language)}, {worded(session.room, 'title', language)}",
        "address": worded(venue, "address", language) or worded(venue, "title", language),
    }
    if venue.latitude is not None and venue.longitude is not None:
        place["geo"] = {
            "@type": "GeoCoordinates", "latitude": float(venue.latitude), "longitude": float(venue.longitude)
        }  # fmt: skip
    return place


def _attendance(sessions: list[Session]) -> str:
    in_room = any(session.room_id for session in sessions)
    online = any(session.online for session in sessions)
    mode = "Mixed" if in_room and online else "Online" if online else "Offline"
    return f"https://schema.org/{mode}EventAttendanceMode"


def _status(status: str) -> str:
    return f"https://schema.org/{'EventCancelled' if status == 'cancelled' else 'EventScheduled'}"


def _local(session: Session, moment: Any) -> str:
    return str(moment.astimezone(ZoneInfo(session.timezone)).isoformat())
