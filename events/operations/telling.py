"""Tell people what became of their registration: who has to hear of it, and that only one worker tells them.

The row is the order for the mail: its status is another one than the person knows of (`told_status`). Whoever sends it
claims the row first. A worker that dies in between leaves a lease that runs out; then the mail is sent, or sent again.
"""

from datetime import datetime, timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When

from events.models import Registration
from events.operations.committing import all_or_nothing

LEASE = timedelta(minutes=5)  # one mail takes far less, also where the mail server lets us wait
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


def untold(*, now: datetime, most: int) -> list[Registration]:
    """Registrations whose people have to hear of their status now: who must answer first, then the oldest news.

    An offer that has run out is left out, for it is about to expire. Two statements, the second for the sessions.
    """
    rows = (
        _free(now)
        .exclude(told_status=F("status"))
        .exclude(status="offered", offer_expires_at__lte=now)
        .select_related("event__programme")
        .prefetch_related("event__sessions")
    )
    is_urgent = Case(When(status="offered", then=Value(0)), default=Value(1))
    return list(rows.order_by(is_urgent, "updated_at", "pk")[:most])


@all_or_nothing
def claim(*, registration: Registration, now: datetime) -> bool:
    """Whether this mail is ours to send for the next five minutes: nobody else sends it, and it is still true."""
    same = _free(now).filter(pk=registration.pk, status=registration.status, told_status=registration.told_status)
    is_ours = same.update(tell_after=now + LEASE) == 1
    if is_ours:
        registration.tell_after = now + LEASE
    return is_ours


@all_or_nothing
def told(*, registration: Registration) -> None:
    """The mail is sent. What became of the registration since then is other news."""
    _claimed(registration).update(told_status=registration.status, tell_after=None)


@all_or_nothing
def put_off(*, registration: Registration, now: datetime) -> None:
    """The mail was not taken: again when as much time has passed as since the news, a minute to six hours."""
    pause = min(max(now - registration.updated_at, SHORTEST_PAUSE), LONGEST_PAUSE)
    _claimed(registration).update(tell_after=now + pause)


def _free(now: datetime) -> QuerySet[Registration]:
    return Registration.objects.filter(Q(tell_after__isnull=True) | Q(tell_after__lte=now))


def _claimed(registration: Registration) -> QuerySet[Registration]:
    return Registration.objects.filter(
        pk=registration.pk, told_status=registration.told_status, tell_after=registration.tell_after
    )
