"""The demo's second site: what a partner's pages look like with our list in them, at an origin of their own.

`python -m config.partner_site SOCKET HERE OURS`, as `make run` starts it, with a socket that listens already. It ends
with whoever holds the other end of its standard input.
"""

import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from threading import Thread
from typing import Any
from urllib.parse import quote

PAGES = Path(__file__).resolve().parent.parent / "fixtures" / "partner_site"
KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8"}


def policy(ours: str) -> str:
    """The strictest that works: our origin, and nothing inline."""
    return "; ".join([
        "default-src 'none'", f"script-src {ours}", f"connect-src {ours}", f"frame-src {ours}", "style-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ])  # fmt: skip


def answers(here: str, ours: str) -> dict[str, tuple[str, bytes]]:
    """What stands at each path: its kind and its text, with both origins filled in."""
    words = {"here": here, "ours": ours, "here_quoted": quote(here, safe="")}
    return {
        f"/{file.name}": (KINDS[file.suffix], Template(file.read_text("utf-8")).substitute(words).encode())
        for file in sorted(PAGES.iterdir())
    }


class Pages(BaseHTTPRequestHandler):
    """Reads only; whatever is asked for besides is not there."""

    found: dict[str, tuple[str, bytes]]
    policy: str

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        kind, body = self.found.get("/partner.html" if path == "/" else path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.policy)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *words: Any) -> None:
        """Says nothing."""


def server(listening: socket.socket, here: str, ours: str) -> ThreadingHTTPServer:
    handler = type("PartnerPages", (Pages,), {"found": answers(here, ours), "policy": policy(ours)})
    made = ThreadingHTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False)
    made.socket.close()
    made.socket = listening
    return made


def serve(listening: socket.socket, here: str, ours: str) -> None:
    """Until SIGTERM, or until standard input ends. Ctrl+C is for who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with server(listening, here, ours) as made:

        def stop(*_told: Any) -> None:
            Thread(target=made.shutdown, daemon=True).start()  # it waits for the loop, which waits for us

        signal.signal(signal.SIGTERM, stop)
        Thread(target=lambda: (sys.stdin.read(), stop()), daemon=True).start()
        print("partner's site running", flush=True)
        made.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3])
