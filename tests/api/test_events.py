"""Events over the API: drafts, publication, shapes, revisions."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.test import APIClient

from tests.api.conftest import World


def draft(editor: APIClient, **fields: object) -> dict[str, object]:
    answer = editor.post("/api/v1/events/", {"programme": "biff-workshops", "title_en": "Colour", **fields}, "json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_event_is_drafted_published_and_called_off(editor: APIClient, client: APIClient, world: World) -> None:
    made = draft(editor, title_ko="색보정", capacity=12)
    starts = (timezone.now() + timedelta(days=9)).replace(microsecond=0)
    session = editor.post(
        "/api/v1/sessions/",
        {"event": "colour", "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=2)).isoformat()},
        "json",
    )

    assert (made["slug"], made["status"], made["title"], session.status_code) == ("colour", "draft", "Colour", 201)
    assert session.json()["status"] == "draft"
    assert client.get("/api/v1/events/colour/").status_code == 404

    published = editor.post("/api/v1/events/colour/publish/")
    seen = client.get("/api/v1/events/colour/", HTTP_ACCEPT_LANGUAGE="ko").json()

    assert published.status_code == 200
    assert (seen["title"], seen["status"], seen["sessions"][0]["status"]) == ("색보정", "published", "confirmed")

    editor.post("/api/v1/events/colour/cancel/", {"reason": "The wall is broken"}, "json")
    seen = client.get("/api/v1/events/colour/").json()

    assert (seen["status"], seen["cancel_reason"], seen["sessions"][0]["status"]) == (
        "cancelled",
        "The wall is broken",
        "cancelled",
    )
