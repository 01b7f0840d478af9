"""Addresses that bring a calendar, or one entry of it, into somebody's own calendar (CALENDAR.md 1.6)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from events.calendars import days_of, event_url, location_of, title_of
from events.models import Session, worded

LONGEST_ADDRESS = 1_900  # some servers and browsers cut what is longer than about 2,000


@dataclass(frozen=True, slots=True)
class Subscription:
    """One calendar to follow: for calendar programs, to copy, and for Google, whose `cid` takes webcal only."""

    https: str
    webcal: str
    google: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One session to copy into a calendar once; none of these follow later changes."""

    google: str
    outlook: str
    microsoft_365: str
    file: str


def subscription(path: str) -> Subscription:
    """The links to a calendar at this path of ours, such as /calendars/events/mixing.ics?lang=ko."""
    parts = urlsplit(settings.CALLBOARD_URL)
    webcal = f"webcal://{parts.netloc}{path}"
    return Subscription(
        https=f"{settings.CALLBOARD_URL}{path}",
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}",
    )


def snapshot(session: Session, language: str) -> Snapshot:
    """The links that copy one session, loaded with its event, room and venue."""
    compose = f"/calendar/deeplink/compose?{_bounded(_outlook(session, language), 'body')}"
    return Snapshot(
        google=f"https://calendar.google.com/calendar/render?{_bounded(_google(session, language), 'details')}",
        outlook=f"https://outlook.live.com{compose}",
        microsoft_365=f"https://outlook.office.com{compose}",
        file=f"/calendars/sessions/{session.uid}.ics?lang={language}",
    )


def _google(session: Session, language: str) -> dict[str, str]:
    first, last = days_of(session)
    after = last + timedelta(days=1)  # Google's all-day end is the day after
    clock = (_basic(session.starts_at), _basic(session.ends_at))
    dates = (f"{first:%Y%m%d}", f"{after:%Y%m%d}") if session.all_day else clock
    return {
        "action": "TEMPLATE",
        "text": title_of(session, language),
        "dates": "/".join(dates),
        "ctz": session.timezone,
        "location": location_of(session, language),
        "details": _details(session, language),
    }


def _outlook(session: Session, language: str) -> dict[str, str]:
    first, last = days_of(session)
    return {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title_of(session, language),
        "startdt": first.isoformat() if session.all_day else _extended(session.starts_at),
        "enddt": last.isoformat() if session.all_day else _extended(session.ends_at),
        "allday": "true" if session.all_day else "false",
        "location": location_of(session, language),
        "body": _details(session, language),
    }


def _details(session: Session, language: str) -> str:
    """The address comes first, so that what is cut is the summary."""
    return f"{event_url(session.event.slug, language)}\n\n{worded(session.event, 'summary', language)}".strip()


def _bounded(values: dict[str, str], longest: str) -> str:
    query = urlencode(values, quote_via=quote)
    while len(query) > LONGEST_ADDRESS and len(values[longest]) > 1:
        values = values | {longest: values[longest][: len(values[longest]) // 2]}
        query = urlencode(values, quote_via=quote)
    return query


def _basic(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _extended(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
