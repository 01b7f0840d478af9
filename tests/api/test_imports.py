"""Imports over the API: a dry run first, then for good, again without harm; files of strangers end in a problem."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from events.models import Event
from tests.api.conftest import World, keyed
from tests.api.test_problems import refused

URL = "/api/v1/imports/"
CSV = b"""event_id,title_en,starts,ends,timezone
e1,Sound,2027-03-01 10:00,2027-03-01 12:00,Asia/Seoul
e2,Colour,2027-03-02 10:00,12:00,Asia/Seoul
e3,Broken,tomorrow,12:00,Asia/Seoul
"""


def send(client: APIClient, content: bytes | None = None, **fields: Any) -> Any:
    file = SimpleUploadedFile("schedule.csv", CSV if content is None else content)
    key = {"HTTP_IDEMPOTENCY_KEY": fields.pop("key")} if "key" in fields else {}
    return client.post(URL, {"file": file, "programme": "biff-workshops", **fields}, "multipart", **key)


def counts(answer: Any) -> tuple[int, int, int, int]:
    body = answer.json()
    return body["created"], body["updated"], body["unchanged"], len(body["refused"])


def test_nothing_is_written_unless_it_is_said(editor: APIClient, world: World) -> None:
    dry = send(editor)

    assert (dry.status_code, dry.json()["dry_run"], dry.json()["format"]) == (200, True, "csv")
    assert counts(dry) == (2, 0, 0, 1)
    assert dry.json()["refused"][0]["line"] == 4
    assert Event.objects.count() == 1

    taken = send(editor, dry_run="false")
    again = send(editor, dry_run="false")

    assert counts(taken) == counts(dry)
    assert counts(again) == (0, 0, 2, 1)
    assert [entry["event"] for entry in taken.json()["entries"]] == ["sound", "colour"]
    assert set(Event.objects.exclude(pk=world.event.pk).values_list("status", "registration")) == {("draft", "none")}


def test_publishing_is_said_too(editor: APIClient, client: APIClient, world: World) -> None:
    send(editor, dry_run="false", publish="true")

    slugs = [event["slug"] for event in client.get("/api/v1/events/?starts_after=2027-01-01").json()["results"]]
    assert slugs == ["sound", "colour"]


def test_a_key_imports_once(editor: APIClient, world: World) -> None:
    first = send(editor, dry_run="false", key="import key of today")
    again = send(editor, dry_run="false", key="import key of today")
    other = send(editor, CSV.replace(b"Sound", b"Noise"), dry_run="false", key="import key of today")

    assert first.content == again.content
    assert (counts(first), other.status_code) == ((2, 0, 0, 1), 422)


@pytest.mark.parametrize(
    ("content", "fields", "pointer"),
    [
        (b"", {}, "/file"),
        (b"\x00\x01\x02", {}, "/file"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><schedule/>", {"format": "frab-xml"}, "/file"),
        (None, {"format": "word"}, "/format"),
        (None, {"timezone": "Seoul"}, "/timezone"),
        (None, {"dry_run": "perhaps"}, "/dry_run"),
        (None, {"programme": "nothing"}, "/programme"),
        (None, {"kind": "closures", "venue": "nothing"}, "/venue/0"),
        (None, {"dryrun": "false"}, "/dryrun"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(
    editor: APIClient, world: World, content: bytes | None, fields: dict[str, str], pointer: str
) -> None:
    status, _code, errors = refused(send(editor, content, **fields))

    assert (status, [where for where, _why in errors]) == (400, [pointer])
    assert Event.objects.count() == 1


def test_without_a_file_or_a_form_there_is_nothing_to_import(editor: APIClient, world: World) -> None:
    missing = editor.post(URL, {"programme": "biff-workshops"}, "multipart")
    text = editor.post(URL, {"programme": "biff-workshops", "file": "text"}, "multipart")
    json = editor.post(URL, {"programme": "biff-workshops"}, "json")
    broken = editor.generic("POST", URL, b"--x", content_type="multipart/form-data; boundary=")

    assert refused(missing) == (400, "invalid", [("/file", "required")])
    assert refused(text) == (400, "invalid", [("/file", "invalid")])
    assert refused(json)[:2] == (415, "unsupported_media_type")
    assert refused(broken)[:2] == (400, "malformed")


def test_too_large_a_file_is_not_even_read(editor: APIClient, world: World) -> None:
    assert refused(send(editor, b"x" * (6 * 1024 * 1024))) == (413, "too_large", [])


def test_somebody_elses_programme_takes_nothing(world: World) -> None:
    assert refused(send(keyed(world.theirs, "owner"), dry_run="false"))[:2] == (403, "forbidden")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_template_can_be_sent_back(client: APIClient, editor: APIClient, world: World, suffix: str) -> None:
    got = client.get(f"/api/v1/imports/template.{suffix}")
    file = SimpleUploadedFile(f"filled.{suffix}", got.content)

    answer = editor.post(URL, {"file": file, "programme": "biff-workshops"}, "multipart")

    assert got["Content-Disposition"] == f'attachment; filename="callboard-template.{suffix}"'
    assert (answer.status_code, answer.json()["format"], answer.json()["refused"]) == (200, suffix, [])
