"""Whether somebody can register now, in words and for machines; the rule itself is the domain's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Event
from events.operations import registering
from pages import clock

Badge = Literal["open", "full", "closed", "cancelled", "none"]
BADGES: dict[str, Badge] = {"event_full": "full", "event_cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Availability:
    """`badge` picks a style, `words` are short, `reason` stands instead of a form (empty: the form can be sent)."""

    badge: Badge
    words: str
    reason: str
    percent_taken: int | None = None


def of(event: Event, *, now: datetime) -> Availability:
    """How an event stands, from its prefetched pools: no query."""
    refusal = registering.refusal(event=event, now=now)
    seats = sum(pool.seats for pool in event.pools.all())
    unlimited = any(pool.is_unlimited for pool in event.pools.all())
    left = sum(pool.seats_left or 0 for pool in event.pools.all())
    percent = None if unlimited or not seats else round(100 * (seats - left) / seats)
    if refusal is None:
        counted = _("%(left)d of %(seats)d left") % {"left": left, "seats": seats}
        words = _("No limit on seats") if unlimited else counted
        return Availability("open", words, "", percent)
    if isinstance(refusal, registering.EventFull):
        words = ngettext("Full, %(seats)d seat", "Full, %(seats)d seats", seats) % {"seats": seats}
        return Availability("full", words, refusal.message, percent)
    if isinstance(refusal, registering.EventCancelled):
        return Availability("cancelled", _("Cancelled"), refusal.message)
    return _closed(event, refusal, now)


def _closed(event: Event, refusal: Exception, now: datetime) -> Availability:
    opens_at = event.registration_opens_at
    if event.registration != "open":
        return Availability("none", _("No registration here"), str(refusal))
    if opens_at is not None and opens_at > now:
        opens = clock.moment(opens_at, event.programme.timezone)
        return Availability("closed", _("Not open yet"), _("Registration opens on %(time)s.") % {"time": opens})
    return Availability("closed", _("Registration closed"), str(refusal))
