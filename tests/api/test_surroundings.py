"""What events stand in: campaigns, programmes, organizations, people, places, subjects; and what was told of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from events.models import SYSTEM, ApiKey, Member, Person
from events.operations import releasing, replanning
from tests import factories
from tests.api.conftest import World, keyed, signed_in


def shown_the_same(client: APIClient, path: str, answer: Any) -> bool:
    """Whether what a write answered is what its own address and the list show."""
    body = answer.json()
    own = client.get(f"/api/v1/{path}{body['slug']}/").json()
    return body == own and own in client.get(f"/api/v1/{path}?page_size=200").json()["results"]


@pytest.mark.parametrize(
    ("path", "body", "change", "expected"),
    [
        ("campaigns/", {"organization": "ours", "title_en": "Grow", "starts_on": "2022-01-01"},
         {"ends_on": "2026-12-31", "title_ko": "그로우"}, {"slug": "grow", "ends_on": "2026-12-31", "title": "Grow"}),
        ("programmes/", {"organization": "ours", "title_en": "New", "timezone": "Asia/Tokyo",
                         "partners": [{"organization": "theirs", "role": "host"}]},
         {"partners": [{"organization": "theirs", "role": "funder"}, {"organization": "theirs", "role": "host"}]},
         {"timezone": "Asia/Tokyo", "organization": "ours",
          "partners": [{"organization": "theirs", "role": "funder"}, {"organization": "theirs", "role": "host"}],
          "url": "https://callboard.test/en/programmes/new/",
          "calendar_url": "https://callboard.test/calendars/programmes/new.ics"}),
        ("topics/", {"title_en": "Sound", "position": 3}, None, {"parent": None, "position": 3}),
        ("audiences/", {"title_ko": "학생", "slug": "student"}, None, {"slug": "student", "title": "학생"}),
        ("speakers/", {"organization": "ours", "name_ko": "윤하린", "bio_en": "Light"}, {"name_en": "Yoon Harin"},
         {"name": "Yoon Harin", "bio": "Light", "organization": "ours"}),
        ("series/", {"programme": "biff-workshops", "title_en": "Runs"}, {"title_ko": "회차"}, {"title_ko": "회차"}),
        ("venues/", {"organization": "ours", "title_en": "Cinema", "latitude": 35.17, "longitude": 129,
                     "opening_hours": [{"weekday": 0, "opens_at": "09:00", "closes_at": "18:00"}]},
         {"address_en": "Busan", "opening_hours": []},
         {"address": "Busan", "opening_hours": [], "latitude": 35.17, "longitude": 129.0, "organization": "ours"}),
    ],
)  # fmt: skip
def test_things_are_made_changed_and_shown_alike(
    world: World, path: str, body: dict[str, Any], change: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    editor = keyed(world.ours)

    made = editor.post(f"/api/v1/{path}", body, "json")
    assert made.status_code == 201, made.content
    assert shown_the_same(editor, path, made)
    assert made["Location"] == f"https://callboard.test/api/v1/{path}{made.json()['slug']}/"
    if change:
        made = editor.patch(f"/api/v1/{path}{made.json()['slug']}/", change, "json", HTTP_IF_MATCH=made["ETag"])
        assert made.status_code == 200, made.content
        assert shown_the_same(editor, path, made)

    assert {name: made.json()[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("campaigns/", {"organization": "ours"}, "/title_ko"),
        ("campaigns/", {"organization": "nothing", "title_en": "A"}, "/organization"),
        ("campaigns/", {"organization": "ours", "title_en": "A", "starts_on": "2027-01-02", "ends_on": "2027-01-01"},
         "/ends_on"),
        ("campaigns/", {"organization": "ours", "title_en": "A", "starts_on": "2027-02-30"}, "/starts_on"),
        ("campaigns/", {"organization": "ours", "title_en": "A", "website": "ftp://a.kr"}, "/website"),
        ("campaigns/", {"organization": "ours", "title_en": "A", "website": "http://["}, "/website"),
        ("programmes/", {"organization": "ours", "title_en": "A", "campaign": "nothing"}, "/campaign"),
        ("programmes/", {"organization": "ours", "title_en": "A", "timezone": "Seoul"}, "/timezone"),
        ("programmes/", {"organization": "ours", "title_en": "A", "partners": [{"organization": "ours"}]},
         "/partners/0/role"),
        ("programmes/", {"organization": "ours", "title_en": "A", "partners": [{"organization": "x", "role": "host"}]},
         "/partners/0/organization"),
        ("programmes/", {"organization": "ours", "title_en": "A", "partners": {}}, "/partners"),
        ("topics/", {"title_en": "A", "parent": "nothing"}, "/parent"),
        ("audiences/", {}, "/title_ko"),
        ("speakers/", {"organization": "ours", "bio_en": "A"}, "/name_ko"),
        ("series/", {"programme": "nothing", "title_en": "A"}, "/programme"),
        ("venues/", {"organization": "ours", "title_en": "A", "latitude": 91, "longitude": 0}, "/latitude"),
        ("venues/", {"organization": "ours", "title_en": "A", "latitude": 35}, "/longitude"),
        ("venues/", {"organization": "ours", "title_en": "A", "latitude": "35", "longitude": 1}, "/latitude"),
        ("venues/", {"organization": "ours", "title_en": "A", "opening_hours": [{"weekday": 7, "opens_at": "09:00",
                     "closes_at": "10:00"}]}, "/opening_hours/0/weekday"),
        ("venues/", {"organization": "ours", "title_en": "A", "opening_hours": [{"weekday": 1, "opens_at": "9",
                     "closes_at": "25:00"}]}, "/opening_hours/0/opens_at"),
        ("venues/", {"organization": "ours", "title_en": "A", "opening_hours": [
            {"weekday": 1, "opens_at": "09:00", "closes_at": "10:00"},
            {"weekday": 1, "opens_at": "09:00", "closes_at": "11:00"}]}, "/opening_hours"),
        ("rooms/", {"venue": "nothing", "title_en": "A"}, "/venue"),
        ("rooms/", {"venue": "cinema", "title_en": "A", "seats": -1}, "/seats"),
        ("rooms/", {"venue": "cinema"}, "/title_ko"),
        ("venues/cinema/closures/", {"starts_at": "2027-01-02T00:00", "ends_at": "2027-01-01T00:00"}, "/ends_at"),
        ("venues/cinema/closures/", {"starts_at": "2027-01-01T00:00", "ends_at": "2027-01-02T00:00", "room": "x"},
         "/room"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_field(world: World, path: str, body: dict[str, Any], pointer: str) -> None:
    factories.venue("Cinema", of=world.ours, now=timezone.now())

    answer = keyed(world.ours).post(f"/api/v1/{path}", body, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_a_room_and_its_closures(world: World) -> None:
    editor = keyed(world.ours)
    factories.venue("Cinema", of=world.ours, now=timezone.now())

    room = editor.post("/api/v1/rooms/", {"venue": "cinema", "title_en": "Room 1", "seats": 30}, "json")
    closure = editor.post(
        "/api/v1/venues/cinema/closures/",
        {"room": "room-1", "starts_at": "2027-03-01T00:00", "ends_at": "2027-03-02T00:00", "reason_en": "Repairs"},
        "json",
    )  # fmt: skip
    body = {"event": "lighting", "room": "room-1", "starts_at": "2027-03-01T10:00", "ends_at": "2027-03-01T12:00"}
    refused = editor.post("/api/v1/sessions/", body, "json")
    gone = editor.delete(f"/api/v1/venues/cinema/closures/{closure.json()['uid']}/")
    allowed = editor.post("/api/v1/sessions/", body, "json")

    assert editor.get("/api/v1/venues/cinema/").json()["rooms"] == ["room-1"]
    assert (room.json()["venue"], room.json()["seats"]) == ("cinema", 30)
    assert closure.json()["starts_at"] == "2027-02-28T15:00:00+00:00"
    assert (refused.status_code, refused.json()["code"]) == (409, "room_closed")
    assert (gone.status_code, allowed.status_code) == (204, 201)
    assert editor.get("/api/v1/venues/cinema/closures/").json()["results"] == []


def test_a_renamed_room_is_in_the_calendar_at_once(world: World, client: APIClient) -> None:
    now = timezone.now()
    room = factories.room("Room 1", at=factories.venue("Cinema", of=world.ours, now=now), now=now)
    factories.event("In a room", of=world.programme, room=room, now=now)

    keyed(world.ours).patch("/api/v1/rooms/room-1/", {"title_en": "Studio"}, "json")

    assert b"Studio" in client.get("/calendars/events/in-a-room.ics?lang=en").content


def test_small_lists_are_narrowed_by_their_owners(world: World, client: APIClient) -> None:
    now = timezone.now()
    campaign = factories.campaign("Grow", of=world.ours, now=now)
    factories.programme("In campaign", of=world.ours, campaign=campaign, now=now)
    factories.room("Room 1", at=factories.venue("Cinema", of=world.ours, now=now), now=now)
    factories.venue("Elsewhere", of=world.theirs, now=now)

    def slugs(path: str) -> list[str]:
        return [row["slug"] for row in client.get(f"/api/v1/{path}").json()["results"]]

    assert slugs("programmes/?campaign=grow") == ["in-campaign"]
    assert slugs("programmes/?organization=theirs") == []
    assert slugs("venues/?organization=ours") == ["cinema"]
    assert slugs("rooms/?venue=elsewhere") == []
    assert client.get("/api/v1/rooms/?venue=nothing").json()["errors"][0]["pointer"] == "?venue"


def test_owners_in_person_manage_people(world: World) -> None:
    owner = signed_in(world.ours, "owner")
    members = "/api/v1/organizations/ours/members/"

    given = owner.post(members, {"email": "New@demo.example", "role": "viewer"}, "json").json()
    raised = owner.post(members, {"email": "new@DEMO.example", "role": "editor"}, "json").json()
    listed = {row["email"]: row["role"] for row in owner.get(members).json()["results"]}
    removed = owner.post(f"{members}remove/", {"email": "new@demo.example"}, "json")
    again = owner.post(f"{members}remove/", {"email": "new@demo.example"}, "json")

    assert (given["role"], raised["role"], listed["New@demo.example"]) == ("viewer", "editor", "editor")
    assert (removed.status_code, again.status_code) == (200, 404)
    assert not Member.objects.filter(person__email_key="new@demo.example").exists()


def test_the_last_owner_stays(world: World) -> None:
    Member.objects.filter(organization=world.theirs).exclude(role="owner").delete()
    owner = APIClient()
    owner.force_login(Person.objects.get(email_key="owner@theirs.example"))
    body = {"email": "owner@theirs.example"}

    removed = owner.post("/api/v1/organizations/theirs/members/remove/", body, "json")
    lowered = owner.post("/api/v1/organizations/theirs/members/", {**body, "role": "viewer"}, "json")

    assert [(answer.status_code, answer.json()["code"]) for answer in (removed, lowered)] == [(409, "last_owner")] * 2


def test_keys_are_listed_without_their_secrets(world: World) -> None:
    secret = factories.key(world.ours, "viewer", now=timezone.now())
    row = ApiKey.objects.get()

    answer = signed_in(world.ours, "owner").get("/api/v1/organizations/ours/keys/")

    assert [key["lookup"] for key in answer.json()["results"]] == [row.lookup]
    assert secret.encode() not in answer.content
    assert row.digest.encode() not in answer.content


def test_an_operator_founds_an_organization(world: World) -> None:
    operator = APIClient()
    operator.force_login(Person.objects.create_superuser("operator@demo.example"))

    made = operator.post(
        "/api/v1/organizations/", {"title_en": "Film Council", "owner_email": "first@kofic.example"}, "json"
    )

    assert (made.status_code, made.json()["slug"]) == (201, "film-council")
    assert Member.objects.get(person__email_key="first@kofic.example").role == "owner"


def test_an_organizations_address_is_for_its_members(world: World, client: APIClient) -> None:
    keyed(world.ours, "owner").patch("/api/v1/organizations/ours/", {"email": "office@ours.example"}, "json")

    assert b"office@" not in client.get("/api/v1/organizations/").content
    assert b"office@" not in keyed(world.theirs, "owner").get("/api/v1/organizations/ours/").content
    assert signed_in(world.ours, "viewer").get("/api/v1/organizations/ours/").json()["email"] == "office@ours.example"


def test_the_changelog_tells_what_was_published_and_nothing_of_drafts(world: World, client: APIClient) -> None:
    editor = keyed(world.ours)
    uid = str(world.event.sessions.get().uid)
    since = client.get("/api/v1/changelog/").json()["results"][-1]["version"]
    draft = editor.post(
        "/api/v1/sessions/",
        {"event": "lighting", "title_en": "Secret", "starts_at": "2027-03-01T10:00", "ends_at": "2027-03-01T12:00"},
        "json",
    ).json()  # fmt: skip
    editor.patch(f"/api/v1/sessions/{draft['uid']}/", {"title_en": "Still secret"}, "json")
    editor.patch("/api/v1/events/lighting/", {"cancel_reason": "x"}, "json")
    moved = editor.patch(f"/api/v1/sessions/{uid}/", {"starts_at": "2027-05-01T09:00:00+09:00"}, "json").json()
    factories.register(world.event, 1, now=timezone.now())

    told = client.get(f"/api/v1/changelog/?since={since}").json()["results"]
    whole = client.get("/api/v1/changelog/").content

    assert [(change["kind"], change["event"], change["session"]) for change in told] == [
        ("session.amended", "lighting", uid)
    ]
    assert told[0]["changed"] == ["ends_at", "starts_at"]
    assert told[0]["after"]["starts_at"] == "2027-05-01T00:00:00+00:00"
    assert moved["starts_at"] == "2027-05-01T09:00:00+09:00"
    assert b"ecret" not in whole
    assert b"registration" not in whole
    assert b"Still secret" in editor.get("/api/v1/events/lighting/changes/").content

    editor.patch(f"/api/v1/sessions/{uid}/", {"joining_url": "https://meet.example/1"}, "json")
    assert b"link" not in client.get("/api/v1/changelog/").content
    assert b"has_new_link" in editor.get("/api/v1/events/lighting/changes/").content


def test_the_changelog_tells_of_re_plans_what_each_may_see(world: World, client: APIClient) -> None:
    """Session by session; of an unlisted event to its members, of drafts and joining links to nobody."""
    now = timezone.now()
    factories.session(world.event, starts=now + factories.WEEK, title_en="Secret draft", now=now)
    factories.event("Unlisted", of=world.programme, visibility="unlisted", now=now)
    session = world.event.sessions.get(status="confirmed")
    since = client.get("/api/v1/changelog/").json()["results"][-1]["version"]
    replanning.apply(programme=world.programme, asked=replanning.Later(minutes=30), actor=SYSTEM, now=now)
    linked = releasing.begin(programme=world.programme, fields={}, actor=SYSTEM, now=now)
    link = {"joining_url": "https://meet.example/1"}
    releasing.edit(release=linked, session=session, fields=link, actor=SYSTEM, now=now)
    releasing.release_all(release=linked, actor=SYSTEM, now=now)

    (told,) = client.get(f"/api/v1/changelog/?since={since}").json()["results"]
    to_members = keyed(world.ours, "viewer").get(f"/api/v1/changelog/?since={since}&ordering=version").json()["results"]

    moved = session.starts_at + timedelta(minutes=30)
    assert (told["kind"], told["event"], told["changed"]) == (
        "sessions.replanned", "lighting", ["ends_at", "starts_at"],
    )  # fmt: skip
    assert [list(told[when]) for when in ("before", "after")] == [["sessions"], ["sessions"]]
    assert [(row["uid"], row["starts_at"]) for row in told["before"]["sessions"]] == [
        (str(session.uid), session.starts_at.isoformat())
    ]
    assert [(row["uid"], row["starts_at"]) for row in told["after"]["sessions"]] == [
        (str(session.uid), moved.isoformat())
    ]
    assert [row["event"] for row in to_members if row["kind"] == "sessions.replanned"] == ["lighting", "unlisted"]
    assert "ecret" not in f"{told} {to_members}"


@pytest.mark.parametrize("number", [1, 5])
def test_re_plans_in_the_changelog_cost_the_same(
    world: World, client: APIClient, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for minutes in range(number):
        asked = replanning.Later(minutes=minutes + 1)
        replanning.apply(programme=world.programme, asked=asked, actor=SYSTEM, now=timezone.now())

    with django_assert_num_queries(2):
        rows = client.get("/api/v1/changelog/").json()["results"]

    assert [row["kind"] for row in rows].count("sessions.replanned") == number


def test_an_events_history_names_registrations_to_those_who_may_know(world: World) -> None:
    registration = factories.register(world.event, 1, now=timezone.now())

    def kinds(client: APIClient) -> list[tuple[str, str | None]]:
        rows = client.get("/api/v1/events/lighting/changes/").json()["results"]
        return [(row["kind"], row["registration"]) for row in rows]

    assert kinds(signed_in(world.ours, "editor"))[-1] == ("registration.confirmed", registration.code)
    assert [kind for kind, code in kinds(signed_in(world.ours, "viewer")) if code or "registration" in kind] == []


def test_an_organizations_web_sites_are_its_owners_to_name(world: World, client: APIClient) -> None:
    address = "/api/v1/organizations/ours/"
    owner = keyed(world.ours, "owner")

    named = owner.patch(address, {"sites": ["https://WWW.ours.example/", "https://www.ours.example:443"]}, "json")
    wrong = owner.patch(address, {"sites": ["https://ours.example", "http://ours.example"]}, "json")
    many = owner.patch(address, {"sites": [f"https://{number}.example" for number in range(21)]}, "json")
    no_list = owner.patch(address, {"sites": "https://ours.example"}, "json")

    assert named.json()["sites"] == ["https://www.ours.example"]
    assert [answer.status_code for answer in (named, wrong, many, no_list)] == [200, 400, 400, 400]
    assert {error["pointer"].split("/")[1] for answer in (wrong, many) for error in answer.json()["errors"]} == {
        "sites"
    }
    assert "sites" not in client.get(address).json()
    assert "sites" not in keyed(world.theirs, "owner").get(address).json()
    assert owner.get(address).json()["sites"] == ["https://www.ours.example"]
