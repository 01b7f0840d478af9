"""Sending: what a mail server that refuses, hangs up or is away does to one message and to the others."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import Settings

from events.models import Delivery
from events.notices import mailing
from events.operations import delivering
from tests import factories, mail_server
from tests.factories import NOW
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server that knows nobody with the number 1, and Django set to use it."""
    with mail_server.serving(refuses=["person1@mail.example"]) as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def seen() -> list[tuple[str, int, str]]:
    return list(Delivery.objects.order_by("pk").values_list("status", "attempts", "error"))


def test_an_address_that_is_unknown_is_given_up_and_holds_up_nobody(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    event = factories.event()
    factories.crowd(event, [1, 2])

    factories.deliver()

    assert server.recipients() == ["person2@mail.example"]
    assert seen() == [("dead", 1, "SMTPRecipientsRefused 550"), ("sent", 1, "")]
    assert not any("mail.example" in record.getMessage() for record in caplog.records)


def test_an_address_that_is_busy_is_tried_again_after_pauses_that_double(server: MailServer) -> None:
    server.answer = "451 try again later"
    factories.register(factories.event())
    pauses = []
    for _attempt in range(3):
        began = timezone.now()
        mailing.deliver(lane="urgent", now=NOW)
        row = Delivery.objects.get()
        assert row.not_before is not None
        pauses.append(round((row.not_before - began) / MINUTE))
        Delivery.objects.update(not_before=None)
    server.refuses = []
    factories.deliver()

    assert pauses == [1, 2, 4]
    assert seen() == [("sent", 4, "")]


def test_what_nobody_takes_for_three_days_is_given_up(server: MailServer) -> None:
    server.answer = "451 try again later"
    factories.register(factories.event())
    Delivery.objects.update(attempts=delivering.MOST_ATTEMPTS - 1)

    factories.deliver()

    assert seen() == [("dead", 20, "SMTPRecipientsRefused 451")]


def test_a_mail_server_that_is_away_loses_nothing_and_counts_for_nobody(
    server: MailServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    factories.crowd(factories.event(), [2, 3])
    settings.EMAIL_PORT = 1
    away = mailing.deliver(lane="urgent", now=NOW)
    waiting = seen()
    settings.EMAIL_PORT = server.port
    too_early = mailing.deliver(lane="urgent", now=NOW)
    Delivery.objects.update(not_before=None)  # a minute later

    factories.deliver()

    assert (away, too_early, waiting) == (0, 0, [("waiting", 0, "ConnectionRefusedError")] * 2)
    assert server.recipients() == ["person2@mail.example", "person3@mail.example"]
    assert [record.getMessage() for record in caplog.records] == [
        "The mail server does not answer (ConnectionRefusedError); mails wait."
    ]


def test_a_server_that_hangs_up_after_taking_a_mail_gets_the_same_bytes_again(server: MailServer) -> None:
    server.hangs_up = True
    factories.crowd(factories.event(), [2, 3])

    mailing.deliver(lane="urgent", now=NOW)
    statuses = seen()
    kept = [row.message is not None for row in Delivery.objects.order_by("pk")]
    server.hangs_up = False
    Delivery.objects.update(not_before=None)
    factories.deliver()

    assert statuses == [("waiting", 1, "SMTPServerDisconnected"), ("waiting", 0, "SMTPServerDisconnected")]
    assert kept == [True, False]
    first, again, other = server.mails
    assert first.as_bytes() == again.as_bytes()
    assert other["Message-ID"] != again["Message-ID"]
    assert seen() == [("sent", 2, ""), ("sent", 1, "")]


def test_urgent_mail_does_not_wait_behind_the_rest(mailoutbox: list[EmailMessage]) -> None:
    factories.enter(factories.event(), 1)  # by the organizer: nobody waits for the answer
    factories.register(factories.event("Mixing"), 2)

    mailing.deliver(lane="urgent", now=NOW)

    assert [mail.to for mail in mailoutbox] == [["person2@mail.example"]]
