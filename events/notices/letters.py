"""A mail as bytes: plain text, HTML, the calendar part and the ticket (CALENDAR 1.7; RFC 6047 2.4)."""

from collections.abc import Sequence
from datetime import datetime
from email import charset, message_from_bytes, policy
from email.charset import Charset
from email.errors import MessageDefect
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage as Message
from email.utils import format_datetime, formataddr, parseaddr
from io import BytesIO

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import translation

from events.notices.invitations import Invitation
from events.notices.wording import Words, one_line

BASE64 = Charset("utf-8")
BASE64.header_encoding = charset.BASE64  # the other way leaves signs in it that mean something in an address
POLICY = policy.SMTP.clone(raise_on_defect=False, refold_source="none")  # headers stay as they are written here


class Unmailable(ValueError):
    """No mail can go to this address."""


def written(
    words: Words, *, sender: str, to: str, language: str, message_id: str, at: datetime,
    invitations: Sequence[Invitation] = (), ticket: str = "",
) -> bytes:  # fmt: skip
    """The whole mail to one person, the same bytes for the same arguments.

    The calendar part stands last among the alternatives and without a name: then mail programs offer its buttons. The
    same file is attached for those that only open attachments; a second session's is attached alone, because Outlook
    takes one UID out of one mail. `sender` is whose name stands before our address, `ticket` is shown as a QR code.
    Raises Unmailable.
    """
    message = Message(policy=POLICY)
    message.set_raw("Subject", _encoded("Subject", words.subject))
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message.set_raw("From", _named(one_line(sender) or name, address))
    message["To"] = _address(to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # nobody's holiday note comes back
    message.set_content(words.body)
    with translation.override(language):
        page = render_to_string("events/mail.html", {"words": words, "language": language, "has_ticket": bool(ticket)})
    message.add_alternative(page, subtype="html")
    if ticket:
        html = list(message.iter_parts())[1]
        html.add_related(_qr(ticket), "image", "png", cid="<ticket@callboard>", disposition="inline")
    for number, invitation in enumerate(invitations):
        if number == 0:
            _add_calendar(message, invitation)
    for number, invitation in enumerate(invitations, start=1):
        name = "invite.ics" if number == 1 else f"invite-{number}.ics"
        message.add_attachment(
            invitation.body, "application", "ics", filename=name, params={"method": invitation.method}
        )
    return _fixed_boundaries(message, message_id)


class Ready(EmailMessage):
    """A written mail for Django's mail backends, which hand it over as it is."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        head = message_from_bytes(raw, policy=policy.default)
        body = head.get_body(("plain",))
        super().__init__(
            subject=str(head["Subject"]),
            body=body.get_content().replace("\r\n", "\n") if body is not None else "",
            from_email=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],  # of the envelope, which needs no name
            to=[str(head["To"])],
        )

    def message(self) -> "Ready":  # type: ignore[override]
        return self

    def as_bytes(self, linesep: str = "\n") -> bytes:
        """As Django's backends ask a message for it."""
        return self.raw if linesep == "\r\n" else self.raw.replace(b"\r\n", linesep.encode())


def _add_calendar(message: Message, invitation: Invitation) -> None:
    message.add_alternative(invitation.body.decode(), subtype="calendar", charset="utf-8")
    part = list(message.iter_parts())[-1]
    part.set_param("method", invitation.method)
    part.set_param("component", "VEVENT")


def _named(name: str, address: str) -> str:
    """Quotes in a name are encoded as well: not every program reads them back when they are escaped."""
    if _is_plain(name) and not set(name) & set('"\\'):
        return formataddr((name, address))
    return f"{Header(name, BASE64, header_name='From', maxlinelen=76).encode()} <{address}>"


def _encoded(header: str, text: str) -> str:
    """In one line, as encoded words. The policy's own folding loses a space between two of them (Python 3.11)."""
    line = one_line(text)
    return Header(line, None if _is_plain(line) else BASE64, header_name=header, maxlinelen=76).encode()


def _is_plain(text: str) -> bool:
    """Whether readers show it as it is written; what looks like an encoded word already, they decode (RFC 2047)."""
    return text.isascii() and "=?" not in text


def _address(email: str) -> Address:
    """The address with its domain in ASCII; the part before it must be, without SMTPUTF8."""
    local, _at, domain = email.rpartition("@")
    try:
        address = f"{local.encode('ascii').decode()}@{domain.encode('idna').decode('ascii')}"
        validate_email(address)
        return Address(addr_spec=address)
    except (ValueError, ValidationError, MessageDefect) as error:
        raise Unmailable from error


def _qr(ticket: str) -> bytes:
    out = BytesIO()
    segno.make(ticket, error="m").save(out, kind="png", scale=5)
    return out.getvalue()


def _fixed_boundaries(message: Message, message_id: str) -> bytes:
    """Boundaries that come from the Message-ID instead of chance, so that the bytes are the same each time."""
    stem = "".join(letter for letter in message_id if letter.isalnum())[:32]
    multiparts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{stem}")
    return message.as_bytes()
