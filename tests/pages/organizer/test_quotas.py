"""Seats set aside by a form: for an audience or a partner, other seats, another release, and released."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events.models import SYSTEM, Audience, Change, Event, Organization, SeatPool
from events.operations import allotting
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.test_capacity import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def student() -> Audience:
    return factories.audience("student")


@pytest.fixture
def event(office: Organization, student: Audience, now: datetime) -> Event:
    partner = factories.organization("KOFIC", title_ko="", owner="kofic@demo.example", now=now)
    programme = factories.programme(of=office, partners=[(partner, "host"), (partner, "funder")], now=now)
    return factories.event(of=programme, capacity=10, waitlist="automatic", audiences=[student], now=now)


def set_aside(editor: Client, event: Event, **sent: Any) -> HttpResponse:
    values = {"kind": "floor", "whom": "audience:student", "seats": "4", **sent}
    return editor.post(f"/organize/events/{event.slug}/seats/quotas/", values)


def amend(editor: Client, pool: SeatPool, **sent: Any) -> HttpResponse:
    return editor.post(f"/organize/events/{pool.event.slug}/seats/quotas/{pool.uid}/", {"seats": pool.seats, **sent})


def quotas(event: Event) -> list[tuple[str, int]]:
    rows = SeatPool.objects.filter(event=event).exclude(kind="open").order_by("pk")
    return [(pool.kind, pool.seats) for pool in rows]


def test_those_who_can_be_chosen_are_the_events_audiences_and_the_programmes_partners(
    editor: Client, event: Event
) -> None:
    factories.audience("professional")

    response = editor.get(f"/organize/events/{event.slug}/seats/")

    options = [(option["value"], option.text) for option in elements(response, "option")]
    assert [pair for pair in options if ":" in pair[0]] == [("audience:student", "Student"), ("partner:kofic", "KOFIC")]


def test_a_floor_an_allotment_and_a_ceiling(editor: Client, event: Event) -> None:
    answers = [
        set_aside(editor, event, days_before="6"),
        set_aside(editor, event, kind="allotment", whom="partner:kofic", seats="2", releases_at="2026-12-24T18:30"),
        set_aside(editor, event, kind="ceiling", seats="8"),
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert quotas(event) == [("floor", 4), ("allotment", 2), ("ceiling", 8)]
    floor, allotment = SeatPool.objects.filter(event=event, kind__in=["floor", "allotment"]).order_by("pk")
    assert floor.releases_at == event.first_starts_at - timedelta(days=6)  # type: ignore[operator]
    assert allotment.releases_at == datetime(2026, 12, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"seats": ""}, 422, "quota-seats"),
        ({"seats": "-1"}, 422, "quota-seats"),
        ({"seats": str(2**31)}, 422, "quota-seats"),
        ({"seats": "11"}, 409, "quota-seats"),
        ({"whom": ""}, 422, "quota-whom"),
        ({"whom": "audience:professional"}, 422, "quota-whom"),
        ({"kind": "allotment"}, 400, "quota-whom"),
        ({"kind": "pool"}, 422, "quota-kind"),
        ({"days_before": "1", "releases_at": "2026-12-24T18:30"}, 400, "quota-releases_at"),
        ({"releases_at": "tomorrow"}, 422, "quota-releases_at"),
        ({"releases_at": "2026-12-24T18:30Z"}, 422, "quota-releases_at"),
        ({"releases_at": "0001-01-01T00:00"}, 422, "quota-releases_at"),
        ({"days_before": "-1"}, 422, "quota-days_before"),
    ],
)
def test_what_is_wrong_with_a_quota_stands_beside_its_field(
    editor: Client, event: Event, sent: dict[str, str], status: int, field: str
) -> None:
    response = set_aside(editor, event, **sent)

    assert (response.status_code, list(errors(response)), quotas(event)) == (status, [field], [])


def test_a_ceiling_below_who_is_in_takes_one_box_more(
    editor: Client, event: Event, student: Audience, now: datetime
) -> None:
    factories.crowd(event, [1, 2], audience=student, now=now)

    refused = set_aside(editor, event, kind="ceiling", seats="1")
    accepted = set_aside(editor, event, kind="ceiling", seats="1", over_commit="on")

    assert (refused.status_code, list(errors(refused))) == (409, ["quota-seats"])
    assert one(refused, "input", name="over_commit")["id"] == "quota-over_commit"
    assert (accepted.status_code, quotas(event)) == (303, [("ceiling", 1)])


def test_a_quota_gets_other_seats_and_another_release(
    editor: Client, event: Event, student: Audience, now: datetime
) -> None:
    pool = factories.quota(event, 4, audience=student, release=allotting.Release(days_before=3), now=now)

    response = amend(editor, pool, seats="5", days_before="", releases_at="2026-12-24T18:30")

    pool.refresh_from_db()
    assert response.status_code == 303
    assert (pool.seats, pool.releases_days_before, pool.releases_at) == (
        5, None, datetime(2026, 12, 24, 9, 30, tzinfo=UTC),
    )  # fmt: skip
    page = editor.get(response.headers["Location"])
    assert one(page, "input", id=f"quota-{pool.uid}-releases_at")["value"] == "2026-12-24T18:30"


def test_what_is_wrong_with_another_number_stands_beside_that_quota(
    editor: Client, event: Event, student: Audience, now: datetime
) -> None:
    pool = factories.quota(event, 4, audience=student, now=now)
    factories.crowd(event, [1, 2], audience=student, now=now)

    response = amend(editor, pool, seats="1")

    assert (response.status_code, list(errors(response))) == (409, [f"quota-{pool.uid}-seats"])
    assert quotas(event) == [("floor", 4)]


def test_a_quota_is_released_when_the_button_is_pressed(
    editor: Client, event: Event, student: Audience, now: datetime
) -> None:
    pool = factories.quota(event, 4, audience=student, now=now)
    address = f"/organize/events/{event.slug}/seats/quotas/{pool.uid}/release/"

    asked = editor.get(address)
    unchanged = quotas(event)
    pressed = editor.post(address)

    assert one(asked, "h2").text == "Release: Reserved for Student?"
    assert (unchanged, quotas(event)) == ([("floor", 4)], [("floor", 0)])
    page = editor.get(pressed.headers["Location"])
    assert elements(page, "form", action=f"/organize/events/{event.slug}/seats/quotas/{pool.uid}/") == []


def test_a_released_quota_stays_as_it_ended(editor: Client, event: Event, student: Audience, now: datetime) -> None:
    pool = factories.quota(event, 4, audience=student, now=now)
    allotting.release(pool=pool, actor=SYSTEM, now=now)
    changes = Change.objects.count()

    response = amend(editor, pool, seats="3")

    assert response.status_code == 409
    assert one(response, role="alert").text == "This quota was released already."
    assert Change.objects.count() == changes


def test_the_quota_of_another_event_and_the_open_pool_are_not_found_here(
    editor: Client, event: Event, student: Audience, now: datetime
) -> None:
    other = factories.event("Other", of=event.programme, capacity=9, now=now)
    foreign = factories.quota(other, 4, audience=student, now=now)
    own = SeatPool.objects.get(event=event)

    paths = [f"/organize/events/{event.slug}/seats/quotas/{pool.uid}/" for pool in (foreign, own)]
    answers = [editor.post(f"{path}{rest}", {"seats": "1"}) for path in paths for rest in ("", "release/")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert quotas(other) == [("floor", 4)]
