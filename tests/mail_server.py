"""A mail server of the tests' own: takes mails, slowly if asked to, and refuses the addresses that it is told."""

import socketserver
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """`mails` grows as they come in, each `pause` seconds after it was sent.

    To an address that it `refuses` it says its `answer`; one that `hangs_up` does so when it has taken a mail.
    """

    daemon_threads = True

    def __init__(self, *, pause: float, refuses: Collection[str]) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[EmailMessage] = []
        self.pause = pause
        self.refuses = refuses
        self.answer = "550 no such mailbox"
        self.hangs_up = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that was killed in the middle of a mail is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails]


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as Django's backend speaks."""

    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        while (line := self.rfile.readline().decode().strip()) and line.upper() != "QUIT":
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                self.take()
                if self.server.hangs_up:
                    return
            is_refused = verb == "RCPT" and any(f"<{address}>" in line for address in self.server.refuses)
            self.say(self.server.answer if is_refused else "250 ok")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        time.sleep(self.server.pause)
        self.server.mails.append(message_from_bytes(b"".join(lines), EmailMessage, policy=policy.default))

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def serving(*, pause: float = 0.0, refuses: Collection[str] = ()) -> Iterator[MailServer]:
    """A running server, on a port of its own."""
    with MailServer(pause=pause, refuses=refuses) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
