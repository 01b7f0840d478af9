"""ETags of objects: a 304 for who has it, a 412 for who changes something else than they read."""

import pytest
from rest_framework.test import APIClient

from tests.api.conftest import World


def test_an_unchanged_object_is_a_304_without_a_body(client: APIClient, world: World) -> None:
    first = client.get("/api/v1/events/lighting/")
    again = client.get("/api/v1/events/lighting/", HTTP_IF_NONE_MATCH=first["ETag"])
    weak = client.get("/api/v1/events/lighting/", HTTP_IF_NONE_MATCH=f'"x", W/{first["ETag"]}')

    assert first["ETag"].startswith(f'"r{first.json()["revision"]}-')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert weak.status_code == 304
    assert {"Accept-Language", "Authorization", "Cookie"} <= {name.strip() for name in again["Vary"].split(",")}


def test_seats_and_language_change_the_hash_but_not_the_revision(client: APIClient, world: World) -> None:
    english = client.get("/api/v1/events/lighting/")
    korean = client.get("/api/v1/events/lighting/", HTTP_ACCEPT_LANGUAGE="ko")
    client.post("/api/v1/events/lighting/registrations/", {"name": "A", "email": "a@mail.example"}, "json")
    taken = client.get("/api/v1/events/lighting/", HTTP_IF_NONE_MATCH=english["ETag"])

    assert (taken.status_code, taken.json()["seats_taken"]) == (200, 1)
    assert len({english["ETag"], korean["ETag"], taken["ETag"]}) == 3
    assert {answer["ETag"].split("-")[0] for answer in (english, korean, taken)} == {english["ETag"].split("-")[0]}


@pytest.mark.parametrize("form", ["{etag}", "W/{etag}", '"r999", {etag}', "*"])
def test_a_change_of_what_was_read_is_taken(editor: APIClient, world: World, form: str) -> None:
    etag = editor.get("/api/v1/events/lighting/")["ETag"]

    answer = editor.patch("/api/v1/events/lighting/", {"capacity": 30}, "json", HTTP_IF_MATCH=form.format(etag=etag))

    assert answer.status_code == 200


def test_the_second_of_two_editors_is_told(editor: APIClient, world: World) -> None:
    read = editor.get("/api/v1/events/lighting/")["ETag"]

    first = editor.patch("/api/v1/events/lighting/", {"title_en": "First"}, "json", HTTP_IF_MATCH=read)
    second = editor.patch("/api/v1/events/lighting/", {"title_en": "Second"}, "json", HTTP_IF_MATCH=read)
    third = editor.patch("/api/v1/events/lighting/", {"title_en": "Third"}, "json", HTTP_IF_MATCH=first["ETag"])

    assert [first.status_code, second.status_code, third.status_code] == [200, 412, 200]
    assert (second.json()["code"], second.json()["revision"]) == ("stale_revision", first.json()["revision"])


def test_a_registration_from_elsewhere_does_not_stale_an_edit(
    editor: APIClient, client: APIClient, world: World
) -> None:
    read = editor.get("/api/v1/events/lighting/")["ETag"]
    client.post("/api/v1/events/lighting/registrations/", {"name": "A", "email": "a@mail.example"}, "json")

    answer = editor.patch("/api/v1/events/lighting/", {"title_en": "New"}, "json", HTTP_IF_MATCH=read)

    assert answer.status_code == 200


@pytest.mark.parametrize("step", ["publish", "unpublish", "cancel"])
def test_steps_honour_if_match_too(editor: APIClient, world: World, step: str) -> None:
    answer = editor.post(f"/api/v1/events/lighting/{step}/", HTTP_IF_MATCH='"r0"')

    assert answer.status_code == 412
