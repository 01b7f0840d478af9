"""The receivers in docs/receivers take what we really send, and nothing else."""

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django.urls import path

from events.hooks import posting, signing

RECEIVERS = Path(__file__).resolve().parents[2] / "docs" / "receivers"
OLD, NEW, FOREIGN = (f"whsec_{base64.b64encode(bytes([number] * 32)).decode()}" for number in (1, 2, 3))

urlpatterns: list[Any] = []  # of the one in Django


class Running:
    """One of them, and what it told its site to read anew."""

    def __init__(self, pair: str, told: Callable[[], str]) -> None:
        self.url, self._told = f"http://{pair}/webhooks/callboard/", told

    def send(
        self, *, seq: int = 1, number: int = 1, uid: str = "e1", secrets: tuple[str, ...] = (NEW, OLD),
        ago: timedelta = timedelta(0), body: bytes | None = None,
    ) -> int:  # fmt: skip
        """A signed delivery, brought by the real thing; the receiver's status."""
        data = {"seq": seq, "event_uid": uid, "session": None, "url": f"https://callboard.test/{uid}", "title": "단편"}
        signed = json.dumps({"type": "event.changed", "data": data}, ensure_ascii=False).encode()
        headers = signing.headers(message_id=f"msg_{number}", body=signed, secrets=secrets, now=datetime.now(UTC) - ago)
        return posting.post(url=self.url, body=body or signed, headers=headers).status

    def refreshed(self) -> list[tuple[str, int]]:
        told = [json.loads(line) for line in self._told().splitlines() if line.startswith("{")]
        return [(line["url"].rpartition("/")[2], line["seq"]) for line in told]


def started(stack: ExitStack, folder: Path, *command: str, **environment: str) -> Running:
    out = folder / "out"
    known = {"PATH": os.environ["PATH"], "PORT": "0", "CALLBOARD_SECRET": f"{NEW} {FOREIGN}"}
    with out.open("wb") as file:
        process = stack.enter_context(
            subprocess.Popen(
                command, cwd=folder, env=known | environment, stdout=file, stderr=subprocess.PIPE, text=True
            )
        )
    stack.callback(process.terminate)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("listening on "), line + process.stderr.read()
    return Running(f"127.0.0.1:{line.split()[-1]}", out.read_text)


def in_python(stack: ExitStack, folder: Path) -> Running:
    return started(stack, folder, sys.executable, str(RECEIVERS / "standard_library.py"))


def in_node(stack: ExitStack, folder: Path) -> Running:
    if shutil.which("node") is None:
        pytest.skip("receivers: no Node on this machine")
    modules = os.environ.get("NODE_PATH", "")
    asked = ["node", "-e", "require('standardwebhooks')"]
    if subprocess.run(
        asked, env=os.environ | {"NODE_PATH": modules}, cwd=folder, capture_output=True, check=False
    ).returncode:
        (folder / "standardwebhooks").mkdir()
        shutil.copy(Path(__file__).with_name("stand_in.js"), folder / "standardwebhooks" / "index.js")
        modules = str(folder)
    return started(stack, folder, "node", str(RECEIVERS / "node.js"), NODE_PATH=modules)


def in_django(stack: ExitStack, folder: Path) -> Running:
    spec = importlib.util.spec_from_file_location("django_view", RECEIVERS / "django_view.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines: list[str] = []
    module.log = type("Log", (), {"info": staticmethod(lines.append)})
    stack.callback(setattr, sys.modules[__name__], "urlpatterns", [])
    urlpatterns[:] = [path("webhooks/callboard/", module.callboard)]
    stack.enter_context(override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], CALLBOARD_SECRETS=[FOREIGN, NEW]))
    cache.clear()
    server = stack.enter_context(make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    stack.callback(server.shutdown)
    return Running(f"127.0.0.1:{server.server_port}", lambda: "\n".join(lines))


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(params=[in_python, in_django, in_node], ids=["standard_library.py", "django_view.py", "node.js"])
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with ExitStack() as stack:  # settings too: whatever is set last has to be taken back first
        running = request.param(stack, tmp_path)
        stack.enter_context(override_settings(WEBHOOK_EXTRA_TARGETS=[running.url.split("/")[2]]))
        yield running


def test_it_takes_what_we_send_once_and_in_order_and_nothing_of_others(receiver: Running) -> None:
    assert receiver.send() == 204
    assert receiver.refreshed() == [("e1", 1)]

    assert receiver.send(number=2, seq=2, secrets=(OLD, NEW)) == 204  # one of two signatures is enough
    assert receiver.send(number=3, seq=3, secrets=(OLD,)) == 401
    assert receiver.send(number=3, seq=3, body=b'{"type": "another"}') == 401
    assert receiver.send(number=3, seq=3, body=b"\xff\xfe") == 401
    assert receiver.send(number=3, seq=3, ago=timedelta(minutes=6)) == 401
    assert receiver.send(number=3, seq=3, ago=timedelta(minutes=-6)) == 401
    assert receiver.send(number=3, seq=3, ago=timedelta(minutes=4)) == 204  # a clock that is a little off
    assert receiver.refreshed() == [("e1", 1), ("e1", 2), ("e1", 3)]

    assert receiver.send(number=2, seq=2) == 204  # a repeat: its answer was lost
    assert receiver.send(number=5, seq=5) == 204
    assert receiver.send(number=4, seq=4) == 204  # late: what it tells is known already
    assert receiver.send(number=6, seq=4, uid="e2") == 204  # of another thing
    assert receiver.refreshed() == [("e1", 1), ("e1", 2), ("e1", 3), ("e1", 5), ("e2", 4)]


def test_it_refuses_what_nobody_signed(receiver: Running) -> None:
    now = str(int(datetime.now(UTC).timestamp()))

    for written in ({}, {"timestamp": "soon"}, {"timestamp": "-1", "signature": "v1"}, {"timestamp": "9" * 5_000},
                    {"signature": "v2,eA== v1,*"}, {"signature": "v1, v1,,"}, {"signature": "v1,"}):  # fmt: skip
        usual = {"id": "a", "timestamp": now, "signature": "v1,x"} if written else {}
        headers = {f"webhook-{name}": value for name, value in (usual | written).items()}
        assert posting.post(url=receiver.url, body=b"{}", headers=headers).status == 401, written

    assert receiver.refreshed() == []
