"""Mails about a registration: to whom, in which words, and what a mail server that refuses does to the others."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from events.models import ANONYMOUS, SYSTEM, Event, Registration
from events.notices import offering as mails
from events.operations import falling_due, offering, publishing, registering, selecting
from tests import factories, mail_server
from tests.factories import HOUR, NOW, WEEK
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db
WHEN = "Lighting an LED wall\nThursday 8 October 2026 12:00 KST"


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server that knows nobody with the number 1, and Django set to use it."""
    with mail_server.serving(refuses=["person1@mail.example"]) as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def in_english(event: Event, number: int = 1, **fields: object) -> Registration:
    return factories.register(event, number, language="en", **fields)


def tell(now: datetime = NOW) -> int:
    return mails.tell(now=now, most=100)


def manage(registration: Registration, language: str = "en") -> list[str]:
    return [
        "Your registration is on this page:",
        f"https://callboard.test/{language}/my/registrations/{registration.code}/",
    ]


def test_who_must_prove_their_address_gets_the_link_and_the_time(mailoutbox: list[EmailMessage]) -> None:
    registration = in_english(factories.event(needs_proof=True, proof_minutes=30))

    tell()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["person1@mail.example"], "Confirm your seat until 12:30: Lighting an LED wall")
    assert mail.body.strip().split("\n\n") == [
        "Hello,",
        "a seat is held for you. Please confirm that this address is yours.",
        WHEN,
        "Until Thursday 1 October 2026 12:30 KST you can take the seat or give it back on this page:",
        f"https://callboard.test/en/offers/{offering.token_of(registration)}/",
        "If you did not register, you need not do anything.",
    ]


def test_the_link_in_the_mail_takes_the_seat(mailoutbox: list[EmailMessage]) -> None:
    factories.register(factories.event(needs_proof=True))

    tell()

    token = mailoutbox[0].body.split("https://callboard.test/ko/offers/")[1].split("/")[0]
    found = offering.find(token=token)
    assert found is not None
    assert offering.accept(registration=found, by_link=True, now=NOW).status == "confirmed"


def test_a_freed_seat_is_offered_by_mail_until_its_deadline_on_the_clocks_of_the_place(
    mailoutbox: list[EmailMessage],
) -> None:
    event = factories.draft(capacity=1, waitlist="offer", offer_minutes=90)
    factories.session(event, starts=NOW + WEEK, timezone="Europe/London")
    first = factories.register(factories.publish(event), 1)
    waiting = in_english(event, 2)
    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW)

    tell()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["person2@mail.example"], "A seat is free for you: Lighting an LED wall")
    assert mail.body.strip().split("\n\n")[3:] == [
        "Until Thursday 1 October 2026 05:30 BST you can take the seat or give it back on this page:",
        f"https://callboard.test/en/offers/{offering.token_of(waiting)}/",
    ]


def promoted() -> Registration:
    event = factories.event(capacity=1, waitlist="automatic")
    first = factories.register(event, 9)
    waiting = in_english(event)
    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW)
    return waiting


def approved(waitlist: str = "automatic", capacity: int = 1) -> Registration:
    event = factories.event(registration="approval", waitlist=waitlist, capacity=capacity)
    row = in_english(event)
    selecting.approve(event=event, registrations=[row], actor=SYSTEM, now=NOW)
    return row


def approved_without_a_seat() -> Registration:
    return approved(capacity=0)


def declined() -> Registration:
    event = factories.event(registration="approval")
    row = in_english(event)
    selecting.decline(event=event, registrations=[row], actor=SYSTEM, now=NOW)
    return row


def run_out() -> Registration:
    row = in_english(factories.event(needs_proof=True, now=NOW - HOUR), now=NOW - HOUR)
    falling_due.run(now=NOW)
    return row


def waited_in_vain() -> Registration:
    event = factories.event(capacity=1, waitlist="automatic")
    factories.register(event, 9)
    row = in_english(event)
    falling_due.run(now=NOW + WEEK)
    return row


def called_off() -> Registration:
    event = factories.event()
    row = in_english(event)
    publishing.cancel(event=event, actor=SYSTEM, now=NOW)
    return row


def cancelled() -> Registration:
    row = in_english(factories.event())
    registering.cancel(registration=row, actor=SYSTEM, now=NOW)
    return row


@pytest.mark.parametrize(
    ("happens", "about", "sentence"),
    [
        (promoted, "You have a seat", "your registration is confirmed: you have a seat."),
        (approved, "You have a seat", "your registration is confirmed: you have a seat."),
        (approved_without_a_seat, "On the waitlist", "all seats are taken for now. You are on the waitlist."),
        (declined, "No seat", "we are sorry: there is no seat for you in this event."),
        (run_out, "Seat not taken", "the time to take the seat that was held for you has passed."),
        (waited_in_vain, "No seat", "the event has begun, and no seat has become free for you."),
        (called_off, "Called off", "we are sorry: this event does not take place."),
        (cancelled, "Cancelled", "the organizer has cancelled your registration."),
    ],
)
def test_what_others_decided_is_told_once_with_the_link(
    mailoutbox: list[EmailMessage], happens: object, about: str, sentence: str
) -> None:
    registration = happens()  # type: ignore[operator]

    tell(NOW + 2 * WEEK)
    tell(NOW + 3 * WEEK)

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["person1@mail.example"], f"{about}: Lighting an LED wall")
    paragraphs = mail.body.strip().split("\n\n")
    assert [paragraphs[1], *paragraphs[3:]] == [sentence, *manage(registration)]


