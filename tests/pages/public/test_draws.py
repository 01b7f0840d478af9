"""The public page of a draw: enough for anybody to compute it again, and for nobody to find a person."""

import re
import subprocess
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event, Registration
from events.operations import selecting
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
SEED = "it's $HOME; 한글"


def drawn(number: int, *, now: datetime, seed: str = SEED) -> tuple[Event, list[Registration]]:
    """An event of two seats with so many applications among which the lot has decided."""
    before = now - timedelta(days=2)
    event = factories.event(
        capacity=2, registration="approval", registration_closes_at=now - timedelta(days=1), now=before
    )  # fmt: skip
    selecting.announce_draw(event=event, actor=SYSTEM, now=before, seed=seed)
    rows = factories.crowd(event, range(number), now=before)
    selecting.draw(event=event, actor=SYSTEM, now=now)
    return event, rows


def test_before_it_the_digest_is_promised_and_the_seed_is_not_told(client: Client, now: datetime) -> None:
    event = factories.event(registration="approval", now=now)
    selecting.announce_draw(event=event, actor=SYSTEM, now=now, seed="a seed that nobody knows")

    page = client.get(f"/en/events/{event.slug}/draw/")
    link = [e["href"] for e in elements(client.get(f"/en/events/{event.slug}/"), "a") if "/draw/" in e["href"]]

    assert page.status_code == 200
    assert sha256(b"a seed that nobody knows").hexdigest() in [e.text for e in elements(page, "code")]
    assert "a seed that nobody knows" not in page.content.decode()
    assert elements(page, "table") == []
    assert link == [f"/en/events/{event.slug}/draw/"]


def test_afterwards_anybody_can_compute_it_again(client: Client, now: datetime) -> None:
    event, _rows = drawn(4, now=now)

    page = client.get(f"/en/events/{event.slug}/draw/")

    cells = [e.text for e in elements(page, "td")]
    table = [cells[start : start + 4] for start in range(0, len(cells), 4)]
    entries = [entry for _rank, entry, _outcome, _lot in table]
    lots = [sha256(f"{SEED}:{entry}".encode()).hexdigest() for entry in entries]
    assert [rank for rank, *_rest in table] == ["1", "2", "3", "4"]
    assert lots == sorted(lots)
    assert [lot for *_rest, lot in table] == [lot[:16] for lot in lots]
    assert [outcome for _rank, _entry, outcome, _lot in table] == ["seat", "seat", "no seat", "no seat"]
    printed = [e.text for e in elements(page, "code")]
    assert [sha256(SEED.encode()).hexdigest() in printed, SEED in printed] == [True, True]


def test_its_commands_run_as_they_stand(client: Client, now: datetime) -> None:
    event, rows = drawn(1, now=now)
    entry = sha256(rows[0].code.encode()).hexdigest()[:16]

    pre = one(client.get(f"/en/events/{event.slug}/draw/"), "pre")
    commands = [line for line in "".join(pre.words).splitlines() if line]

    printed = [subprocess.run(["sh", "-c", line], capture_output=True, text=True).stdout[:64] for line in commands]
    assert printed == [sha256(SEED.encode()).hexdigest(), sha256(f"{SEED}:{entry}".encode()).hexdigest()]


def test_everybody_finds_their_own_entry_and_nobody_elses_name(client: Client, now: datetime) -> None:
    event, rows = drawn(3, now=now)

    own = [client.get(f"/en/my/registrations/{row.code}/") for row in rows]
    page = client.get(f"/en/events/{event.slug}/draw/")

    links = [[e["href"] for e in elements(one_page, "a") if "/draw/" in e["href"]] for one_page in own]
    anchors = {e["id"] for e in elements(page, "tr") if e["id"]}
    assert {link.partition("#")[2] for [link] in links} == anchors
    assert all(re.fullmatch(r"[0-9a-f]{16}", anchor) for anchor in anchors)
    assert not any(secret in page.content.decode() for row in rows for secret in (row.name, row.email, row.code))


def test_who_took_no_part_has_no_entry(client: Client, now: datetime) -> None:
    event = factories.event(registration="approval", now=now)
    selecting.announce_draw(event=event, actor=SYSTEM, now=now)
    entered = factories.enter(event, 1, now=now)
    applied = factories.register(event, 2, now=now)

    pages = [client.get(f"/en/my/registrations/{row.code}/") for row in (entered, applied)]

    assert [("My entry in the draw" in one(page, "main").text) for page in pages] == [False, True]


def test_without_a_draw_there_is_no_page(client: Client, now: datetime) -> None:
    event, draft = factories.event(now=now), factories.draft(registration="approval", now=now)
    selecting.announce_draw(event=draft, actor=SYSTEM, now=now)

    answers = [client.get(f"/en/events/{slug}/draw/") for slug in (event.slug, draft.slug, "nothing")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_however_many_took_part(
    client: Client, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    event, _rows = drawn(number, now=now)

    with django_assert_num_queries(1):
        page = client.get(f"/ko/events/{event.slug}/draw/")

    assert len(elements(page, "tr")) == number + 1
