"""What happens because its time has come: offers run out, quotas are released, events are decided, waitlists end.

Rows say when; whoever runs this, as often as they like, finds what is due. Nothing is done twice, nothing is lost when
nobody ran it for a while.
"""

from collections import Counter
from datetime import datetime

from django.db.models import Min, Q

from events.models import SYSTEM, Event, Registration, SeatPool
from events.operations import (
    allotting,
    calling,
    deciding,
    delivering,
    offering,
    registering,
    reminding,
    sequencing,
    waitlisting,
)
from events.operations.committing import all_or_nothing, one_by_one


def run(*, now: datetime) -> Counter[str]:
    """Everything that is due at `now` has happened; how much of what. Each event is a transaction of its own.

    Changes have their place afterwards, those that this made among them.
    """
    done = Counter(
        offers=offering.expire_due(now=now),
        quotas=allotting.release_due(now=now),
        decisions=deciding.decide_due(now=now),
        waitlists=end_waitlists(now=now),
        served=serve_waiting(now=now),
        reminders=reminding.remind_due(now=now),
        abandoned=delivering.give_up_due() + calling.give_up_due(),
    )
    sequencing.number_all()
    return done


def next_due(*, after: datetime) -> datetime | None:
    """When something falls due next; None while nothing is to come. Three statements."""
    times = (
        Registration.objects.filter(status="offered", offer_expires_at__gt=after).aggregate(at=Min("offer_expires_at")),
        SeatPool.objects.filter(released_at__isnull=True, releases_at__gt=after).aggregate(at=Min("releases_at")),
        Event.objects.filter(status="published", decision="", minimum__isnull=False, decides_at__gt=after).aggregate(
            at=Min("decides_at")
        ),
    )
    return min((found["at"] for found in times if found["at"] is not None), default=None)


def end_waitlists(*, now: datetime) -> int:
    """Nobody waits for an event that has begun: who takes a later run waits for that; for others it is over."""
    waiting = Registration.objects.filter(status="waitlisted").values("event")
    begun = Event.objects.filter(pk__in=waiting, first_starts_at__lte=now).order_by("pk")
    return one_by_one(begun, lambda event: _end_waitlist(event=event, now=now))


def serve_waiting(*, now: datetime) -> int:
    """Whoever waits and can have a seat has it; how many were served.

    Seats go out when they become free. This finds who became able to take one since: what they clashed with is gone.
    """
    waiting = Registration.objects.filter(status="waitlisted")
    awaited = Q(pk__in=waiting.values("event")) | Q(series__in=waiting.values("event__series"))
    has_room = SeatPool.objects.with_room().exclude(kind="ceiling").values("event")
    events = Event.objects.filter(awaited, status="published", pk__in=has_room).order_by("pk")
    return one_by_one(events, lambda event: _serve(event=event, now=now))


@all_or_nothing
def _end_waitlist(*, event: Event, now: datetime) -> int:
    pools = waitlisting.lock(event)
    if not Event.objects.filter(pk=event.pk, first_starts_at__lte=now).exists():
        return 0  # it was moved while we waited for the lock
    waitlisting.leave_run(event=event, reason="event_began", actor=SYSTEM, now=now)
    left = list(
        Registration.objects.filter(event=event, status="waitlisted")
        .select_for_update(of=("self",), no_key=True)
        .select_related("event__programme")
        .order_by("pk")
    )
    registering.end(left, to="expired", pools=pools[event.pk], reason="event_began", actor=SYSTEM, now=now, ended_by="")
    return len(left)


@all_or_nothing
def _serve(*, event: Event, now: datetime) -> int:
    before = Registration.objects.live().exclude(status="waitlisted").filter(event=event).count()
    pools = waitlisting.lock(event)
    waitlisting.refill(event_ids=[event.pk], pools=pools, now=now)
    return Registration.objects.live().exclude(status="waitlisted").filter(event=event).count() - before
