"""Mails about a registration: a seat to take, a decision to know, the way back to what one has registered."""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q
from django.utils import translation

from events import whereabouts
from events.models import Event, Registration, email_key
from events.models.tokens import digest
from events.notices import wording
from events.operations import guessing, telling

AT_A_TIME = 10  # so many mails an offer waits for at most, and a worker that is to stop; in far less than a lease
MOST_REMINDERS, MOST_LINKS = 3, 5

log = logging.getLogger(__name__)


def tell(*, now: datetime, most: int) -> int:
    """Up to `most` people whose registration became something without them have their mail; how many were due.

    At least once: who dies after the server took a mail leaves it to be sent again, with the same Message-ID. What one
    address refuses is tried again later and holds up nobody; when the mail server is away all of it waits: 0.
    """
    rows = telling.untold(now=now, most=most)
    if not rows:
        return 0
    connection = mail.get_connection()
    try:
        connection.open()
        for row in rows:
            if telling.claim(registration=row, now=now):
                _tell(row, connection, now)
    except OSError as error:
        log.warning("The mail server does not answer (%s); mails wait.", type(error).__name__)
        return 0
    finally:
        connection.close()
    return len(rows)


def remind(*, event: Event, email: str, now: datetime) -> bool:
    """Whoever registers with this address again has mail with the link of what stands in the way; whether any was sent.

    For somebody who was refused as `already_registered` or for a `clash` and did not prove who they are (RULES 11).
    Three times an hour for an address, whoever asks. Sends at once: call it outside of every transaction.
    """
    key = email_key(email)
    same = Q(event=event) | Q(series_once__isnull=False, series_once=event.series_id)
    live = Registration.objects.live().filter(email_key=key).select_related("event__programme").order_by("pk")
    rows = live.filter(same) or live.filter(event__in=whereabouts.elsewhere(key=key, event=event))
    if not rows or not _may_remind(key, now):
        return False
    return sum(_remind(row) for row in rows[:MOST_LINKS]) > 0


def _remind(registration: Registration) -> bool:
    try:
        return bool(_message(registration, wording.reminder).send())
    except OSError as error:
        log.warning("A link could not be mailed again (%s).", _named(error))
        return False


def _may_remind(key: str, now: datetime) -> bool:
    """Counted before it is asked: many at once send no more."""
    guessing.count(what="manage-mail", who=key, now=now)
    try:
        guessing.refuse_many(what="manage-mail", who=key, most=MOST_REMINDERS + 1, now=now)
    except guessing.TooManyGuesses:
        return False
    return True


def _tell(registration: Registration, connection: BaseEmailBackend, now: datetime) -> None:
    """One mail is sent, or put off. Raises OSError where the fault is not the mail's own."""
    try:
        message = _message(registration, wording.news)
        message.extra_headers["Message-ID"] = message_id(registration)
        connection.send_messages([message])
    except Exception as error:
        telling.put_off(registration=registration, now=now)
        # Never the text of the error: it says whose address it was.
        log.warning("No mail for registration %s (%s): %s.", registration.pk, registration.status, _named(error))
        if _is_of_the_server(error):
            raise
    else:
        telling.told(registration=registration)


def message_id(registration: Registration) -> str:
    """The same for each attempt to tell the same, and no other: mail programs show it once."""
    host = settings.CALLBOARD_URL.partition("://")[2].partition(":")[0]
    return f"<{digest(f'{registration.code}:{registration.status}')[:32]}@{host}>"


def _message(registration: Registration, say: Callable[[Registration], wording.Words]) -> EmailMessage:
    with translation.override(registration.language):
        words = say(registration)
    return EmailMessage(
        subject=words.subject,
        body=words.body,
        to=[registration.email],
        headers={"Auto-Submitted": "auto-generated"},  # nobody's holiday note comes back
    )


def _is_of_the_server(error: Exception) -> bool:
    """Whether the next mail would fail as well. (Every error of smtplib is an OSError.)"""
    lost = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPSenderRefused)
    return isinstance(error, lost) or (isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException))


def _named(error: Exception) -> str:
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
