"""The demo's mail server: takes every mail and keeps it for the mailbox page, sends none anywhere (RULES 33).

`python -m config.mail_server SOCKET FOLDER`, as `make run` starts it, with a socket that listens already: mails that
come while it is started anew wait there. It ends with whoever holds the other end of its standard input.
"""

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from pages.mailbox import folder

LARGEST = 5 * 1024 * 1024  # bytes of one mail


class Keeping:
    """What becomes of a mail."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        try:
            folder.keep(self.path, envelope.original_content or b"")
        except OSError:
            return "452 4.3.1 There is no room; send it again later."
        return "250 2.0.0 It lies in the mailbox."


async def serve(listening: socket.socket, path: Path) -> None:
    """Until SIGTERM, or until standard input ends. Ctrl+C is for who started it, and has it wait for the worker."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_reader(sys.stdin, stopped.set)
    server = await loop.create_server(lambda: conversation(path), sock=listening)
    print("mail server running", flush=True)
    async with server:
        await stopped.wait()


def conversation(path: Path) -> SMTP:
    """With a name of its own: the machine's is looked up in the network, which can take seconds."""
    return SMTP(Keeping(path), hostname="localhost", ident="Callboard's demo", data_size_limit=LARGEST)


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])))
