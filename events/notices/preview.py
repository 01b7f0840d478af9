"""A mail as somebody would have it who does not exist: to look at the organizer's text before anybody is sent it."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from events import calendars
from events.models import LANGUAGES, Event, Registration
from events.notices import wording
from events.notices.wording import Words


@dataclass(frozen=True, slots=True)
class Preview:
    language: str
    words: Words


def confirmations(event: Event, fields: Mapping[str, Any]) -> Iterator[Preview]:
    """The confirmation in each language, were these the fields of the event. Nothing is stored.

    Its links lead nowhere: nobody has that code, and no row that number. `event` with programme and organization.
    """
    shown = copy(event)
    for name, value in fields.items():
        setattr(shown, name, value)
    ids = event.sessions.order_by("starts_at", "pk").values_list("pk", flat=True)
    sessions = list(calendars.for_rendering(ids))
    shown._prefetched_objects_cache = {"sessions": sessions}  # type: ignore[attr-defined]  # count as loaded with it
    for language in LANGUAGES:
        nobody = Registration(
            pk=0, event=shown, code="EXAMPLE", email="name@example.org", language=language, status="confirmed"
        )
        with translation.override(language):
            yield Preview(language, wording.news(nobody))
