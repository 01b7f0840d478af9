"""The calendar part of a mail: one file for each session, which mail programs take into the calendar (RFC 6047)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Literal

from django.conf import settings

from events import calendars, ical
from events.models import LIVE, Registration, Session, worded

MOST = 12  # sessions in one mail; a longer course is followed by its calendar
Method = Literal["REQUEST", "CANCEL"]
# What a place in the event means for the calendar: the entry's own status where it says more than "tentative".
PARTSTAT: dict[str, ical.Partstat] = {
    "confirmed": "ACCEPTED",
    "offered": "NEEDS-ACTION",
    "waitlisted": "TENTATIVE",
}


@dataclass(frozen=True, slots=True)
class Invitation:
    """One session for one person, as bytes of text/calendar."""

    method: Method
    body: bytes


def of(
    registration: Registration, sessions: Sequence[Session], *, sequence: int, was: str = ""
) -> list[Invitation]:  # fmt: skip
    """The sessions as they are for this person now, in order of start; none for an application, or past `MOST`.

    Who no longer comes has them cancelled if they were in their calendar: `was` is the status before. Sessions come
    from `calendars.for_rendering`; those that the public cannot read are left out. `sequence` is what the person adds
    to that of each session (`steps.of`).
    """
    is_live = registration.status in LIVE
    if registration.status not in PARTSTAT and (is_live or was not in PARTSTAT):
        return []
    shown = [session for session in sessions if calendars.is_readable(session)]
    return (
        [_invitation(registration, session, sequence) for session in shown] if len(shown) <= MOST or not is_live else []
    )


def _invitation(registration: Registration, session: Session, sequence: int) -> Invitation:
    entry = calendars.participant_entry(
        session, registration.language, extra_sequence=sequence, revised_at=registration.updated_at
    )
    partstat: ical.Partstat = PARTSTAT.get(registration.status, "DECLINED")
    if partstat == "DECLINED" and entry.status != "cancelled":
        entry = replace(entry, status="")  # the session takes place, without this person (RFC 5546 3.2.5)
    elif partstat in ("TENTATIVE", "NEEDS-ACTION") and entry.status == "confirmed":
        entry = replace(entry, status="tentative")
    if partstat != "ACCEPTED":  # no busy time, and no way into what they have no seat in
        entry = replace(entry, opaque=False, joining_url="")
    method: Method = "CANCEL" if entry.status in ("", "cancelled") else "REQUEST"
    organization = session.event.programme.organization
    invited = ical.Invited(
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        organizer_name=worded(organization, "title", registration.language),
        attendee=registration.email,
        partstat=partstat,
    )
    return Invitation(method, ical.message(replace(entry, invited=invited), method))
