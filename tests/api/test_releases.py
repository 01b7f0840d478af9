"""Releases over HTTP: edits wait in them, take effect together, and everybody reads what changed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from events.models import SYSTEM, Release, Session
from events.operations import planning, publishing, releasing, replanning, scheduling
from tests import factories
from tests.api.conftest import World, keyed
from tests.api.test_replans import at, post


@pytest.fixture
def session(world: World) -> Session:
    return Session.objects.get(event=world.event)


@pytest.fixture
def draft(world: World, editor: APIClient) -> dict[str, Any]:
    made = post(editor, "/api/v1/releases/", {"programme": world.programme.slug, "title": "Week 2"})
    assert made.status_code == 201
    assert made["Location"] == f"https://callboard.test/api/v1/releases/{made.json()['uid']}/"
    return made.json()  # type: ignore[no-any-return]


def patch(client: APIClient, session: Session, **body: Any) -> Any:
    return client.patch(f"/api/v1/sessions/{session.uid}/", body, format="json")


def address(draft: dict[str, Any], verb: str = "") -> str:
    return f"/api/v1/releases/{draft['uid']}/{verb}"


def test_a_patch_that_names_an_open_release_waits_in_it(
    world: World, editor: APIClient, session: Session, draft: dict[str, Any]
) -> None:
    later = session.starts_at + timedelta(hours=3)

    answer = patch(editor, session, release=draft["uid"], starts_at=later.isoformat())

    told = answer.json()
    assert (answer.status_code, told["release"], told["starts_at"]) == (200, draft["uid"], at(session.starts_at))
    waiting = editor.get(address(draft)).json()
    assert (waiting["status"], waiting["revision"]) == ("open", 1)
    assert [edit["changed"] for edit in waiting["edits"]] == [["starts_at", "ends_at"]]
    seen = post(editor, address(draft, "preview/"), {}).json()
    assert (seen["changed_since"], len(seen["sessions"])) == ([], 1)

    released = post(editor, address(draft, "release/"), {"fingerprint": seen["fingerprint"]})

    assert (released.status_code, released.json()["status"]) == (200, "released")
    assert "Location" not in released.headers  # nothing was made
    moved = editor.get(f"/api/v1/sessions/{session.uid}/").json()
    assert (moved["starts_at"], moved["ends_at"]) == (at(later), at(later + timedelta(hours=2)))
    again = patch(editor, session, release=draft["uid"], title_en="Late")
    assert (again.status_code, again.json()["code"]) == (409, "release_closed")


def test_what_waits_is_taken_out_again_and_the_draft_discarded(
    editor: APIClient, session: Session, draft: dict[str, Any]
) -> None:
    patch(editor, session, release=draft["uid"], title_en="New")

    assert editor.delete(address(draft, f"edits/{session.uid}/")).status_code == 204
    assert editor.delete(address(draft, f"edits/{session.uid}/")).status_code == 404
    assert post(editor, address(draft, "release/"), {}).json()["code"] == "nothing_to_release"
    assert post(editor, address(draft, "discard/"), {}).json()["status"] == "discarded"
    assert post(editor, address(draft, "undo/"), {}).json()["code"] == "not_released"
    assert post(editor, address(draft, "release/"), {}).json()["code"] == "release_closed"


def test_wrong_releases_and_words_are_named(
    world: World, editor: APIClient, session: Session, draft: dict[str, Any]
) -> None:
    other = factories.programme("Other", of=world.ours, now=timezone.now())
    elsewhere = post(editor, "/api/v1/releases/", {"programme": other.slug}).json()

    answers = [
        patch(editor, session, release=str(uuid4()), title_en="New"),
        patch(editor, session, release=elsewhere["uid"], title_en="New"),
        patch(editor, session, release="no", title_en="New"),
        patch(editor, session, release=draft["uid"], override=["room_closed"]),
        patch(editor, session, release=draft["uid"], starts_at="2026-13-01"),
    ]

    pointers = [answer.json()["errors"][0]["pointer"] for answer in answers]
    assert {answer.status_code for answer in answers} == {400}
    assert pointers == ["/release", "/release", "/release", "/override", "/starts_at"]
    created = post(editor, "/api/v1/sessions/", {"event": world.event.slug, "release": draft["uid"]})
    assert "/release" in {error["pointer"] for error in created.json()["errors"]}


def test_words_are_changed_under_the_revision_that_was_seen(editor: APIClient, draft: dict[str, Any]) -> None:
    body = {"note_ko": "늦게 시작합니다.", "note_en": "Late."}

    changed = editor.patch(address(draft), body, format="json", HTTP_IF_MATCH='"r0-0"')
    stale = editor.patch(address(draft), body, format="json", HTTP_IF_MATCH='"r0-0"')

    assert (changed.status_code, changed.json()["note"], changed.json()["note_ko"]) == (
        200,
        "Late.",
        "늦게 시작합니다.",
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_revision")


def test_another_organization_neither_sees_nor_begins_any(world: World, draft: dict[str, Any]) -> None:
    stranger = keyed(world.theirs)

    assert stranger.get("/api/v1/releases/").json()["results"] == []
    assert stranger.get(address(draft)).status_code == 404
    assert post(stranger, "/api/v1/releases/", {"programme": world.programme.slug}).status_code == 403
    assert (
        post(keyed(world.ours, "viewer"), "/api/v1/releases/", {"programme": world.programme.slug}).status_code == 403
    )


def test_everybody_reads_what_the_public_could_see_of_it(
    world: World, client: APIClient, editor: APIClient, session: Session
) -> None:
    now = timezone.now()
    hidden = factories.event("Unlisted", of=world.programme, visibility="unlisted", now=now)
    factories.session(factories.draft("Draft", of=world.programme, now=now), now=now)
    planning.amend_event(event=hidden, fields={"title_ko": "비공개"}, actor=SYSTEM, now=now)
    made = replanning.apply(
        programme=world.programme, asked=replanning.Later(minutes=30), note={"note_en": "The hall opens late."},
        actor=SYSTEM, now=now,
    )  # fmt: skip
    back = replanning.undo(release=made, actor=SYSTEM, now=now)

    answer = client.get(f"/api/v1/programmes/{world.programme.slug}/changelog/")

    newest, first = answer.json()["results"]
    assert (newest["uid"], newest["undoes"], first["undone_by"]) == (str(back.uid), str(made.uid), str(back.uid))
    assert (first["note"], first["version"]) == ("The hall opens late.", made.version)
    assert [(edit["event"], edit["changed"]) for edit in first["edits"]] == [
        (world.event.slug, ["starts_at", "ends_at"])
    ]
    assert made.edits.count() == 3
    assert "asked" not in first
    assert "joining_url" not in str(answer.json())


def test_what_a_session_was_as_a_draft_is_nobody_s_business(world: World, client: APIClient) -> None:
    """It was planned elsewhere, at another time, by somebody else, under a title that nobody was to see."""
    now = timezone.now()
    place = factories.venue(of=world.ours, now=now)
    secret, shown = (factories.room(title, at=place, now=now) for title in ("Secret room", "Room"))
    speaker = factories.speaker("Secret speaker", of=world.ours, now=now)
    hidden = factories.session(
        world.event, starts=now + factories.WEEK, room=secret, speakers=[speaker], title_en="SECRET title", now=now
    )
    collected = releasing.begin(programme=world.programme, fields={}, actor=SYSTEM, now=now)
    fields = {"status": "confirmed", "title_en": "Evening", "room": shown}
    releasing.edit(release=collected, session=hidden, fields=fields, speakers=[], actor=SYSTEM, now=now)
    released = releasing.release_all(release=collected, actor=SYSTEM, now=now)
    back = replanning.undo(release=released, actor=SYSTEM, now=now)  # a draft again: told by no changelog
    fields = {"title_en": "Evening", "room": shown}
    scheduling.amend(session=hidden, fields=fields, speakers=[], actor=SYSTEM, now=now)
    publishing.publish(event=world.event, actor=SYSTEM, now=now)

    answer = client.get(f"/api/v1/programmes/{world.programme.slug}/changelog/")
    page = client.get(f"/en/programmes/{world.programme.slug}/changes/").content.decode()

    (entry,) = answer.json()["results"]
    assert (entry["uid"], entry["undone_by"], back.edits.get().was_told) == (str(released.uid), str(back.uid), True)
    (edit,) = entry["edits"]
    assert (edit["before"], edit["changed"]) == ({}, list(edit["after"]))
    assert (edit["after"]["title_en"], edit["after"]["room"], edit["after"]["status"]) == (
        "Evening", "room", "confirmed",
    )  # fmt: skip
    assert "secret" not in f"{answer.json()} {page}".lower()
    assert ("Evening" in page, "<del>" in page) == (True, False)


def test_a_closed_programme_has_no_changelog_for_others(world: World, client: APIClient, editor: APIClient) -> None:
    planning.amend(thing=world.programme, fields={"is_public": False}, actor=SYSTEM, now=timezone.now())
    where = f"/api/v1/programmes/{world.programme.slug}/changelog/"

    assert (client.get(where).status_code, editor.get(where).json()["results"]) == (404, [])


@pytest.mark.parametrize("number", [1, 5])
def test_both_lists_cost_the_same(
    world: World, editor: APIClient, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for minutes in range(number):
        replanning.apply(
            programme=world.programme, asked=replanning.Later(minutes=minutes + 1), actor=SYSTEM, now=timezone.now()
        )

    with django_assert_num_queries(6):
        releases = editor.get(f"/api/v1/releases/?programme={world.programme.slug}&status=released")
    with django_assert_num_queries(4):
        changelog = editor.get(f"/api/v1/programmes/{world.programme.slug}/changelog/")

    assert len(releases.json()["results"]) == len(changelog.json()["results"]) == number
    assert Release.objects.count() == number
    assert editor.get("/api/v1/releases/?status=lost").json()["errors"][0]["pointer"] == "?status"
