"""Deltas: what a copy hears of, what it never hears of, and what asking costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertNumQueries
from rest_framework.test import APIClient

from events import outbox
from events.models import SYSTEM
from events.operations import placing, planning, publishing, replanning, scheduling, sequencing
from tests import factories
from tests.api.conftest import World, keyed, signed_in
from tests.api.copying import Copy, fresh

CHANGES = "/api/v1/changes/"


def told(client: APIClient, since: int = 0) -> list[tuple[str, str, str]]:
    """(type, action, uid) of each delta, in order."""
    rows = client.get(f"{CHANGES}?since={since}").json()["results"]
    return [(row["type"], row["action"], row["uid"]) for row in rows]


def by(world: World) -> dict[str, object]:
    return {"actor": SYSTEM, "now": timezone.now()}


def test_a_delta_holds_the_thing_as_the_lists_do(client: APIClient, world: World) -> None:
    session = world.event.sessions.get()
    version = outbox.current_version()

    body = client.get(CHANGES).json()

    assert body == {
        "since": 0, "version": version, "next": None, "previous": None,
        "results": [
            {"version": version, "type": "event", "action": "changed", "uid": str(world.event.uid),
             "object": fresh(client)["events"][0]},
            {"version": version, "type": "session", "action": "changed", "uid": str(session.uid),
             "object": fresh(client)["sessions"][0]},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("leave", ["unpublish", "hide", "close"])
def test_what_leaves_the_lists_is_removed_without_content(client: APIClient, world: World, leave: str) -> None:
    copy = Copy()
    copy.follow(client)
    session = world.event.sessions.get()

    match leave:
        case "unpublish":
            publishing.unpublish(event=world.event, **by(world))
        case "hide":
            planning.amend_event(event=world.event, fields={"visibility": "unlisted"}, **by(world))
        case "close":
            planning.amend(thing=world.programme, fields={"is_public": False}, **by(world))

    rows = client.get(f"{CHANGES}?since={copy.version}").json()["results"]
    assert rows == [
        {"version": copy.version + 1, "type": "event", "action": "removed", "uid": str(world.event.uid),
         "object": None},
        {"version": copy.version + 1, "type": "session", "action": "removed", "uid": str(session.uid), "object": None},
    ]  # fmt: skip
    copy.follow(client)
    assert copy.things == {}


def test_a_called_off_event_stays_in_the_copy_and_says_so(client: APIClient, world: World) -> None:
    copy = Copy()
    copy.follow(client)

    publishing.cancel(event=world.event, reason="The wall is broken", **by(world))
    copy.follow(client)

    assert copy.lists == fresh(client)
    assert [thing["status"] for thing in copy.things.values()] == ["cancelled", "cancelled"]


def test_nobody_hears_of_what_never_was_in_the_lists(client: APIClient, world: World) -> None:
    """Drafts, unlisted events and those behind a closed programme: not even that something happened to them."""
    now = timezone.now()
    since = outbox.current_version()
    secret = factories.draft("Secret draft", of=world.programme, now=now)
    factories.session(secret, now=now)
    planning.amend_event(event=secret, fields={"title_en": "Secret still"}, **by(world))
    unlisted = factories.event("Secret unlisted", of=world.programme, visibility="unlisted", now=now)
    closed = factories.programme("Secret programme", of=world.theirs, is_public=False, now=now)
    factories.event("Secret inside", of=closed, now=now)
    scheduling.cancel(session=unlisted.sessions.get(), **by(world))
    publishing.unpublish(event=unlisted, **by(world))

    assert told(client, since) == []
    assert told(keyed(world.theirs, "owner"), since) == []  # one copy for all, members too
    assert b"ecret" not in client.get(CHANGES).content


def test_a_draft_session_tells_of_its_event_and_not_of_itself(client: APIClient, world: World) -> None:
    copy = Copy()
    copy.follow(client)

    factories.session(world.event, now=timezone.now(), title_en="Secret")

    assert told(client, copy.version) == [("event", "changed", str(world.event.uid))]
    copy.follow(client)
    assert copy.lists == fresh(client)


def test_a_re_plan_and_its_undoing_are_in_the_copy_in_one_version_each(client: APIClient, world: World) -> None:
    other = factories.event("Mixing", of=world.programme, now=timezone.now())
    copy = Copy()
    copy.follow(client)
    before = copy.kept().lists

    made = replanning.apply(programme=world.programme, asked=replanning.Later(minutes=30), **by(world))

    rows = client.get(f"{CHANGES}?since={copy.version}").json()["results"]
    things = [thing for event in (world.event, other) for thing in (event, event.sessions.get())]
    assert {(row["version"], row["uid"]) for row in rows} == {(made.version, str(thing.uid)) for thing in things}
    copy.follow(client)
    assert copy.lists == fresh(client) != before
    replanning.undo(release=made, **by(world))
    copy.follow(client)
    assert (copy.lists, copy.version) == (fresh(client), made.version + 1)


SHOWN = ["venue", "room", "speaker", "topic", "topic order", "series", "programme", "questions", "seats of the room"]


@pytest.mark.parametrize("thing", SHOWN)
def test_what_an_event_shows_is_told_of_when_it_changes(client: APIClient, world: World, thing: str) -> None:
    """By slugs alone, which no calendar text holds; an event without sessions hears of it too."""
    now = timezone.now()
    room = factories.room(now=now)
    speaker = factories.speaker(of=world.ours, now=now)
    topics = [factories.topic(f"Topic {number}", now=now) for number in range(2)]
    series = factories.series(of=world.programme, now=now)
    shown = factories.event(
        "Shown", of=world.programme, topics=topics, series=series, room=room, speakers=[speaker],
        capacity_from_room=True, now=now,
    )  # fmt: skip
    bare = factories.publish(
        factories.draft("Bare", of=world.programme, topics=topics, series=series, now=now), now=now
    )
    copy = Copy()
    copy.follow(client)
    assert copy.lists == fresh(client)

    match thing:
        case "venue":
            placing.amend_venue(venue=room.venue, organization=world.ours, fields={"slug": "new"}, **by(world))
        case "room":
            placing.amend_room(room=room, organization=world.ours, fields={"slug": "new"}, **by(world))
        case "seats of the room":
            placing.amend_room(room=room, organization=world.ours, fields={"seats": 7}, **by(world))
        case "topic order":
            planning.amend(thing=topics[0], fields={"position": 9}, **by(world))
        case "questions":
            keyed(world.ours).put(
                "/api/v1/events/shown/questions/",
                {"questions": [{"key": "a", "kind": "text", "title_en": "A"}]},
                "json",
            )
        case _:
            named = {"speaker": speaker, "topic": topics[0], "series": series, "programme": world.programme}[thing]
            planning.amend(thing=named, fields={"slug": "new"}, **by(world))

    before = copy.kept().lists
    changed = {uid for kind, action, uid in told(client, copy.version) if (kind, action) == ("event", "changed")}
    copy.follow(client)
    assert copy.lists == fresh(client) != before
    assert (str(bare.uid) in changed) is (thing in ("topic", "topic order", "series", "programme"))
    assert str(shown.uid) in changed
    assert (str(world.event.uid) in changed) is (thing == "programme")


def test_a_venue_of_another_name_tells_its_sessions_once(client: APIClient, world: World) -> None:
    now = timezone.now()
    room = factories.room(now=now)
    inside = factories.event("Inside", of=world.programme, room=room, now=now)
    since = outbox.current_version()

    placing.amend_venue(venue=room.venue, organization=world.ours, fields={"title_en": "New name"}, **by(world))

    assert told(client, since) == [
        ("event", "changed", str(inside.uid)), ("session", "changed", str(inside.sessions.get().uid)),
    ]  # fmt: skip


def test_pages_end_between_things_of_one_version(client: APIClient, world: World) -> None:
    factories.event("Long", of=world.programme, sessions=7, now=timezone.now())
    whole = Copy()
    whole.follow(client)

    for size in (1, 2, 3, 5):
        copy = Copy()
        copy.follow(client, page_size=size)
        assert (copy.lists, copy.version) == (fresh(client), whole.version)


def test_each_page_says_where_one_is_who_stops_there(client: APIClient, world: World) -> None:
    """Within one version that is the one before: the rest of it comes again."""
    first = outbox.current_version()
    factories.event("Long", of=world.programme, sessions=3, now=timezone.now())
    address, reached = f"{CHANGES}?page_size=3", []
    while address is not None:
        page = client.get(address).json()
        reached.append((len(page["results"]), page["version"]))
        address = page["next"]

    assert reached == [(3, first), (3, first + 1)]


def test_a_change_between_two_pages_is_in_a_later_one(client: APIClient, world: World) -> None:
    event = factories.event("Long", of=world.programme, sessions=5, now=timezone.now())
    first = client.get(f"{CHANGES}?page_size=3").json()
    moved = event.sessions.order_by("pk").last()
    scheduling.cancel(session=moved, **by(world))

    copy = Copy()
    for delta in first["results"]:
        copy.apply(delta)
    address = first["next"]
    while address is not None:
        page = client.get(address).json()
        for delta in page["results"]:
            copy.apply(delta)
        copy.version, address = page["version"], page["next"]

    assert (copy.lists, copy.version) == (fresh(client), outbox.current_version())


def test_an_unchanged_copy_costs_one_statement_and_no_body(client: APIClient, world: World) -> None:
    version = outbox.current_version()
    first = client.get(f"{CHANGES}?since={version}")

    with assertNumQueries(1):
        again = client.get(f"{CHANGES}?since={version}", HTTP_IF_NONE_MATCH=first["ETag"])
    factories.register(world.event, 1, now=timezone.now())
    after_registering = client.get(f"{CHANGES}?since={version}", HTTP_IF_NONE_MATCH=first["ETag"])
    scheduling.cancel(session=world.event.sessions.get(), **by(world))
    changed = client.get(f"{CHANGES}?since={version}", HTTP_IF_NONE_MATCH=first["ETag"])

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert after_registering.status_code == 304  # seats are told by `availability/`
    assert (changed.status_code, len(changed.json()["results"])) == (200, 2)
    assert client.get(f"{CHANGES}?since={version}", HTTP_ACCEPT_LANGUAGE="ko")["ETag"] != changed["ETag"]


def test_deltas_cost_as_many_statements_however_many_there_are(client: APIClient, world: World) -> None:
    counted = []
    for more in (0, 4):
        for number in range(more):
            factories.event(f"More {number}", of=world.programme, now=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            rows = client.get(CHANGES).json()["results"]
        counted.append((len(rows), len(captured)))

    assert counted == [(2, 10), (10, 10)]


def test_a_copy_from_a_time_that_we_lost_begins_again(client: APIClient, world: World) -> None:
    version = outbox.current_version()

    answer = client.get(f"{CHANGES}?since={version + 1}")

    assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json")
    assert (answer.json()["code"], answer.json()["version"]) == ("start_again", version)
    assert answer.json()["errors"][0]["pointer"] == "?since"


@pytest.mark.parametrize("query", ["since=x", "since=-1", "since=", "since=1.5", "ordering=version", "event=lighting"])
def test_a_wrong_question_is_a_400_that_names_it(client: APIClient, world: World, query: str) -> None:
    answer = client.get(f"{CHANGES}?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"?{query.split('=')[0]}")


class TestRegistrationChanges:
    """For owners and editors of the organization, in one order without gaps."""

    ADDRESS = "/api/v1/organizations/ours/changes/"

    def test_tell_what_happened_to_whom_by_code_alone(self, world: World) -> None:
        editor = keyed(world.ours)
        registration = factories.register(world.event, 1, now=timezone.now())
        assert editor.get(self.ADDRESS).json()["results"] == []  # not before it has its place

        sequencing.number_all()
        body = editor.get(self.ADDRESS).json()

        assert {**body, "results": len(body["results"])} == {
            "since": 0, "position": 1, "next": None, "previous": None, "results": 1,
        }  # fmt: skip
        row = body["results"][0]
        assert (row["position"], row["kind"], row["event"], row["registration"]) == (
            1, "registration.confirmed", "lighting", registration.code,
        )  # fmt: skip
        assert "mail.example" not in str(body)
        assert "김하늘" not in str(body)

    def test_are_no_business_of_others(self, world: World, client: APIClient) -> None:
        factories.register(world.event, 1, now=timezone.now())
        sequencing.number_all()

        assert keyed(world.theirs).get("/api/v1/organizations/theirs/changes/").json()["results"] == []
        statuses = [
            asking.get(self.ADDRESS).status_code
            for asking in (client, keyed(world.theirs, "owner"), signed_in(world.ours, "viewer"), keyed(world.ours))
        ]
        assert statuses == [401, 403, 403, 200]

    def test_come_in_pages_and_cost_the_same_however_many(self, world: World) -> None:
        editor = keyed(world.ours)
        editor.get("/api/v1/")
        counted = []
        for numbers in ((1,), range(2, 6)):
            factories.crowd(world.event, numbers, now=timezone.now())
            sequencing.number_all()
            with CaptureQueriesContext(connection) as captured:
                rows = editor.get(self.ADDRESS).json()["results"]
            counted.append((len(rows), len(captured)))
        pages = [editor.get(f"{self.ADDRESS}?since={since}&page_size=2").json() for since in (0, 2, 4, 5)]

        assert counted == [(1, 5), (5, 5)]
        assert [[row["position"] for row in page["results"]] for page in pages] == [[1, 2], [3, 4], [5], []]
        assert [page["position"] for page in pages] == [1, 3, 5, 5]

    def test_are_a_304_until_there_is_another_one(self, world: World) -> None:
        editor = keyed(world.ours)
        first = editor.get(self.ADDRESS)
        unchanged = editor.get(self.ADDRESS, HTTP_IF_NONE_MATCH=first["ETag"])
        factories.register(world.event, 1, now=timezone.now())
        sequencing.number_all()
        changed = editor.get(self.ADDRESS, HTTP_IF_NONE_MATCH=first["ETag"])

        assert (unchanged.status_code, changed.status_code) == (304, 200)
        assert editor.get(f"{self.ADDRESS}?since=2").json()["code"] == "start_again"
