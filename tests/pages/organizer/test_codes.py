"""Invitation codes: made by the dozen or by hand, listed as they are read aloud, revoked."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Event, Invitation, Organization
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.test_capacity import errors

pytestmark = pytest.mark.django_db
USUAL = {"number": "1", "code": "", "label": "", "uses": "1", "pool": "", "audience": "", "priority": "0"}


@pytest.fixture
def event(office: Organization, now: datetime) -> Event:
    partner = factories.organization("KOFIC", title_ko="", owner="kofic@demo.example", now=now)
    programme = factories.programme(of=office, partners=[(partner, "host")], now=now)
    made = factories.event(
        of=programme, capacity=9, needs_code=True, audiences=[factories.audience("student")], now=now
    )  # fmt: skip
    factories.quota(made, 3, "allotment", partner=partner, now=now)
    return made


def make(editor: Client, event: Event, **sent: Any) -> HttpResponse:
    return editor.post(f"/organize/events/{event.slug}/codes/make/", USUAL | sent)


def listed(editor: Client, event: Event) -> list[str]:
    return [row.text for row in elements(editor.get(f"/organize/events/{event.slug}/codes/"), "tr")][1:]


def test_random_codes_are_listed_in_groups_of_letters(editor: Client, event: Event) -> None:
    response = make(editor, event, number="3", label="Sponsors")

    assert one(editor.get(response.headers["Location"]), role="status").text == "3 codes were made."
    rows = listed(editor, event)
    assert len(rows) == Invitation.objects.count() == 3
    assert all(re.fullmatch(r"\w{4}-\w{4}-\w{4} Sponsors 0 / 1 – Revoke", row) for row in rows)


def test_a_code_of_ones_own_with_all_its_terms(editor: Client, event: Event, now: datetime) -> None:
    pool = event.pools.get(kind="allotment")
    until = (now + timedelta(days=3)).replace(second=0, microsecond=0)
    local = f"{until + timedelta(hours=9):%Y-%m-%dT%H:%M}"  # in Seoul

    response = make(
        editor, event, code="Busan 2026", uses="", pool=str(pool.uid), audience="student", priority="5",
        expires_at=local, label="Everybody of KOFIC",
    )  # fmt: skip

    made = Invitation.objects.get()
    assert response.status_code == 303
    assert (made.code, made.uses, made.pool, made.audience.slug, made.priority, made.expires_at) == (
        "BUSAN2026", None, pool, "student", 5, until,
    )  # fmt: skip
    assert listed(editor, event)[0].startswith(
        "BUSAN2026 Everybody of KOFIC Allotment of KOFIC Student Priority 5 0 / ∞"
    )


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"number": "0"}, 422, "number"),
        ({"number": "501"}, 422, "number"),
        ({"number": ""}, 422, "number"),
        ({"number": "2", "code": "BUSAN"}, 400, "number"),
        ({"code": "abc"}, 400, "code"),
        ({"code": "TAKEN2026"}, 409, "code"),
        ({"uses": "0"}, 422, "uses"),
        ({"pool": "someone-elses"}, 422, "pool"),
        ({"audience": "professional"}, 422, "audience"),
        ({"priority": "high"}, 422, "priority"),
        ({"expires_at": "2020-01-01T00:00"}, 400, "expires_at"),
        ({"label": "x" * 101}, 422, "label"),
    ],
)
def test_what_is_wrong_with_a_code_stands_beside_its_field(
    editor: Client, event: Event, now: datetime, sent: dict[str, str], status: int, field: str
) -> None:
    factories.code(event, "taken 2026", now=now)

    response = make(editor, event, **sent)

    assert (response.status_code, list(errors(response))) == (status, [f"codes-{field}"])
    assert Invitation.objects.count() == 1


def test_a_revoked_code_stays_on_the_list_and_opens_nothing(editor: Client, event: Event, now: datetime) -> None:
    invitation = factories.code(event, now=now)
    address = f"/organize/events/{event.slug}/codes/{invitation.uid}/revoke/"

    opened = editor.get(address)
    unchanged = Invitation.objects.get().revoked_at
    answers = [editor.post(address), editor.post(address)]

    assert (opened.status_code, unchanged) == (302, None)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert Invitation.objects.get().revoked_at == now
    assert "Revoked on" in listed(editor, event)[0]


def test_the_code_of_another_event_is_not_found_here(editor: Client, event: Event, now: datetime) -> None:
    foreign = factories.code(factories.event("Other", of=event.programme, now=now), now=now)

    response = editor.post(f"/organize/events/{event.slug}/codes/{foreign.uid}/revoke/")

    assert (response.status_code, Invitation.objects.get().revoked_at) == (404, None)


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_however_many_there_are(
    editor: Client, event: Event, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        factories.code(event, label=f"Code {index}", pool=event.pools.get(kind="allotment"), now=now)

    with django_assert_num_queries(16):
        rows = listed(editor, event)

    assert len(rows) == number
