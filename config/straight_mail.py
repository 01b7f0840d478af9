"""The demo's mail where its mail server does not run: commands beside it put theirs into the same mailbox."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from pages.mailbox import folder


class Backend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            folder.keep(settings.DEMO_MAIL, message.message().as_bytes(linesep="\r\n"))
        return len(email_messages)
