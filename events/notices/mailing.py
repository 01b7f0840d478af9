"""The e-mail channel: who is to hear of a change, and the worker's part in it (docs/decisions/0018)."""

import logging
import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from events.models import ANONYMOUS, Change, Delivery, Registration
from events.notices import content
from events.notices.letters import Ready
from events.notices.moves import is_go, moves
from events.operations import delivering
from events.operations.switching import SWITCHED
from events.operations.waitlisting import MOVED_ON

CHANNEL = "mail"
AT_A_TIME = 10  # so many wait for a worker that is to stop, and for the claim of one that died
REGISTRATION = frozenset(
    f"registration.{status}"
    for status in ("applied", "waitlisted", "offered", "confirmed", "declined", "cancelled", "expired")
) | {SWITCHED, MOVED_ON}

log = logging.getLogger(__name__)


def targets(changes: Sequence[Change]) -> list[Delivery]:
    """A message for each person whom these changes concern: one about each registration, and one about the schedule.

    The changes are those of one step: who is registered for several events of it hears of all in one mail.
    """
    told = [_delivery(change, change.registration) for change in changes if change.kind in REGISTRATION]
    moved = [change for change in changes if change.event_id is not None and (is_go(change) or moves(change))]
    return told + _about_schedule([change for change in moved if _is_open(change)])


def deliver(*, lane: str, now: datetime) -> int:
    """Up to `AT_A_TIME` messages of the lane are sent, put off or given up; how many were looked at.

    At least once: who dies after the server took a mail leaves it to be sent again, the same bytes under the same
    Message-ID. What one address refuses holds up nobody; when the server is away all of it waits: 0.
    """
    deliveries = delivering.claim(lane=lane, most=AT_A_TIME)
    if not deliveries:
        return 0
    written = content.written(deliveries, now=now)
    delivering.superseded(deliveries=written.superseded)
    for delivery, error in written.failed:
        delivering.failed(delivery=delivery, error=error, is_final=True, may_be_there=False)
    delivering.keep(messages=written.messages, deliveries=deliveries)
    return _send([row for row in deliveries if row.message is not None], looked_at=len(deliveries))


def _send(deliveries: Sequence[Delivery], *, looked_at: int) -> int:
    if not deliveries:
        return looked_at
    connection = mail.get_connection()
    try:
        connection.open()
    except OSError as error:
        _wait_for_the_server(deliveries, error)
        return 0
    try:
        for number, delivery in enumerate(deliveries, start=1):
            broken = _hand_over(delivery, connection)
            if broken is not None:
                _wait_for_the_server(deliveries[number:], broken)
                return 0
    finally:
        connection.close()
    return looked_at


def _hand_over(delivery: Delivery, connection: BaseEmailBackend) -> Exception | None:
    """It is sent, put off or given up; an error that the next one would meet as well."""
    try:
        connection.send_messages([Ready(bytes(delivery.message or b""))])
    except Exception as error:
        # Never the text of the error: it says whose address it was.
        log.warning("Message %s (%s) was not taken: %s.", delivery.uid, delivery.kind, _named(error))
        delivering.failed(
            delivery=delivery, error=_named(error), is_final=_is_final(error), may_be_there=_may_be_there(error)
        )
        return error if _is_of_the_server(error) else None
    delivering.sent(delivery=delivery)
    return None


def _wait_for_the_server(deliveries: Sequence[Delivery], error: Exception) -> None:
    log.warning("The mail server does not answer (%s); mails wait.", _named(error))
    delivering.hand_back(deliveries=deliveries, error=_named(error))


def _delivery(change: Change, registration: Registration | None) -> Delivery:
    """Somebody waits for the answer to what they did just now; everything else takes its turn."""
    is_waited_for = change.actor_kind == ANONYMOUS.kind and not change.before
    return Delivery(
        channel=CHANNEL,
        lane="urgent" if is_waited_for else "mail",
        kind=change.kind,
        organization_id=change.organization_id,
        change=change,
        registration=registration,
        created_at=change.at,
    )


def _is_open(change: Change) -> bool:
    """Whether people can know of the event; what happens to a draft or after it was called off is told otherwise."""
    return change.event is not None and change.event.status == "published"


def _about_schedule(changes: Iterable[Change]) -> list[Delivery]:
    by_event = {change.event_id: change for change in changes}
    if not by_event:
        return []  # as for everybody who registers: building a queryset that nobody asks costs a twelfth of all that
    rows = Registration.objects.live().filter(event__in=by_event).order_by("pk").only("pk", "email_key", "event_id")
    firsts = {row.email_key: row for row in reversed(rows)}
    deliveries = []
    for row in firsts.values():
        delivery = _delivery(by_event[row.event_id], row)
        delivery.kind, delivery.lane = "schedule.changed", "mail"
        deliveries.append(delivery)
    return sorted(deliveries, key=lambda delivery: delivery.registration_id or 0)


def _is_of_the_server(error: Exception) -> bool:
    """Whether the next mail would fail as well. (Every error of smtplib is an OSError.)"""
    lost = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPSenderRefused)
    return isinstance(error, lost) or (isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException))


def _may_be_there(error: Exception) -> bool:
    """Whether the connection broke while the mail was handed over: the server may have taken it."""
    return isinstance(error, smtplib.SMTPServerDisconnected | TimeoutError | ConnectionError)


def _is_final(error: Exception) -> bool:
    """Whether the server says that it will never take it (RFC 5321 4.2.1: a reply of 5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def _named(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _text in error.recipients.values()})
        return f"{type(error).__name__} {' '.join(codes)}"
    return f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
