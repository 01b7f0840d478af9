"""The e-mail channel: who is to hear of a change, and the worker's part in it (docs/decisions/0018)."""

import logging
import smtplib
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
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
LONGEST_SECONDS = 60  # of a batch: what a slow server leaves then is anybody's
SERVICE_NOT_AVAILABLE = 421  # the server closes the connection (RFC 5321 3.8)
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
    for delivery in written.unmailable:
        delivering.give_up(delivery=delivery, error="address cannot be mailed")
    for delivery, error in written.failed:
        delivering.put_off(delivery=delivery, error=error, keeps_words=False)
    letters = [Letter(row, written.messages[row.pk]) for row in deliveries if row.pk in written.messages]
    return len(deliveries) if not letters or _send(letters) else 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A message and its bytes."""

    delivery: Delivery
    message: bytes

    @property
    def is_new(self) -> bool:
        """Whether no earlier attempt may have brought it there."""
        return self.delivery.message is None


def _send(letters: Sequence[Letter]) -> bool:
    """Each is sent, put off or given up; False where the server is away, and the others wait."""
    connection = mail.get_connection()
    try:
        connection.open()
    except OSError as error:
        _wait_for_the_server(letters, error)
        return False
    began = time.monotonic()
    try:
        for number, letter in enumerate(letters):
            if time.monotonic() - began > LONGEST_SECONDS:
                _leave(letters[number:], error="")
                break
            broken = _hand_over(letter, connection)
            if broken is not None:
                _wait_for_the_server(letters[number + 1 :], broken)
                return False
    finally:
        connection.close()
    return True


def _hand_over(letter: Letter, connection: BaseEmailBackend) -> Exception | None:
    """It is sent, put off or given up; an error that the next one would meet as well."""
    if not delivering.hold(delivery=letter.delivery, message=letter.message):
        return None  # it is somebody else's by now, or nobody's any more
    try:
        connection.send_messages([Ready(letter.message)])
    except Exception as error:
        # Never the text of the error: it says whose address it was.
        log.warning("Message %s (%s) was not taken: %s.", letter.delivery.uid, letter.delivery.kind, _named(error))
        if _is_final(error):
            delivering.give_up(delivery=letter.delivery, error=_named(error))
            return None
        # A server that hangs up may do so because of this very mail: it counts, so that it cannot hold up the others.
        may_be_there, is_of_the_server = _may_be_there(error), _is_of_the_server(error)
        delivering.put_off(
            delivery=letter.delivery, error=_named(error), keeps_words=may_be_there or not letter.is_new,
            is_tried=may_be_there or not is_of_the_server,
        )  # fmt: skip
        return error if is_of_the_server else None
    delivering.sent(delivery=letter.delivery)
    return None


def _wait_for_the_server(letters: Sequence[Letter], error: Exception) -> None:
    log.warning("The mail server does not answer (%s); mails wait.", _named(error))
    _leave(letters, error=_named(error))


def _leave(letters: Sequence[Letter], *, error: str) -> None:
    for letter in letters:
        delivering.put_off(delivery=letter.delivery, error=error, keeps_words=not letter.is_new, is_tried=False)


def _delivery(change: Change, registration: Registration | None) -> Delivery:
    """Somebody waits for the answer to what they did just now; everything else takes its turn."""
    is_waited_for = change.actor_kind == ANONYMOUS.kind
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
    rows = list(
        Registration.objects.live()
        .filter(event__in=by_event)
        .exclude(pk__in=_about_to_read(by_event))
        .order_by("pk")
        .only("pk", "email_key", "event_id")
    )
    firsts = {row.email_key: row for row in reversed(rows)}
    deliveries = []
    for row in firsts.values():
        delivery = _delivery(by_event[row.event_id], row)
        delivery.kind, delivery.lane = "schedule.changed", "mail"
        deliveries.append(delivery)
    return sorted(deliveries, key=lambda delivery: delivery.registration_id or 0)


def _about_to_read(events: Collection[int | None]) -> list[int]:
    """Whose message about their registration nobody has begun to write: it will say what is so after this step.

    Locked until the commit, so that no worker begins meanwhile.
    """
    fresh = Delivery.objects.filter(
        status="waiting", lease=0, kind__in=REGISTRATION, registration__event__in=events
    ).order_by("pk")
    rows = fresh.select_for_update(skip_locked=True, of=("self",)).values_list("registration_id", flat=True)
    return [pk for pk in rows if pk is not None]


def _is_of_the_server(error: Exception) -> bool:
    """Whether the next mail would fail as well. (Every error of smtplib is an OSError.)"""
    if SERVICE_NOT_AVAILABLE in _codes(error):
        return True
    lost = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPSenderRefused)
    return isinstance(error, lost) or (isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException))


def _may_be_there(error: Exception) -> bool:
    """Whether the connection broke while the mail was handed over: the server may have taken it."""
    return isinstance(error, smtplib.SMTPServerDisconnected | TimeoutError | ConnectionError)


def _is_final(error: Exception) -> bool:
    """Whether the server says that it will never take it (RFC 5321 4.2.1: a reply of 5xx)."""
    is_about_the_mail = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    return is_about_the_mail and all(code >= 500 for code in _codes(error))


def _named(error: Exception) -> str:
    return " ".join([type(error).__name__, *map(str, _codes(error))])


def _codes(error: Exception) -> list[int]:
    """The replies that the server gave, if it did."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return sorted({code for code, _text in error.recipients.values()})
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
