"""Decide whether an event takes place: until then its sessions are tentative, afterwards confirmed, or called off."""

from datetime import datetime

from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import SYSTEM, Actor, Event, Registration
from events.operations import publishing, waitlisting
from events.operations.committing import all_or_nothing, one_by_one


class NothingToDecide(DomainError):
    """The event asks for no minimum, is no longer or not yet published, or was decided already."""

    code = "nothing_to_decide"


@all_or_nothing
def decide(
    *, event: Event, takes_place: bool, actor: Actor, now: datetime, reason: str = "",
    expected_revision: int | None = None,
) -> Event:  # fmt: skip
    """The event takes place, its tentative sessions confirmed in one step; or it is called off, all of it.

    Locks the event. Raises NothingToDecide, StaleRevision.
    """
    locked = publishing.lock(event=event, expected_revision=expected_revision)
    if locked.status != "published" or not locked.is_undecided:
        raise NothingToDecide(_("There is nothing to decide about this event."))
    locked.decision = "go" if takes_place else "no_go"
    if not takes_place:
        locked.save(update_fields=["decision"])
        return publishing.cancel(event=locked, actor=actor, now=now, reason=reason)
    locked.sessions.filter(status="tentative").update(status="confirmed")
    publishing.touch(event=locked, now=now, fields=["decision"])
    publishing.release(
        event=locked, session_ids=list(locked.sessions.order_by("pk").values_list("pk", flat=True)),
        kind="event.decided", actor=actor, now=now, before={"decision": ""}, after={"decision": "go"},
        is_news=publishing.is_seen(locked),
    )  # fmt: skip
    return locked


def decide_due(*, now: datetime) -> int:
    """Every event whose day has come is decided by the number of confirmed people; how many were."""
    due = Event.objects.filter(status="published", minimum__isnull=False, decision="", decides_at__lte=now)
    return one_by_one(due.order_by("pk"), lambda event: _decide_by_number(event=event, now=now))


@all_or_nothing
def _decide_by_number(*, event: Event, now: datetime) -> int:
    locked = publishing.lock(event=event)
    if not locked.is_undecided or locked.status != "published" or locked.decides_at is None or locked.decides_at > now:
        return 0
    waitlisting.lock(locked)  # who comes or goes at this moment is counted, or has not come or gone
    coming = Registration.objects.filter(event=locked, status="confirmed").count()
    decide(event=locked, takes_place=coming >= (locked.minimum or 0), actor=SYSTEM, now=now, reason="")
    return 1
