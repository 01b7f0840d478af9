"""The mail with which a member signs in: a code to type and a link to open."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from events.operations import organizing


def offer(*, email: str, now: datetime) -> bool:
    """A known active person gets a mail with a fresh code and link, in their language; nobody else gets anything.

    Whether it was sent. The chance is committed before the mail leaves.
    """
    chance = organizing.start_sign_in(email=email, now=now)
    if chance is None:
        return False
    with translation.override(chance.person.language):
        message = EmailMessage(subject=_subject(chance), body=_body(chance), to=[chance.person.email])
    return bool(message.send())


def link_url(link: str) -> str:
    """The address that opens a page with one button; opening it does nothing yet (RULES 14)."""
    return f"{settings.CALLBOARD_URL}/organize/sign-in/{link}/"


def _subject(chance: organizing.Chance) -> str:
    return _("%(code)s is your Callboard code") % {"code": chance.code}


def _body(chance: organizing.Chance) -> str:
    paragraphs = [
        _("Hello,"),
        _("with this code you sign in to Callboard:"),
        f"    {chance.code}",
        _("Or open this address in the browser in which you want to work:"),
        link_url(chance.link),
        _("Both work once, for %(minutes)d minutes.") % {"minutes": organizing.CODE_LIVES.seconds // 60},
        _("If you did not ask for this, you need not do anything: without the code nobody gets in."),
    ]
    return "\n\n".join(paragraphs) + "\n"
