"""Bad input: every field, filter, header and body is refused with a problem that names it; nothing is written."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from rest_framework.test import APIClient

from events.models import Event, Registration
from tests.api.conftest import World

PROBLEM = "application/problem+json"
LISTS = (
    "campaigns", "programmes", "organizations", "topics", "audiences", "venues", "rooms", "speakers", "series",
    "events", "sessions", "registrations", "quotas", "changes",
)  # fmt: skip


def refused(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    """(status, code, [(pointer, code)]) of a problem that is one in every way."""
    assert answer["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code", "errors"} <= body.keys()
    return body["status"], body["code"], [(error["pointer"], error["code"]) for error in body["errors"]]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("start_after=2026-12-01", "?start_after"),
        ("utm_source=x", "?utm_source"),
        ("page_size=0", "?page_size"),
        ("page_size=201", "?page_size"),
        ("page_size=%00", "?page_size"),
        ("page_size=99999999999999999999999", "?page_size"),
        ("page_size=٣", "?page_size"),
        ("cursor=abc", "?cursor"),
        ("cursor=%00", "?cursor"),
        ("cursor=W10:abc", "?cursor"),
        ("ordering=nothing", "?ordering"),
        ("ordering=--slug", "?ordering"),
        ("ordering=", "?ordering"),
        ("lang=fr", "?lang"),
    ],
)
def test_a_wrong_parameter_of_a_list_is_named(editor: APIClient, name: str, query: str, pointer: str) -> None:
    answer = editor.get(f"/api/v1/{name}/?{query}")

    assert refused(answer) == (400, "invalid_filter", [(pointer, "invalid_filter")])


@pytest.mark.parametrize("name", ["events", "sessions"])
@pytest.mark.parametrize(
    "query",
    [
        "programme=nothing", "programme=%00", "room=,,", "kind=x", "language=%00", "when=today", "has_seats=yes",
        "online=1", "cancelled=show", "status=live", "q=%00", "starts_after=2026-13-01", "starts_after=tomorrow",
        "starts_after=2026-12-01T10:00:00", "starts_after=0001-01-01T00:00:00%2B09:00",
        "starts_before=9999-12-31T23:59:59-09:00", "updated_since=0001-01-01", "updated_since=x", "event=%00",
    ],
)  # fmt: skip
def test_a_filter_value_that_does_not_exist_is_named(client: APIClient, world: World, name: str, query: str) -> None:
    answer = client.get(f"/api/v1/{name}/?{query}")

    assert refused(answer) == (400, "invalid_filter", [(f"?{query.split('=')[0]}", "invalid_filter")])


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":', b"[", b"nonsense", b'{"a":NaN}', b'{"a":Infinity}', b"\xff\xfe", b"\xef\xbb\xbf{}", b"1" * 5_000,
        b"[" * 50_000, b"[" * 900 + b"]" * 900, b'{"a":' * 950 + b"1" + b"}" * 950, b"[" * 22 + b"]" * 22,
        b'{"programme":"x","programme":"y"}',
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_what_is_not_json_is_malformed(editor: APIClient, body: bytes) -> None:
    answer = editor.generic("POST", "/api/v1/events/", body, content_type="application/json")

    assert refused(answer) == (400, "malformed", [])
    assert Event.objects.count() == 1


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "1", "true", "1e400"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(editor: APIClient, body: str) -> None:
    answer = editor.generic("POST", "/api/v1/events/", body, content_type="application/json")

    assert refused(answer)[:2] == (400, "invalid")
    assert [pointer for pointer, _code in refused(answer)[2]] == [""]


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("capacity", -1, "/capacity", "min_value"),
        ("capacity", 10**400, "/capacity", "max_value"),
        ("capacity", "5", "/capacity", "invalid"),
        ("capacity", "5 ", "/capacity", "invalid"),
        ("capacity", 5.0, "/capacity", "invalid"),
        ("capacity", True, "/capacity", "invalid"),
        ("capacity", [5], "/capacity", "invalid"),
        ("capacity_override", 1, "/capacity_override", "invalid"),
        ("capacity_override", "true", "/capacity_override", "invalid"),
        ("capacity_override", None, "/capacity_override", "null"),
        ("title_en", 5, "/title_en", "invalid"),
        ("title_en", True, "/title_en", "invalid"),
        ("title_en", {"a": 1}, "/title_en", "invalid"),
        ("title_en", "a\x00b", "/title_en", "control"),
        ("title_en", "a\nb", "/title_en", "control"),
        ("title_en", "a\u2028b", "/title_en", "control"),
        ("title_en", "\ud800", "/title_en", "surrogate_characters_not_allowed"),
        ("title_en", "x" * 301, "/title_en", "max_length"),
        ("title_en", None, "/title_en", "null"),
        ("description_ko", "a\x1fb", "/description_ko", "control"),
        ("kind", "concert", "/kind", "invalid_choice"),
        ("kind", ["talk"], "/kind", "invalid_choice"),
        ("registration", "closed", "/registration", "invalid_choice"),
        ("visibility", "secret", "/visibility", "invalid_choice"),
        ("language", "k", "/language", "invalid"),
        ("topics", "x", "/topics", "not_a_list"),
        ("topics", [1], "/topics/0", "invalid"),
        ("topics", ["nothing"], "/topics/0", "unknown_reference"),
        ("series", "nothing", "/series", "unknown_reference"),
        ("slug", "a b", "/slug", "invalid"),
        ("slug", "a/b", "/slug", "invalid"),
        ("slug", "x" * 81, "/slug", "max_length"),
        ("registration_opens_at", "2026-12-01T10:00:00", "/registration_opens_at", "offset"),
        ("registration_opens_at", "tomorrow", "/registration_opens_at", "invalid"),
        ("registration_opens_at", 1, "/registration_opens_at", "invalid"),
        ("registration_opens_at", "0001-01-01T00:00:00+09:00", "/registration_opens_at", "invalid"),
        ("status", "published", "/status", "unknown_field"),
        ("seats_taken", 0, "/seats_taken", "unknown_field"),
        ("programme", "biff-workshops", "/programme", "unknown_field"),
        ("tilte_en", "x", "/tilte_en", "unknown_field"),
        ("a/b~c", "x", "/a~1b~0c", "unknown_field"),
        ("\ud800", "x", "/?", "unknown_field"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_changes(
    editor: APIClient, world: World, field: str, value: Any, pointer: str, code: str
) -> None:
    before = Event.objects.values().get()
    body = json.dumps({field: value}).encode()

    answer = editor.generic("PATCH", "/api/v1/events/lighting/", body, content_type="application/json")

    assert refused(answer)[0] == 400
    assert (pointer, code) in refused(answer)[2]
    assert Event.objects.values().get() == before


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"email": "nobody"}, 400, "invalid_email"),
        ({"email": "a@b.kr\n"}, 400, ""),
        ({"email": "a\x00@b.kr"}, 400, "invalid_email"),
        ({"email": "a@" + "ü" * 62 + ".de"}, 400, "invalid_email"),
        ({"email": "x" * 260 + "@b.kr"}, 400, "invalid_email"),
        ({"email": None}, 400, "null"),
        ({"email": ["a@b.kr"]}, 400, "invalid"),
        ({"name": ""}, 400, "blank"),
        ({"name": "  "}, 400, "blank"),
        ({"name": "a\r\nBcc: b@c.kr"}, 400, "control"),
        ({"name": "x" * 101}, 400, "max_length"),
        ({"audience": "nothing"}, 400, "unknown_reference"),
        ({"audience": 1}, 400, "invalid"),
        ({"language": "fr"}, 400, "invalid_choice"),
        ({"answers": []}, 400, "invalid"),
        ({"answers": {"q": {"deep": 1}}}, 400, "invalid"),
        ({"answers": {"q": 10**30}}, 400, "invalid"),
        ({"answers": {"q": "\x00"}}, 400, "control"),
        ({"answers": {"\x00": "a"}}, 400, "control"),
        ({"answers": {str(n): n for n in range(51)}}, 400, "invalid"),
        ({"status": "confirmed"}, 400, "unknown_field"),
        ({"emial": "a@b.kr"}, 400, "unknown_field"),
    ],
)
def test_a_wrong_registration_is_refused_and_takes_no_seat(
    client: APIClient, world: World, settings: Any, change: dict[str, Any], status: int, code: str
) -> None:
    settings.RATE_LIMITS = False
    body = {"name": "김하늘", "email": "haneul@mail.example", **change}

    answer = client.post("/api/v1/events/lighting/registrations/", body, "json")

    if code:
        assert refused(answer)[0] == status
        assert code in [found for _pointer, found in refused(answer)[2]]
        assert (Registration.objects.count(), world.event.pools.get().taken) == (0, 0)
    else:
        assert answer.status_code == 201  # blanks around an address are trimmed, and it is stored without them
        assert Registration.objects.get().email == change["email"].strip()


@pytest.mark.parametrize(
    ("verb", "path", "more", "status", "code"),
    [
        ("get", "/api/v1/nothing/", {}, 404, "not_found"),
        ("post", "/api/v2/events/", {}, 404, "not_found"),
        ("get", "/api/", {}, 404, "not_found"),
        ("get", "/api", {}, 404, "not_found"),
        ("delete", "/api/v1/events", {}, 404, "not_found"),
        ("get", "/api/v1/events/%00/", {}, 404, "not_found"),
        ("get", "/api/v1/events/%ff%fe/", {}, 404, "not_found"),
        ("get", "/api/v1/events/light%0Aing/", {}, 404, "not_found"),
        ("get", "/api/v1/events/lighting/%0A", {}, 404, "not_found"),
        ("put", "/api/v1/events/nothing/questions/", {}, 404, "not_found"),
        ("delete", "/api/v1/events/lighting/questions/", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/events/nothing/", {}, 404, "not_found"),
        ("get", "/api/v1/sessions/nothing/", {}, 404, "not_found"),
        ("get", "/api/v1/registrations/nothing/", {}, 404, "not_found"),
        ("delete", "/api/v1/events/lighting/", {}, 405, "method_not_allowed"),
        ("put", "/api/v1/events/lighting/", {}, 405, "method_not_allowed"),
        ("post", "/api/v1/registrations/", {}, 405, "method_not_allowed"),
        ("trace", "/api/v1/events/", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/events/", {"HTTP_ACCEPT": "text/html"}, 406, "not_acceptable"),
        ("get", "/api/v1/imports/template.csv", {"HTTP_ACCEPT": "application/json"}, 406, "not_acceptable"),
        ("post", "/api/v1/events/", {"content_type": "text/csv", "data": "a,b"}, 415, "unsupported_media_type"),
        ("post", "/api/v1/events/", {"content_type": "a/b/c", "data": "a"}, 415, "unsupported_media_type"),
        ("post", "/api/v1/events/", {"content_type": "application/json", "data": b"1" * 2_700_000}, 413, "too_large"),
    ],
)  # fmt: skip
def test_everything_that_goes_wrong_is_a_problem(
    editor: APIClient, verb: str, path: str, more: dict[str, Any], status: int, code: str
) -> None:
    answer = editor.generic(verb.upper(), path, **more)

    assert refused(answer) == (status, code, [])


def test_a_405_says_what_is_allowed(editor: APIClient, world: World) -> None:
    assert editor.delete("/api/v1/events/lighting/")["Allow"] == "GET, PATCH, HEAD, OPTIONS"


def test_a_refusal_speaks_the_asked_language(client: APIClient, world: World) -> None:
    korean = client.get("/api/v1/events/nothing/", HTTP_ACCEPT_LANGUAGE="ko").json()["detail"]
    english = client.get("/api/v1/events/nothing/").json()["detail"]
    asked = client.get("/api/v1/events/nothing/?lang=en", HTTP_ACCEPT_LANGUAGE="ko").json()["detail"]

    assert korean != english
    assert asked == english == "There is nothing at this address."


@pytest.mark.parametrize(
    "header", ['"r0-0000"', '"r99"', "garbage", '"', "r1", 'W/"x", "y"', '"r99999999999999999999"']
)
def test_a_stale_or_foreign_if_match_is_a_412(editor: APIClient, world: World, header: str) -> None:
    answer = editor.patch("/api/v1/events/lighting/", {"title_en": "New"}, "json", HTTP_IF_MATCH=header)

    assert refused(answer)[:2] == (412, "stale_revision")
    assert Event.objects.get().title_en == "Lighting"


@pytest.mark.parametrize("key", ["", "short", "x" * 256, "é" * 20, "k\x7f" * 10])
def test_a_key_that_cannot_protect_is_refused(client: APIClient, world: World, key: str) -> None:
    person = {"name": "김하늘", "email": "haneul@mail.example"}

    answer = client.post("/api/v1/events/lighting/registrations/", person, "json", HTTP_IDEMPOTENCY_KEY=key)

    if key.startswith("é"):
        assert answer.status_code == 201  # odd, but long enough and printable
    else:
        assert refused(answer) == (
            400,
            "idempotency_key_invalid",
            [("Idempotency-Key", "idempotency_key_invalid")],
        )


@pytest.mark.parametrize(
    "path", ["/api/v1/changes/", "/calendars/sessions.ics", "/feeds/events.json", "/feeds/events.rss"]
)
def test_a_database_that_is_away_is_said_with_when_to_come_again(client: APIClient, world: World, path: str) -> None:
    def away(*statement: Any) -> None:
        raise OperationalError("the connection is lost")

    with connection.execute_wrapper(away):
        answer = client.get(path)

    assert refused(answer) == (503, "busy", [])
    assert answer["Retry-After"] == "2"
