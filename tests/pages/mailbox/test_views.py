"""The mailbox shows every mail, whoever wrote it, and lets none of them do anything."""

from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from pages.mailbox import folder
from tests.pages.html import elements, one

ENTRY = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
HOSTILE = (
    b"From: =?nonsense?b?//8=?= <a@b.example>\r\nTo: mallory@mail.example\r\n"
    b"Subject: =?utf-8?b?PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==?=\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/html; charset=no-such-thing\r\n\r\n"
    b"<script>alert(1)</script><meta http-equiv=refresh content='0;url=https://evil.example/'><form action=/>\xff\r\n"
    b'--x\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename="../../<b>\r\n evil.html"\r\n\r\n'
    b"hi\r\n"
    b"--x--\r\n"
)


@pytest.fixture
def mails(tmp_path: Path, settings: Any) -> Path:
    settings.DEMO, settings.DEMO_MAIL, settings.DEMO_MAIL_IS_KEPT = True, tmp_path, True
    return tmp_path


def ours(to: str, subject: str = "You have a seat") -> bytes:
    """A mail like those that we write: text, HTML with a picture, a calendar among the alternatives and attached."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"], mail["From"], mail["To"], mail["Message-ID"] = subject, "a@demo.example", to, "<1@demo.example>"
    mail.set_content("Hello,\n\ncome <b>early</b>.\n")
    mail.add_alternative('<p>come &lt;b&gt;early&lt;/b&gt;.</p><img src="cid:ticket@demo">', subtype="html")
    html = list(mail.iter_parts())[1]
    html.add_related(b"\x89PNG", "image", "png", cid="<ticket@demo>")  # type: ignore[attr-defined]
    mail.add_alternative(ENTRY.decode(), subtype="calendar")
    mail.add_attachment(ENTRY, "application", "ics", filename="invite.ics")
    return mail.as_bytes()


def english(path: str) -> Any:
    return Client(headers={"accept-language": "en"}).get(path)


def test_outside_the_demo_there_is_no_such_page(mails: Path, settings: Any) -> None:
    name = folder.keep(mails, ours("mina@mail.example"))
    addresses = ["", *(f"{name}/{rest}" for rest in ("", "html/", "raw/", "parts/0/"))]
    assert [Client().get(f"/demo/mailbox/{rest}").status_code for rest in addresses] == [200] * 5

    settings.DEMO = False

    assert [Client().get(f"/demo/mailbox/{rest}").status_code for rest in addresses] == [404] * 5


@pytest.mark.django_db
def test_only_the_demo_links_to_it(mails: Path, settings: Any) -> None:
    links = [elements(Client().get("/ko/events/"), "a", href="/demo/mailbox/")]
    settings.DEMO = False
    links.append(elements(Client().get("/ko/events/"), "a", href="/demo/mailbox/"))

    assert [len(found) for found in links] == [1, 0]


def test_the_list_shows_the_newest_first_and_finds_by_address(mails: Path) -> None:
    first = folder.keep(mails, ours("mina@mail.example"))
    second = folder.keep(mails, ours("Jun@other.example", subject="대기자 명단에 올랐습니다"))

    every = elements(english("/demo/mailbox/"), "li")
    found = elements(english("/demo/mailbox/?to=JUN@"), "li")

    assert [line.text.rpartition(" ")[0].rpartition(" ")[0] for line in every] == [
        "대기자 명단에 올랐습니다 Jun@other.example",
        "You have a seat mina@mail.example",
    ]
    assert [line.text for line in found] == [every[0].text]
    links = [a["href"] for a in elements(english("/demo/mailbox/"), "a") if first in a["href"] or second in a["href"]]
    assert links == [f"/demo/mailbox/{second}/", f"/demo/mailbox/{first}/"]
    assert "No mail went to such an address." in english("/demo/mailbox/?to=nobody").content.decode()


def test_an_unchanged_list_is_a_304_and_a_new_mail_is_not(mails: Path) -> None:
    folder.keep(mails, ours("mina@mail.example"))
    tag = english("/demo/mailbox/")["ETag"]
    client = Client(headers={"accept-language": "en", "if-none-match": tag})

    same = client.get("/demo/mailbox/").status_code
    folder.keep(mails, ours("jun@mail.example"))

    assert (same, client.get("/demo/mailbox/").status_code) == (304, 200)


def test_a_mail_is_shown_in_all_its_parts(mails: Path) -> None:
    raw = ours("mina@mail.example")
    name = folder.keep(mails, raw)

    page = english(f"/demo/mailbox/{name}/")

    assert one(page, "h1").text == "You have a seat"
    assert one(page, "div", class_="plain-letter").text == "Hello, come <b>early</b>."
    assert one(page, "pre").text.startswith("BEGIN:VCALENDAR METHOD:REQUEST")  # once, though it is in the mail twice
    assert [a.text for a in elements(page, "a") if a.text.startswith("Download")] == [
        "Download invite.ics",
        "Download the mail",
    ]
    calendar = next(a for a in elements(page, "a") if a.text == "Download invite.ics")
    file = english(calendar["href"])
    assert (file.content, file["Content-Type"]) == (ENTRY, "text/calendar")
    assert file["Content-Disposition"] == 'attachment; filename="invite.ics"'
    assert english(f"/demo/mailbox/{name}/raw/").content == raw
    assert {dt.text for dt in elements(page, "dt")} >= {"Message-ID", "MIME-Version"}


def test_the_html_is_shut_in_and_brings_its_picture_along(mails: Path) -> None:
    name = folder.keep(mails, ours("mina@mail.example"))

    frame = one(english(f"/demo/mailbox/{name}/"), "iframe")
    page = english(frame["src"])

    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert page["Content-Security-Policy"] == (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:;"
        " style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert 'src="data:image/png;base64,iVBORw=="' in page.content.decode()
    assert "come &lt;b&gt;early&lt;/b&gt;." in page.content.decode()


def test_a_hostile_mail_is_text_on_our_page(mails: Path) -> None:
    name = folder.keep(mails, HOSTILE)

    listed, page = english("/demo/mailbox/"), english(f"/demo/mailbox/{name}/")
    html = english(f"/demo/mailbox/{name}/html/")
    attached = next(a for a in elements(page, "a") if a.text.startswith("Download") and "parts" in a["href"])
    file = english(attached["href"])

    assert [e["src"] for e in elements(listed, "script")] == ["/static/callboard.js"]
    assert [e["src"] for e in elements(page, "script")] == ["/static/callboard.js"]
    assert one(page, "h1").text == "<script>alert(1)</script>"
    assert html["Content-Security-Policy"].startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default")
    assert (file["Content-Type"], file["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert file["Content-Disposition"] == 'attachment; filename="b-evil.html"'


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\xff" * 100, b"Subject\r\n\r\n", b"To: \r\nSubject: =?utf-8?q?=FF?=\r\n\r\nhi",
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(2000)),
    ],
    ids=["empty", "noise", "headless", "bad word", "deep"],
)  # fmt: skip
def test_what_is_no_mail_takes_no_page_down(mails: Path, raw: bytes) -> None:
    name = folder.keep(mails, raw)

    assert [english(f"/demo/mailbox/{rest}").status_code for rest in ("", f"{name}/", f"{name}/raw/")] == [200] * 3
    assert english(f"/demo/mailbox/{name}/parts/99/").status_code == 404
