"""Quotas over the API: set aside, changed, released, read by the partner, refused to everybody else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Organization, SeatMovement, SeatPool
from events.operations import placing
from tests import factories
from tests.api.conftest import World, keyed, signed_in

QUOTAS = "/api/v1/quotas/"
KEYED = 1  # the key itself


@pytest.fixture
def student(world: World) -> None:
    factories.audience("student")
    factories.audience("professional")


@pytest.fixture
def kofic(world: World) -> Organization:
    return factories.organization("KOFIC", owner="owner@kofic.example", now=timezone.now())


def floor(editor: APIClient, **fields: Any) -> dict[str, Any]:
    body = {"event": "lighting", "kind": "floor", "audience": "student", "seats": 5, **fields}
    answer = editor.post(QUOTAS, body, "json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def allotment(editor: APIClient, **fields: Any) -> dict[str, Any]:
    return floor(editor, **{"kind": "allotment", "audience": None, "partner": "kofic", **fields})


def test_a_floor_is_set_aside_counted_and_shown_whole(editor: APIClient, world: World, student: None) -> None:
    now = timezone.now()
    audience = world.event.audiences.model.objects.get(slug="student")
    factories.register(world.event, 1, audience=audience, now=now)

    answer = editor.post(
        QUOTAS,
        {"event": "lighting", "kind": "floor", "audience": "student", "seats": 5, "releases_days_before": 2},
        "json",
    )

    made = answer.json()
    begins = world.event.sessions.get().starts_at
    assert (answer.status_code, answer["Location"]) == (201, f"https://callboard.test{QUOTAS}{made['uid']}/")
    assert made == {
        "uid": str(SeatPool.objects.get(kind="floor").uid),
        "event": "lighting",
        "kind": "floor",
        "audience": "student",
        "partner": None,
        "seats": 5,
        "taken": 1,
        "seats_left": 4,
        "releases_at": (begins - timedelta(days=2)).astimezone(UTC).isoformat(),
        "releases_days_before": 2,
        "released_at": None,
        "over_committed": False,
    }
    assert editor.get(f"{QUOTAS}{made['uid']}/").json() == made
    assert editor.get(QUOTAS).json() == {"next": None, "previous": None, "results": [made]}
    assert editor.get(f"{QUOTAS}?event=lighting").json()["results"] == [made]


def test_seats_and_release_change_apart(editor: APIClient, world: World, student: None) -> None:
    made = floor(editor, releases_days_before=2)
    url = f"{QUOTAS}{made['uid']}/"

    larger = editor.patch(url, {"seats": 7}, "json").json()
    dated = editor.patch(url, {"releases_at": "2027-01-01T09:00:00+09:00"}, "json").json()
    never = editor.patch(url, {"releases_at": None}, "json").json()

    assert larger == made | {"seats": 7, "seats_left": 7}
    assert dated == larger | {"releases_at": "2027-01-01T00:00:00+00:00", "releases_days_before": None}
    assert never == dated | {"releases_at": None}
    assert editor.patch(url, {}, "json").json() == never


def test_released_seats_are_for_all_and_the_quota_stays_as_it_ended(
    editor: APIClient, client: APIClient, world: World, student: None
) -> None:
    made = floor(editor, seats=20)
    before = client.get("/api/v1/events/lighting/").json()["seats_taken"]

    released = [editor.post(f"{QUOTAS}{made['uid']}/release/") for _time in range(2)]
    refused = editor.patch(f"{QUOTAS}{made['uid']}/", {"seats": 3}, "json")

    assert [answer.status_code for answer in released] == [200, 200]
    assert released[0].json() == released[1].json()
    assert (released[0].json()["seats"], released[0].json()["released_at"] is not None) == (0, True)
    assert (refused.status_code, refused.json()["code"], before) == (409, "quota_released", 0)
    assert factories.register(world.event, 1, now=timezone.now()).status == "confirmed"


def test_what_the_event_has_not_cannot_be_set_aside(editor: APIClient, world: World, student: None) -> None:
    too_large = editor.post(QUOTAS, {"event": "lighting", "kind": "floor", "audience": "student", "seats": 21}, "json")
    floor(editor)
    second = editor.post(QUOTAS, {"event": "lighting", "kind": "floor", "audience": "student", "seats": 1}, "json")

    assert (too_large.status_code, too_large.json()["code"], too_large.json()["seats"]) == (409, "quota_too_large", 20)
    assert (second.status_code, second.json()["errors"][0]["pointer"]) == (400, "/kind")
    assert SeatPool.objects.exclude(kind="open").count() == 1


def test_a_ceiling_below_who_is_in_is_set_only_on_purpose(editor: APIClient, world: World, student: None) -> None:
    audience = world.event.audiences.model.objects.get(slug="student")
    for number in range(2):
        factories.register(world.event, number, audience=audience, now=timezone.now())
    body = {"event": "lighting", "kind": "ceiling", "audience": "student", "seats": 1}

    refused = editor.post(QUOTAS, body, "json")
    made = editor.post(QUOTAS, body | {"over_commit": True}, "json").json()

    assert (refused.status_code, refused.json()["code"], refused.json()["taken"]) == (409, "quota_below_taken", 2)
    assert (made["seats"], made["taken"], made["seats_left"], made["over_committed"]) == (1, 2, 0, True)


@pytest.mark.parametrize("seats", [-1, 2**31, "1 ", "1", True, 1.0, 1_000_001, None])
def test_seats_are_whole_numbers_within_reason(editor: APIClient, world: World, student: None, seats: Any) -> None:
    made = floor(editor, seats=0)

    answers = [
        editor.post(QUOTAS, {"event": "lighting", "kind": "ceiling", "audience": "student", "seats": seats}, "json"),
        editor.patch(f"{QUOTAS}{made['uid']}/", {"seats": seats}, "json"),
    ]

    assert [(answer.status_code, answer.json()["errors"][0]["pointer"]) for answer in answers] == [(400, "/seats")] * 2
    assert editor.get(QUOTAS).json()["results"] == [made]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"audience": "nobody"}, "/audience"),
        ({"audience": None, "partner": "nobody"}, "/partner"),
        ({"event": "nothing"}, "/event"),
        ({"kind": "open"}, "/kind"),
        ({"kind": "allotment"}, "/partner"),
        ({"audience": None}, "/audience"),
        ({"partner": "theirs"}, "/audience"),
        ({"seat": 1}, "/seat"),
        ({"releases_at": "2027-01-01T00:00:00Z", "releases_days_before": 1}, "/releases_at"),
        ({"releases_at": "2027-01-01T00:00:00"}, "/releases_at"),
        ({"releases_days_before": -1}, "/releases_days_before"),
        ({"releases_days_before": 3_651}, "/releases_days_before"),
        ({"over_commit": "true"}, "/over_commit"),
    ],
)
def test_a_wrong_quota_is_refused_by_name(
    editor: APIClient, world: World, student: None, wrong: dict[str, Any], pointer: str
) -> None:
    body = {"event": "lighting", "kind": "floor", "audience": "student", "seats": 1, **wrong}

    answer = editor.post(QUOTAS, body, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not SeatPool.objects.exclude(kind="open").exists()


def test_the_same_key_sets_aside_once(editor: APIClient, world: World, student: None) -> None:
    body = {"event": "lighting", "kind": "floor", "audience": "student", "seats": 5}
    headers = {"HTTP_IDEMPOTENCY_KEY": "0123456789abcdef"}

    answers = [editor.post(QUOTAS, body, "json", **headers) for _time in range(2)]
    other = editor.post(QUOTAS, body | {"seats": 6}, "json", **headers)

    assert [answer.status_code for answer in (*answers, other)] == [201, 201, 422]
    assert answers[0].content == answers[1].content
    assert SeatPool.objects.exclude(kind="open").count() == 1


def test_the_partner_reads_what_was_set_aside_for_it_and_changes_nothing(
    editor: APIClient, world: World, student: None, kofic: Organization
) -> None:
    floor(editor)
    made = allotment(editor)
    url = f"{QUOTAS}{made['uid']}/"

    for partner in (keyed(kofic, "viewer"), signed_in(kofic, "editor"), signed_in(kofic, "owner")):
        assert partner.get(QUOTAS).json()["results"] == [made]
        assert partner.get(url).json() == made
        assert partner.patch(url, {"seats": 20}, "json").status_code == 403
        assert partner.post(f"{url}release/").status_code == 403
    assert signed_in(kofic, "door").get(url).status_code == 404
    assert editor.get(url).json() == made


def test_the_partner_hears_nothing_of_a_draft(editor: APIClient, world: World, kofic: Organization) -> None:
    factories.draft("Planned", of=world.programme, capacity=9, now=timezone.now())
    made = allotment(editor, event="planned")
    partner = keyed(kofic, "viewer")

    before = (partner.get(QUOTAS).json()["results"], partner.get(f"{QUOTAS}{made['uid']}/").status_code)
    editor.post("/api/v1/events/planned/publish/")

    assert before == ([], 404)
    assert partner.get(f"{QUOTAS}{made['uid']}/").json() == made
    assert partner.get(f"{QUOTAS}?event=planned").json()["results"] == [made]


def test_a_quota_is_nobody_elses(editor: APIClient, client: APIClient, world: World, student: None) -> None:
    made = floor(editor)
    url = f"{QUOTAS}{made['uid']}/"
    missing = f"{QUOTAS}{uuid4()}/"

    for stranger in (keyed(world.theirs, "owner"), signed_in(world.theirs, "owner"), client):
        hidden = [stranger.get(url), stranger.patch(url, {"seats": 0}, "json"), stranger.post(f"{url}release/")]
        assert [answer.status_code for answer in hidden] == [404, 404, 404]
        assert hidden[0].content == stranger.get(missing).content
    body = {"event": "lighting", "kind": "ceiling", "audience": "student", "seats": 1}
    writers = (client, keyed(world.ours, "viewer"), keyed(world.theirs, "owner"))
    assert [asking.post(QUOTAS, body, "json").status_code for asking in writers] == [401, 403, 403]
    assert [asking.get(QUOTAS).status_code for asking in (client, signed_in(world.ours, "door"))] == [401, 403]
    assert keyed(world.theirs, "owner").get(QUOTAS).json()["results"] == []
    assert keyed(world.ours, "viewer").get(url).json() == made


def test_the_open_pool_is_no_quota(editor: APIClient, world: World) -> None:
    uid = world.event.pools.get().uid

    answers = [editor.get(f"{QUOTAS}{uid}/"), editor.post(f"{QUOTAS}{uid}/release/")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert editor.get(QUOTAS).json()["results"] == []


@pytest.mark.parametrize("query", ["event=nothing", "audience=student", "ordering=seats"])
def test_an_unknown_filter_is_refused(editor: APIClient, world: World, query: str) -> None:
    answer = editor.get(f"{QUOTAS}?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"?{query.partition('=')[0]}")


def test_a_list_of_quotas_costs_one_statement_however_long_it_is(
    editor: APIClient, world: World, student: None
) -> None:
    counted = []
    for count in (1, 5):
        while (number := SeatPool.objects.exclude(kind="open").count()) < count:
            factories.event(f"Event {number}", of=world.programme, capacity=9, now=timezone.now())
            floor(editor, event=f"event-{number}")
        editor.get("/api/v1/")
        with CaptureQueriesContext(connection) as captured:
            assert len(editor.get(QUOTAS).json()["results"]) == count
        counted.append(len(captured))

    assert counted == [1 + KEYED] * 2


def test_a_moved_event_takes_the_release_along(editor: APIClient, world: World, student: None) -> None:
    made = floor(editor, releases_days_before=1)
    uid = world.event.sessions.get().uid

    editor.patch(f"/api/v1/sessions/{uid}/", {"starts_at": "2027-03-01T10:00:00+09:00"}, "json")

    moved = editor.get(f"{QUOTAS}{made['uid']}/").json()
    assert moved["releases_at"] == datetime(2027, 2, 28, 1, tzinfo=UTC).isoformat()


def test_a_room_gets_smaller_under_people_only_on_purpose(editor: APIClient, world: World) -> None:
    now = timezone.now()
    venue = placing.open_venue(organization=world.ours, fields={"title_en": "Here"}, actor=factories.SYSTEM, now=now)
    room = factories.room("Small", at=venue, seats=3, now=now)
    event = factories.event("In small", of=world.programme, room=room, capacity_from_room=True, now=now)
    for number in range(2):
        factories.register(event, number, now=now)

    refused = editor.patch("/api/v1/rooms/small/", {"seats": 1}, "json")
    allowed = editor.patch("/api/v1/rooms/small/", {"seats": 1, "over_commit": True}, "json")

    shown = editor.get("/api/v1/events/in-small/").json()
    assert (refused.status_code, refused.json()["code"], len(refused.json()["over"])) == (
        409,
        "capacity_below_taken",
        1,
    )
    assert (allowed.status_code, shown["capacity"], shown["seats_taken"], shown["seats_left"]) == (200, 1, 2, 0)


def test_a_quota_of_no_seats_and_the_same_number_again_move_nothing(
    editor: APIClient, world: World, student: None
) -> None:
    made = floor(editor, seats=0)
    before = SeatMovement.objects.count()

    again = editor.patch(f"{QUOTAS}{made['uid']}/", {"seats": 0}, "json")

    assert (again.status_code, again.json(), SeatMovement.objects.count()) == (200, made, before)
