"""The sign-in mail: who gets it, in which words."""

import pytest
from django.core.mail import EmailMessage

from events.models import Person
from events.notices import signing_in
from events.operations import organizing
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

    sent = signing_in.offer(email="OWNER@demo.example", now=NOW)

    [mail] = mailoutbox
    lines = mail.body.split("\n\n")
    code, link = lines[2].strip(), lines[4]
    assert sent
    assert (mail.to, mail.subject, lines[0]) == (["owner@demo.example"], subject.format(code), first)
    assert organizing.sign_in_by_code(email="owner@demo.example", code=code, now=NOW) == Person.objects.get()
    assert link.startswith("https://callboard.test/organize/sign-in/")


def test_the_link_in_the_mail_signs_in(mailoutbox: list[EmailMessage]) -> None:
    factories.organization()

    signing_in.offer(email="owner@demo.example", now=NOW)

    link = mailoutbox[0].body.split("/organize/sign-in/")[1].split("/")[0]
    assert organizing.sign_in_by_link(link=link, now=NOW) == Person.objects.get()


@pytest.mark.parametrize("address", ["nobody@demo.example", "no address at all", ""])
def test_nobody_else_gets_anything(mailoutbox: list[EmailMessage], address: str) -> None:
    factories.organization()

    assert signing_in.offer(email=address, now=NOW) is False
    assert mailoutbox == []
