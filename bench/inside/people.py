"""Somebody who is registered for many events and follows them with one link: made by the operations themselves."""

import json
import sys
from datetime import UTC, datetime

from events.models import SYSTEM, Event
from events.operations import registering, subscribing

ADDRESS = "busy@example.org"


def main(number: str) -> None:
    """Writes the address of the link."""
    now = datetime.now(UTC)
    for event in Event.objects.select_related("programme").order_by("first_starts_at", "pk")[: int(number)]:
        applicant = registering.Applicant("Kim Minji", ADDRESS)
        registering.register(event=event, applicant=applicant, actor=SYSTEM, now=now)
    link = subscribing.add_link(attendee=subscribing.attendee_of(key=ADDRESS), name="Phone", now=now, language="en")
    json.dump(subscribing.address_of(link), sys.stdout)
