"""The first minute: `make run`'s command in an empty folder serves the demo, stops when told, and starts again.

Beside the pages a worker runs, and goes on running.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("CALLBOARD_TEST_DATABASE") == "postgresql", reason="first start: the demo keeps its data in SQLite"
)
ROOT = Path(__file__).resolve().parents[2]
PATHS = ["/ko/events/", "/en/events/", "/api/docs/", "/api/v1/events/", "/health/ready", "/static/admin/css/base.css",
         "/demo/mailbox/", "/demo/webhooks/"]  # fmt: skip


def free_port() -> int:
    """One with a free one behind it, where the partner's site goes."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    return free_port() if is_taken(port + 1) else port


class Demo(NamedTuple):
    """A demo that is ready, and what it has printed."""

    server: subprocess.Popen[str]
    printed: str

    def next_line(self) -> str:
        assert self.server.stdout is not None
        return self.server.stdout.readline()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        return self._running(" run_worker ")

    def mail_servers(self) -> list[int]:
        return self._running(" config.mail_server ")

    def _running(self, words: str) -> list[int]:
        found = subprocess.run(
            ["ps", "--ppid", f"{self.server.pid}", "-o", "pid=,args="], capture_output=True, text=True, check=True
        )
        return [int(line.split()[0]) for line in found.stdout.splitlines() if words in f"{line} "]


@contextmanager
def demo(folder: Path, port: int, stop_with: signal.Signals) -> Iterator[Demo]:
    """Stopped in the end, which must be a clean one."""
    kept = {"PATH": os.environ["PATH"], "CALLBOARD_DEMO": "on", "CALLBOARD_DATA": str(folder), "PORT": str(port)}
    command = [sys.executable, "-u", "manage.py", "serve"]
    with subprocess.Popen(
        command, cwd=ROOT, env=kept, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stdout is not None
        printed = ""
        for line in server.stdout:
            printed += line
            if line.startswith("Ctrl+C"):
                break
        try:
            yield Demo(server, printed)
        finally:
            server.send_signal(stop_with)
            try:
                code = server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                raise
        assert code == 0


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def what_a_partner_hears(port: int) -> str:
    """The demo's own receiver, once it has heard that somebody registered."""
    demo, person = f"http://127.0.0.1:{port}", b'{"name": "Mina", "email": "mina@mail.example"}'
    events = json.loads(get(f"{demo}/api/v1/events/?when=upcoming&has_seats=true&page_size=200")[1])["results"]
    slug = next(event["slug"] for event in events if event["registration"] == "open" and not event["needs_code"])
    request = urllib.request.Request(f"{demo}/api/v1/events/{slug}/registrations/", person)
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=10).close()
    end = time.monotonic() + 30
    while "registration.registered" not in (page := get(f"{demo}/demo/webhooks/")[1]) and time.monotonic() < end:
        time.sleep(0.2)
    return page


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_demo_starts_in_an_empty_folder_and_again(tmp_path: Path) -> None:
    port, other = free_port(), free_port()

    with demo(tmp_path, port, signal.SIGINT) as first:
        pages = [get(f"http://127.0.0.1:{port}{path}")[0] for path in PATHS]
        link = re.search(r"Sign in +(\S+) +once, as owner of ", first.printed)
        assert link is not None, first.printed
        sign_in = get(link[1])[1]
        partner = re.search(r"Embed demo +(\S+) ", first.printed)
        assert partner is not None, first.printed
        partner_page = get(partner[1])[1]
        heard = what_a_partner_hears(port)
        calendar = get(f"http://127.0.0.1:{port}/calendars/sessions.ics")[1].replace("\r\n ", "")
        [worker] = first.workers()
        os.kill(worker, signal.SIGKILL)
        mourned = first.next_line()
        assert first.next_line() == "worker running again\n"
        [another] = first.workers()
        [mail_server] = first.mail_servers()
        os.kill(mail_server, signal.SIGKILL)
        mourned_too = first.next_line()
        assert first.next_line() == "mail server running again\n"
        [next_one] = first.mail_servers()
    assert f"\nworker running; its mails lie in {tmp_path}/mail\n" in first.printed
    assert mourned_too == "The mail server stopped (-9); starting another one.\n"
    assert not (tmp_path / "demo.mail").exists()
    assert mourned == "The worker stopped (-9); starting another one.\n"
    assert pages == [200] * len(PATHS)
    assert "csrfmiddlewaretoken" in sign_in
    assert f"http://127.0.0.1:{port}/" in calendar
    assert f"http://127.0.0.1:{port}/embed/v1.js" in partner_page
    assert "registration.registered" in heard
    assert re.findall("Signature wrong|서명이 맞지 않음", heard) == []
    assert not is_taken(port)
    assert not is_taken(port + 1)

    with demo(tmp_path, other, signal.SIGTERM) as second:
        [left] = second.workers()
        moved = get(f"http://127.0.0.1:{other}/calendars/sessions.ics")[1].replace("\r\n ", "")
    assert re.findall("UID:.*", moved) == re.findall("UID:.*", calendar) != []
    assert (f":{other}/" in moved, f":{port}/" in moved) == (True, False)
    assert not is_taken(other)
    assert not any(Path(f"/proc/{pid}").exists() for pid in (worker, another, left, next_one))


def test_a_taken_port_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        kept = {"PATH": os.environ["PATH"], "CALLBOARD_DEMO": "on", "CALLBOARD_DATA": str(tmp_path), "PORT": str(port)}
        answer = subprocess.run(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
        )

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"CommandError: Cannot listen on 127.0.0.1:{port} ")
    assert not (tmp_path / "callboard.sqlite3").exists()
