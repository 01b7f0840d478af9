"""Events over the API: drafts, publication, shapes, what only members see."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from events.models import SYSTEM, Event
from events.operations import planning
from tests import factories
from tests.api.conftest import World, keyed, signed_in

BLOCK = {"starts_at": "2027-03-01T10:00:00", "ends_at": "2027-03-01T12:00:00"}


def draft(editor: APIClient, **fields: Any) -> dict[str, Any]:
    answer = editor.post("/api/v1/events/", {"programme": "biff-workshops", "title_en": "Colour", **fields}, "json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_event_is_drafted_published_and_called_off(editor: APIClient, client: APIClient, world: World) -> None:
    made = draft(editor, title_ko="색보정", capacity=12)
    session = editor.post("/api/v1/sessions/", {"event": "colour", **BLOCK}, "json")

    assert (made["slug"], made["status"], made["title"]) == ("colour", "draft", "Colour")
    assert session.json()["status"] == "draft"
    assert client.get("/api/v1/events/colour/").status_code == 404

    published = [editor.post("/api/v1/events/colour/publish/").json() for _time in range(2)]
    seen = client.get("/api/v1/events/colour/", HTTP_ACCEPT_LANGUAGE="ko").json()

    assert published[0] == published[1]
    assert (seen["title"], seen["status"], seen["sessions"][0]["status"]) == ("색보정", "published", "confirmed")

    editor.post("/api/v1/events/colour/cancel/", {"reason": "The wall is broken"}, "json")
    seen = client.get("/api/v1/events/colour/").json()

    assert (seen["status"], seen["cancel_reason"]) == ("cancelled", "The wall is broken")
    assert seen["sessions"][0]["status"] == "cancelled"
    assert editor.post("/api/v1/events/colour/publish/").json()["code"] == "event_cancelled"


def test_an_event_is_shown_whole(editor: APIClient, client: APIClient, world: World) -> None:
    now = timezone.now()
    planning.create_series(programme=world.programme, fields={"title_en": "Runs"}, actor=SYSTEM, now=now)
    factories.topic("Light", now=now)
    factories.topic("Colour", now=now)
    factories.audience("student")
    made = draft(
        editor, title_ko="색보정", summary_en="Short", description_en="Long\n\nLonger", series="runs",
        kind="masterclass", topics=["light", "colour"], audiences=["student"], language="en", capacity=12,
        registration_opens_at="2026-01-01T00:00:00+09:00", registration_closes_at="2027-02-01T00:00:00Z",
    )  # fmt: skip
    editor.post("/api/v1/sessions/", {"event": "colour", **BLOCK}, "json")
    editor.post("/api/v1/events/colour/publish/")
    event = Event.objects.get(slug="colour")
    factories.register(event, 1, now=now)

    seen = client.get("/api/v1/events/colour/").json()

    assert made["capacity_override"] is False
    assert seen == {
        "slug": "colour",
        "programme": "biff-workshops",
        "series": "runs",
        "kind": "masterclass",
        "title": "Colour",
        "title_ko": "색보정",
        "title_en": "Colour",
        "summary": "Short",
        "summary_ko": "",
        "summary_en": "Short",
        "description": "Long\n\nLonger",
        "description_ko": "",
        "description_en": "Long\n\nLonger",
        "topics": ["colour", "light"],
        "audiences": ["student"],
        "language": "en",
        "status": "published",
        "cancel_reason": "",
        "visibility": "public",
        "registration": "open",
        "waitlist": "automatic",
        "needs_code": False,
        "needs_proof": False,
        "most_in_group": 10,
        "minimum": None,
        "decides_at": None,
        "decision": "",
        "questions": [],
        "capacity": 12,
        "seats_taken": 1,
        "seats_left": 11,
        "waitlist_length": 0,
        "registration_opens_at": "2025-12-31T15:00:00+00:00",
        "registration_closes_at": "2027-02-01T00:00:00+00:00",
        "sessions": [client.get(f"/api/v1/sessions/{event.sessions.get().uid}/").json()],
        "url": "https://callboard.test/en/events/colour/",
        "calendar_url": "https://callboard.test/calendars/events/colour.ics",
        "revision": event.revision,
        "updated_at": event.updated_at.isoformat(),
    }


def test_a_list_shows_an_event_as_its_own_address_does(editor: APIClient, client: APIClient, world: World) -> None:
    factories.register(world.event, 1, now=timezone.now())

    for asking in (client, editor):
        listed = asking.get("/api/v1/events/").json()["results"]

        assert listed == [asking.get("/api/v1/events/lighting/").json()]


def test_without_a_capacity_seats_never_run_out(client: APIClient, world: World) -> None:
    factories.event("Unlimited", of=world.programme, capacity=None, now=timezone.now())

    seen = client.get("/api/v1/events/unlimited/").json()

    assert (seen["capacity"], seen["seats_left"], seen["seats_taken"]) == (None, None, 0)
    assert "unlimited" in [event["slug"] for event in client.get("/api/v1/events/?has_seats=true").json()["results"]]


def test_drafts_of_a_published_event_are_for_its_members(editor: APIClient, client: APIClient, world: World) -> None:
    editor.post("/api/v1/sessions/", {"event": "lighting", **BLOCK}, "json")

    outside = [asking.get("/api/v1/events/lighting/").json()["sessions"] for asking in (client, keyed(world.theirs))]
    inside = signed_in(world.ours, "viewer").get("/api/v1/events/lighting/").json()["sessions"]

    assert [len(sessions) for sessions in outside] == [1, 1]
    assert [session["status"] for session in inside] == ["confirmed", "draft"]


def test_unpublishing_waits_until_nobody_is_registered(editor: APIClient, client: APIClient, world: World) -> None:
    registration = factories.register(world.event, 1, now=timezone.now())

    refused = editor.post("/api/v1/events/lighting/unpublish/")
    client.post(f"/api/v1/registrations/{registration.code}/cancel/")
    done = editor.post("/api/v1/events/lighting/unpublish/")

    assert (refused.status_code, refused.json()["code"], refused.json()["count"]) == (409, "has_registrations", 1)
    assert (done.json()["status"], client.get("/api/v1/events/lighting/").status_code) == ("draft", 404)


def test_capacity_is_cut_below_what_is_taken_only_on_purpose(editor: APIClient, world: World) -> None:
    for number in range(2):
        factories.register(world.event, number, now=timezone.now())

    refused = editor.patch("/api/v1/events/lighting/", {"capacity": 1}, "json")
    allowed = editor.patch("/api/v1/events/lighting/", {"capacity": 1, "over_commit": True}, "json")

    assert (refused.status_code, refused.json()["code"], refused.json()["taken"]) == (409, "capacity_below_taken", 2)
    assert (allowed.json()["capacity"], allowed.json()["seats_taken"], allowed.json()["seats_left"]) == (1, 2, 0)


def test_more_seats_than_the_room_has_are_given_only_on_purpose(editor: APIClient, world: World) -> None:
    now = timezone.now()
    room = factories.room("Small", at=factories.venue("Here", of=world.ours, now=now), seats=5, now=now)
    factories.event("In small", of=world.programme, room=room, capacity=5, now=now)

    refused = editor.patch("/api/v1/events/in-small/", {"capacity": 6}, "json")
    allowed = editor.patch("/api/v1/events/in-small/", {"capacity": 6, "capacity_override": True}, "json")

    assert (refused.status_code, refused.json()["code"]) == (409, "capacity_exceeds_room")
    assert allowed.json()["capacity"] == 6


def test_an_old_address_stays_a_name_in_filters(editor: APIClient, client: APIClient, world: World) -> None:
    editor.patch("/api/v1/events/lighting/", {"slug": "lighting-walls"}, "json")

    found = client.get("/api/v1/events/?event=lighting").json()["results"]
    taken = editor.post("/api/v1/events/", {"programme": "biff-workshops", "title_en": "X", "slug": "lighting"}, "json")

    assert [event["slug"] for event in found] == ["lighting-walls"]
    assert (taken.status_code, taken.json()["code"]) == (409, "slug_taken")


def test_a_series_belongs_to_the_events_own_programme(editor: APIClient, world: World) -> None:
    other = factories.programme("Other", of=world.ours, now=timezone.now())
    planning.create_series(programme=other, fields={"title_en": "Runs"}, actor=SYSTEM, now=timezone.now())

    answer = editor.patch("/api/v1/events/lighting/", {"series": "runs"}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/series")


def test_a_move_reaches_the_feed_and_the_list_at_once(editor: APIClient, client: APIClient, world: World) -> None:
    uid = world.event.sessions.get().uid
    day = (timezone.now() + timedelta(days=40)).strftime("%Y-%m-%d")

    editor.patch(f"/api/v1/sessions/{uid}/", {"starts_at": f"{day}T09:00:00+09:00"}, "json")

    assert client.get(f"/api/v1/events/?starts_after={day}&starts_before={day}").json()["results"]
    assert f"DTSTART;TZID=Asia/Seoul:{day.replace('-', '')}T090000" in client.get(
        "/calendars/events/lighting.ics"
    ).content.decode().replace("\r\n ", "")
