"""Messages for bench/mails.py: ordered by registering, then sent by the worker's own functions and by a bare loop."""

import json
import sys
import time
from datetime import UTC, datetime

from django.core import mail

from events.models import ANONYMOUS, Delivery, Event
from events.notices import content, mailing
from events.notices.letters import Ready
from events.operations import registering


def main(people: str, at_a_time: str) -> None:
    """Print the seconds of each turn: (bare, ours). Both send the same rows, the bare loop first."""
    now = datetime.now(UTC)
    order(int(people), now)
    turns = [turn(int(at_a_time), now) for _ in range(int(people) // int(at_a_time))]
    left = Delivery.objects.exclude(status="sent").count()
    if left:
        raise RuntimeError(f"{left} messages were not sent")
    json.dump(turns, sys.stdout)


def order(people: int, now: datetime) -> None:
    """So many people register in turn for a hundred events."""
    events = list(Event.objects.filter(status="published", capacity__gt=people // 100).order_by("pk")[:100])
    for number in range(people):
        applicant = registering.Applicant("Kim Minji", f"mailed{number}@example.org")
        registering.register(
            event=events[number % len(events)], applicant=applicant, actor=ANONYMOUS, now=now
        )  # fmt: skip


def turn(number: int, now: datetime) -> tuple[float, float]:
    began = time.perf_counter()
    bare(number, now)
    between = time.perf_counter()
    for _ in range(number // mailing.AT_A_TIME):
        mailing.deliver(lane="urgent", now=now)
    return between - began, time.perf_counter() - between


def bare(number: int, now: datetime) -> None:
    """Load, write, send: no claim, nothing kept, nothing marked."""
    ids = list(Delivery.objects.waiting("urgent").order_by("pk").values_list("pk", flat=True)[:number])
    for start in range(0, number, mailing.AT_A_TIME):
        rows = list(
            Delivery.objects.filter(pk__in=ids[start : start + mailing.AT_A_TIME])
            .select_related("organization", "change", "registration__event__programme__organization")
            .order_by("pk")
        )
        messages = content.written(rows, now=now).messages
        connection = mail.get_connection()
        connection.open()
        for row in rows:
            connection.send_messages([Ready(messages[row.pk])])
        connection.close()
