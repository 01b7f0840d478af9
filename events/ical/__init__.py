"""One session as a calendar shows it, and the calendar around it: bytes in RFC 5545, pure, no clock and no request."""

from events.ical.entry import Entry, vevent
from events.ical.frame import TAIL, Frame, calendar, head, one_event, single
from events.ical.zones import vtimezone, zone_of

__all__ = ["TAIL", "Entry", "Frame", "calendar", "head", "one_event", "single", "vevent", "vtimezone", "zone_of"]
