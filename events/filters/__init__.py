"""The one filter language: the same query string selects the same sessions everywhere (RULES 16-19).

Every filter describes a session. An event matches when one of its sessions meets all session filters together.
"""

from events.filters.asking import NAMES, FilterRefused, audiences, events, given, is_volatile, matching, sessions
from events.filters.attendees import ATTENDEE_NAMES, attendees
from events.filters.vocabulary import ABOUT_SESSIONS

__all__ = [
    "ABOUT_SESSIONS",
    "ATTENDEE_NAMES",
    "NAMES",
    "FilterRefused",
    "attendees",
    "audiences",
    "events",
    "given",
    "is_volatile",
    "matching",
    "sessions",
]
