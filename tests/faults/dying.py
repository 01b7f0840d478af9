"""Children that kill themselves, with a given chance, at the points where a crash would hurt most.

A child is forked from a process that has loaded everything: it starts in milliseconds, so that hundreds can die.
"""

import os
import random
import signal
import socket
import socketserver
import threading
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.mail.backends import smtp
from django.core.management import call_command
from django.db import connections

from events import outbox
from events.hooks import posting
from events.notices import content
from events.operations import calling, delivering, fanning_out, registering, seating, sequencing

Points = dict[str, tuple[Any, str]]

# What a child may die after: a name, and where the function is looked up that has just returned.
WORKER: Points = {
    "claimed": (delivering, "claim"),
    "written": (content, "written"),
    "held": (delivering, "hold"),
    "taken by the server": (smtp.EmailBackend, "send_messages"),
    "marked": (delivering, "sent"),
    "changes told": (fanning_out, "tell"),
    "changes placed": (sequencing, "_number"),
    "webhook claimed": (calling, "claim"),
    "webhook message tried": (calling, "next_message"),
    "taken by the receiver": (posting, "post"),
    "webhook message marked": (calling, "taken"),
}
WEB: Points = {
    "seat taken": (seating, "take"),
    "registration written": (registering, "write"),
    "message ordered": (outbox, "order"),
    "committed": (registering, "register"),
}


class Child:
    """A forked process that runs `work` until it dies; what it died of can be read afterwards.

    Forked from a process without threads: no lock is taken along.
    """

    def __init__(self, work: Callable[[], None], points: Points, chance: float) -> None:
        connections.close_all()
        self._said, said = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._said)
            _live(work, points, chance, said)
        os.close(said)

    def died_of(self) -> str:
        """After it is gone: the point at which it killed itself, or where nobody knows."""
        with os.fdopen(self._said, "rb") as said:
            return said.read().decode() or "anywhere"

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)


def work_as_worker() -> None:
    """The real command, all lanes."""
    call_command("run_worker", stdout=open(os.devnull, "w"))  # noqa: SIM115  as long as the process lives


def work_as_web(listening: socket.socket) -> Callable[[], None]:
    """The real application behind a socket that outlives whoever serves it."""

    def serve() -> None:
        from config.wsgi import application  # noqa: PLC0415  in the child: what it opens is its own

        server = _Server(listening.getsockname(), _Quiet, bind_and_activate=False)
        server.socket = listening
        server.server_name, server.server_port = "callboard.test", 80
        server.setup_environ()
        server.set_app(application)
        server.serve_forever(poll_interval=0.05)

    return serve


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Each request has a thread, and each thread a connection, which ends with it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_words: Any) -> None:
        """A race of hundreds of requests need not be told line by line."""


def _live(work: Callable[[], None], points: Points, chance: float, said: int) -> None:
    code = 1
    try:
        dice = random.Random(os.getpid())
        for name, (home, function) in points.items():
            setattr(home, function, _deadly(getattr(home, function), name, chance, dice, said))
        work()
        code = 0
    except Exception:
        traceback.print_exc()  # whoever waits for it would never hear why
    finally:
        os._exit(code)


def _deadly(
    function: Callable[..., Any], name: str, chance: float, dice: random.Random, said: int
) -> Callable[..., Any]:
    lock = threading.Lock()

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        found = function(*args, **named)
        with lock:
            if (found or found is None) and dice.random() < chance:
                os.write(said, name.encode())
                os.kill(os.getpid(), signal.SIGKILL)
        return found

    return call
