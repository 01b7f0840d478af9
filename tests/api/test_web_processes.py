"""Keys before real web processes: dead everywhere within a second, and counted when a process ends in order."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from events.models import SYSTEM, ApiKey, ApiKeyUsage
from events.operations import keying
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60


class Web:
    """One gunicorn with one worker on the database of this test, and a connection to it that is kept."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        name = str(connection.settings_dict["NAME"])
        base = urlsplit(os.environ["DATABASE_URL"])
        url = base._replace(path="/" + name).geturl() if base.scheme.startswith("postgres") else f"sqlite:///{name}"
        command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
        kept = {"CALLBOARD_BIND": f"127.0.0.1:{self.port}", "WEB_CONCURRENCY": "1", "CALLBOARD_DATA": str(folder)}
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **kept, "DATABASE_URL": url})
        self.caller = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def asked(self, secret: str) -> int:
        self.caller.request("GET", "/api/v1/registrations/", headers={"Authorization": f"Bearer {secret}"})
        answer = self.caller.getresponse()
        answer.read()
        return answer.status

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)):
                    return
            except OSError:
                assert self.process.poll() is None, "the server did not start"
                assert time.monotonic() < deadline, "the server is not there"
                time.sleep(0.05)

    def stop(self) -> None:
        self.caller.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def webs(tmp_path: Path) -> Iterator[list[Web]]:
    running = [Web(tmp_path) for _number in range(2)]
    try:
        for web in running:
            web.wait()
        yield running
    finally:
        for web in running:
            web.process.kill()
            web.process.wait()


def test_a_key_that_ends_is_dead_in_every_process_within_a_second(webs: list[Web]) -> None:
    now = timezone.now()
    office = factories.organization(now=now)
    keys = {how: factories.issued(office, now=now) for how in ("revoked", "rotated", "expired", "living")}
    before = {how: [web.asked(secret) for web in webs for _time in range(2)] for how, (_row, secret) in keys.items()}
    seconds = {}

    for how, (row, secret) in keys.items():
        if how == "revoked":
            keying.revoke(key=row, actor=SYSTEM, now=timezone.now())
        elif how == "rotated":
            keying.rotate(key=row, actor=SYSTEM, now=timezone.now(), overlap=0 * factories.HOUR)
        elif how == "expired":
            ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now())
        else:
            continue
        began = time.monotonic()
        while any(web.asked(secret) != 401 for web in webs) and time.monotonic() - began < 2:
            pass
        seconds[how] = time.monotonic() - began

    assert before == {how: [200] * 4 for how in keys}
    assert [how for how, taken in seconds.items() if taken > 1] == []
    assert [web.asked(keys["living"][1]) for web in webs] == [200, 200]
    for web in webs:
        web.stop()
    counted = ApiKeyUsage.objects.get(key=keys["living"][0])
    assert (counted.requests, counted.refused) == (6, 0)
