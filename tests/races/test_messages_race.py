"""A worker and a changed schedule meet over one message: whoever is first, the person reads the new time."""

import time
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, transaction

from events.models import SYSTEM, Delivery, Event, Session
from events.notices import mailing
from events.operations import scheduling
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from tests.races.crowd import rush

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NEW_TIME = "13:00 KST"


def read_while_it_moves(event: Event, mailoutbox: list[EmailMessage]) -> list[str]:
    """All that is mailed while the session moves, in a transaction that takes its time, and afterwards."""
    moment = scheduling.block(starts=NOW + WEEK + HOUR, ends=NOW + WEEK + 2 * HOUR, timezone="Asia/Seoul")
    session = Session.objects.get(event=event)

    def act(client: int) -> list[Any]:
        if client == 0:
            with transaction.atomic():
                scheduling.amend(session=session, moment=moment, actor=SYSTEM, now=NOW)
                time.sleep(0.5)
            return []
        for _look in range(4):
            time.sleep(0.1)
            mailing.deliver(lane="urgent", now=NOW)
        return [str(sent.body) for sent in mail.outbox]

    bodies = rush(act, clients=2)
    factories.deliver()
    return [*bodies, *(str(sent.body) for sent in mailoutbox)]


def test_who_has_not_read_of_their_seat_reads_the_new_time(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    factories.register(event, language="en")

    bodies = read_while_it_moves(event, mailoutbox)

    assert len(bodies) == 1
    assert NEW_TIME in bodies[0]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="messages: SQLite has one writer, who is the guard")
def test_control_a_message_that_is_not_locked_is_read_without_the_new_time(
    mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        mailing, "_about_to_read", lambda _events: list(Delivery.objects.values_list("registration_id", flat=True))
    )
    event = factories.event()
    factories.register(event, language="en")

    assert not any(NEW_TIME in body for body in read_while_it_moves(event, mailoutbox))
