"""One session as a calendar shows it, and the calendar around it: bytes in RFC 5545, pure, no clock and no request."""

from events.ical.entry import CANCELLED, Entry, Invited, Partstat, vevent
from events.ical.frame import TAIL, Frame, calendar, head, message, one_event, single
from events.ical.zones import EDITION, vtimezone, zone_of

__all__ = [
    "CANCELLED",
    "EDITION",
    "TAIL",
    "Entry",
    "Frame",
    "Invited",
    "Partstat",
    "calendar",
    "head",
    "message",
    "one_event",
    "single",
    "vevent",
    "vtimezone",
    "zone_of",
]
