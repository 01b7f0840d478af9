"""Sending: what a mail server that refuses, hangs up or is away does to one message and to the others."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from events.models import Delivery, Event, Registration
from events.notices import content, mailing
from events.operations import delivering, falling_due
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
    Delivery.objects.update(not_before=None)
    falling_due.run(now=NOW)

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


def test_words_that_may_be_there_are_the_same_after_the_server_was_away_too(
    server: MailServer, settings: Settings
) -> None:
    server.hangs_up = True
    registration = factories.register(factories.event(), 2)
    mailing.deliver(lane="urgent", now=NOW)
    server.hangs_up = False
    settings.EMAIL_PORT = 1
    Delivery.objects.update(not_before=None)
    mailing.deliver(lane="urgent", now=NOW)
    settings.EMAIL_PORT = server.port
    Event.objects.filter(pk=registration.event_id).update(title_en="Another title")
    Delivery.objects.update(not_before=None)
    factories.deliver()

    first, again = server.mails
    assert first.as_bytes() == again.as_bytes()


def test_words_that_may_be_there_are_the_same_after_a_refusal_for_now_too(server: MailServer) -> None:
    server.hangs_up = True
    registration = factories.register(factories.event(), 2)
    mailing.deliver(lane="urgent", now=NOW)
    server.hangs_up, server.refuses, server.answer = False, ["person2@mail.example"], "450 mailbox busy"
    Delivery.objects.update(not_before=None)
    mailing.deliver(lane="urgent", now=NOW)
    server.refuses = []
    Event.objects.filter(pk=registration.event_id).update(title_en="Another title")
    Delivery.objects.update(not_before=None)
    factories.deliver()

    first, again = server.mails
    assert first.as_bytes() == again.as_bytes()


def test_a_server_that_closes_the_line_costs_the_next_one_nothing(server: MailServer) -> None:
    server.answer = "421 closing"
    factories.crowd(factories.event(), [1, 2])

    found = mailing.deliver(lane="urgent", now=NOW)

    assert (found, seen()) == (0, [("waiting", 0, "SMTPRecipientsRefused 421")] * 2)


def test_two_workers_send_nothing_twice_however_slow_the_server_is(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LEASE", timedelta(seconds=1))
    server.pause = 0.6
    factories.crowd(factories.event(), range(2, 6))
    claimed = delivering.claim(lane="urgent", most=4)
    Delivery.objects.filter(pk=claimed[-1].pk).update(not_before=None)  # the claim of the last one has ended
    [theirs] = delivering.claim(lane="urgent", most=4)
    written = content.written(claimed, now=NOW).messages

    mailing._send([mailing.Letter(row, written[row.pk]) for row in claimed])

    assert len(server.mails) == 3
    assert theirs.pk == claimed[-1].pk
    assert [status for status, _attempts, _error in seen()] == ["sent", "sent", "sent", "waiting"]


def test_a_slow_batch_leaves_the_rest_to_others(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "LONGEST_SECONDS", 0.1)
    server.pause = 0.2
    factories.crowd(factories.event(), [2, 3, 4])

    found = mailing.deliver(lane="urgent", now=NOW)

    assert (found, len(server.mails)) == (3, 1)
    assert seen()[1:] == [("waiting", 0, ""), ("waiting", 0, "")]


def test_a_row_that_cannot_be_written_now_is_tried_again_and_the_others_go_out(
    mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _other = factories.crowd(factories.event(), [1, 2])
    real = content.waitlisting.position

    def fails(registration: Registration) -> int | None:
        if registration.pk == broken.pk:
            raise OperationalError
        return real(registration)

    monkeypatch.setattr(content.waitlisting, "position", fails)
    factories.deliver()
    first = seen()
    monkeypatch.undo()
    Delivery.objects.update(not_before=None)
    factories.deliver()

    assert first == [("waiting", 1, "OperationalError"), ("sent", 1, "")]
    assert [mail.to[0] for mail in mailoutbox] == ["person2@mail.example", "person1@mail.example"]
