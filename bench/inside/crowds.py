"""What the crowds of bench/crowding.py need in the database, made and asked by the operations themselves."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from events.models import SYSTEM, Audience, Event, Organization, Registration
from events.operations import allotting, planning, registering
from events.reports import audit


def main(what: str, *arguments: str) -> None:
    json.dump({"stack": stack, "queue": queue, "promote": promote, "line": line}[what](*arguments), sys.stdout)


def stack(*slugs: str) -> list[str]:
    """These events have a floor of students, a ceiling on students and an allotment besides their open seats."""
    now = datetime.now(UTC)
    student = Audience.objects.get(slug="students")
    partner = Organization.objects.get(slug="bench")
    for event in Event.objects.filter(slug__in=slugs).order_by("pk"):
        capacity = int(event.capacity or 0)
        when = {"event": event, "actor": SYSTEM, "now": now}
        allotting.set_aside(kind="floor", seats=capacity // 2, audience=student, **when)
        allotting.set_aside(kind="ceiling", seats=capacity, audience=student, **when)
        allotting.set_aside(kind="allotment", seats=0, partner=partner, **when)
    return list(slugs)


def queue(slug: str, capacity: str) -> str:
    """The event has so many seats and a waitlist."""
    event = Event.objects.get(slug=slug)
    fields = {"capacity": int(capacity), "capacity_override": True, "waitlist": "automatic"}
    planning.amend_event(event=event, fields=fields, actor=SYSTEM, now=datetime.now(UTC))
    return slug


def promote(slug: str, number: str) -> dict[str, float]:
    """So many people wait for a full event; then as many seats are added in one step: its seconds and statements."""
    waiting, now = int(number), datetime.now(UTC)
    queue(slug, "0")
    for person in range(waiting):
        applicant = registering.Applicant("Kim Minji", f"waits{person}@{slug}.example")
        event = Event.objects.select_related("programme").get(slug=slug)
        registering.register(event=event, applicant=applicant, actor=SYSTEM, now=now + timedelta(milliseconds=person))
    event = Event.objects.get(slug=slug)
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        planning.amend_event(event=event, fields={"capacity": waiting}, actor=SYSTEM, now=now + timedelta(hours=1))
    seconds = time.perf_counter() - began
    confirmed = Registration.objects.filter(event=event, status="confirmed").count()
    if confirmed != waiting:
        raise RuntimeError(f"{confirmed} of {waiting} people were promoted")
    return {"seconds": seconds, "statements": len(captured)}


def line(slug: str) -> dict[str, int]:
    """What a rush left behind: who is in, who waits, and whether anybody waits in another order than they came in."""
    rows = Registration.objects.filter(event__slug=slug)
    disorder = rows.filter(status="waitlisted", waits_since__lt=F("created_at")).count()
    return {
        "confirmed": rows.filter(status="confirmed").count(),
        "waitlisted": rows.filter(status="waitlisted").count(),
        "disorder": disorder,
        "breaks": len(list(audit.run())),
    }
