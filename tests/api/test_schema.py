"""The OpenAPI document and its page: valid, without a warning, from our own address."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from api.urls import resources
from api.views.documentation import document
from api.views.root import COLLECTIONS
from api.words import NAMES
from events.hooks.kinds import KINDS, TEST
from tests.api.conftest import World


def test_the_schema_is_valid_and_written_without_a_warning() -> None:
    out = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)

    assert "openapi: 3.1" in out.getvalue()


def test_every_address_is_in_the_schema_and_every_refusal_is_a_problem() -> None:
    paths = json.loads(document())["paths"]
    served = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{route.pattern}") for route in resources}
    answers = [
        (path, verb, status, list(answer.get("content", {})))
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
        for status, answer in operation["responses"].items()
    ]

    assert set(paths) == served
    assert {tuple(media) for _path, _verb, status, media in answers if status >= "400"} == {
        ("application/problem+json",)
    }
    assert all(operation["summary"] for verbs in paths.values() for operation in verbs.values())


def test_operation_ids_are_unique_and_good_names_for_generated_clients() -> None:
    names = [
        operation["operationId"] for verbs in json.loads(document())["paths"].values() for operation in verbs.values()
    ]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []
    assert {"events_list", "events_read", "events_change", "events_registrations_create"} <= set(names)
    assert {"events_publish", "registrations_cancel", "sessions_repeat"} <= set(names)  # and not that it creates one


def enumerations(part: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    if isinstance(part, dict) and isinstance(part.get("enum"), list):
        yield where, part
    for name, value in inner:
        yield from enumerations(value, f"{where}/{name}")


def test_a_set_of_words_stands_once_under_a_name_of_its_own() -> None:
    """Or a generator invents a name for each place (an order of a list is that list's own)."""
    schema = json.loads(document())
    parameters = [verb["parameters"] for verbs in schema["paths"].values() for verb in verbs.values()]
    orders = [one["schema"].get("enum") for many in parameters for one in many if one["name"] == "ordering"]
    found: dict[frozenset[Any], list[str]] = {}
    for where, shape in enumerations(schema):
        if shape["enum"] not in [*orders, ["true", "false"]]:
            found.setdefault(frozenset(shape["enum"]), []).append(where)

    assert [places for places in found.values() if len(places) > 1] == []  # name them in api/words.py
    assert [name for name in NAMES if name not in schema["components"]["schemas"]] == []
    assert "x-spec-enum-id" not in document().decode()


def test_no_text_is_told_by_two_shapes_that_are_both_right() -> None:
    """ "Exactly one of" was true of no blank text, so that checking clients refused it."""
    changes = json.loads(document())["components"]["schemas"]["EventChanges"]["properties"]

    assert (changes["title_en"]["type"], changes["title_en"]["maxLength"]) == ("string", 300)


def test_it_says_what_is_sent_to_webhooks() -> None:
    whole = json.loads(document())

    assert set(whole["webhooks"]) == {*KINDS, TEST}
    told = whole["webhooks"]["session.moved"]["post"]
    assert told["summary"] == "A session has another time or place"
    reference = told["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    shape = whole["components"]["schemas"][reference.rpartition("/")[2]]
    assert shape["required"] == ["type", "timestamp", "data"]


def test_the_schema_is_served_with_an_etag(client: APIClient) -> None:
    answer = client.get("/api/schema/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vnd.oai.openapi+json")
    assert answer.json()["info"]["title"] == "Callboard"
    assert client.get("/api/schema/", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_the_page_needs_no_foreign_script_and_none_inline(client: APIClient, db: None) -> None:
    page = client.get("/api/docs/", HTTP_ACCEPT="text/html")
    html = page.content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', html)

    assert page.status_code == 200
    assert sources
    assert [source for source in sources if not source.startswith("/")] == []
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == []
    assert [status_of(client, source.replace("&amp;", "&")) for source in sources] == [200] * len(sources)
    assert "script-src 'self'" in page["Content-Security-Policy"]


def status_of(client: APIClient, address: str) -> int:
    answer = client.get(address)
    assert answer.getvalue()  # reads files to their end, which closes them
    return answer.status_code


@pytest.mark.parametrize("verb", ["post", "put", "delete"])
def test_the_page_takes_nothing(client: APIClient, db: None, verb: str) -> None:
    answer = getattr(client, verb)("/api/docs/")

    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


@pytest.mark.parametrize("asking", ["get", "head"])
def test_the_root_names_every_collection_and_each_answers(
    editor: APIClient, world: World, asking: str, settings: Any
) -> None:
    root = editor.get("/api/v1/").json()

    assert list(root) == list(COLLECTIONS)
    for name, address in root.items():
        assert address == f"http://testserver/api/v1/{name}/"
        other = {"imports": 405, "calendar-links": 401}  # no lists of an organization's
        assert getattr(editor, asking)(address).status_code == other.get(name, 200)


def test_options_says_what_may_be_done_and_lets_other_sites_read(client: APIClient, world: World) -> None:
    answer = client.options("/api/v1/events/lighting/")
    read = client.get("/api/v1/events/", HTTP_ORIGIN="https://elsewhere.example")

    assert (answer.status_code, answer["Allow"]) == (204, "GET, PATCH, HEAD, OPTIONS")
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert (read["Access-Control-Allow-Origin"], read.has_header("Access-Control-Allow-Credentials")) == ("*", False)
