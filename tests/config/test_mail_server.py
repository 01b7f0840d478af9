"""The demo's mail server keeps what it is sent, and one that follows another finds the mails that waited."""

import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage, get_connection

from pages.mailbox import folder

ROOT = Path(__file__).resolve().parents[2]
MAIL = b"From: a@demo.example\r\nTo: b@demo.example\r\nSubject: hi\r\n\r\n.a line that begins with a dot\r\n"


@contextmanager
def server(listening: socket.socket, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "config.mail_server", str(listening.fileno()), str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, pass_fds=[listening.fileno()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process


def test_mails_are_kept_as_they_came_and_wait_for_the_next_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        with server(listening, tmp_path) as first:
            with smtplib.SMTP(*listening.getsockname(), timeout=20) as client:
                client.sendmail("a@demo.example", ["b@demo.example"], MAIL)
            first.kill()
        early = socket.create_connection(listening.getsockname(), timeout=20)  # while nobody serves
        with early, server(listening, tmp_path) as second:
            greeting = early.recv(100)
            assert second.stdin is not None
            second.stdin.close()  # whoever started it has gone
            code = second.wait(timeout=20)

    assert [folder.read(tmp_path, name) for name in folder.names(tmp_path)] == [MAIL]
    assert greeting.startswith(b"220 ")
    assert code == 0


def test_without_a_server_mails_lie_in_the_same_folder(tmp_path: Path, settings: Any) -> None:
    settings.DEMO_MAIL = tmp_path
    connection = get_connection("config.straight_mail.Backend")

    sent = connection.send_messages([EmailMessage("hi", "body", "a@demo.example", ["b@demo.example"])])

    [name] = folder.names(tmp_path)
    assert sent == 1
    assert b"\r\nTo: b@demo.example\r\n" in (folder.read(tmp_path, name) or b"")
