"""The registration policy of an event, its minimum, and the clash policy of its programme: each form by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events.models import SYSTEM, Change, Event, Programme
from events.operations import planning
from pages.organizer.policies import PolicyForm
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.test_capacity import errors

pytestmark = pytest.mark.django_db
USUAL = {
    "registration": "open", "registration_opens_at": "", "registration_closes_at": "", "waitlist": "automatic",
    "offer_minutes": "1440", "proof_minutes": "30", "most_in_group": "10",
}  # fmt: skip


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    return factories.event(of=programme, capacity=5, waitlist="automatic", now=now)


def send(editor: Client, event: Event, form: str, **sent: Any) -> HttpResponse:
    values = {"revision": event.revision, **sent}
    return editor.post(f"/organize/events/{event.slug}/registration/{form}/", values)


def test_the_policy_is_saved_as_a_whole(editor: Client, event: Event) -> None:
    sent = USUAL | {
        "registration": "approval", "registration_opens_at": "2026-11-20T09:00",
        "registration_closes_at": "2026-12-24T18:30", "waitlist": "offer", "offer_minutes": "90", "passes_groups": "on",
        "needs_code": "on", "needs_proof": "on", "proof_minutes": "15", "most_in_group": "4",
    }  # fmt: skip

    response = send(editor, event, "policy", **sent)

    event.refresh_from_db()
    assert (response.status_code, response.headers["Location"]) == (
        303, f"/organize/events/{event.slug}/registration/",
    )  # fmt: skip
    assert {name: getattr(event, name) for name in PolicyForm.columns} == {
        "registration": "approval",
        "registration_opens_at": datetime(2026, 11, 20, 0, 0, tzinfo=UTC),
        "registration_closes_at": datetime(2026, 12, 24, 9, 30, tzinfo=UTC),
        "waitlist": "offer",
        "offer_minutes": 90,
        "passes_groups": True,
        "needs_code": True,
        "needs_proof": True,
        "proof_minutes": 15,
        "most_in_group": 4,
    }
    page = editor.get(response.headers["Location"])
    assert one(page, "input", name="registration_closes_at")["value"] == "2026-12-24T18:30"


def test_what_is_shown_and_sent_back_changes_nothing(editor: Client, programme: Programme, now: datetime) -> None:
    event = factories.event(
        of=programme, registration="approval", registration_closes_at=now.replace(second=0, microsecond=0),
        waitlist="offer", needs_proof=True, now=now,
    )  # fmt: skip
    before = {name: getattr(Event.objects.get(pk=event.pk), name) for name in PolicyForm.columns}
    form = PolicyForm(Event.objects.get(pk=event.pk))
    shown = {name: form[name].value() for name in PolicyForm.columns}

    send(editor, event, "policy", **{name: value for name, value in shown.items() if value not in (None, False)})

    assert {name: getattr(Event.objects.get(pk=event.pk), name) for name in PolicyForm.columns} == before


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"registration": "closed"}, 422, "registration"),
        ({"waitlist": ""}, 422, "waitlist"),
        ({"offer_minutes": "0"}, 422, "offer_minutes"),
        ({"offer_minutes": str(2**31)}, 422, "offer_minutes"),
        ({"proof_minutes": ""}, 422, "proof_minutes"),
        ({"most_in_group": "0"}, 422, "most_in_group"),
        ({"registration_opens_at": "2026-13-01T00:00"}, 422, "registration_opens_at"),
        (
            {"registration_opens_at": "2026-12-24T18:30", "registration_closes_at": "2026-12-24T18:30"},
            400,
            "registration_closes_at",
        ),
    ],
)
def test_what_is_wrong_with_the_policy_stands_beside_its_field(
    editor: Client, event: Event, sent: dict[str, str], status: int, field: str
) -> None:
    changes = Change.objects.count()

    response = send(editor, event, "policy", **(USUAL | sent))

    assert (response.status_code, list(errors(response))) == (status, [f"policy-{field}"])
    assert Change.objects.count() == changes


def test_a_time_that_the_clocks_skip_is_told(editor: Client, programme: Programme, now: datetime) -> None:
    planning.amend(thing=programme, fields={"timezone": "Europe/Berlin"}, actor=SYSTEM, now=now)
    event = factories.event(of=programme, now=now)

    response = send(editor, event, "policy", **(USUAL | {"registration_opens_at": "2026-03-29T02:30"}))

    assert errors(response) == {
        "policy-registration_opens_at": "The clocks of Europe/Berlin never show that time."
    }  # fmt: skip


def test_a_stale_policy_changes_nothing_and_names_what_differs(editor: Client, event: Event, now: datetime) -> None:
    fields = {"registration": "approval", "needs_code": True}
    planning.amend_event(event=event, fields=fields, actor=SYSTEM, now=now)

    response = send(editor, event, "policy", **(USUAL | {"offer_minutes": "60"}))

    assert response.status_code == 412
    assert {name: text for name, text in errors(response).items() if name} == {
        "policy-registration": "Now it says “by approval: people apply, you choose”.",
        "policy-offer_minutes": "Now it says “1440”.",
        "policy-needs_code": "Now it says “yes”.",
    }
    assert Event.objects.get(pk=event.pk).offer_minutes == 1440


def test_a_minimum_with_its_day(editor: Client, event: Event) -> None:
    day = f"{event.first_starts_at - timedelta(days=2):%Y-%m-%dT%H:%M}"  # type: ignore[operator]

    response = send(editor, event, "minimum", minimum="3", decides_at=day)

    event.refresh_from_db()
    assert (response.status_code, event.minimum) == (303, 3)
    assert [session.status for session in event.sessions.all()] == ["tentative"]
    page = editor.get(response.headers["Location"])
    assert [link.text for link in elements(page, "a", class_="button")] == ["Takes place", "Call off"]

    send(editor, event, "minimum", minimum="", decides_at="")
    assert [session.status for session in event.sessions.all()] == ["confirmed"]


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"minimum": "0", "decides_at": "2026-12-01T10:00"}, 422, "minimum"),
        ({"minimum": "3", "decides_at": ""}, 400, "decides_at"),
        ({"minimum": "3", "decides_at": "2020-12-01T10:00"}, 400, "decides_at"),
        ({"minimum": "3", "decides_at": "soon"}, 422, "decides_at"),
    ],
)
def test_what_is_wrong_with_the_minimum_stands_beside_its_field(
    editor: Client, event: Event, sent: dict[str, str], status: int, field: str
) -> None:
    response = send(editor, event, "minimum", **sent)

    assert (response.status_code, list(errors(response))) == (status, [f"minimum-{field}"])
    assert Event.objects.get(pk=event.pk).minimum is None


def test_the_clash_policy_is_the_programmes(editor: Client, event: Event, programme: Programme) -> None:
    response = send(editor, event, "clashes", clashes="refuse", travel_minutes="45", revision=programme.revision)
    stale = send(editor, event, "clashes", clashes="warn", travel_minutes="5", revision=programme.revision)

    programme.refresh_from_db()
    assert (response.status_code, stale.status_code) == (303, 412)
    assert (programme.clashes, programme.travel_minutes) == ("refuse", 45)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"clashes": "ignore"}, "clashes"),
        ({"travel_minutes": "-5"}, "travel_minutes"),
        ({"travel_minutes": "1441"}, "travel_minutes"),
    ],
)
def test_what_is_wrong_with_the_clash_policy_stands_beside_its_field(
    editor: Client, event: Event, programme: Programme, sent: dict[str, str], field: str
) -> None:
    values = {"clashes": "warn", "travel_minutes": "5", "revision": programme.revision, **sent}

    response = send(editor, event, "clashes", **values)

    assert (response.status_code, list(errors(response))) == (422, [f"clashes-{field}"])
