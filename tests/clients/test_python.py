"""The generated Python client, as a partner's program uses it: typed answers, typed refusals, against a server."""

import importlib
import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from tests.clients import making
from tests.clients.conftest import Service

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="clients: once is enough, on SQLite")
OPERATIONS = (
    "availability.availability_list", "changes.changes_list", "events.events_change", "events.events_list",
    "events.events_read", "events.events_registrations_create", "registrations.registrations_read",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package, with each operation that is used here by its name."""
    folder = making.python(tmp_path_factory.mktemp("clients") / "python")
    sys.path.insert(0, str(folder))
    package = importlib.import_module("callboard_client")
    models = importlib.import_module("callboard_client.models")
    operations = {name.split(".")[1]: importlib.import_module(f"callboard_client.api.{name}") for name in OPERATIONS}
    yield SimpleNamespace(package=package, models=models, **operations)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "callboard_client"]:
        del sys.modules[name]


class Partner:
    """Somebody with the client, and with a key where they need one."""

    def __init__(self, made: Any, service: Service) -> None:
        english = {"headers": {"Accept-Language": "en"}, "raise_on_unexpected_status": True}
        self.made, self.models, self.service = made, made.models, service
        self.anybody = made.package.Client(base_url=service.address, **english)
        self.member = made.package.AuthenticatedClient(base_url=service.address, token=service.key, **english)

    def register(self, slug: str, email: str, **options: Any) -> Any:
        body = self.models.RegistrationInput(name="김하늘", email=email, language=self.models.Lang.KO)
        return self.made.events_registrations_create.sync_detailed(slug, client=self.anybody, body=body, **options)

    def read(self, **options: Any) -> Any:
        return self.made.events_read.sync_detailed(self.service.open, client=self.anybody, **options)

    def change(self, title: str, **options: Any) -> Any:
        body = self.models.EventChanges(title_en=title)
        return self.made.events_change.sync_detailed(self.service.open, body=body, **{"client": self.member, **options})


@pytest.fixture
def partner(made: Any, service: Service) -> Iterator[Partner]:
    one = Partner(made, service)
    with one.anybody, one.member:
        yield one


def test_it_lists_pages_and_reads(partner: Partner) -> None:
    titles, cursor = [], {}
    while True:
        page = partner.made.events_list.sync(
            client=partner.anybody, kind="workshop", has_seats=True, page_size=2, **cursor,
            ordering=partner.models.EventsListOrdering.TITLE,
        )  # fmt: skip
        titles += [event.title for event in page.results]
        if page.next_ is None:
            break
        cursor = {"cursor": parse_qs(urlsplit(page.next_).query)["cursor"][0]}
    read = partner.read()
    again = partner.read(if_none_match=read.headers["ETag"])

    assert titles == ["Camera", "Lighting", "Mixing"]
    assert read.parsed.sessions[0].status is partner.models.SessionStatus.CONFIRMED
    assert read.parsed.sessions[0].starts_at.utcoffset() is not None
    assert (read.parsed.seats_left, again.status_code, again.parsed) == (20, 304, None)


def test_it_registers_once_and_is_refused_in_types(partner: Partner) -> None:
    first, second = (
        partner.register(partner.service.open, "haneul@example.org", idempotency_key="one-registration-0001")
        for _again in range(2)
    )
    own = partner.made.registrations_read.sync(first.parsed.code, client=partner.anybody)
    full = partner.register(partner.service.full, "doyun@example.org").parsed
    wrong = partner.made.events_list.sync(client=partner.anybody, topic="nothing-like-it")
    left = partner.read().parsed.seats_left

    assert (first.status_code, first.parsed.status) == (201, partner.models.RegistrationStatus.CONFIRMED)
    assert (second.parsed, second.headers["Idempotency-Replayed"], left) == (first.parsed, "true", 19)
    assert (own.name, own.passed_for) == ("김하늘", "")
    assert [type(problem) for problem in (full, wrong)] == [partner.models.ProblemOutput] * 2
    assert (full.status, full.code, full.errors) == (409, "event_full", [])
    assert (wrong.status, wrong.code, wrong.errors[0].pointer) == (400, "invalid_filter", "?topic")


def test_it_writes_with_a_key_and_follows_what_changed(partner: Partner) -> None:
    changes, availability = partner.made.changes_list, partner.made.availability_list
    version = changes.sync(client=partner.anybody, since=0).version
    mark = availability.sync(client=partner.anybody).mark
    etag = partner.made.events_read.sync_detailed(partner.service.open, client=partner.member).headers["ETag"]

    written = partner.change("Lighting well", if_match=etag)
    stale = partner.change("Lighting badly", if_match=etag)
    unknown = partner.change("Lighting badly", client=partner.anybody)
    partner.register(partner.service.open, "haneul@example.org")

    deltas = [delta.object_ for delta in changes.sync(client=partner.anybody, since=version).results]
    moved = availability.sync_detailed(client=partner.anybody, since=mark)
    known = availability.sync_detailed(client=partner.anybody, since=mark, if_none_match=moved.headers["ETag"])
    seats = {row.event: row.seats_left for row in moved.parsed.results}
    assert written.parsed.title == "Lighting well"
    assert [answer.parsed.code for answer in (stale, unknown)] == ["stale_revision", "not_authenticated"]
    assert [type(thing) for thing in deltas] == [partner.models.KeptEventOutput, partner.models.SessionOutput]
    assert deltas[0].title == "Lighting well"
    assert (seats[partner.service.open], known.status_code) == (19, 304)


def test_the_example_of_the_docs_runs(made: Any, service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever it finds first is registered; a second time it prints why not."""
    [code] = re.findall(r"```python\n(.*?)```", (making.ROOT / "docs" / "partners.md").read_text(), re.DOTALL)
    code = code.replace("http://127.0.0.1:8000", service.address).replace('"kofic"', '"ours"')

    for again in ("", "-again"):
        exec(code.replace("1f8a52", f"1f8a52{again}"), {})  # noqa: S102  our own docs

    assert capsys.readouterr().out == "already_registered\n"