def test_an_organizers_reason_stands_in_the_mail(mailoutbox: list[EmailMessage]) -> None:
    row = in_english(factories.event())
    registering.cancel(registration=row, actor=SYSTEM, now=NOW, reason="The instructor is ill.")

    tell()

    assert mailoutbox[0].body.split("\n\n")[3] == "The instructor is ill."


def test_a_title_cannot_add_a_header(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(needs_proof=True)
    Event.objects.filter(pk=event.pk).update(title_en="LED\r\nBcc: all@mail.example", title_ko="")
    in_english(event)

    tell()

    assert mailoutbox[0].subject == "Confirm your seat until 12:30: LED Bcc: all@mail.example"
    assert mailoutbox[0].message().get_all("Bcc") is None


def test_a_mail_has_the_same_name_at_each_attempt_and_no_secret_in_it() -> None:
    row = in_english(factories.event(needs_proof=True))
    offered = mails.message_id(row)
    row.status = "confirmed"

    assert offered == mails.message_id(Registration.objects.get(pk=row.pk))
    assert offered != mails.message_id(row)
    assert offered.endswith("@callboard.test>")
    assert row.code not in offered


def test_an_address_that_is_refused_holds_up_nobody_and_is_tried_again(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    event = factories.event(needs_proof=True, proof_minutes=300)
    refused, _other = in_english(event, 1), in_english(event, 2)

    found = [tell(), tell(), tell(NOW + HOUR)]
    server.refuses = []
    found.append(tell(NOW + 2 * HOUR))

    assert (found, server.recipients()) == ([2, 0, 1, 1], ["person2@mail.example", "person1@mail.example"])
    said = f"No mail for registration {refused.pk} (offered): SMTPRecipientsRefused."
    assert [record.getMessage() for record in caplog.records] == [said, said]


def test_a_mail_server_that_is_away_loses_nothing(
    server: MailServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    in_english(factories.event(needs_proof=True), 2)
    settings.EMAIL_PORT = 1

    away = tell()
    settings.EMAIL_PORT = server.port
    back = tell()

    assert (away, back, server.recipients()) == (0, 1, ["person2@mail.example"])
    assert [record.getMessage() for record in caplog.records] == [
        "The mail server does not answer (ConnectionRefusedError); mails wait."
    ]


def test_who_registers_again_gets_their_link_again(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    registration = in_english(event)

    sent = mails.remind(event=event, email="Person1@MAIL.example", now=NOW)

    [mail] = mailoutbox
    assert (sent, mail.to, mail.subject) == (
        True, ["person1@mail.example"], "Your registration: Lighting an LED wall",
    )  # fmt: skip
    assert mail.body.strip().split("\n\n") == [
        "Hello,",
        "somebody, probably you, wanted to register this address. What it is registered for already:",
        WHEN,
        *manage(registration),
    ]


def test_who_has_to_prove_yet_gets_that_link_again_too(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(needs_proof=True)
    registration = in_english(event)

    mails.remind(event=event, email="person1@mail.example", now=NOW)

    assert f"/en/offers/{offering.token_of(registration)}/\n" in mailoutbox[0].body


def test_who_clashes_gets_the_link_of_what_they_are_registered_for(mailoutbox: list[EmailMessage]) -> None:
    programme = factories.programme(clashes="refuse")
    registration = in_english(factories.event(of=programme))

    mails.remind(event=factories.event("Mixing", of=programme), email="person1@mail.example", now=NOW)

    assert mailoutbox[0].body.strip().split("\n\n")[2:] == [WHEN, *manage(registration)]


def test_a_link_is_mailed_again_three_times_an_hour_whoever_asks(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    in_english(event)
    times = [NOW, NOW, NOW, NOW + timedelta(minutes=59), NOW + HOUR]

    sent = [mails.remind(event=event, email="person1@mail.example", now=now) for now in times]

    assert (sent, len(mailoutbox)) == ([True, True, True, False, True], 4)


@pytest.mark.parametrize("email", ["person1@mail.example", "nobody@mail.example"])
def test_who_is_not_registered_is_mailed_nothing(mailoutbox: list[EmailMessage], email: str) -> None:
    event = factories.event()
    registering.cancel(registration=factories.register(event), actor=ANONYMOUS, now=NOW)

    assert mails.remind(event=event, email=email, now=NOW) is False
    assert mailoutbox == []
