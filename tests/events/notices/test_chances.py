"""The mail with a chance to sign in: who gets it, in which words, and that its code is stored nowhere."""

import smtplib

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from events.models import Attendee, Delivery, Person, SignIn
from events.operations import signing_in
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "subject", "first"),
    [("ko", "Callboard 로그인 코드: {}", "안녕하십니까."), ("en", "{} is your Callboard code", "Hello,")],
)
def test_a_member_reads_code_and_link_in_their_own_language(
    mailoutbox: list[EmailMessage], language: str, subject: str, first: str
) -> None:
    factories.organization()
    Person.objects.update(language=language)

    signing_in.ask(door="organize", email="OWNER@demo.example", now=NOW)
    factories.deliver(now=NOW)

    [mail] = mailoutbox
    lines = str(mail.body).split("\n\n")
    code, link = lines[2].strip(), lines[4]
    assert (mail.to, mail.subject, lines[0]) == (["owner@demo.example"], subject.format(code), first)
    assert link == f"https://callboard.test/organize/sign-in/{signing_in.link_of(SignIn.objects.get())}/"
    assert signing_in.member_by_code(email="owner@demo.example", code=code, now=NOW) == Person.objects.get()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_attendee_reads_them_in_the_language_of_their_mails(mailoutbox: list[EmailMessage], language: str) -> None:
    event = factories.event()
    factories.register(event, 1, language=language)
    Delivery.objects.all().delete()

    signing_in.ask(door="my", email="Person1@MAIL.example", now=NOW)
    factories.deliver(now=NOW)

    [mail] = mailoutbox
    lines = str(mail.body).split("\n\n")
    code, link = lines[2].strip(), lines[4]
    assert mail.to == ["person1@mail.example"]
    assert link == f"https://callboard.test/{language}/my/sign-in/{signing_in.link_of(SignIn.objects.get())}/"
    assert signing_in.attendee_by_code(email="person1@mail.example", code=code, now=NOW) == Attendee.objects.get()


@pytest.mark.parametrize("door", ["organize", "my"])
@pytest.mark.parametrize("address", ["nobody@demo.example", "no address at all", ""])
def test_nobody_else_gets_anything(mailoutbox: list[EmailMessage], door: str, address: str) -> None:
    factories.organization()

    signing_in.ask(door=door, email=address, now=NOW)
    factories.deliver(now=NOW)

    assert mailoutbox == []
    assert set(Delivery.objects.values_list("status", flat=True)) <= {"superseded"}


def test_a_later_attempt_says_the_same_and_nothing_of_it_is_stored(
    mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.organization()
    signing_in.ask(door="organize", email="owner@demo.example", now=NOW)
    tried: list[bytes] = []
    send = EmailBackend.send_messages

    def lose(self: EmailBackend, messages: list[EmailMessage]) -> int:
        """The server goes away after it was given the mail."""
        tried.extend(message.message().as_bytes() for message in messages)
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", lose)
    factories.deliver(now=NOW)
    row = Delivery.objects.get()
    monkeypatch.setattr(EmailBackend, "send_messages", send)
    Delivery.objects.update(not_before=None)
    factories.deliver(now=NOW)

    [mail] = mailoutbox
    assert (row.status, row.attempts, row.message) == ("waiting", 1, None)
    assert mail.message().as_bytes() == tried[0]  # type: ignore[attr-defined]
